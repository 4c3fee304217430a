// Rules drawn from the whole grammar of what the rules layer supports: every match and target with every
// option, in every table that takes it, in built-in and user chains.
#pragma once
#include <string>

#include "base/random.h"
#include "lab/generate/world.h"

namespace utables::lab::generate {

struct RulesetOptions {
  bool track = true;  ///< with the chain that writes each packet's ctstate into its DSCP
  bool paced = false;
  bool log = false;  ///< with many LOG rules
  bool helpers = false;
  std::uint64_t track_as = 0;  ///< not 0: with rules that say how packets are tracked, drawn of this
};

/// iptables-save text that iptables-legacy-restore takes.
[[nodiscard]] std::string draw_ruleset(const World& world, Random& random, const RulesetOptions& options);

}  // namespace utables::lab::generate
