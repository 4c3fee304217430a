// Rules that say how packets are tracked (CT): in which zone, and what is told of their connections.
#pragma once
#include <string>

#include "base/random.h"
#include "lab/generate/world.h"

namespace utables::lab::generate {

/// Rules for the ends of PREROUTING and OUTPUT in the raw table.
[[nodiscard]] std::string draw_track_as(const World& world, Random& random);
/// Rules that give and ask labels, for the end of a chain of the mangle table.
[[nodiscard]] std::string draw_label_rules(Random& random, const std::string& chain);
/// Policies of timeouts for those rules to name, one for each protocol and family (nfct.conf). `paced`: of
/// times that pass during the scenario.
[[nodiscard]] std::string draw_timeout_policies(Random& random, bool paced);
/// A rule for IPv4 as one for IPv6 would name its policy.
[[nodiscard]] std::string with_policies_v6(std::string rule);
/// An option of CT for every control connection that gets a helper, and rules that put other packets, or some
/// of them, into the same zone: what is awaited is met there alone.
struct HelpedZone {
  std::string option{}, others{};
};
[[nodiscard]] HelpedZone draw_helped_zone(const World& world, Random& random);

}  // namespace utables::lab::generate
