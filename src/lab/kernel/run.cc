#include "lab/kernel/run.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/scan.h"
#include "lab/kernel/devices.h"
#include "lab/kernel/process.h"
#include "lab/kernel/report_memory.h"
#include "lab/kernel/setup.h"

namespace utables::lab::kernel {
namespace {

void play_all(Devices& devices, const std::vector<Injection>& packets, const RunOptions& options,
              Report& report) {
  const Time start = real_time() + (options.paced ? 10 * kMillisecond : 0);
  report.packets.resize(packets.size());
  for (std::size_t i = 0; i < packets.size(); ++i) {
    Played& played = report.packets[i];
    if (options.paced) devices.drain_until(start + packets[i].at, played.before);
    played.tick = clock_time(CLOCK_MONOTONIC_COARSE);
    played.since_tick = clock_time(CLOCK_MONOTONIC) - played.tick;
    played.when = real_time();
    played.refused = devices.inject(packets[i]);
    devices.drain(played.sent);
    played.done = real_time();
    played.straddles = clock_time(CLOCK_MONOTONIC_COARSE) != played.tick;
  }
  if (options.linger > 0) devices.drain_until(real_time() + options.linger, report.after);
}

Result<void> take_stock(Report& report) {
  report.listed_at = real_time();
  // Without a rule that tracks the listing may be missing: then there is nothing to list.
  if (const auto table = read_file("/proc/net/nf_conntrack"))
    for (const auto line : split(*table, '\n'))
      if (line.substr(0, 4) == "ipv4") report.table.emplace_back(line);
  if (const auto statistics = read_file("/proc/net/stat/nf_conntrack")) report.statistics = *statistics;
  const auto saved = run_program({"iptables-legacy-save", "-c"});
  if (!saved) return tl::unexpected<Error>(saved.error());
  report.saved_rules = saved->output;
  return {};
}

Result<Report> play(const NamespaceSetup& setup, const std::vector<Injection>& packets,
                    const RunOptions& options) {
  if (!options.this_namespace)
    if (const auto entered = enter_namespace(); !entered) return tl::unexpected<Error>(entered.error());
  // Every run has a lock of its own: iptables-legacy's is for the machine, not for the namespace.
  const std::string lock = "/tmp/utables-xtables-" + std::to_string(getpid()) + ".lock";
  setenv("XTABLES_LOCKFILE", lock.c_str(), 1);
  setenv("TZ", "UTC", 1);
  Devices devices;
  Report report;
  Result<void> step = apply(setup, devices);
  if (step) step = devices.open_outbound();
  if (step) play_all(devices, packets, options, report);
  if (step) step = take_stock(report);
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
