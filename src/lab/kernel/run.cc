#include "lab/kernel/run.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/scan.h"
#include "lab/kernel/conntrack_events.h"
#include "lab/kernel/devices.h"
#include "lab/kernel/kernel_log.h"
#include "lab/kernel/process.h"
#include "lab/kernel/report_memory.h"
#include "lab/kernel/setup.h"

namespace utables::lab::kernel {
namespace {

/// `FRAG: inuse N memory M` of this namespace.
std::int32_t fragmented_packets() {
  const auto text = read_file("/proc/net/sockstat");
  for (const auto line : text ? split(*text, '\n') : std::vector<std::string_view>{})
    if (const auto fields = words(line); fields.size() > 2 && fields[0] == "FRAG:")
      return static_cast<std::int32_t>(scan_unsigned(fields[2], 10, 1U << 30).value_or(0));
  return -1;
}

/// Where what is seen of the kernel goes.
struct Into {
  std::vector<Emission>& left;
  std::vector<std::string>&events, &logs;
};

/// All that a run sees of the kernel while it plays.
struct Watched {
  Devices devices;
  ConntrackEvents events;
  KernelLog log;

  void drain(Into into) {
    devices.drain(into.left);
    events.drain(into.events);
    log.drain(into.logs);
  }
  /// Often enough for a queue of the usual size.
  void drain_until(Time deadline, Into into) {
    constexpr Duration kSlice = 50 * kMillisecond;
    for (Time now = real_time(); now < deadline; now = real_time()) {
      devices.drain_until(std::min(deadline, now + kSlice), into.left);
      events.drain(into.events);
      log.drain(into.logs);
    }
  }
};

constexpr const char* kListing = "/proc/net/nf_conntrack";

void play_all(Watched& watched, const std::vector<Injection>& packets, const RunOptions& options,
              Report& report) {
  report.packets.resize(packets.size());
  ClosedLoop loop;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    Played& played = report.packets[i];
    if (options.paced)
      watched.drain_until(
          i == 0 ? real_time() + 10 * kMillisecond : report.packets[0].when + packets[i].at - packets[0].at,
          {played.before, played.events_before, played.logs_before});
    const bool later = i == 0 || packets[i].at != packets[i - 1].at;
    // Who lists the table also clears away what has expired, and with it what helpers awaited for it.
    if (options.paced && later) (void)read_file(kListing);
    watched.devices.ticks().settle();
    watched.events.drain(played.events_before);
    Injection packet = packets[i];
    loop.complete(packet.bytes, packet.part);
    if (packet.bytes != packets[i].bytes) played.given = packet.bytes;
    if (options.paced && later) played.waiting = fragmented_packets();
    played.when = real_time();
    played.tick = watched.devices.ticks().now();
    played.refused = watched.devices.inject(packet);
    watched.drain({played.sent, played.events, played.logs});
    loop.learn(packet, played.sent);
    played.done = real_time();
    played.tick_done = watched.devices.ticks().now();
  }
  if (options.linger > 0)
    watched.drain_until(real_time() + options.linger, {report.after, report.events_after, report.logs_after});
}

Result<void> take_stock(const NamespaceSetup& setup, const Ticks& ticks, Report& report) {
  report.listed_at = real_time();
  report.listed_tick = ticks.now();
  // Without a rule that tracks the listing may be missing: then there is nothing to list.
  if (access(kListing, F_OK) == 0) {
    const auto table = read_file(kListing);
    if (!table) return lacking("the kernel's table cannot be read: " + table.error().text);
    for (const auto line : split(*table, '\n'))
      if (line.substr(0, 3) == "ipv") report.table.emplace_back(line);
  }
  if (const auto expectations = read_file("/proc/net/nf_conntrack_expect"))
    for (const auto line : split(*expectations, '\n'))
      if (!line.empty()) report.expectations.emplace_back(line);
  if (const auto statistics = read_file("/proc/net/stat/nf_conntrack")) report.statistics = *statistics;
  constexpr const char* kProxies = "/proc/net/stat/synproxy";
  if (access(kProxies, F_OK) == 0)
    if (const auto statistics = read_file(kProxies)) report.proxy_statistics = *statistics;
  const auto saved = run_program({"iptables-legacy-save", "-c"});
  if (!saved) return tl::unexpected<Error>(saved.error());
  if (saved->status != 0) return lacking("iptables-legacy-save fails: " + saved->errors);
  report.saved_rules = saved->output;
  if (!setup.ipv6) return {};
  const auto saved_v6 = run_program({"ip6tables-legacy-save", "-c"});
  if (!saved_v6) return tl::unexpected<Error>(saved_v6.error());
  report.saved_rules_v6 = saved_v6->output;
  return {};
}

/// The program conntrack(8), listening.
Result<void> start_listening(Background& program) {
  const auto listeners = [] {
    std::size_t count = 0;
    const auto sockets = read_file("/proc/net/netlink");
    if (sockets)
      for (const auto line : split(*sockets, '\n')) {
        const auto fields = words(line);  // sk Eth Pid Groups ...
        if (fields.size() > 3 && fields[1] == "12" && fields[3] != "00000000") ++count;
      }
    return count;
  };
  const std::size_t before = listeners();
  if (const auto started = program.start({"conntrack", "-E", "-o", "timestamp"}); !started) return started;
  for (int i = 0; i < 500; ++i, usleep(10'000))
    if (listeners() > before) return {};
  return lacking("the program conntrack does not listen");
}

/// Its lines, once there are as many as events were told (or two seconds later).
void take_printed(const Background& program, Report& report) {
  std::size_t told = 0;
  const auto count = [&](const std::vector<std::string>& lines) {  // it does not print expectations
    for (const auto& line : lines) told += line.find("mask-src=") == std::string::npos ? 1 : 0;
  };
  count(report.events_after);
  for (const auto& played : report.packets) {
    count(played.events_before);
    count(played.events);
  }
  for (int i = 0; i < 200; ++i, usleep(10'000)) {
    report.printed_events.clear();
    const std::string text = program.output();
    for (const auto line : split(text, '\n'))
      if (!line.empty()) report.printed_events.emplace_back(line);
    if (report.printed_events.size() >= told) return;
  }
}

Result<Report> play(const NamespaceSetup& setup, const std::vector<Injection>& packets,
                    const RunOptions& options) {
  if (!options.this_namespace)
    if (const auto entered = enter_namespace(); !entered) return tl::unexpected<Error>(entered.error());
  // Every run has a lock of its own: iptables-legacy's is for the machine, not for the namespace.
  const std::string lock = "/tmp/utables-xtables-" + std::to_string(getpid()) + ".lock";
  setenv("XTABLES_LOCKFILE", lock.c_str(), 1);
  setenv("TZ", "UTC", 1);
  Watched watched;
  Report report;
  Result<void> step = apply(setup, watched.devices);
  if (step) step = watched.devices.open_outbound();
  if (step && options.events) step = watched.events.open();
  if (step && !options.log_mark.empty()) step = watched.log.open(options.log_mark, options.complaints);
  Background program;
  if (step && options.conntrack_program) step = start_listening(program);
  if (step) play_all(watched, packets, options, report);
  if (step) step = take_stock(setup, watched.devices.ticks(), report);
  watched.drain({report.after, report.events_after, report.logs_after});
  if (step && options.conntrack_program) take_printed(program, report);
  report.events_lost = watched.events.lost();
  report.logs_lost = watched.log.lost();
  unlink(lock.c_str());
  if (!step) return tl::unexpected<Error>(step.error());
  return report;
}

[[noreturn]] void be_the_child(int memory, const NamespaceSetup& setup, const std::vector<Injection>& packets,
                               const RunOptions& options) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  alarm(static_cast<unsigned>(options.time_limit / kSecond) + 1);
  const bool written = write_result(memory, play(setup, packets, options));
  _exit(written ? 0 : 1);
}

std::string probe() {
  NamespaceSetup setup;
  setup.devices.emplace_back().name = "probe";
  setup.rules_v4 =
      "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -m conntrack "
      "--ctstate NEW\nCOMMIT\n";
  const auto report = run_in_kernel(setup, {});
  return report ? std::string() : report.error().text;
}

}  // namespace

Result<KernelRun> KernelRun::start(const NamespaceSetup& setup, const std::vector<Injection>& packets,
                                   const RunOptions& options) {
  for (const auto& packet : packets)
    if (!packet.outbound && packet.device >= setup.devices.size())
      return fail("a packet comes in by a device that the box does not have");
  const int memory = memfd_create("utables-run", MFD_CLOEXEC);
  if (memory < 0) return lacking_errno("memfd_create");
  const pid_t child = fork();
  if (child < 0) {
    close(memory);
    return lacking_errno("fork");
  }
  if (child == 0) be_the_child(memory, setup, packets, options);
  return KernelRun(child, memory);
}

KernelRun::KernelRun(KernelRun&& other) noexcept
    : child_(std::exchange(other.child_, -1)), memory_(std::exchange(other.memory_, -1)) {}

KernelRun& KernelRun::operator=(KernelRun&& other) noexcept {
  std::swap(child_, other.child_);
  std::swap(memory_, other.memory_);
  return *this;
}

KernelRun::~KernelRun() {
  if (child_ > 0) {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  if (memory_ >= 0) close(memory_);
}

Result<Report> KernelRun::finish() {
  int status = 0;
  while (waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
  child_ = -1;
  if (WIFSIGNALED(status))
    return lacking("the run in the kernel was ended by signal " + std::to_string(WTERMSIG(status)));
  return read_result(memory_);
}

Result<Report> run_in_kernel(const NamespaceSetup& setup, const std::vector<Injection>& packets,
                             const RunOptions& options) {
  auto run = KernelRun::start(setup, packets, options);
  if (!run) return tl::unexpected<Error>(run.error());
  return run->finish();
}

const std::string& why_no_kernel() {
  static const std::string reason = probe();
  return reason;
}

}  // namespace utables::lab::kernel
