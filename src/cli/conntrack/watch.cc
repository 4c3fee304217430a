#include "cli/conntrack/watch.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>

#include "cli/conntrack/answers.h"
#include "conntrack/control/changes.h"
#include "conntrack/control/select.h"
#include "lab/state/box_state.h"

namespace utables::cli::conntrack_tool {
namespace {

using conntrack::Change;
using conntrack::Event;
using conntrack::ExpectationEvent;
using conntrack::Look;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool good() const { return fd_ >= 0; }

 private:
  int fd_;
};

/// There is no socket whose buffer could be too small; what the kernel would make of the size is told.
void tell_buffer_size(std::uint32_t wanted) {
  const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  int size = static_cast<int>(wanted);
  socklen_t length = sizeof(size);
  if (setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) != 0)
    setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
  getsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &size, &length);
  fmt::print(stderr, "NOTICE: Netlink socket buffer size has been set to {} bytes.\n", size);
}

/// Prints events, and counts them.
class Teller {
 public:
  explicit Teller(const CommandLine& line) : line_(line) {}

  void tell(const Look& before, const Look& after) {
    if (line_.table == TableName::expect)
      for (const ExpectationEvent& event : conntrack::awaited_changes(before, after)) print(text_of(event));
    else
      for (const Change& change : conntrack::changes(before, after))
        if (wanted(change)) print(text_of(change));
    std::fflush(stdout);
  }

  void finish() const {
    if (line_.output.xml && count_ != 0) fmt::print("</{}>\n", table());
    conntrack_tool::tell(fmt::format("{} {} events have been shown.", count_,
                                     line_.table == TableName::expect ? "expectation" : "flow"));
  }

 private:
  [[nodiscard]] std::string_view table() const {
    return line_.table == TableName::expect ? "expect" : "conntrack";
  }

  /// A mark that is 0 is not told at the end, and is then none to select by.
  [[nodiscard]] bool wanted(const Change& change) const {
    const conntrack::Connection& c = *change.event.connection;
    const bool no_mark = (change.event.bits & conntrack::kEventMark) == 0 && c.mark == 0;
    return line_.events.tells(change.event.kind) && !(line_.parameters.mark && no_mark) &&
           conntrack::selects(line_.parameters, c, change.labels);
  }

  [[nodiscard]] std::string text_of(const Change& change) const {
    constexpr std::string_view kWho = " [USERSPACE] portid=0";
    const Output& output = line_.output;
    const Event& event = change.event;
    if (output.json) return conntrack::json_event(event);
    if (output.save) return fmt::format("{}{}", conntrack::save_event(event), kWho);
    conntrack::LineOptions options = line_options(line_, change.labels);
    options.use.reset();
    options.when = output.timestamp;
    if (output.xml) return fmt::format("{}{}", conntrack::xml_event(event, options), kWho);
    const std::string moment = output.timestamp ? fmt::format("[{}.{:06}]\t", event.when / kSecond,
                                                              event.when % kSecond / kMicrosecond)
                                                : "";
    return fmt::format("{}{}{}", moment, conntrack::event_text(event, options), kWho);
  }

  [[nodiscard]] std::string text_of(const ExpectationEvent& event) const {
    const Output& output = line_.output;
    if (output.json) return conntrack::json_expectation_event(event);
    if (output.xml) return conntrack::xml_expectation_event(event, output.timestamp);
    const std::string moment = output.timestamp ? fmt::format("[{}.{:<6}]\t", event.when / kSecond,
                                                              event.when % kSecond / kMicrosecond)
                                                : "";
    return moment + conntrack::expectation_event_text(event);
  }

  void print(const std::string& text) {
    if (line_.output.xml && count_ == 0)
      fmt::print("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<{}>\n", table());
    ++count_;
    fmt::print("{}\n", text);
  }

  const CommandLine& line_;
  std::size_t count_ = 0;
};

Result<Look, Errors> look(const std::string& path) {
  auto box = lab::BoxState::open(path, lab::BoxState::Access::look);
  if (!box) return tl::unexpected<Errors>(std::move(box.error()));
  return conntrack::look_at(box->entries());
}

/// Reads what happened in the directory; whether the state is another one.
bool state_changed(int notices) {
  alignas(inotify_event) std::array<char, 4096> buffer{};
  bool changed = false;
  for (;;) {
    const ssize_t size = read(notices, buffer.data(), buffer.size());
    if (size <= 0) return changed;
    for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
      inotify_event event{};
      std::memcpy(&event, &buffer[at], sizeof(event));
      const char* const name = &buffer[at + sizeof(event)];
      changed = changed || (event.len != 0 && std::string_view(name) == "state.jsonl");
      at += sizeof(event) + event.len;
    }
  }
}

/// A box that is one file of rules has no state that could change.
bool listen_to(int notices, const std::string& path) {
  std::error_code none;
  return !std::filesystem::is_directory(path, none) ||
         inotify_add_watch(notices, path.c_str(), IN_MOVED_TO | IN_MOVED_FROM | IN_CLOSE_WRITE | IN_DELETE) >=
             0;
}

/// What ends the watching, as something to wait for.
sigset_t endings() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

int lacking(std::string_view what) {
  fmt::print(stderr, "utables: {}: {}\n", what, std::strerror(errno));
  return kLacking;
}

}  // namespace

int watch(const CommandLine& line, const std::string& path) {
  const sigset_t signals = endings();
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  const Descriptor end(signalfd(-1, &signals, SFD_CLOEXEC));
  const Descriptor notices(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!end.good() || !notices.good()) return lacking("watching a file");
  if (line.buffer_size) tell_buffer_size(*line.buffer_size);
  auto before = look(path);
  if (!before) return report_errors(before.error());
  if (!listen_to(notices.get(), path)) return lacking(path);
  Teller teller(line);
  bool changed = true;  // since the first look, perhaps
  for (bool over = false;;) {
    if (changed) {
      auto after = look(path);
      if (!after) return report_errors(after.error());
      teller.tell(*before, *after);
      before = std::move(after);
    }
    if (over) break;
    std::array<pollfd, 2> waiting{{{end.get(), POLLIN, 0}, {notices.get(), POLLIN, 0}}};
    if (poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return lacking(path);
    over = (waiting[0].revents & POLLIN) != 0;
    changed = state_changed(notices.get());
  }
  teller.finish();
  return kOk;
}

}  // namespace utables::cli::conntrack_tool
