#include "lab/state/box_state.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <utility>

#include "base/scan.h"
#include "io/file_writer.h"

namespace utables::lab {
namespace {

/// The lock of a directory, while it lives.
class DirectoryLock {
 public:
  DirectoryLock() = default;
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  ~DirectoryLock() {
    if (fd_ >= 0) close(fd_);
  }

  /// Waits for it.
  Result<void> take(const std::string& directory) {
    fd_ = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = fd_ < 0 ? -1 : 0;
    while (failed == 0 && (failed = flock(fd_, LOCK_EX)) != 0 && errno == EINTR) failed = 0;
    if (failed == 0) return {};
    return tl::unexpected<Error>(Error{std::strerror(errno), directory});
  }

 private:
  int fd_ = -1;
};

Errors one(Error error) {
  Errors errors;
  errors.push_back(std::move(error));
  return errors;
}

/// The settings of tracking that the box's sysctls make.
Result<conntrack::Settings> settings_of(const Box& box, const host::Host& host, Profile profile) {
  auto settings = conntrack::settings_from(
      host.sysctls, profile == Profile::classic ? conntrack::Profile::classic : conntrack::Profile::modern);
  if (!settings && settings.error().file.empty()) settings.error().file = box.text.name + "sysctl.conf";
  return settings;
}

/// A rule with `-m connlabel`: from the first on Linux keeps labels.
bool asks_for_labels(std::string_view rules) {
  for (const std::string_view line : split(rules, '\n')) {
    const auto fields = words(line);
    if (std::find(fields.begin(), fields.end(), "connlabel") != fields.end() && fields.front() != "#")
      return true;
  }
  return false;
}

}  // namespace

struct BoxState::Impl {
  DirectoryLock lock{};
  std::string file{};  ///< state.jsonl
  host::Host host{};
  State state{};
  conntrack::Settings settings{};
  std::unique_ptr<conntrack::Entries> entries{};

  Result<void, Errors> read(const std::string& path);
  Result<void> restore_entries(bool labels_used);
  void save_memory();
};

Result<void, Errors> BoxState::Impl::read(const std::string& path) {
  auto box = read_box(path);
  if (!box) return tl::unexpected<Errors>(std::move(box.error()));
  file = box->text.name + "state.jsonl";
  auto built = host::build(box->text);
  if (!built) return tl::unexpected<Errors>(std::move(built.error()));
  host = std::move(*built);
  if (!box->text.state.empty()) {
    auto read = read_state(box->text.state, file, host);
    if (!read) return tl::unexpected<Errors>(std::move(read.error()));
    state = std::move(*read);
  }
  auto found = settings_of(*box, host, state.profile);
  if (!found) return tl::unexpected<Errors>(one(found.error()));
  settings = *found;
  const bool labels_used = asks_for_labels(box->text.rules_v4) || asks_for_labels(box->text.rules_v6) ||
                           !state.tracker.labelled.empty();
  if (auto restored = restore_entries(labels_used); !restored)
    return tl::unexpected<Errors>(one(restored.error()));
  return {};
}

Result<void> BoxState::Impl::restore_entries(bool labels_used) {
  const conntrack::Entries::Beginning beginning{state.time, state.tracker.next_serial, labels_used};
  entries = std::make_unique<conntrack::Entries>(settings, beginning, state.tracker.statistics);
  for (const conntrack::Connection& c : state.connections)
    if (auto taken = entries->restore(c); !taken)
      return tl::unexpected<Error>(Error{taken.error().text, file});
  state.connections.clear();
  std::map<std::uint64_t, conntrack::Labels> labels;
  for (const auto& [connection, its] : state.tracker.labelled) labels.emplace(connection, its);
  if (labels.empty() && state.tracker.awaited.empty()) return {};
  std::map<std::uint64_t, const conntrack::Connection*> masters;
  for (conntrack::Connection* c : entries->all()) {
    if (const auto found = labels.find(c->serial); found != labels.end()) entries->give(*c, found->second);
    if (c->helper != 0) masters.emplace(c->serial, c);
  }
  for (const auto& awaited : state.tracker.awaited)
    if (const auto master = masters.find(awaited.master); master != masters.end())
      entries->restore(awaited.expectation, *master->second);
  return {};
}

Result<BoxState, Errors> BoxState::open(const std::string& path, Access access) {
  auto impl = std::make_unique<Impl>();
  std::error_code failed;
  if (access == Access::change && std::filesystem::exists(path, failed)) {
    if (!std::filesystem::is_directory(path, failed))
      return tl::unexpected<Errors>(
          one(Error{"is a file of rules: a box that keeps connections is a directory", path}));
    if (auto locked = impl->lock.take(path); !locked) return tl::unexpected<Errors>(one(locked.error()));
  }
  if (auto read = impl->read(path); !read) return tl::unexpected<Errors>(std::move(read.error()));
  return BoxState(std::move(impl));
}

BoxState::BoxState(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BoxState::BoxState(BoxState&&) noexcept = default;
BoxState& BoxState::operator=(BoxState&&) noexcept = default;
BoxState::~BoxState() = default;

conntrack::Entries& BoxState::entries() { return *impl_->entries; }
const conntrack::Settings& BoxState::settings() const { return impl_->settings; }
const State& BoxState::state() const { return impl_->state; }

void BoxState::Impl::save_memory() {
  state.tracker.next_serial = entries->next_serial();
  state.tracker.labelled.clear();
  for (const conntrack::Connection* c : entries->all())
    if (const conntrack::Labels labels = entries->labels_of(*c); labels != conntrack::Labels{})
      state.tracker.labelled.push_back({c->serial, labels});
  state.tracker.awaited.clear();
  for (const conntrack::Expectation& e : entries->awaited())
    state.tracker.awaited.push_back({e, entries->master_of(e).serial});
}

Result<void> BoxState::commit() {
  Impl& i = *impl_;
  i.save_memory();
  State known;  // what helpers remember of connections that were removed is forgotten with them
  known.time = i.state.time;
  known.tracker = i.state.tracker;
  for (const conntrack::Connection* c : i.entries->all()) known.connections.push_back(*c);
  keep_known(known);
  i.state.tracker = std::move(known.tracker);
  std::string text;
  append_state_head(text, i.state);
  for (const conntrack::Connection& c : known.connections) append_connection(text, c);
  append_state_rest(text, i.state, i.host);
  auto writer = io::FileWriter::create(i.file);
  if (!writer) return tl::unexpected<Error>(writer.error());
  if (auto written = writer->write(text); !written) return written;
  return writer->commit(io::FileWriter::Durable::yes);
}

}  // namespace utables::lab
