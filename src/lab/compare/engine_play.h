// A scenario through the engine, with the clock of a run in the kernel.
#pragma once
#include <utables/result.h>

#include <cstdint>
#include <string>
#include <vector>

#include "lab/compare/compare.h"

namespace utables::lab::compare {

struct EngineSent {
  std::string interface;
  std::vector<std::uint8_t> bytes;
  bool made_here = false;
};

struct EnginePlayed {
  std::vector<EngineSent> before;  ///< left as time passed, before the packet
  std::vector<EngineSent> sent;
  /// Lines of `conntrack -E -o timestamp`: what expired before the packet; what the packet caused.
  std::vector<std::string> expired, events;
  std::vector<std::string> logged_before, logged;  ///< with their level, `<4>IN=...`
  Outcome outcome{};
  std::string decided_by;
  bool left_out = false;  ///< larger than the device's MTU: no program could send it whole
};

struct EngineReport {
  std::vector<EnginePlayed> packets;
  std::vector<EngineSent> after;
  std::vector<std::string> expired_after, logged_after;
  std::vector<std::string> table;  ///< as `canonical_entry` (table.h) makes the kernel's lines
  std::vector<Duration> rest;      ///< of each entry: until its deadline
  std::string saved_rules;
  Coverage coverage;
};

/// Errors are those of the box.
[[nodiscard]] Result<EngineReport, Errors> play_in_engine(const generate::Scenario& scenario,
                                                          const kernel::Report& times);

}  // namespace utables::lab::compare
