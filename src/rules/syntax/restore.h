// iptables-save text -> Ruleset (R24, R25).
#pragma once
#include <utables/result.h>

#include <string_view>

#include "rules/model.h"

namespace utables::rules {

struct RestoreOptions {
  Family family = Family::ipv4;
  bool counters = false;  ///< -c: counters are taken over
  std::string file{};     ///< named in errors
};

/// Reads a whole file. Refused input comes back with every unknown extension and option listed at once,
/// each with file and line; anything else with the first error, worded as iptables words it.
[[nodiscard]] Result<Ruleset, Errors> restore(std::string_view text, const RestoreOptions& options);

}  // namespace utables::rules
