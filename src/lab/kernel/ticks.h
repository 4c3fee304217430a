// The kernel's tick (jiffy), as the kernel itself counts it.
//
// What Linux limits or lets expire it counts in ticks, and whether two packets fell into one tick decides.
// No clock tells that for certain: when a machine is held up its count of ticks lags behind its clocks and
// catches up later. A TCP socket that never sent tells the count itself: "the time since it last sent" is
// then the time since tick 0, in milliseconds (TCP_INFO, tcpi_last_data_sent).
#pragma once
#include <utables/result.h>
#include <utables/time.h>

#include <cstdint>

namespace utables::lab::kernel {

class Ticks {
 public:
  Ticks() = default;
  Ticks(const Ticks&) = delete;
  Ticks& operator=(const Ticks&) = delete;
  ~Ticks();

  [[nodiscard]] Result<void> open();
  /// Milliseconds, a multiple of the tick; it wraps around, so only differences have a meaning, and what is
  /// left after division by a power of two.
  [[nodiscard]] std::uint32_t now() const;
  /// Returns early in a tick: waits for the next one if the present one is about to end, as far as the
  /// monotonic clock tells.
  void settle();

 private:
  int socket_ = -1;
  Duration phase_ = 0;  ///< of the monotonic clock when a tick was seen to begin
};

}  // namespace utables::lab::kernel
