// Facts: what parsing a packet once says of it. Past parse() no length is checked again: a field that
// is not covered by bytes has its `has_...` false and reads as zero.
//
// Vocabulary: *size* is bytes that are there; *wire* lengths are what the headers claim. A packet cut by
// a capture's snap length has size < wire length; one cut on the wire has both small, and Linux refuses
// it. The transport header of a later fragment is not read (offset != 0).
#pragma once
#include <utables/verdict.h>

#include <cstdint>
#include <span>

#include "base/address.h"
#include "packet/headers.h"

namespace utables::packet {

struct Facts {
  Address source{}, destination{};
  Family family = Family::ipv4;
  std::uint8_t protocol = 0;  ///< transport protocol (IPv6: past the extension headers)
  std::uint8_t ttl = 0;       ///< TTL or hop limit
  std::uint8_t tos = 0;       ///< TOS or traffic class
  /// Bytes of the IP header with its options (IPv6: with extensions) = transport offset.
  std::uint16_t header_size = 0;
  std::uint16_t fragment_offset = 0;  ///< bytes
  std::uint32_t total_length = 0;  ///< what the IP header claims, header included, bytes; padding is past it
  std::uint32_t size = 0;          ///< bytes that are there, at most total_length
  std::uint32_t identification = 0;
  /// IPv6: where the first fragment header is, or would be if it were not cut, bytes from the start; 0: there
  /// is none. One of an offset of 0 without more to come makes no fragment of the packet (RFC 6946).
  std::uint16_t fragment_header = 0;
  bool more_fragments : 1 = false;
  bool dont_fragment : 1 = false;
  /// IPv6: no upper layer is known: the chain of extension headers is cut, or goes on behind a later
  /// fragment. `protocol` is the last number that was named.
  bool chain_broken : 1 = false;
  [[nodiscard]] bool is_fragment() const { return more_fragments || fragment_offset != 0; }
  [[nodiscard]] bool is_later_fragment() const { return fragment_offset != 0; }
  [[nodiscard]] bool has_ip_options() const { return family == Family::ipv4 && header_size > 20; }
  [[nodiscard]] bool is_ipv6() const { return family == Family::ipv6; }

  bool has_ports : 1 = false;  ///< source_port and destination_port were there (4 bytes of transport header)
  /// The whole fixed header was there (TCP: 20, UDP: 8, ICMP: 8 bytes).
  bool has_transport_header : 1 = false;
  bool gre_not_ppp : 1 = false;                         ///< GRE of version 1, but not about PPP
  std::uint16_t source_port = 0, destination_port = 0;  ///< TCP, UDP, UDP-Lite, SCTP, DCCP; host order

  // ICMP, ICMPv6
  std::uint8_t icmp_type = 0, icmp_code = 0;
  std::uint16_t icmp_id = 0;

  // GRE (RFC 2784; version 1 is PPTP's, RFC 2637)
  std::uint16_t gre_call = 0;  ///< version 1: the call that it belongs to; see gre_not_ppp

  // TCP
  std::uint8_t tcp_flags = 0;        ///< the eight flags of tcp::k...
  std::uint8_t tcp_header_size = 0;  ///< data offset, bytes; 20 to 60 unless malformed
  std::uint16_t tcp_window = 0;      ///< unscaled
  std::uint32_t tcp_seq = 0, tcp_ack = 0;

  [[nodiscard]] std::uint32_t transport_length()
      const {  ///< bytes of transport header and payload, as claimed
    return total_length - header_size;
  }
};

static_assert(sizeof(Facts) <= 80, "parse() clears it for every packet: more, and g++ does so by `rep stos`");

/// Reads the IP header as ip_rcv and ip6_rcv do, and as much of the transport header as is there.
/// `bytes` begins at the IP header; `wire_size` is what was on the wire (>= bytes.size() in a cut capture).
/// Returns the facts, or why Linux refuses the packet. The header checksum is not judged here.
[[nodiscard]] DropReason parse(std::span<const std::uint8_t> bytes, std::uint32_t wire_size, Facts& out);

/// Reads the transport header again after a target changed it. REQUIRES: `facts` came from these bytes.
void parse_transport(std::span<const std::uint8_t> bytes, Facts& facts);

}  // namespace utables::packet
