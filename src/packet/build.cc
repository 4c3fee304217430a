#include "packet/build.h"

#include <algorithm>

#include "base/bytes.h"
#include "packet/checksum.h"
#include "packet/extensions.h"

namespace utables::packet {
namespace {

constexpr std::uint32_t kLargestIcmpError = 576;  // RFC 1812 4.3.2.3
constexpr std::uint8_t kTosBits = 0x1e;           // what an error keeps of the offending packet's TOS
constexpr std::uint8_t kInternetControl = 0xc0;   // the precedence that it gets (RFC 1812 4.3.2.5)

std::size_t padded(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

/// A packet on its way: its header stands, and `transport` bytes behind it are still zero.
struct Begun {
  Bytes bytes;
  std::size_t transport = 0;  ///< offset of the transport header
};

Begun begin_v4(const IpPart& ip, std::uint8_t protocol, std::size_t transport_size) {
  const std::size_t header_size = 20 + padded(ip.options.size());
  Bytes out(header_size + transport_size, 0);
  out[0] = static_cast<std::uint8_t>(0x40 | header_size / 4);
  out[1] = ip.tos;
  store16(&out[2], static_cast<std::uint16_t>(out.size()));
  store16(&out[4], static_cast<std::uint16_t>(ip.identification));
  store16(&out[6],
          static_cast<std::uint16_t>((ip.dont_fragment ? ip::kDontFragment : 0) |
                                     (ip.more_fragments ? ip::kMoreFragments : 0) | ip.fragment_offset / 8));
  out[8] = ip.ttl;
  out[9] = protocol;
  std::copy_n(ip.source.bytes.begin(), 4, out.begin() + 12);
  std::copy_n(ip.destination.bytes.begin(), 4, out.begin() + 16);
  std::copy(ip.options.begin(), ip.options.end(), out.begin() + 20);
  return {std::move(out), header_size};
}

/// The extension headers as bytes; the last one names `protocol`, the first one is named by the answer.
std::uint8_t chain(const IpPart& ip, std::uint8_t protocol, Bytes& out) {
  std::vector<ExtensionPart> parts = ip.extensions;
  const bool fragment = ip.fragment_header || ip.more_fragments || ip.fragment_offset != 0;
  const bool placed =
      std::any_of(parts.begin(), parts.end(), [](const auto& part) { return part.protocol == kFragment; });
  if (fragment && !placed) parts.push_back({kFragment, {}});
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const ExtensionPart& part = parts[i];
    const std::size_t at = out.size(), unit = part.protocol == kAh ? 4 : 8,
                      least = part.protocol == kAh ? 2 : 1;
    const std::size_t units =
        part.protocol == kFragment
            ? 1
            : std::clamp<std::size_t>((part.body.size() + 2 + unit - 1) / unit, least, 255);
    out.resize(at + units * unit);
    out[at] = i + 1 < parts.size() ? parts[i + 1].protocol : protocol;
    if (part.protocol == kFragment) {
      store16(&out[at + 2], static_cast<std::uint16_t>(ip.fragment_offset | (ip.more_fragments ? 1 : 0)));
      store32(&out[at + 4], ip.identification);
      continue;
    }
    out[at + 1] = static_cast<std::uint8_t>(units - least);
    const std::size_t room = units * unit - 2;
    std::copy_n(part.body.begin(), std::min(room, part.body.size()),
                out.begin() + static_cast<std::ptrdiff_t>(at + 2));
  }
  return parts.empty() ? protocol : parts.front().protocol;
}

Begun begin_v6(const IpPart& ip, std::uint8_t protocol, std::size_t transport_size) {
  Bytes out(kIpv6Header, 0);
  const std::uint8_t first = chain(ip, protocol, out);
  const std::size_t transport = out.size();
  out.resize(transport + transport_size);
  store32(out.data(), 0x60000000U | std::uint32_t{ip.tos} << 20 | (ip.flow_label & 0xfffff));
  store16(&out[4], static_cast<std::uint16_t>(out.size() - kIpv6Header));
  out[6] = first;
  out[7] = ip.ttl;
  std::copy_n(ip.source.bytes.begin(), 16, out.begin() + 8);
  std::copy_n(ip.destination.bytes.begin(), 16, out.begin() + 24);
  return {std::move(out), transport};
}

Begun begin_ip(const IpPart& ip, std::uint8_t protocol, std::size_t transport_size) {
  return ip.family == Family::ipv6 ? begin_v6(ip, protocol, transport_size)
                                   : begin_v4(ip, protocol, transport_size);
}

void finish_ip_header(Bytes& out) {
  if (out[0] >> 4 == 4) write_ip_checksum(std::span(out).first((out[0] & 0x0fU) * 4));
}

/// Both checksums, once the bytes stand.
Bytes finish_packet(Bytes out) {
  finish_ip_header(out);
  Facts facts;
  if (parse(out, 0, facts) == DropReason::none) write_transport_checksum(out, facts);
  return out;
}

void put(Bytes& out, std::size_t at, std::span<const std::uint8_t> bytes) {
  std::copy(bytes.begin(), bytes.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace

Bytes build_ip(const IpPart& ip, std::uint8_t protocol, std::span<const std::uint8_t> payload) {
  Begun begun = begin_ip(ip, protocol, payload.size());
  put(begun.bytes, begun.transport, payload);
  finish_ip_header(begun.bytes);
  return std::move(begun.bytes);
}

Bytes build_tcp(const IpPart& ip, const TcpPart& tcp, std::span<const std::uint8_t> payload) {
  const std::size_t tcp_size = 20 + padded(tcp.options.size());
  auto [out, at] = begin_ip(ip, kTcp, tcp_size + payload.size());
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
  auto [out, at] = begin_ip(ip, kUdp, 8 + payload.size());
  store16(&out[at], source_port);
  store16(&out[at + 2], destination_port);
  store16(&out[at + 4], static_cast<std::uint16_t>(8 + payload.size()));
  put(out, at + 8, payload);
  return finish_packet(std::move(out));
}

Bytes build_icmp(const IpPart& ip, const IcmpPart& icmp, std::span<const std::uint8_t> payload) {
  auto [out, at] = begin_ip(ip, ip.family == Family::ipv6 ? kIcmpv6 : kIcmp, 8 + payload.size());
  out[at] = icmp.type;
  out[at + 1] = icmp.code;
  store32(&out[at + 4], icmp.rest);
  put(out, at + 8, payload);
  return finish_packet(std::move(out));
}

namespace {

/// ICMP's rules of what is never answered: Linux looks at the type alone, and counts the types that nobody
/// answers among the errors.
bool is_icmp_query(std::uint8_t type) {
  return type == icmp::kEchoReply || type == icmp::kEcho ||
         (type >= icmp::kTimestamp && type <= icmp::kAddressMaskReply);
}

}  // namespace

bool icmp_error_allowed(std::span<const std::uint8_t> offending, const Facts& facts) {
  const bool type_is_there = std::min<std::size_t>(offending.size(), facts.size) > facts.header_size;
  const std::uint8_t type = type_is_there ? offending[facts.header_size] : std::uint8_t{0};
  if (facts.is_ipv6()) {
    if (facts.chain_broken || facts.is_later_fragment() || facts.protocol != kIcmpv6) return true;
    return type_is_there ? !icmpv6::is_error(type) : facts.more_fragments;
  }
  if (facts.is_later_fragment()) return false;
  return facts.protocol != kIcmp || (type_is_there && is_icmp_query(type));
}

Bytes build_icmp_error(std::span<const std::uint8_t> offending, const Facts& facts, const IcmpError& error) {
  const std::size_t header = facts.is_ipv6() ? kIpv6Header : 20;
  const std::size_t own_size = header + padded(error.options.size()) + 8;
  const std::size_t limit = facts.is_ipv6() ? kIpv6LeastMtu : std::min(error.mtu, kLargestIcmpError);
  if (limit < own_size + header) return {};
  IpPart ip;
  ip.family = facts.family;
  ip.source = error.source;
  ip.destination = error.has_destination ? error.destination : facts.source;
  ip.ttl = error.ttl;
  if (!facts.is_ipv6()) ip.tos = static_cast<std::uint8_t>((facts.tos & kTosBits) | kInternetControl);
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
  ip.family = facts.family;
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
  if (facts.is_ipv6()) return bytes;
  // Linux leaves the sum of its own reset to the device, and what completes it there writes no zero.
  std::uint8_t* const checksum = &bytes[20 + 16];
  if (load16(checksum) == 0) store16(checksum, 0xffff);
  return bytes;
}

}  // namespace utables::packet
