// The parts that generated rules are made of: matches and targets, as text, by where they may stand.
#pragma once
#include <string>

#include "base/random.h"
#include "lab/generate/world.h"
#include "rules/hook.h"

namespace utables::lab::generate {

/// Where a rule stands, and which protocol it is about.
struct Place {
  rules::TableId table = rules::TableId::filter;
  rules::Hook hook = rules::Hook::forward;
  std::string protocol{};  ///< `tcp`, `udp`, `icmp`, ... or empty; what follows may rely on it
  bool protocol_inverted = false;
  bool track = true;  ///< extensions that switch tracking on are welcome
};

/// ` -m NAME ...`, one that may stand there.
[[nodiscard]] std::string draw_match(const World& world, Random& random, const Place& place);
/// ` -j NAME ...`; a TCPMSS target brings the match that it needs. Never a chain.
[[nodiscard]] std::string draw_target(const World& world, Random& random, const Place& place);
/// One of NAT's targets that may stand in that chain of the nat table (nat_parts.cc).
[[nodiscard]] std::string draw_nat_target(const World& world, Random& random, const Place& place);
/// ` ADDRESS`, ` ADDRESS/LENGTH`, ` ADDRESS/MASK` of somebody in the world.
/// A LOG with any of its options.
[[nodiscard]] std::string draw_log(Random& random);
[[nodiscard]] std::string draw_address(const World& world, Random& random);

}  // namespace utables::lab::generate
