// Jiffies: the ticks that Linux counts time in, and when its timers go off.
//
// HZ is 250, as in the distributions' kernels. Ticks are counted from the epoch: which phase a machine's
// ticks have is chance, and no capture tells it; this is one of the phases that it could have.
//
// A timer of Linux waits in a wheel whose grain grows with the delay: 1 tick below 63 ticks, 8 below 504, 64
// below 4,032 and so on. It goes off at the first whole grain after its deadline, never at the deadline
// itself: a delay of 1 s ends 4 to 32 ms late, one of 30 s up to 2.048 s late. (What is compared with the
// clock whenever it is asked for, as the timeouts of connections, knows no grain.)
#pragma once
#include <utables/time.h>

#include <algorithm>
#include <cstdint>

namespace utables {

inline constexpr std::int64_t kTicksPerSecond = 250;
inline constexpr Duration kTick = kSecond / kTicksPerSecond;

/// The tick that `now` lies in.
constexpr std::int64_t ticks_of(Time now) { return now / kTick; }

/// When a timer set at `now` goes off. REQUIRES: now and delay are not negative.
constexpr Time timer_goes_off(Time now, Duration delay) {
  constexpr unsigned kLevels = 9, kLevelBits = 3;
  constexpr std::int64_t kFinest = 63;
  const std::int64_t waits = std::min(delay / kTick, (kFinest << ((kLevels - 1) * kLevelBits)) - 1);
  unsigned level = 0;
  while (waits >= kFinest << (level * kLevelBits)) ++level;
  const unsigned shift = level * kLevelBits;
  return (((ticks_of(now) + waits) >> shift) + 1) * (std::int64_t{1} << shift) * kTick;
}

}  // namespace utables
