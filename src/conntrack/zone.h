// Zone: connections of one zone know nothing of another's, so the same addresses may occur in both.
// A zone may be that of one direction alone: then the other direction is in zone 0, where whoever answers
// need not know of zones. Each tuple bears the zone that it is in (Tuple::zone).
#pragma once
#include <cstdint>

#include "conntrack/tuple.h"

namespace utables::conntrack {

struct Zone {
  static constexpr std::uint8_t kBoth = 3;  ///< bits 1 << Direction
  std::uint16_t id = 0;
  std::uint8_t directions = kBoth;

  [[nodiscard]] constexpr std::uint16_t of(Direction d) const {
    return (directions >> static_cast<unsigned>(d) & 1) != 0 ? id : std::uint16_t{0};
  }
  [[nodiscard]] constexpr bool same_both_ways() const { return directions == kBoth || id == 0; }
  friend bool operator==(const Zone&, const Zone&) = default;
};

}  // namespace utables::conntrack
