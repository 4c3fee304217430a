#include "lab/kernel/devices.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "base/bytes.h"
#include "lab/kernel/process.h"

namespace utables::lab::kernel {
namespace {

constexpr std::uint16_t kEtherTypeIpv4 = 0x0800, kEtherTypeIpv6 = 0x86dd;

bool is_ipv6(const std::vector<std::uint8_t>& packet) { return !packet.empty() && packet[0] >> 4 == 6; }
constexpr std::size_t kTunHeader = 4;  // flags, EtherType (linux/if_tun.h, struct tun_pi)
constexpr std::size_t kEthernetHeader = 14;

/// The Ethernet destination that makes the kernel see the packet as of its type.
std::array<std::uint8_t, 6> destination_for(const Injection& packet, const std::array<std::uint8_t, 6>& own) {
  switch (packet.type) {
    case PacketType::broadcast:
      return {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    case PacketType::multicast:
      if (packet.link.present && (packet.link.destination[0] & 1) != 0) return packet.link.destination;
      if (is_ipv6(packet.bytes)) return {0x33, 0x33, 0x00, 0x00, 0x00, 0x01};
      return {0x01, 0x00, 0x5e, 0x00, 0x00, 0x01};
    case PacketType::other_host:
      return {0x02, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe};
    default:
      return own;
  }
}

}  // namespace

Time clock_time(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<Time>(now.tv_sec) * kSecond + now.tv_nsec;
}

Time real_time() { return clock_time(CLOCK_REALTIME); }

Devices::~Devices() {
  for (const auto& device : open_) close(device.fd);
  if (outbound_ >= 0) close(outbound_);
  if (outbound6_ >= 0) close(outbound6_);
}

Result<void> Devices::add(const Device& device) {
  Open open_device;
  open_device.ethernet = device.ethernet;
  open_device.fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (open_device.fd < 0) return lacking_errno("/dev/net/tun");
  open_.push_back(open_device);
  if (device.index != 0) {
    const unsigned index = device.index;
    if (ioctl(open_device.fd, TUNSETIFINDEX, &index) < 0) return lacking_errno("index of " + device.name);
  }
  ifreq request{};
  if (device.name.size() >= sizeof request.ifr_name)
    return fail("interface name `" + device.name + "' is too long");
  std::memcpy(request.ifr_name, device.name.data(), device.name.size());
  request.ifr_flags = static_cast<short>(device.ethernet ? IFF_TAP | IFF_NO_PI : IFF_TUN);
  if (ioctl(open_device.fd, TUNSETIFF, &request) < 0)
    return lacking_errno("making the device " + device.name);
  if (!device.ethernet) return {};
  auto* hardware = reinterpret_cast<std::uint8_t*>(request.ifr_hwaddr.sa_data);
  if (device.hardware_address) {
    request.ifr_hwaddr.sa_family = 1;  // ARPHRD_ETHER
    std::copy(device.hardware_address->begin(), device.hardware_address->end(), hardware);
    if (ioctl(open_device.fd, SIOCSIFHWADDR, &request) < 0)
      return lacking_errno("hardware address of " + device.name);
  }
  if (ioctl(open_device.fd, SIOCGIFHWADDR, &request) < 0)
    return lacking_errno("hardware address of " + device.name);
  std::copy_n(hardware, 6, open_.back().address.begin());
  return {};
}

Result<void> Devices::open_outbound() {
  outbound_ = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
  if (outbound_ < 0) return lacking_errno("raw socket");
  const int on = 1, large = 1 << 20;
  setsockopt(outbound_, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
  setsockopt(outbound_, SOL_SOCKET, SO_SNDBUF, &large, sizeof large);
  outbound6_ = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
  if (outbound6_ < 0) return lacking_errno("raw socket of IPv6");
  setsockopt(outbound6_, SOL_SOCKET, SO_SNDBUF, &large, sizeof large);
  return ticks_.open();
}

int Devices::inject_outbound(const Injection& packet) {
  const bool v6 = is_ipv6(packet.bytes);
  if (packet.bytes.size() < (v6 ? 40 : 20)) return EINVAL;
  const int from = v6 ? outbound6_ : outbound_;
  setsockopt(from, SOL_SOCKET, SO_MARK, &packet.mark, sizeof packet.mark);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  sockaddr_in6 to6{};
  to6.sin6_family = AF_INET6;
  if (v6)
    std::memcpy(&to6.sin6_addr, packet.bytes.data() + 24, 16);
  else
    std::memcpy(&to.sin_addr, packet.bytes.data() + 16, 4);
  const auto* address = v6 ? reinterpret_cast<const sockaddr*>(&to6) : reinterpret_cast<const sockaddr*>(&to);
  const ssize_t n =
      sendto(from, packet.bytes.data(), packet.bytes.size(), 0, address, v6 ? sizeof to6 : sizeof to);
  return n < 0 ? errno : 0;
}

int Devices::inject(const Injection& packet) {
  if (packet.outbound) return inject_outbound(packet);
  const Open& device = open_[packet.device];
  std::vector<std::uint8_t> frame;
  frame.reserve(packet.bytes.size() + kEthernetHeader);
  if (device.ethernet) {
    const auto destination = destination_for(packet, device.address);
    frame.insert(frame.end(), destination.begin(), destination.end());
    const std::array<std::uint8_t, 6> nobody{0x02, 0, 0, 0, 0, 0x01};
    const auto& source = packet.link.present ? packet.link.source : nobody;
    frame.insert(frame.end(), source.begin(), source.end());
  } else {
    frame.insert(frame.end(), {0, 0});
  }
  const std::uint16_t type = is_ipv6(packet.bytes) ? kEtherTypeIpv6 : kEtherTypeIpv4;
  frame.insert(frame.end(), {static_cast<std::uint8_t>(type >> 8), static_cast<std::uint8_t>(type)});
  frame.insert(frame.end(), packet.bytes.begin(), packet.bytes.end());
  return write(device.fd, frame.data(), frame.size()) < 0 ? errno : 0;
}

void Devices::drain(std::vector<Emission>& into) {
  for (std::size_t i = 0; i < open_.size(); ++i) {
    const std::size_t header = open_[i].ethernet ? kEthernetHeader : kTunHeader;
    for (;;) {
      const ssize_t n = read(open_[i].fd, buffer_.data(), buffer_.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) break;
      const auto size = static_cast<std::size_t>(n);
      if (size < header) continue;
      const std::uint16_t type = load16(buffer_.data() + header - 2);
      if (type != kEtherTypeIpv4 && type != kEtherTypeIpv6) continue;
      Emission& emission = into.emplace_back();
      emission.device = static_cast<std::uint16_t>(i);
      emission.when = real_time();
      emission.tick = ticks_.now();
      emission.bytes.assign(buffer_.begin() + static_cast<std::ptrdiff_t>(header), buffer_.begin() + n);
    }
  }
}

void Devices::drain_until(Time deadline, std::vector<Emission>& into) {
  std::vector<pollfd> waits;
  for (const auto& device : open_) waits.push_back({device.fd, POLLIN, 0});
  for (;;) {
    const Time rest = deadline - real_time();
    if (rest <= 0) return;
    const timespec wait{static_cast<time_t>(rest / kSecond), static_cast<long>(rest % kSecond)};
    if (ppoll(waits.data(), waits.size(), &wait, nullptr) <= 0) continue;
    drain(into);
    for (auto& each : waits)
      if ((each.revents & POLLERR) != 0) each.fd = -1;  // not up: it would be ready for ever
  }
}

}  // namespace utables::lab::kernel
