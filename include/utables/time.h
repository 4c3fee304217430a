// Time as the engine knows it: an argument, never a clock that is read.
#pragma once
#include <cstdint>

namespace utables {

/// Nanoseconds since 1970-01-01 00:00 UTC (a moment).
using Time = std::int64_t;
/// Nanoseconds (a length of time).
using Duration = std::int64_t;

inline constexpr Duration kMicrosecond = 1'000;
inline constexpr Duration kMillisecond = 1'000'000;
inline constexpr Duration kSecond = 1'000'000'000;

}  // namespace utables
