#include "lab/kernel/report_memory.h"

#include <unistd.h>

#include <cstring>
#include <string_view>

#include "lab/kernel/process.h"

namespace utables::lab::kernel {
namespace {

class Writer {
 public:
  std::string bytes;
  void number(std::int64_t v) { bytes.append(reinterpret_cast<const char*>(&v), sizeof v); }
  void text(std::string_view v) {
    number(static_cast<std::int64_t>(v.size()));
    bytes.append(v);
  }
  void data(const std::vector<std::uint8_t>& v) { text({reinterpret_cast<const char*>(v.data()), v.size()}); }
  void emissions(const std::vector<Emission>& all) {
    number(static_cast<std::int64_t>(all.size()));
    for (const auto& each : all) {
      number(each.device);
      number(each.when);
      number(each.tick);
      data(each.bytes);
    }
  }
  void lines(const std::vector<std::string>& all) {
    number(static_cast<std::int64_t>(all.size()));
    for (const auto& each : all) text(each);
  }
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  [[nodiscard]] bool whole() const { return whole_; }
  std::int64_t number() {
    std::int64_t v = 0;
    if (rest_.size() < sizeof v) {
      whole_ = false;
      return 0;
    }
    std::memcpy(&v, rest_.data(), sizeof v);
    rest_.remove_prefix(sizeof v);
    return v;
  }
  std::string_view text() {
    const auto size = static_cast<std::size_t>(number());
    if (size > rest_.size()) {
      whole_ = false;
      return {};
    }
    const auto result = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return result;
  }
  std::vector<std::uint8_t> data() {
    const auto bytes = text();
    return {bytes.begin(), bytes.end()};
  }
  std::vector<Emission> emissions() {
    std::vector<Emission> all;
    for (auto n = number(); n > 0 && whole_; --n) {
      Emission& each = all.emplace_back();
      each.device = static_cast<std::uint16_t>(number());
      each.when = number();
      each.tick = static_cast<std::uint32_t>(number());
      each.bytes = data();
    }
    return all;
  }
  std::vector<std::string> lines() {
    std::vector<std::string> all;
    for (auto n = number(); n > 0 && whole_; --n) all.emplace_back(text());
    return all;
  }

 private:
  std::string_view rest_;
  bool whole_ = true;
};

std::string whole_file(int fd) {
  std::string bytes(static_cast<std::size_t>(std::max<off_t>(lseek(fd, 0, SEEK_END), 0)), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = pread(fd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

}  // namespace

bool write_result(int fd, const Result<Report>& result) {
  Writer out;
  out.number(result ? 1 : 0);
  if (!result) {
    out.number(result.error().exit_code);
    out.text(result.error().text);
  } else {
    out.number(static_cast<std::int64_t>(result->packets.size()));
    for (const auto& played : result->packets) {
      out.number(played.when);
      out.number(played.done);
      out.number(played.tick);
      out.number(played.tick_done);
      out.number(played.waiting);
      out.number(played.refused);
      out.data(played.given);
      out.emissions(played.before);
      out.emissions(played.sent);
      out.lines(played.events_before);
      out.lines(played.events);
      out.lines(played.logs_before);
      out.lines(played.logs);
    }
    out.emissions(result->after);
    out.number(result->listed_at);
    out.number(result->listed_tick);
    out.lines(result->table);
    out.lines(result->expectations);
    out.text(result->saved_rules);
    out.text(result->saved_rules_v6);
    out.lines(result->printed_events);
    out.lines(result->events_after);
    out.lines(result->logs_after);
    out.number(result->logs_lost ? 1 : 0);
    out.number(result->events_lost ? 1 : 0);
    out.text(result->statistics);
    out.text(result->proxy_statistics);
  }
  std::size_t done = 0;
  while (done < out.bytes.size()) {
    const ssize_t n = write(fd, out.bytes.data() + done, out.bytes.size() - done);
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

Result<Report> read_result(int fd) {
  const std::string bytes = whole_file(fd);
  Reader in(bytes);
  const bool good = in.number() == 1;
  if (!good && in.whole()) {
    Error error;
    error.exit_code = static_cast<int>(in.number());
    error.text = std::string(in.text());
    return tl::unexpected<Error>(std::move(error));
  }
  Report report;
  for (auto n = in.number(); n > 0 && in.whole(); --n) {
    Played& played = report.packets.emplace_back();
    played.when = in.number();
    played.done = in.number();
    played.tick = static_cast<std::uint32_t>(in.number());
    played.tick_done = static_cast<std::uint32_t>(in.number());
    played.waiting = static_cast<std::int32_t>(in.number());
    played.refused = static_cast<int>(in.number());
    played.given = in.data();
    played.before = in.emissions();
    played.sent = in.emissions();
    played.events_before = in.lines();
    played.events = in.lines();
    played.logs_before = in.lines();
    played.logs = in.lines();
  }
  report.after = in.emissions();
  report.listed_at = in.number();
  report.listed_tick = static_cast<std::uint32_t>(in.number());
  report.table = in.lines();
  report.expectations = in.lines();
  report.saved_rules = std::string(in.text());
  report.saved_rules_v6 = std::string(in.text());
  report.printed_events = in.lines();
  report.events_after = in.lines();
  report.logs_after = in.lines();
  report.logs_lost = in.number() != 0;
  report.events_lost = in.number() != 0;
  report.statistics = std::string(in.text());
  report.proxy_statistics = std::string(in.text());
  if (!in.whole()) return lacking("the run in the kernel ended before its report was whole");
  return report;
}

}  // namespace utables::lab::kernel
