// What the kernel tells of its connections (ctnetlink), read by a socket of the run's own.
//
// The kernel tells an event while it is at the packet that caused it: whatever is there after an injection
// was caused by it, in order. What the kernel's own clean-up destroys comes when that comes by. The queue is
// bounded; whether anything was lost because it was full is known (`lost`).
#pragma once
#include <utables/result.h>

#include <cstdint>
#include <string>
#include <vector>

namespace utables::lab::kernel {

/// Lives in the child, in its namespace.
class ConntrackEvents {
 public:
  ConntrackEvents() = default;
  ConntrackEvents(const ConntrackEvents&) = delete;
  ConntrackEvents& operator=(const ConntrackEvents&) = delete;
  ~ConntrackEvents();

  /// Events are told from now on: to be opened before the first packet.
  [[nodiscard]] Result<void> open();
  /// Appends a line for each event that was told by now, as `conntrack -E` prints it, without time and id.
  void drain(std::vector<std::string>& into);
  /// Events were told that could not be kept.
  [[nodiscard]] bool lost() const { return lost_; }

 private:
  int fd_ = -1;
  bool lost_ = false;
  std::vector<std::uint8_t> buffer_{};
};

}  // namespace utables::lab::kernel
