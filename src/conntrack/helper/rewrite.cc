#include "conntrack/helper/rewrite.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "packet/checksum.h"
#include "packet/extensions.h"
#include "packet/headers.h"

namespace utables::conntrack {

bool rewrite_payload(packet::Buffer& packet, std::uint32_t place, std::uint32_t length,
                     std::string_view text) {
  constexpr std::size_t kMost = 65535;
  constexpr std::uint32_t kUdpHeader = 8;
  const bool tcp = packet.facts.protocol == packet::kTcp;
  const std::uint32_t header = tcp ? packet.facts.tcp_header_size : kUdpHeader;
  const std::uint32_t at = packet.facts.header_size + header + place;
  const std::size_t size = packet.size - length + text.size();
  if (at + length > packet.size || size > packet.room || size > kMost) return false;
  std::memmove(packet.bytes + at + text.size(), packet.bytes + at + length, packet.size - at - length);
  std::copy(text.begin(), text.end(), packet.bytes + at);
  packet.size = static_cast<std::uint32_t>(size);
  if (packet.facts.is_ipv6()) {
    store16(packet.bytes + 4, static_cast<std::uint16_t>(size - packet::kIpv6Header));
  } else {
    store16(packet.bytes + 2, static_cast<std::uint16_t>(size));
    packet::write_ip_checksum({packet.bytes, static_cast<std::size_t>(packet.bytes[0] & 15U) * 4});
  }
  packet.facts.total_length = packet.size;
  std::uint8_t* const transport = packet.bytes + packet.facts.header_size;
  if (!tcp) store16(transport + 4, static_cast<std::uint16_t>(size - packet.facts.header_size));
  if (packet::refresh(packet) != DropReason::none) return false;
  packet.pulled = packet.facts.transport_length();      // it becomes one piece
  if (!tcp && load16(transport + 6) == 0) return true;  // it had none
  packet::Facts facts = packet.facts;
  if (!tcp) facts.protocol = packet::kUdp;
  packet::write_transport_checksum({packet.bytes, packet.size}, facts);
  return true;
}

bool redirect_datagram(packet::Buffer& packet, std::uint16_t port) {
  if (packet.facts.protocol != packet::kUdp) return false;
  store16(packet.transport() + 2, port);
  return rewrite_payload(packet, 0, 0, {});
}

}  // namespace utables::conntrack
