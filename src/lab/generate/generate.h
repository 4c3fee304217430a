// Scenarios drawn from a seed: the same seed, the same scenario, on every machine.
#pragma once
#include <cstdint>

#include "lab/generate/scenario.h"

namespace utables::lab::generate {

struct Wish {
  std::uint64_t seed = 1;
  /// Timeouts of 1 to 3 s and real pauses, so laid that no packet comes within 50 ms of a deadline.
  bool paced = false;
  bool log = false;      ///< with many LOG rules, of every option
  bool helpers = false;  ///< with helpers, and many flows for them
  bool ipv6 = false;     ///< a box of both families, and most flows over IPv6
  bool nat = false;      ///< with NAT in any case
  bool proxies = false;  ///< with SYNPROXY, and many flows for it
};

[[nodiscard]] Scenario generate(const Wish& wish);

}  // namespace utables::lab::generate
