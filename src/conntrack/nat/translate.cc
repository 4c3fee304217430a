#include "conntrack/nat/translate.h"

#include <algorithm>

#include "base/bytes.h"
#include "packet/checksum.h"
#include "packet/extensions.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

constexpr std::uint32_t kIcmpHeader = 8;
constexpr std::uint32_t kIpChecksum = 10;  // IPv4 alone has one

/// The least that a quoted packet has.
std::uint32_t ip_header(const packet::Facts& facts) { return facts.is_ipv6() ? packet::kIpv6Header : 20; }

/// ICMP messages with an id that NAT changes (RFC 792, RFC 950; RFC 4443: echo alone).
constexpr bool has_id(std::uint8_t protocol, std::uint8_t type) {
  if (protocol == packet::kIcmpv6) return type == packet::icmpv6::kEcho || type == packet::icmpv6::kEchoReply;
  return type == 0 || type == 8 || (type >= 13 && type <= 18);
}
constexpr bool is_icmp(std::uint8_t protocol) {
  return protocol == packet::kIcmp || protocol == packet::kIcmpv6;
}

std::uint8_t* address_in(std::uint8_t* ip, Family family, Manipulation manipulation) {
  const std::size_t first = family == Family::ipv4 ? 12 : 8;
  return ip + first + (manipulation == Manipulation::source ? 0 : address_bytes(family));
}

/// The new end of a packet: its address, and the port or id that goes with it.
struct NewEnd {
  Address address{};
  std::uint16_t port = 0;
  std::uint8_t protocol = 0;
  Family family = Family::ipv4;
  Manipulation manipulation = Manipulation::source;
};
NewEnd end_of(const Tuple& tuple, Manipulation manipulation) {
  if (manipulation == Manipulation::source)
    return {tuple.source, tuple.source_port, tuple.protocol, tuple.family, manipulation};
  const std::uint16_t port = is_icmp(tuple.protocol) ? tuple.source_port : tuple.destination_port;
  return {tuple.destination, port, tuple.protocol, tuple.family, manipulation};
}

/// Where a protocol keeps what NAT changes.
struct TransportRow {
  std::uint8_t protocol;
  std::uint8_t least;     ///< bytes of header that must be there
  std::uint8_t whole;     ///< bytes with which its checksum can be reached
  std::uint8_t checksum;  ///< offset; GRE: none is looked at
};
constexpr TransportRow kTransports[] = {
    {packet::kTcp, 8, 20, 16}, {packet::kUdp, 8, 8, 6},  {packet::kUdplite, 8, 8, 6},
    {packet::kSctp, 8, 12, 8}, {packet::kIcmp, 8, 8, 2}, {packet::kIcmpv6, 8, 8, 2},
    {packet::kGre, 8, 8, 0},
};
const TransportRow* row_of(std::uint8_t protocol) {
  for (const TransportRow& row : kTransports)
    if (row.protocol == protocol) return &row;
  return nullptr;
}

/// The packet, or the one that an error quotes: what is there of it, and what was on the wire.
struct Part {
  std::uint8_t* ip = nullptr;
  std::uint32_t header = 0;  ///< bytes of the IP header and what extends it; 0: no transport is to be found
  std::uint32_t size = 0;    ///< bytes that are there, from `ip` on
  std::uint32_t wire = 0;    ///< bytes that Linux has
  [[nodiscard]] std::uint8_t* transport() const { return ip + header; }
  [[nodiscard]] bool has(std::uint32_t transport_bytes) const { return header + transport_bytes <= size; }
  [[nodiscard]] bool had(std::uint32_t transport_bytes) const { return header + transport_bytes <= wire; }
};

/// A checksum after an address under it changed.
void adjust_for_address(std::uint8_t* field, const Address& before, const Address& after, Family family) {
  for (std::size_t i = 0; i < address_bytes(family); i += 4)
    packet::adjust_checksum32(field, load32(&before.bytes[i]), load32(&after.bytes[i]));
}

void adjust(const TransportRow& row, std::uint8_t* field, const Address& before, const NewEnd& to,
            std::uint16_t old_port) {
  if (row.protocol == packet::kUdp && load16(field) == 0) return;
  adjust_for_address(field, before, to.address, to.family);
  packet::adjust_checksum(field, old_port, to.port);
  const bool zero_is_none = row.protocol == packet::kUdp || row.protocol == packet::kUdplite;
  if (zero_is_none && load16(field) == 0) store16(field, 0xffff);
}

void make_sctp_checksum(const Part& part) {
  if (part.size < part.wire) return;  // what was cut off is not known
  const std::uint32_t sum = packet::sctp_checksum({part.transport(), part.size - part.header});
  store32(part.transport() + 8, sum);
}

/// GRE names its receiver's key alone, and only in version 1. False: a version that nobody knows.
bool rewrite_key(std::uint8_t* gre, const NewEnd& to) {
  if (to.manipulation == Manipulation::source) return true;
  const int version = gre[1] & 7;
  if (version == 1) store16(gre + 6, to.port);
  return version <= 1;
}

/// Ports (or the id, the key) and the transport's checksum. False: too short.
bool rewrite_transport(const Part& part, const NewEnd& to, const Address& before) {
  const TransportRow* row = part.header != 0 ? row_of(to.protocol) : nullptr;
  if (row == nullptr) return true;
  if (!part.had(row->least)) return false;
  if (!part.has(row->least)) return true;
  std::uint8_t* const transport = part.transport();
  if (is_icmp(to.protocol)) {
    std::uint8_t* const checksum = transport + row->checksum;
    if (to.protocol == packet::kIcmpv6) adjust_for_address(checksum, before, to.address, to.family);
    if (!has_id(to.protocol, transport[0])) return true;
    const std::uint16_t id = load16(transport + 4);
    store16(transport + 4, to.port);
    packet::adjust_checksum(checksum, id, to.port);
    return true;
  }
  if (to.protocol == packet::kGre) return rewrite_key(transport, to);
  std::uint8_t* const port = transport + (to.manipulation == Manipulation::source ? 0 : 2);
  const std::uint16_t old_port = load16(port);
  store16(port, to.port);
  if (!part.had(row->whole) || !part.has(row->whole)) return true;
  if (to.protocol == packet::kSctp)
    make_sctp_checksum(part);
  else
    adjust(*row, transport + row->checksum, before, to, old_port);
  return true;
}

bool rewrite(const Part& part, const NewEnd& to) {
  std::uint8_t* const field = address_in(part.ip, to.family, to.manipulation);
  const Address before = Address::load(field, to.family);
  if (!rewrite_transport(part, to, before)) return false;
  if (to.family == Family::ipv4) adjust_for_address(part.ip + kIpChecksum, before, to.address, to.family);
  std::copy_n(to.address.bytes.begin(), address_bytes(to.family), field);
  return true;
}

/// Facts after the packet's own header was rewritten.
void keep_in_step(packet::Facts& facts, const NewEnd& to) {
  (to.manipulation == Manipulation::source ? facts.source : facts.destination) = to.address;
  if (is_icmp(facts.protocol)) {
    if (has_id(facts.protocol, facts.icmp_type)) facts.icmp_id = to.port;
  } else if (facts.protocol == packet::kGre) {
    const bool key = to.manipulation == Manipulation::destination && facts.gre_call != 0;
    if (key) facts.gre_call = to.port;
  } else if (facts.has_ports) {
    (to.manipulation == Manipulation::source ? facts.source_port : facts.destination_port) = to.port;
  }
}

Part whole_packet(packet::Buffer& packet) {
  // Over lo IPv6's fragments come cut as they were sent.
  const bool hidden = packet.facts.is_ipv6() && packet.facts.is_later_fragment();
  return {packet.bytes, hidden ? 0U : packet.facts.header_size, packet.size, packet.facts.total_length};
}

/// The packet that an error quotes.
Part quoted_packet(const packet::Buffer& packet, std::uint32_t quote) {
  Part inner{packet.bytes + quote, 0, packet.size - quote, packet.facts.total_length - quote};
  if (!packet.facts.is_ipv6()) {
    inner.header = (packet.bytes[quote] & 0x0fU) * 4U;
    return inner;
  }
  const packet::ChainEnd end = packet::walk_chain({inner.ip, inner.size});
  if (end.kind == packet::ChainEnd::Kind::upper && end.protocol != packet::kNoNextHeader)
    inner.header = end.offset;
  return inner;
}

/// Linux reads and writes the header where it lies: in one piece.
void bring_together(packet::Buffer& packet, std::uint8_t protocol) {
  const TransportRow* row = row_of(protocol);
  if (row == nullptr) return;
  const std::uint32_t length = packet.facts.transport_length();
  packet.pulled = std::max<std::uint32_t>(packet.pulled, length >= row->whole ? row->whole : row->least);
}

}  // namespace

bool needs_translation(const Connection& connection, Direction direction, Manipulation manipulation) {
  const bool source = (manipulation == Manipulation::source) == (direction == Direction::original);
  return connection.is(source ? kSourceNat : kDestinationNat);
}

bool translate(packet::Buffer& packet, const Connection& connection, Direction direction,
               Manipulation manipulation) {
  if (!needs_translation(connection, direction, manipulation)) return true;
  const auto target = inverse(connection.tuple[static_cast<std::size_t>(other(direction))]);
  if (!target) return true;
  const NewEnd to = end_of(*target, manipulation);
  bring_together(packet, to.protocol);
  if (!rewrite(whole_packet(packet), to)) return false;
  keep_in_step(packet.facts, to);
  return true;
}

void untranslate(packet::Buffer& packet, const Connection& connection, Direction direction) {
  const Tuple& before = connection.tuple[static_cast<std::size_t>(direction)];
  for (const Manipulation end : {Manipulation::source, Manipulation::destination}) {
    const NewEnd to = end_of(before, end);
    if (rewrite(whole_packet(packet), to)) keep_in_step(packet.facts, to);
  }
}

bool error_translatable(const packet::Buffer& packet, const Connection& connection) {
  if (packet.facts.transport_length() < kIcmpHeader + ip_header(packet.facts)) return false;
  if (packet.facts.icmp_type !=
      (packet.facts.is_ipv6() ? packet::icmpv6::kRedirect : packet::icmp::kRedirect))
    return true;
  return connection.is(kSourceNatDone) && connection.is(kDestinationNatDone) && !connection.is(kSourceNat) &&
         !connection.is(kDestinationNat);
}

bool translate_error(packet::Buffer& packet, const Connection& connection, Direction direction,
                     Manipulation manipulation) {
  if (!needs_translation(connection, direction, manipulation)) return true;
  const Tuple& answer = connection.tuple[static_cast<std::size_t>(other(direction))];
  const auto target = inverse(answer);
  const std::uint32_t quote = packet.facts.header_size + kIcmpHeader;
  if (!target || packet.size < quote + ip_header(packet.facts)) return true;
  const bool v6 = packet.facts.is_ipv6();
  const auto icmp = packet.view().subspan(packet.facts.header_size);
  const std::uint64_t before = packet::sum(icmp);
  if (!rewrite(quoted_packet(packet, quote), end_of(answer, other(manipulation)))) return false;
  std::uint8_t* const checksum = packet.transport() + 2;
  if (packet.size >= packet.facts.total_length) {
    store16(checksum, 0);
    const std::uint64_t start =
        v6 ? packet::pseudo_header_sum(packet.facts, packet::kIcmpv6, static_cast<std::uint32_t>(icmp.size()))
           : 0;
    store16(checksum, packet::finish(packet::sum(icmp, start)));
  } else {  // what was cut off did not change
    packet::adjust_checksum(checksum, static_cast<std::uint16_t>(~packet::finish(before)),
                            static_cast<std::uint16_t>(~packet::finish(packet::sum(icmp))));
  }
  NewEnd outside = end_of(*target, manipulation);
  outside.protocol = v6 ? packet::kIcmpv6 : packet::kIcmp;
  if (!rewrite(whole_packet(packet), outside)) return false;
  keep_in_step(packet.facts, outside);
  return true;
}

}  // namespace utables::conntrack
