// Tuples of packets, and their inverses.
// Protocols whose tuple is more than two addresses are rows of kProtocols; ICMP types that have an
// inverse are rows of kIcmpPairs (RFC 792, RFC 950, RFC 4443, RFC 4620).
#include "conntrack/tuple.h"

#include <fmt/format.h>

#include <array>

#include "base/ipv6_text.h"
#include "conntrack/port_kind.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

struct ProtocolRow {
  std::uint8_t protocol;
  PortKind kind;
};
constexpr std::array<ProtocolRow, 7> kProtocols{{
    {packet::kTcp, PortKind::ports},
    {packet::kUdp, PortKind::ports},
    {packet::kUdplite, PortKind::ports},
    {packet::kSctp, PortKind::ports},
    {packet::kIcmp, PortKind::icmp},
    {packet::kIcmpv6, PortKind::icmp},
    {packet::kGre, PortKind::keys},
}};

/// The rows by protocol number: every packet asks.
constexpr auto kKindOf = [] {
  std::array<PortKind, 256> kinds{};
  for (const ProtocolRow& row : kProtocols) kinds[row.protocol] = row.kind;
  return kinds;
}();

struct IcmpPair {
  std::uint8_t protocol, query, reply;
};
constexpr std::array<IcmpPair, 6> kIcmpPairs{{
    {packet::kIcmp, packet::icmp::kEcho, packet::icmp::kEchoReply},
    {packet::kIcmp, packet::icmp::kTimestamp, packet::icmp::kTimestampReply},
    {packet::kIcmp, packet::icmp::kInformation, packet::icmp::kInformationReply},
    {packet::kIcmp, packet::icmp::kAddressMask, packet::icmp::kAddressMaskReply},
    {packet::kIcmpv6, packet::icmpv6::kEcho, packet::icmpv6::kEchoReply},
    {packet::kIcmpv6, packet::icmpv6::kNodeQuery, packet::icmpv6::kNodeReply},
}};

std::optional<std::uint8_t> opposite(std::uint8_t protocol, std::uint8_t type) {
  for (const IcmpPair& pair : kIcmpPairs) {
    if (pair.protocol != protocol) continue;
    if (pair.query == type) return pair.reply;
    if (pair.reply == type) return pair.query;
  }
  return std::nullopt;
}

constexpr bool is_of_family(std::uint8_t icmp, Family family) {
  return icmp == (family == Family::ipv4 ? packet::kIcmp : packet::kIcmpv6);
}

}  // namespace

PortKind port_kind(std::uint8_t protocol) { return kKindOf[protocol]; }

bool opens_icmp(std::uint8_t protocol, std::uint8_t type) {
  for (const IcmpPair& pair : kIcmpPairs)
    if (pair.protocol == protocol && pair.query == type) return true;
  return false;
}

std::optional<Tuple> tuple_of(const packet::Facts& facts) {
  if (facts.is_later_fragment() || facts.chain_broken) return std::nullopt;
  Tuple tuple{facts.source, facts.destination, 0, 0, facts.protocol, facts.family, 0};
  switch (port_kind(facts.protocol)) {
    case PortKind::none:
      return tuple;
    case PortKind::keys:  // GRE has a key with PPTP alone: the call; who answers by which one nobody knows
      if (facts.gre_not_ppp) return std::nullopt;
      tuple.destination_port = facts.gre_call;
      return tuple;
    case PortKind::ports:
      if (!facts.has_ports) return std::nullopt;
      tuple.source_port = facts.source_port;
      tuple.destination_port = facts.destination_port;
      return tuple;
    case PortKind::icmp:
      if (!facts.has_transport_header) return std::nullopt;
      tuple.source_port = facts.icmp_id;
      tuple.destination_port = static_cast<std::uint16_t>(facts.icmp_type << 8 | facts.icmp_code);
      return tuple;
  }
  return std::nullopt;
}

std::optional<Tuple> inverse(const Tuple& tuple) {
  Tuple other{tuple.destination, tuple.source, tuple.destination_port, tuple.source_port, tuple.protocol,
              tuple.family,      tuple.zone};
  if (port_kind(tuple.protocol) != PortKind::icmp) return other;
  const auto type =
      is_of_family(tuple.protocol, tuple.family) ? opposite(tuple.protocol, tuple.icmp_type()) : std::nullopt;
  if (!type) return std::nullopt;
  other.source_port = tuple.source_port;
  other.destination_port = static_cast<std::uint16_t>(*type << 8 | tuple.icmp_code());
  return other;
}

std::string to_string(const Tuple& tuple, AddressStyle style) {
  const auto address = [&](const Address& a) {
    return style == AddressStyle::full && tuple.family == Family::ipv6 ? full_text(a.bytes.data())
                                                                       : to_string(a, tuple.family);
  };
  std::string text = "src=" + address(tuple.source) + " dst=" + address(tuple.destination);
  switch (port_kind(tuple.protocol)) {
    case PortKind::none:
      break;
    case PortKind::ports:
      text += fmt::format(" sport={} dport={}", tuple.source_port, tuple.destination_port);
      break;
    case PortKind::icmp:
      text += fmt::format(" type={} code={} id={}", tuple.icmp_type(), tuple.icmp_code(), tuple.source_port);
      break;
    case PortKind::keys:
      text += fmt::format(" srckey={:#x} dstkey={:#x}", tuple.source_port, tuple.destination_port);
      break;
  }
  return text;
}

}  // namespace utables::conntrack
