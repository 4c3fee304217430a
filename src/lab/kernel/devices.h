// The TUN and TAP devices of a run, and the raw socket through which the box's programs send.
#pragma once
#include <utables/result.h>

#include <ctime>
#include <vector>

#include "lab/kernel/run.h"
#include "lab/kernel/ticks.h"

namespace utables::lab::kernel {

/// Owns the open devices and the count of ticks; lives in the child.
class Devices {
 public:
  Devices() = default;
  Devices(const Devices&) = delete;
  Devices& operator=(const Devices&) = delete;
  ~Devices();

  /// Makes the device, in the namespace of the caller; it is not up yet.
  [[nodiscard]] Result<void> add(const Device& device);
  /// Opens the raw socket and the count of ticks; after all devices were added.
  [[nodiscard]] Result<void> open_outbound();

  [[nodiscard]] Ticks& ticks() { return ticks_; }
  /// Hands a packet to the kernel; returns errno, or 0.
  int inject(const Injection& packet);
  /// Reads whatever has left by now, from every device.
  void drain(std::vector<Emission>& into);
  /// Waits until `deadline` (CLOCK_REALTIME), draining whatever leaves meanwhile.
  void drain_until(Time deadline, std::vector<Emission>& into);

 private:
  struct Open {
    int fd = -1;
    bool ethernet = false;
    std::array<std::uint8_t, 6> address{};
  };
  int inject_outbound(const Injection& packet);
  std::vector<Open> open_;
  std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(1 << 17);
  int outbound_ = -1, outbound6_ = -1;
  Ticks ticks_;
};

/// A clock in nanoseconds.
[[nodiscard]] Time clock_time(clockid_t clock);
/// CLOCK_REALTIME in nanoseconds.
[[nodiscard]] Time real_time();

}  // namespace utables::lab::kernel
