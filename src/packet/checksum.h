// The Internet checksum (RFC 1071), whole and incremental (RFC 1624).
//
// Vocabulary: a *sum* is the one's-complement sum of 16-bit words as they stand in memory, not folded and
// not inverted; sums may be added to each other. finish() makes the value for a header out of it.
#pragma once
#include <cstdint>
#include <cstring>
#include <span>

#include "base/bytes.h"
#include "packet/facts.h"

namespace utables::packet {

/// The one's-complement sum of `bytes`, continuing `start`. What went into `start` must have been an even
/// number of bytes; an odd last byte counts as followed by a zero. REQUIRES: bytes.size() < 2^31.
[[nodiscard]] inline std::uint64_t sum(std::span<const std::uint8_t> bytes, std::uint64_t start = 0) {
  // Words as they lie in memory give the byte-swapped sum (RFC 1071, 2B); only finish() swaps.
  std::uint64_t total = (start & 0xffffffff) + (start >> 32);
  const std::uint8_t* p = bytes.data();
  const auto take = [&p](auto word) {
    std::memcpy(&word, p, sizeof word);
    p += sizeof word;
    return word;
  };
  for (std::size_t left = bytes.size() / 8; left != 0; --left) {
    const std::uint64_t words = take(std::uint64_t{});
    total += (words & 0xffffffff) + (words >> 32);
  }
  if ((bytes.size() & 4) != 0) total += take(std::uint32_t{});
  if ((bytes.size() & 2) != 0) total += take(std::uint16_t{});
  if ((bytes.size() & 1) != 0) total += *p;
  return (total & 0xffffffff) + (total >> 32);
}
/// A sum in 16 bits: 0 only where every byte was.
[[nodiscard]] constexpr std::uint16_t fold(std::uint64_t s) {
  s = (s & 0xffffffff) + (s >> 32);
  s = (s & 0xffff) + ((s >> 16) & 0xffff) + (s >> 32);
  s = (s & 0xffff) + (s >> 16);
  s = (s & 0xffff) + (s >> 16);
  return static_cast<std::uint16_t>(s);
}
/// Folds and inverts: the value that stands in a header, host order.
[[nodiscard]] constexpr std::uint16_t finish(std::uint64_t sum) {
  return byteswap16(static_cast<std::uint16_t>(~fold(sum)));
}
/// The sum of the pseudo-header of `facts` for a transport length in bytes.
[[nodiscard]] std::uint64_t pseudo_header_sum(const Facts& facts, std::uint8_t protocol,
                                              std::uint32_t transport_length);

/// The header checksum of an IPv4 header of `header` bytes is right.
[[nodiscard]] inline bool ip_checksum_good(std::span<const std::uint8_t> header) {
  return finish(sum(header)) == 0;
}
/// Writes it. REQUIRES: a whole IPv4 header.
void write_ip_checksum(std::span<std::uint8_t> header);

/// The checksum at `field` (2 bytes) after a 16-bit word under it changed; both in host order. Never makes
/// 0xffff out of a header that is not all zeros; for UDP, whose 0 means "none", see adjust_udp_checksum.
void adjust_checksum(std::uint8_t* field, std::uint16_t before, std::uint16_t after);
void adjust_checksum32(std::uint8_t* field, std::uint32_t before, std::uint32_t after);
/// The same for UDP over IPv4: 0 is left alone, and a result of 0 becomes 0xffff (RFC 768).
void adjust_udp_checksum32(std::uint8_t* field, std::uint32_t before, std::uint32_t after);

/// One hop less: TTL and header checksum. REQUIRES: a whole IPv4 header with a TTL above 0.
void decrease_ttl(std::uint8_t* header);
/// Another TOS: field and header checksum. REQUIRES: a whole IPv4 header.
void change_tos(std::uint8_t* header, std::uint8_t tos);

/// CRC-32C as SCTP has it (RFC 9260 appendix A), in the order of the header. The checksum's own four bytes at
/// offset 8 count as zero. REQUIRES: 12 bytes at least.
[[nodiscard]] std::uint32_t sctp_checksum(std::span<const std::uint8_t> sctp);

enum class ChecksumState : std::uint8_t {
  good,
  bad,
  none /* UDP: 0, not used */,
  offloaded /* the pseudo-header's sum */,
  unknown /* cut */
};
/// Judges the transport checksum of TCP, UDP, UDP-Lite, SCTP, ICMP and ICMPv6 as conntrack does: over
/// everything behind the IP header, whatever UDP's length field says; UDP-Lite with UDP's number
/// and the low byte of the length in the pseudo-header, so that what RFC 3828 calls good is `bad`. Other
/// protocols are `good`; a packet that is cut, a fragment, or one without its whole transport header is
/// `unknown`.
[[nodiscard]] ChecksumState transport_checksum(std::span<const std::uint8_t> packet, const Facts& facts);
/// Writes it over what is there, where the protocol has one. REQUIRES: `facts` came from these bytes.
void write_transport_checksum(std::span<std::uint8_t> packet, const Facts& facts);

}  // namespace utables::packet
