#include "lab/kernel/ticks.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ctime>

#include "base/jiffies.h"
#include "lab/kernel/devices.h"
#include "lab/kernel/process.h"

namespace utables::lab::kernel {
namespace {

/// What one packet takes, and more: nothing is begun so shortly before the end of a tick.
constexpr Duration kMargin = 600 * kMicrosecond;
/// A tick that does not come is not waited for.
constexpr int kMostLooks = 100'000;

}  // namespace

Ticks::~Ticks() {
  if (socket_ >= 0) close(socket_);
}

Result<void> Ticks::open() {
  socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
  if (socket_ < 0) return lacking_errno("TCP socket");
  const std::uint32_t before = now();
  for (int looks = 0; now() == before && looks < kMostLooks;) ++looks;
  phase_ = clock_time(CLOCK_MONOTONIC) % kTick;
  return {};
}

std::uint32_t Ticks::now() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  getsockopt(socket_, IPPROTO_TCP, TCP_INFO, &info, &size);
  return info.tcpi_last_data_sent;
}

void Ticks::settle() {
  const auto left = [this] { return kTick - (clock_time(CLOCK_MONOTONIC) % kTick + kTick - phase_) % kTick; };
  if (left() > kMargin) return;
  const std::uint32_t before = now();
  for (int looks = 0; now() == before && looks < kMostLooks;) ++looks;
}

}  // namespace utables::lab::kernel
