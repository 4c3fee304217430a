#include "packet/build.h"

#include <algorithm>

#include "base/bytes.h"
#include "packet/checksum.h"

namespace utables::packet {
namespace {

constexpr std::uint32_t kLargestIcmpError = 576;  // RFC 1812 4.3.2.3
constexpr std::uint8_t kTosBits = 0x1e;           // what an error keeps of the offending packet's TOS
constexpr std::uint8_t kInternetControl = 0xc0;   // the precedence that it gets (RFC 1812 4.3.2.5)

std::size_t padded(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

/// The packet with room for `transport_size` bytes behind the header; its total length is set.
Bytes begin_ip(const IpPart& ip, std::uint8_t protocol, std::size_t transport_size) {
  const std::size_t header_size = 20 + padded(ip.options.size());
  Bytes out(header_size + transport_size, 0);
  out[0] = static_cast<std::uint8_t>(0x40 | header_size / 4);
  out[1] = ip.tos;
  store16(&out[2], static_cast<std::uint16_t>(out.size()));
  store16(&out[4], ip.identification);
  store16(&out[6],
          static_cast<std::uint16_t>((ip.dont_fragment ? ip::kDontFragment : 0) |
                                     (ip.more_fragments ? ip::kMoreFragments : 0) | ip.fragment_offset / 8));
  out[8] = ip.ttl;
  out[9] = protocol;
  std::copy_n(ip.source.bytes.begin(), 4, out.begin() + 12);
  std::copy_n(ip.destination.bytes.begin(), 4, out.begin() + 16);
  std::copy(ip.options.begin(), ip.options.end(), out.begin() + 20);
  return out;
}

/// Both checksums, once the bytes stand.
Bytes finish_packet(Bytes out) {
  write_ip_checksum(std::span(out).first((out[0] & 0x0fU) * 4));
  Facts facts;
  if (parse(out, 0, facts) == DropReason::none) write_transport_checksum(out, facts);
  return out;
}

std::size_t header_size_of(const Bytes& packet) { return (packet[0] & 0x0fU) * 4; }

void put(Bytes& out, std::size_t at, std::span<const std::uint8_t> bytes) {
  std::copy(bytes.begin(), bytes.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace

Bytes build_ip(const IpPart& ip, std::uint8_t protocol, std::span<const std::uint8_t> payload) {
  Bytes out = begin_ip(ip, protocol, payload.size());
  put(out, header_size_of(out), payload);
  write_ip_checksum(std::span(out).first(header_size_of(out)));
  return out;
}

Bytes build_tcp(const IpPart& ip, const TcpPart& tcp, std::span<const std::uint8_t> payload) {
  const std::size_t tcp_size = 20 + padded(tcp.options.size());
  Bytes out = begin_ip(ip, kTcp, tcp_size + payload.size());
  const std::size_t at = header_size_of(out);
  store16(&out[at], tcp.source_port);
  store16(&out[at + 2], tcp.destination_port);
  store32(&out[at + 4], tcp.seq);
  store32(&out[at + 8], tcp.ack);
  out[at + 12] = static_cast<std::uint8_t>(tcp_size / 4 << 4);
  out[at + 13] = tcp.flags;
  store16(&out[at + 14], tcp.window);
  store16(&out[at + 18], tcp.urgent);
  put(out, at + 20, tcp.options);
  put(out, at + tcp_size, payload);
  return finish_packet(std::move(out));
}

Bytes build_udp(const IpPart& ip, std::uint16_t source_port, std::uint16_t destination_port,
                std::span<const std::uint8_t> payload) {
  Bytes out = begin_ip(ip, kUdp, 8 + payload.size());
  const std::size_t at = header_size_of(out);
  store16(&out[at], source_port);
  store16(&out[at + 2], destination_port);
  store16(&out[at + 4], static_cast<std::uint16_t>(8 + payload.size()));
  put(out, at + 8, payload);
  return finish_packet(std::move(out));
}

Bytes build_icmp(const IpPart& ip, const IcmpPart& icmp, std::span<const std::uint8_t> payload) {
  Bytes out = begin_ip(ip, kIcmp, 8 + payload.size());
  const std::size_t at = header_size_of(out);
  out[at] = icmp.type;
  out[at + 1] = icmp.code;
  store32(&out[at + 4], icmp.rest);
  put(out, at + 8, payload);
  return finish_packet(std::move(out));
}

bool icmp_error_allowed(std::span<const std::uint8_t> offending, const Facts& facts) {
  if (facts.is_later_fragment()) return false;
  if (facts.protocol != kIcmp) return true;
  // Linux looks at the type alone, and counts the types that nobody answers among the errors.
  if (std::min<std::size_t>(offending.size(), facts.size) <= facts.header_size) return false;
  const std::uint8_t type = offending[facts.header_size];
  return type == icmp::kEchoReply || type == icmp::kEcho ||
         (type >= icmp::kTimestamp && type <= icmp::kAddressMaskReply);
}

Bytes build_icmp_error(std::span<const std::uint8_t> offending, const Facts& facts, const IcmpError& error) {
  const std::size_t own_size = 20 + padded(error.options.size()) + 8;
  const std::size_t limit = std::min(error.mtu, kLargestIcmpError);
  if (limit < own_size + 20) return {};
  IpPart ip;
  ip.source = error.source;
  ip.destination = error.has_destination ? error.destination : facts.source;
  ip.ttl = error.ttl;
  ip.tos = static_cast<std::uint8_t>((facts.tos & kTosBits) | kInternetControl);
  ip.identification = error.identification;
  ip.options.assign(error.options.begin(), error.options.end());
  const std::size_t there = std::min<std::size_t>(offending.size(), facts.size);
  return build_icmp(ip, error.icmp, offending.first(std::min(there, limit - own_size)));
}

bool tcp_reset_allowed(const Facts& facts) {
  return facts.protocol == kTcp && !facts.is_later_fragment() && facts.has_transport_header &&
         (facts.tcp_flags & tcp::kRst) == 0;
}

Bytes build_tcp_reset(const Facts& facts, std::uint8_t ttl) {
  IpPart ip;
  ip.source = facts.destination;
  ip.destination = facts.source;
  ip.ttl = ttl;
  ip.dont_fragment = true;
  TcpPart reset;
  reset.source_port = facts.destination_port;
  reset.destination_port = facts.source_port;
  reset.window = 0;
  reset.flags = tcp::kRst;
  if ((facts.tcp_flags & tcp::kAck) != 0) {
    reset.seq = facts.tcp_ack;
  } else {
    reset.flags |= tcp::kAck;
    const std::uint32_t flags =
        ((facts.tcp_flags & tcp::kSyn) != 0 ? 1U : 0U) + ((facts.tcp_flags & tcp::kFin) != 0 ? 1U : 0U);
    reset.ack = facts.tcp_seq + flags + facts.transport_length() - facts.tcp_header_size;
  }
  Bytes bytes = build_tcp(ip, reset);
  // Linux leaves the sum of its own reset to the device, and what completes it there writes no zero.
  std::uint8_t* const checksum = &bytes[20 + 16];
  if (load16(checksum) == 0) store16(checksum, 0xffff);
  return bytes;
}

}  // namespace utables::packet
