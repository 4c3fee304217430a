// Parsing: the IP header as ip_rcv and ip6_rcv judge it, then the fixed part of the transport header.
#include "packet/facts.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "packet/extensions.h"

namespace utables::packet {
namespace {

/// How much of a transport header utables looks at, a row for each protocol that it knows.
struct TransportRow {
  std::uint8_t protocol;
  std::uint8_t fixed_size;  ///< bytes of the part that is always there
  bool ports;               ///< begins with source and destination port
};
constexpr std::array<TransportRow, 7> kTransports{{
    {kTcp, 20, true},
    {kUdp, 8, true},
    {kIcmp, 8, false},
    {kIcmpv6, 8, false},
    {kUdplite, 8, true},
    {kSctp, 12, true},
    {kDccp, 12, true},
}};

constexpr TransportRow transport_row(std::uint8_t protocol) {
  for (const TransportRow& row : kTransports)
    if (row.protocol == protocol) return row;
  return {protocol, 0, false};
}

void clear_transport(Facts& facts) {
  facts.has_ports = facts.has_transport_header = false;
  facts.source_port = facts.destination_port = facts.icmp_id = facts.tcp_window = 0;
  facts.icmp_type = facts.icmp_code = facts.tcp_flags = facts.tcp_header_size = 0;
  facts.tcp_seq = facts.tcp_ack = 0;
  facts.gre_call = 0;
  facts.gre_not_ppp = false;
}

void read_gre(std::span<const std::uint8_t> transport, Facts& facts) {
  constexpr std::uint16_t kPpp = 0x880b;
  constexpr std::size_t kLeast = 8;  // what is shorter Linux does not look into
  if (transport.size() < kLeast || (transport[1] & 7) != 1) return;
  facts.gre_not_ppp = load16(&transport[2]) != kPpp;
  facts.gre_call = load16(&transport[6]);
}

void read_tcp(const std::uint8_t* at, Facts& facts) {
  facts.tcp_seq = load32(at + 4);
  facts.tcp_ack = load32(at + 8);
  facts.tcp_header_size = static_cast<std::uint8_t>((at[12] >> 4) * 4);
  facts.tcp_flags = at[13];
  facts.tcp_window = load16(at + 14);
}

void read_icmp(const std::uint8_t* at, Facts& facts) {
  facts.icmp_type = at[0];
  facts.icmp_code = at[1];
  facts.icmp_id = load16(at + 4);
}

DropReason parse_v4(std::span<const std::uint8_t> bytes, std::uint32_t wire_size, Facts& out) {
  if (bytes.size() < 20) return DropReason::header_truncated;
  const unsigned header_size = (bytes[0] & 0x0fU) * 4;
  if (header_size < 20) return DropReason::bad_header_length;
  if (bytes.size() < header_size) return DropReason::header_truncated;
  const std::uint32_t total = load16(&bytes[2]);
  if (wire_size < total) return DropReason::total_length_beyond_packet;
  if (total < header_size) return DropReason::total_length_too_small;
  out.family = Family::ipv4;
  out.header_size = static_cast<std::uint16_t>(header_size);
  out.total_length = total;
  out.size = std::min<std::uint32_t>(total, static_cast<std::uint32_t>(bytes.size()));
  out.tos = bytes[1];
  out.identification = load16(&bytes[4]);
  const std::uint16_t fragment = load16(&bytes[6]);
  out.dont_fragment = (fragment & ip::kDontFragment) != 0;
  out.more_fragments = (fragment & ip::kMoreFragments) != 0;
  out.fragment_offset = static_cast<std::uint16_t>((fragment & ip::kOffsetMask) * 8);
  out.ttl = bytes[8];
  out.protocol = bytes[9];
  out.source = Address::load(&bytes[12], Family::ipv4);
  out.destination = Address::load(&bytes[16], Family::ipv4);
  return DropReason::none;
}

/// The first fragment header; the last one that is no atomic one decides what the packet is.
void read_chain(std::span<const std::uint8_t> packet, Facts& out) {
  const ChainEnd end = walk_chain(packet, [&](const Extension& header) {
    if (header.protocol != kFragment) return true;
    std::array<std::uint8_t, kFragmentHeader> bytes{};
    std::copy_n(packet.begin() + header.offset,
                std::min<std::size_t>(kFragmentHeader, packet.size() - header.offset), bytes.begin());
    const FragmentFields fields = read_fragment_header(bytes.data());
    if (out.fragment_header == 0) {
      out.fragment_header = static_cast<std::uint16_t>(header.offset);
      out.identification = fields.identification;
      out.more_fragments = fields.more;
    }
    out.fragment_offset = fields.offset;
    return true;
  });
  // Linux knows a fragment header by its number alone.
  const bool cut_fragment = end.kind == ChainEnd::Kind::cut && end.protocol == kFragment;
  if (cut_fragment && out.fragment_header == 0 && end.offset <= packet.size())
    out.fragment_header = static_cast<std::uint16_t>(end.offset);
  out.protocol = end.protocol;
  out.header_size = static_cast<std::uint16_t>(std::min<std::size_t>(end.offset, packet.size()));
  const bool hidden =
      end.kind == ChainEnd::Kind::fragment && is_extension(end.protocol) && end.protocol != kNoNextHeader;
  out.chain_broken = end.kind == ChainEnd::Kind::cut || hidden;
}

DropReason parse_v6(std::span<const std::uint8_t> bytes, std::uint32_t wire_size, Facts& out) {
  if (bytes.size() < kIpv6Header) return DropReason::header_truncated;
  const std::uint32_t payload = load16(&bytes[4]);
  // A length of zero before hop-by-hop options is a jumbogram's (RFC 2675): all that is there.
  const bool jumbo = payload == 0 && bytes[6] == kHopByHop;
  const std::uint32_t total = jumbo ? wire_size : kIpv6Header + payload;
  if (wire_size < total) return DropReason::total_length_beyond_packet;
  out.family = Family::ipv6;
  out.total_length = total;
  out.size = std::min<std::uint32_t>(total, static_cast<std::uint32_t>(bytes.size()));
  out.tos = static_cast<std::uint8_t>(load16(&bytes[0]) >> 4);
  out.ttl = bytes[7];
  out.source = Address::load(&bytes[8], Family::ipv6);
  out.destination = Address::load(&bytes[24], Family::ipv6);
  read_chain(bytes.first(out.size), out);
  return DropReason::none;
}

}  // namespace

DropReason parse(std::span<const std::uint8_t> bytes, std::uint32_t wire_size, Facts& out) {
  out = Facts{};
  if (bytes.empty()) return DropReason::header_truncated;
  wire_size = std::max(wire_size, static_cast<std::uint32_t>(bytes.size()));
  DropReason refused = DropReason::bad_version;
  switch (bytes[0] >> 4) {
    case 4:
      refused = parse_v4(bytes, wire_size, out);
      break;
    case 6:
      refused = parse_v6(bytes, wire_size, out);
      break;
    default:
      break;
  }
  if (refused == DropReason::none) parse_transport(bytes, out);
  return refused;
}

void parse_transport(std::span<const std::uint8_t> bytes, Facts& facts) {
  clear_transport(facts);
  if (facts.is_later_fragment() || facts.chain_broken || facts.protocol == kNoNextHeader) return;
  const std::size_t size = std::min<std::size_t>(bytes.size(), facts.size);
  if (size < facts.header_size) return;
  const auto transport = bytes.subspan(facts.header_size, size - facts.header_size);
  const TransportRow row = transport_row(facts.protocol);
  if (row.ports && transport.size() >= 4) {
    facts.has_ports = true;
    facts.source_port = load16(&transport[0]);
    facts.destination_port = load16(&transport[2]);
  }
  if (facts.protocol == kGre) read_gre(transport, facts);
  if (transport.size() < row.fixed_size) return;
  facts.has_transport_header = true;
  if (facts.protocol == kTcp) read_tcp(transport.data(), facts);
  if (facts.protocol == kIcmp || facts.protocol == kIcmpv6) read_icmp(transport.data(), facts);
}

}  // namespace utables::packet
