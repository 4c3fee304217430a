#include "lab/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "conntrack/listing.h"
#include "engine/parts.h"
#include "io/file_writer.h"
#include "io/pcapng_writer.h"
#include "lab/report/packet_line.h"
#include "lab/report/show_filter.h"
#include "lab/report/text.h"
#include "lab/state/state.h"
#include "rules/syntax/save.h"

namespace utables::lab {
namespace {

namespace fs = std::filesystem;

/// Every name that an output directory may hold.
constexpr std::array<std::string_view, 15> kNames{"net.ip",       "sysctl.conf",    "rules.v4",
                                                  "rules.v6",     "ipset.conf",     "state.jsonl",
                                                  "nf_conntrack", "ip_conntrack",   "nf_conntrack_expect",
                                                  "events",       "sent.pcapng",    "packets.jsonl",
                                                  "nfct.conf",    "connlabel.conf", "nf_conntrack_stat"};

Error about(const std::string& path, std::string text) { return Error{std::move(text), path}; }

/// Whether `directory` may be written to: it is empty, or an earlier output.
Result<void> check_directory(const std::string& directory) {
  std::error_code failed;
  bool empty = true;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, failed)) {
    empty = false;
    const std::string name = entry.path().filename().string();
    if (std::find(kNames.begin(), kNames.end(), name) == kNames.end())
      return tl::unexpected<Error>(
          about(directory, fmt::format("holds `{}': neither empty nor an earlier output of utables", name)));
  }
  if (failed) return tl::unexpected<Error>(about(directory, failed.message()));
  if (empty) return {};
  const auto state = read_text((fs::path(directory) / "state.jsonl").string());
  if (!state || state->find("\"kind\":\"state\"") > 40 ||
      !fs::exists(fs::path(directory) / "packets.jsonl", failed))
    return tl::unexpected<Error>(
        about(directory, "is a box, and no earlier output of utables: nothing is written over it"));
  return {};
}

/// sent.pcapng: one interface for each of the box's, lo apart; packets are held back until the outcome of
/// the packet that caused them is known.
class SentFile {
 public:
  static Result<SentFile> create(const std::string& path, const host::Host& host) {
    auto file = io::FileWriter::create(path);
    if (!file) return tl::unexpected<Error>(file.error());
    SentFile made(std::move(*file));
    if (auto begun = made.writer_->begin("utables"); !begun) return tl::unexpected<Error>(begun.error());
    for (const host::Interface& one : host.interfaces) {
      made.ids_.push_back(static_cast<std::uint32_t>(made.written_));
      if (one.kind == host::LinkKind::loopback) continue;
      if (auto added = made.writer_->add_interface(one.name); !added)
        return tl::unexpected<Error>(added.error());
      ++made.written_;
    }
    return made;
  }

  void hold(const Sent& sent, const host::Host& host) {
    if (sent.interface >= ids_.size() || host.at(sent.interface).kind == host::LinkKind::loopback) return;
    held_.push_back({sent.time, ids_[sent.interface], bytes_.size(), sent.bytes.size(), sent.made_here});
    bytes_.insert(bytes_.end(), sent.bytes.begin(), sent.bytes.end());
  }

  /// Writes what is held; `frame` is empty for what time alone caused.
  Result<void> release(std::string_view frame, std::string_view verdict) {
    for (const Held& held : held_) {
      comment_.clear();
      if (frame.empty())
        comment_ = "time ran out";
      else
        fmt::format_to(std::back_inserter(comment_), "{} {}{}", frame, verdict,
                       held.made_here ? ", answer" : "");
      io::FrameToWrite out;
      out.time = std::max<Time>(held.time, 0);
      out.interface = held.interface;
      out.bytes = std::span<const std::uint8_t>(bytes_).subspan(held.offset, held.size);
      out.comment = comment_;
      if (auto written = writer_->write(out); !written) return written;
    }
    held_.clear();
    bytes_.clear();
    return {};
  }
  [[nodiscard]] bool holds() const { return !held_.empty(); }
  io::FileWriter& file() { return *file_; }

 private:
  struct Held {
    Time time;
    std::uint32_t interface;
    std::size_t offset, size;
    bool made_here;
  };
  explicit SentFile(io::FileWriter file)
      : file_(std::make_unique<io::FileWriter>(std::move(file))),
        writer_(std::make_unique<io::PcapngWriter>(*file_)) {}

  std::unique_ptr<io::FileWriter> file_;
  std::unique_ptr<io::PcapngWriter> writer_;
  std::vector<std::uint32_t> ids_{};  // of the file, by InterfaceId
  std::size_t written_ = 0;
  std::vector<Held> held_{};
  std::vector<std::uint8_t> bytes_{};
  std::string comment_{};
};

}  // namespace

struct Outputs::Impl final : ReplayListener {
  Impl(OutputPaths given, const Box& from, Replay& of) : paths(std::move(given)), box(from), replay(of) {}
  ~Impl() override {
    packets.reset();
    events.reset();
    sent_files.clear();
    finished.clear();
    std::error_code ignored;
    if (made_directory && !committed) fs::remove(paths.directory, ignored);
  }

  [[nodiscard]] bool directory() const { return !paths.directory.empty(); }
  [[nodiscard]] std::string path(std::string_view name) const {
    return (fs::path(paths.directory) / name).string();
  }

  Result<void> open();
  void note(const Result<void>& done) {
    if (!done && !failed) failed = done.error();
  }

  // The first error sticks; it is told by commit().
  void sent(const Sent& s, const InputPacket* cause) override {
    for (SentFile& file : sent_files) file.hold(s, replay.host());
    if (cause == nullptr) {
      for (SentFile& file : sent_files) note(file.release({}, {}));
    } else if (directory()) {
      append_sent_json(sent_json, s, replay.host());
    }
  }
  void outcome(const Outcome& o, const InputPacket& input) override {
    if (!sent_files.empty() && sent_files.front().holds()) {
      const std::string frame = replay.name(input.frame);
      for (SentFile& file : sent_files) note(file.release(frame, verdict_word(o.fate)));
    }
    if (!packets) return;
    line.clear();
    const std::string text = packet_text(input.original, input.wire_size);
    const std::string_view file = replay.captures().files() > 1
                                      ? std::string_view(replay.captures().file_name(input.frame.file))
                                      : std::string_view();
    append_packet_json(line, {input, o, file, text, sent_json}, replay.host());
    note(packets->write(line));
    sent_json.clear();
  }
  void event(std::string_view text, Time) override {  // the line bears its time
    if (!events) return;
    line.assign(text);
    line += '\n';
    note(events->write(line));
  }
  [[nodiscard]] bool wants_original() const override { return directory(); }
  [[nodiscard]] bool wants_events() const override { return directory(); }

  Result<void> write(std::string_view name, std::string_view text);
  Result<void> write_box();
  Result<void> write_state();
  Result<void> commit();
  void remove_stale();

  OutputPaths paths;
  const Box& box;
  Replay& replay;
  std::optional<io::FileWriter> packets{}, events{};
  std::vector<SentFile> sent_files{};
  std::vector<io::FileWriter> finished{};
  std::string sent_json{}, line{};
  std::optional<Error> failed{};
  bool made_directory = false, committed = false;
};

Outputs::Outputs(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Outputs::Outputs(Outputs&&) noexcept = default;
Outputs& Outputs::operator=(Outputs&&) noexcept = default;
Outputs::~Outputs() = default;

Result<Outputs> Outputs::create(const OutputPaths& paths, const Box& box, Replay& replay) {
  auto impl = std::make_unique<Impl>(paths, box, replay);
  if (auto opened = impl->open(); !opened) return tl::unexpected<Error>(opened.error());
  return Outputs(std::move(impl));
}

Result<void> Outputs::Impl::open() {
  const auto create = [](const std::string& where, std::optional<io::FileWriter>& into) -> Result<void> {
    auto file = io::FileWriter::create(where);
    if (!file) return tl::unexpected<Error>(file.error());
    into.emplace(std::move(*file));
    return {};
  };
  const auto add_sent = [&](const std::string& where) -> Result<void> {
    auto file = SentFile::create(where, replay.host());
    if (!file) return tl::unexpected<Error>(file.error());
    sent_files.push_back(std::move(*file));
    return {};
  };
  if (directory()) {
    std::error_code problem;
    if (fs::exists(paths.directory, problem)) {
      if (!fs::is_directory(paths.directory, problem))
        return tl::unexpected<Error>(about(paths.directory, "is no directory"));
      if (auto good = check_directory(paths.directory); !good) return good;
    } else {
      made_directory = fs::create_directory(paths.directory, problem);
      if (!made_directory) return tl::unexpected<Error>(about(paths.directory, problem.message()));
    }
    if (auto opened = create(path("packets.jsonl"), packets); !opened) return opened;
    if (auto opened = create(path("events"), events); !opened) return opened;
    if (auto opened = add_sent(path("sent.pcapng")); !opened) return opened;
  }
  return paths.packets.empty() ? Result<void>{} : add_sent(paths.packets);
}

void Outputs::listen(Replay& replay) {
  if (impl_->directory() || !impl_->sent_files.empty()) replay.add(*impl_);
}

Result<void> Outputs::commit() { return impl_->commit(); }

Result<void> Outputs::Impl::write(std::string_view name, std::string_view text) {
  auto file = io::FileWriter::create(path(name));
  if (!file) return tl::unexpected<Error>(file.error());
  if (auto written = file->write(text); !written) return written;
  finished.push_back(std::move(*file));
  return {};
}

Result<void> Outputs::Impl::write_box() {
  struct Part {
    std::string_view name;
    bool there;
    std::string text;
  };
  const BoxText& text = box.text;
  const std::string rules =
      rules::save(current_rules(replay.parts()), {.counters = true, .when = replay.end()});
  const std::string rules_v6 =
      rules::save(current_rules(replay.parts(), Family::ipv6), {.counters = true, .when = replay.end()});
  const std::array<Part, 6> parts{{{"net.ip", text.has_net_ip, text.net_ip},
                                   {"sysctl.conf", !text.sysctl_conf.empty(), text.sysctl_conf},
                                   {"nfct.conf", !text.nfct_conf.empty(), text.nfct_conf},
                                   {"connlabel.conf", !text.connlabel_conf.empty(), text.connlabel_conf},
                                   {"rules.v4", text.has_rules_v4, rules},
                                   {"rules.v6", text.has_rules_v6, rules_v6}}};
  for (const Part& part : parts)
    if (part.there)
      if (auto written = write(part.name, part.text); !written) return written;
  return {};
}

Result<void> Outputs::Impl::write_state() {
  const State state = replay.save();
  std::string out;
  append_state_head(out, state);
  const bool classic = replay.parts().options.profile == Profile::classic;
  for (const conntrack::Connection& c : state.connections) append_connection(out, c);
  append_state_rest(out, state, replay.host());
  if (auto written = write("state.jsonl", out); !written) return written;
  if (auto written = write(classic ? "ip_conntrack" : "nf_conntrack",
                           conntrack::proc_listing(*replay.parts().tracker, replay.end()));
      !written)
    return written;
  if (auto written = write("nf_conntrack_stat", conntrack::proc_statistics(state.tracker.statistics,
                                                                           replay.parts().tracker->size()));
      !written)
    return written;
  if (state.tracker.proxy_statistics != conntrack::ProxyStatistics{})
    if (auto written =
            write("synproxy_stat", conntrack::proc_proxy_statistics(state.tracker.proxy_statistics));
        !written)
      return written;
  return write("nf_conntrack_expect", conntrack::proc_expectations(*replay.parts().tracker, replay.end()));
}

Result<void> Outputs::Impl::commit() {
  if (failed) return tl::unexpected<Error>(*failed);
  if (directory()) {
    if (auto written = write_box(); !written) return written;
    if (auto written = write_state(); !written) return written;
  }
  std::vector<io::FileWriter*> all;
  for (io::FileWriter& file : finished) all.push_back(&file);
  for (SentFile& file : sent_files) all.push_back(&file.file());
  if (packets) all.push_back(&*packets);
  if (events) all.push_back(&*events);
  for (io::FileWriter* file : all)
    if (auto done = file->finish(); !done) return done;
  for (io::FileWriter* file : all)
    if (auto done = file->commit(); !done) return done;
  committed = true;
  if (directory()) remove_stale();
  return {};
}

// Of an earlier output, what this one does not have.
void Outputs::Impl::remove_stale() {
  const auto written = [&](std::string_view name) {
    return name == "packets.jsonl" || name == "events" || name == "sent.pcapng" ||
           std::any_of(finished.begin(), finished.end(),
                       [&](const io::FileWriter& f) { return f.path() == path(name); });
  };
  std::error_code ignored;
  for (const std::string_view name : kNames)
    if (!written(name)) fs::remove(path(name), ignored);
}

}  // namespace utables::lab
