// Packets made here: the ICMP errors and TCP resets that a Linux router sends, and general builders.
// All functions are pure: addresses, identifications and times come as arguments.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "packet/facts.h"

namespace utables::packet {

using Bytes = std::vector<std::uint8_t>;

/// An IPv6 extension header: what is behind its first two bytes (an AH: RFC 4302's), padded with zeros to
/// whole units. A fragment header is asked for by IpPart's own fields, or placed by one of these without
/// body.
struct ExtensionPart {
  std::uint8_t protocol = 0;
  Bytes body{};
};

/// The IP header of a packet to be built. Lengths and checksums are filled in.
struct IpPart {
  Address source{}, destination{};
  Family family = Family::ipv4;
  std::uint8_t ttl = 64;
  std::uint8_t tos = 0;
  std::uint32_t identification = 0;  ///< IPv4: 16 bits
  bool dont_fragment = false, more_fragments = false;
  std::uint16_t fragment_offset = 0;  ///< bytes, a multiple of 8
  Bytes options{};                    ///< IPv4: padded with zeros to a multiple of 4; at most 40 bytes
  // IPv6 alone:
  bool fragment_header = false;  ///< one of an offset of 0 and without more to come, too
  std::uint32_t flow_label = 0;
  std::vector<ExtensionPart> extensions{};  ///< at most 40
};
struct TcpPart {
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint32_t seq = 0, ack = 0;
  std::uint8_t flags = 0;
  std::uint16_t window = 64240;
  Bytes options{};  ///< padded with zeros to a multiple of 4; at most 40 bytes
  std::uint16_t urgent = 0;
};
struct IcmpPart {
  std::uint8_t type = 0, code = 0;
  /// The header's second word: id << 16 | sequence, gateway, MTU, pointer (ICMP: << 24).
  std::uint32_t rest = 0;
};

/// REQUIRES for all: the packet is not above 65,535 bytes.
[[nodiscard]] Bytes build_ip(const IpPart& ip, std::uint8_t protocol, std::span<const std::uint8_t> payload);
[[nodiscard]] Bytes build_tcp(const IpPart& ip, const TcpPart& tcp,
                              std::span<const std::uint8_t> payload = {});
[[nodiscard]] Bytes build_udp(const IpPart& ip, std::uint16_t source_port, std::uint16_t destination_port,
                              std::span<const std::uint8_t> payload = {});
/// ICMP, or ICMPv6 where the addresses are IPv6's.
[[nodiscard]] Bytes build_icmp(const IpPart& ip, const IcmpPart& icmp,
                               std::span<const std::uint8_t> payload = {});

/// An ICMP error to be sent by this box.
struct IcmpError {
  IcmpPart icmp{};
  Address source{};  ///< of the error; its destination is the offending packet's source
  std::uint16_t identification = 0;
  std::uint8_t ttl = 64;
  std::uint32_t mtu = 1500;  ///< of the way back; never more than 576 bytes are sent (IPv6: 1,280)
  std::span<const std::uint8_t> options{};  ///< for its own header, as echo_options() made them
  bool has_destination = false;             ///< a source route leads back by another way: `destination`
  Address destination{};
};

/// Linux would answer this packet with an ICMP error, as far as its own bytes say: never one that is (or
/// may be) an ICMP error itself, nor, over IPv4, a later fragment.
[[nodiscard]] bool icmp_error_allowed(std::span<const std::uint8_t> offending, const Facts& facts);
/// The error about `offending`, which it quotes as it stands. Empty when the MTU leaves no room.
[[nodiscard]] Bytes build_icmp_error(std::span<const std::uint8_t> offending, const Facts& facts,
                                     const IcmpError& error);

/// Whether REJECT --reject-with tcp-reset answers: not a fragment's rest, no RST, a whole header. The
/// checksum is not judged here (transport_checksum).
[[nodiscard]] bool tcp_reset_allowed(const Facts& facts);
/// The reset that answers the TCP packet of `facts`. REQUIRES: tcp_reset_allowed(facts).
[[nodiscard]] Bytes build_tcp_reset(const Facts& facts, std::uint8_t ttl = 64);

}  // namespace utables::packet
