// The quoted packet is read as far as its tuple: its checksum, TTL, identification and lengths do not
// matter, and four bytes of ports are enough.
#include "conntrack/proto/icmp_error.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/ipv6_address.h"
#include "packet/extensions.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

constexpr std::size_t kLeastInner = 20;

InvalidReason read_inner_v6(std::span<const std::uint8_t> inner, packet::Facts& facts) {
  if (inner.size() < packet::kIpv6Header) return InvalidReason::icmp_inner_truncated;
  const packet::ChainEnd end = packet::walk_chain(inner);
  if (end.kind == packet::ChainEnd::Kind::fragment) return InvalidReason::icmp_inner_fragment;
  if (end.kind == packet::ChainEnd::Kind::cut || end.protocol == packet::kNoNextHeader)
    return InvalidReason::icmp_inner_truncated;
  facts.family = Family::ipv6;
  facts.header_size = static_cast<std::uint16_t>(end.offset);
  facts.protocol = end.protocol;
  facts.source = Address::load(&inner[8], Family::ipv6);
  facts.destination = Address::load(&inner[24], Family::ipv6);
  facts.size = facts.total_length = static_cast<std::uint32_t>(inner.size());
  packet::parse_transport(inner, facts);
  return InvalidReason::none;
}

/// The facts of the quoted packet that make its tuple.
InvalidReason read_inner_v4(std::span<const std::uint8_t> inner, packet::Facts& facts) {
  if (inner.size() < kLeastInner) return InvalidReason::icmp_inner_truncated;
  if ((load16(&inner[6]) & packet::ip::kOffsetMask) != 0) return InvalidReason::icmp_inner_fragment;
  facts.header_size = static_cast<std::uint16_t>((inner[0] & 0x0f) * 4);
  if (facts.header_size > inner.size()) return InvalidReason::icmp_inner_truncated;
  facts.family = Family::ipv4;
  facts.protocol = inner[9];
  facts.source = Address::load(&inner[12], Family::ipv4);
  facts.destination = Address::load(&inner[16], Family::ipv4);
  facts.size = facts.total_length = static_cast<std::uint32_t>(inner.size());
  packet::parse_transport(inner, facts);
  return InvalidReason::none;
}

/// Why a redirect of IPv6 (RFC 4861, 4.5) is not about the packet that its first option quotes.
InvalidReason judge_redirect(const packet::Buffer& packet, std::span<const std::uint8_t> message) {
  constexpr std::size_t kOptions = 40;
  constexpr std::uint8_t kRedirectedHeader = 4;
  if (message.size() < kOptions) return InvalidReason::icmp_redirect_truncated;
  if (packet.facts.icmp_code != 0) return InvalidReason::icmp_opens_nothing;
  if (packet.facts.ttl != 255 || !ipv6::is_link_local(packet.facts.source))
    return InvalidReason::icmp_strange_redirect;
  if (message.size() < kOptions + 2 || message[kOptions + 1] == 0)
    return InvalidReason::icmp_redirect_truncated;
  return message[kOptions] == kRedirectedHeader ? InvalidReason::none : InvalidReason::icmp_opens_nothing;
}

}  // namespace

ErrorSubject subject_of_error(const packet::Buffer& packet, const Zone& zone, const Table& table,
                              const Calls& calls) {
  const auto transport = packet.view().subspan(packet.facts.header_size);
  if (packet.facts.is_ipv6() && packet.facts.icmp_type == packet::icmpv6::kRedirect)
    if (const auto reason = judge_redirect(packet, transport); reason != InvalidReason::none)
      return {reason, {}};
  packet::Facts inner;
  const auto bytes = transport.subspan(std::min(quote_offset(packet.facts), transport.size()));
  const auto reason = packet.facts.is_ipv6() ? read_inner_v6(bytes, inner) : read_inner_v4(bytes, inner);
  if (reason != InvalidReason::none) return {reason, {}};
  auto quoted = tuple_of(inner);
  if (!quoted) return {InvalidReason::icmp_inner_truncated, {}};
  calls.complete(*quoted, bytes.subspan(inner.header_size));
  const auto answer = inverse(*quoted);
  if (!answer) {
    const std::uint8_t type = quoted->icmp_type();
    const bool error = packet.facts.is_ipv6() ? packet::icmpv6::is_error(type) : packet::icmp::is_error(type);
    return {error ? InvalidReason::icmp_error_about_error : InvalidReason::icmp_inner_not_trackable, {}};
  }
  const Found found = table.find_in(*answer, zone);
  if (found.connection == nullptr) return {InvalidReason::icmp_no_connection, {}};
  // Whoever gets the error must be who sent the quoted packet, as the connection knows him.
  const Tuple& expected = found.connection->tuple[static_cast<std::size_t>(found.direction)];
  if (expected.destination != packet.facts.destination) return {InvalidReason::icmp_inner_mismatch, {}};
  return {InvalidReason::none, found};
}

}  // namespace utables::conntrack
