// A box and packets through this machine's own kernel, in a network namespace of its own.
//
// Vocabulary: an *injection* is a packet handed to the kernel, either as coming in by a device or as made
// by a program of the box; an *emission* is a packet that the kernel sent on a device. Devices are TUN
// (raw IP) or TAP (Ethernet) interfaces with the box's names; ARP is off, so every next hop answers.
// The kernel's own programs are silenced: what is delivered locally is taken in silence after the last
// hook, as a box's programs are not simulated.
//
// Each run is a child process that unshares its namespaces, plays, and leaves its report in memory that
// both share; when it ends everything it made is gone. Many runs may go on side by side.
// A write to a device is processed before it returns, so what comes out of all devices after a write was
// caused by it; what comes out while time passes (reassembly timeouts) is kept apart.
#pragma once
#include <sys/types.h>
#include <utables/packet.h>
#include <utables/result.h>
#include <utables/time.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lab/kernel/closed_loop.h"

namespace utables::lab::kernel {

/// An interface of the box, other than `lo`.
struct Device {
  std::string name;
  std::uint32_t index = 0;  ///< the kernel's ifindex; 0: whatever is free
  bool ethernet = false;    ///< TAP: frames with addresses; otherwise TUN: raw IP
  std::optional<std::array<std::uint8_t, 6>>
      hardware_address{};  ///< Ethernet only; empty: the kernel's choice
};

/// What the namespace is to look like. `setup_from` (setup.h) makes one from a box's files.
struct NamespaceSetup {
  std::vector<Device> devices;
  std::string ip_lines;  ///< for `ip -batch`, once the devices exist and are up
  std::vector<std::pair<std::string, std::string>> sysctls;  ///< names with dots, as this kernel has them
  std::vector<std::vector<std::string>> nfct_lines{};  ///< command lines of nfct(8): policies of timeouts
  std::optional<std::string> rules_v4{};               ///< iptables-save; counters are taken over
  std::optional<std::string> rules_v6{};
  bool ipv6 = false;          ///< the box has IPv6 too; without it the kernel's own IPv6 stays silent
  bool track_always = false;  ///< switch tracking on even if no rule needs it
};

struct Injection {
  std::vector<std::uint8_t> bytes;  ///< from the IP header on
  std::uint16_t device = 0;         ///< position in NamespaceSetup::devices; unused if outbound
  bool outbound = false;            ///< made by a program of the box
  PacketType type = PacketType::host;
  LinkFacts link{};        ///< used on Ethernet devices
  std::uint32_t mark = 0;  ///< outbound: SO_MARK
  Duration at = 0;         ///< when, after the first; used if paced
  Part part{};             ///< of a flow whose ends answer what the box really sent
};

struct RunOptions {
  bool paced = false;              ///< real pauses between packets, as `Injection::at` says
  Duration linger = 0;             ///< time to go on after the last packet before the table is listed
  bool events = true;              ///< also what the kernel tells of its connections (conntrack_events.h)
  bool conntrack_program = false;  ///< also what `conntrack -E -o timestamp` prints meanwhile
  /// Also LOG's lines, those that hold this mark (kernel_log.h; the caller holds LogOfAllNamespaces).
  std::string log_mark{};
  /// ... and what tracking complains of (nf_conntrack_log_invalid), which bears no mark: such runs go one by
  /// one.
  bool complaints = false;
  /// In the namespace that the caller is in, not a new one (comparisons about a full table).
  bool this_namespace = false;
  Duration time_limit = 120 * kSecond;  ///< the child is ended after it
};

struct Emission {
  std::uint16_t device = 0;
  std::vector<std::uint8_t> bytes;  ///< from the IP header on
  Time when = 0;                    ///< when it was read
  std::uint32_t tick = 0;           ///< likewise
};

/// What became of one injection.
struct Played {
  Time when = 0;                ///< CLOCK_REALTIME right before it was injected
  Time done = 0;                ///< right after the kernel was done with it
  std::uint32_t tick = 0;       ///< the kernel's tick right before it (ticks.h)
  std::uint32_t tick_done = 0;  ///< and after: another one, and which of them it met is not known
  /// Packets whose fragments the kernel was still waiting for right before it; -1: not asked (within a
  /// burst).
  std::int32_t waiting = -1;
  int refused = 0;                  ///< errno of the write; 0: taken
  std::vector<std::uint8_t> given;  ///< what was injected, where it is not the injection as it was
  std::vector<Emission> before;     ///< left by themselves since the packet before
  std::vector<Emission> sent;       ///< caused by it; in order on each device
  /// Lines of `conntrack -E`, without time and id: told since the packet before; caused by it.
  std::vector<std::string> events_before, events;
  std::vector<std::string> logs_before, logs;  ///< LOG's lines, likewise, each with its level: `<4>IN=...`
};

struct Report {
  std::vector<Played> packets;
  std::vector<Emission> after;              ///< left by themselves after the last packet
  Time listed_at = 0;                       ///< when the table was listed
  std::uint32_t listed_tick = 0;            ///< likewise
  std::vector<std::string> table;           ///< lines of /proc/net/nf_conntrack
  std::vector<std::string> expectations;    ///< lines of /proc/net/nf_conntrack_expect
  std::string saved_rules;                  ///< iptables-legacy-save -c
  std::string saved_rules_v6;               ///< ip6tables-legacy-save -c
  std::vector<std::string> printed_events;  ///< lines of the program, with their times
  std::vector<std::string> events_after;    ///< told after the last packet, up to the listing
  std::vector<std::string> logs_after;
  bool events_lost = false, logs_lost = false;  ///< the kernel told more than could be kept
  std::string statistics;                       ///< /proc/net/stat/nf_conntrack
  std::string proxy_statistics;                 ///< /proc/net/stat/synproxy; empty: there is none
};

/// A run under way. Its destructor ends it.
class KernelRun {
 public:
  /// Starts the child process. Fails only if that is impossible.
  [[nodiscard]] static Result<KernelRun> start(const NamespaceSetup& setup,
                                               const std::vector<Injection>& packets,
                                               const RunOptions& options = {});
  KernelRun(KernelRun&& other) noexcept;
  KernelRun& operator=(KernelRun&& other) noexcept;
  ~KernelRun();

  /// Waits for the end. An error with exit_code 3 means that this machine lacks what it takes; 2, that
  /// the box was refused (by ip, sysctl or iptables-legacy-restore), with their own words.
  [[nodiscard]] Result<Report> finish();

 private:
  KernelRun(pid_t child, int memory) : child_(child), memory_(memory) {}
  pid_t child_ = -1;
  int memory_ = -1;
};

/// start() and finish().
[[nodiscard]] Result<Report> run_in_kernel(const NamespaceSetup& setup, const std::vector<Injection>& packets,
                                           const RunOptions& options = {});

/// Why this machine cannot play in its kernel; empty if it can. Asked once, then remembered.
[[nodiscard]] const std::string& why_no_kernel();

}  // namespace utables::lab::kernel
