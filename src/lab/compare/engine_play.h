// A scenario through the engine, with the clock of a run in the kernel.
#pragma once
#include <utables/result.h>

#include <cstdint>
#include <string>
#include <vector>

#include "conntrack/statistics.h"
#include "conntrack/synproxy/proxied.h"
#include "lab/compare/compare.h"

namespace utables::lab::compare {

struct EngineSent {
  std::string interface;
  std::vector<std::uint8_t> bytes;
  bool made_here = false;
  Time time = 0;  ///< by the engine's clock
};

struct EnginePlayed {
  std::vector<EngineSent> before;  ///< left as time passed, before the packet
  std::vector<EngineSent> sent;
  /// Lines of `conntrack -E -o timestamp`: what expired before the packet; what the packet caused.
  std::vector<std::string> expired, events;
  std::vector<std::string> logged_before, logged;  ///< with their level, `<4>IN=...`
  Outcome outcome{};
  std::string decided_by;
  std::int32_t waiting = -1;  ///< as kernel::Played has it
  bool left_out = false;      ///< larger than the device's MTU: no program could send it whole
};

/// The engine's clock by the kernel's ticks: it stands at the beginning of a tick, near the time of day, and
/// so that the grains of Linux's timers begin where the kernel has them.
class TickClock {
 public:
  explicit TickClock(const kernel::Report& report);
  [[nodiscard]] Time at(std::uint32_t tick) const { return base_ + Duration{tick - first_} * kMillisecond; }

 private:
  std::uint32_t first_ = 0;
  Time base_ = 0;
};

struct EngineReport {
  std::vector<EnginePlayed> packets;
  std::vector<EngineSent> after;
  std::vector<std::string> expired_after, logged_after;
  std::vector<std::string> table;         ///< as `canonical_entry` (table.h) makes the kernel's lines
  std::vector<std::string> expectations;  ///< lines of nf_conntrack_expect
  std::vector<Duration> rest;             ///< of each entry: until its deadline
  std::string saved_rules, saved_rules_v6;
  conntrack::Statistics statistics{};
  conntrack::ProxyStatistics proxy_statistics{};
  Coverage coverage;
};

/// Errors are those of the box.
[[nodiscard]] Result<EngineReport, Errors> play_in_engine(const generate::Scenario& scenario,
                                                          const kernel::Report& times);

}  // namespace utables::lab::compare
