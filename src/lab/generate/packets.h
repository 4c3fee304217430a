// Packets made byte by byte, right unless they are told to be wrong.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace utables::lab::generate {

using Bytes = std::vector<std::uint8_t>;

struct IpFields {
  std::uint32_t source = 0, destination = 0;  ///< host order
  std::uint8_t protocol = 0, ttl = 64, tos = 0;
  std::uint16_t identification = 1;
  bool dont_fragment = false, more_fragments = false;
  std::uint16_t offset = 0;  ///< bytes
  Bytes options{};           ///< padded to a multiple of four with zeros
};

/// An IPv4 packet with length and header checksum.
[[nodiscard]] Bytes ip_packet(const IpFields& ip, std::span<const std::uint8_t> payload);

struct TcpFields {
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint32_t seq = 0, ack = 0;
  std::uint8_t flags = 0;
  std::uint16_t window = 0, urgent = 0;
  Bytes options{};  ///< padded with zeros
};

/// Transport bytes with their checksums, for the addresses in `ip`.
[[nodiscard]] Bytes tcp_segment(const IpFields& ip, const TcpFields& tcp,
                                std::span<const std::uint8_t> payload);
[[nodiscard]] Bytes udp_datagram(const IpFields& ip, std::uint16_t source_port,
                                 std::uint16_t destination_port, std::span<const std::uint8_t> payload);
/// UDP-Lite; a coverage of 0 is all of it. `protocol`: UDP-Lite's, and the pseudo-header is RFC 3828's; or
/// UDP's, and it is what Linux tracks (the length's low byte).
[[nodiscard]] Bytes udplite_datagram(const IpFields& ip, std::uint16_t source_port,
                                     std::uint16_t destination_port, std::uint16_t coverage,
                                     std::uint8_t protocol, std::span<const std::uint8_t> payload);
/// SCTP: header, chunks as they are, CRC-32C.
[[nodiscard]] Bytes sctp_packet(std::uint16_t source_port, std::uint16_t destination_port, std::uint32_t tag,
                                std::span<const std::uint8_t> chunks);
/// `rest` is the second word of the header: id and sequence, gateway, pointer, MTU.
[[nodiscard]] Bytes icmp_message(std::uint8_t type, std::uint8_t code, std::uint32_t rest,
                                 std::span<const std::uint8_t> payload);

/// Writes the header checksum (and nothing if the header is cut).
void fix_ip_checksum(Bytes& packet);
/// Writes the checksum of an ICMP message (and nothing if the headers are cut).
void fix_icmp_checksum(Bytes& packet);
/// Writes total length and header checksum.
void fix_ip_length(Bytes& packet);
[[nodiscard]] Bytes filler(std::size_t size, std::uint8_t first);

}  // namespace utables::lab::generate
