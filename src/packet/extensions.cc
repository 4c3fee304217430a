#include "packet/extensions.h"

#include "base/bytes.h"
#include "packet/headers.h"

namespace utables::packet {

FragmentFields read_fragment_header(const std::uint8_t* at) {
  const std::uint16_t field = load16(at + 2);
  return {at[0], static_cast<std::uint16_t>(field & ~7U), (field & 1U) != 0, load32(at + 4)};
}

ChainEnd walk_chain(std::span<const std::uint8_t> packet,
                    const std::function<bool(const Extension&)>& visit) {
  std::uint32_t named_at = 6, offset = kIpv6Header;
  std::uint8_t protocol = packet[named_at];
  while (is_extension(protocol) && protocol != kNoNextHeader) {
    const std::uint32_t least = protocol == kFragment ? 4 : 2;
    if (offset + least > packet.size()) return {ChainEnd::Kind::cut, protocol, offset};
    const std::uint8_t next = packet[offset];
    const std::uint32_t units = packet[offset + 1];
    std::uint32_t size = (units + 1) * 8;
    if (protocol == kAh) size = (units + 2) * 4;
    if (protocol == kFragment) size = kFragmentHeader;
    if (visit && !visit({protocol, offset, size, named_at})) return {ChainEnd::Kind::upper, protocol, offset};
    if (protocol == kFragment && (load16(&packet[offset + 2]) & ~7U) != 0)
      return {ChainEnd::Kind::fragment, next, offset + size};
    protocol = next;
    named_at = offset;
    offset += size;
  }
  return {ChainEnd::Kind::upper, protocol, offset};
}

FragmentPlace fragment_place(std::span<const std::uint8_t> packet) {
  FragmentPlace place;
  bool routed = false;
  walk_chain(packet, [&](const Extension& header) {
    place = {header.offset, header.named_at};
    if (header.protocol == kRouting) routed = true;
    const bool goes_on = header.protocol == kHopByHop || header.protocol == kRouting ||
                         (header.protocol == kDestinationOptions && !routed);
    if (goes_on) place = {header.offset + header.size, header.offset};
    return goes_on;
  });
  return place;
}

}  // namespace utables::packet
