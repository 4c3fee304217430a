// The Internet checksum (RFC 1071), whole and incremental (RFC 1624).
#pragma once
#include <cstdint>
#include <span>

#include "packet/facts.h"

namespace utables::packet {

/// The one's-complement sum of `bytes`, not folded, not inverted; `start` is a sum to continue.
[[nodiscard]] std::uint64_t sum(std::span<const std::uint8_t> bytes, std::uint64_t start = 0);
/// Folds and inverts: the value that stands in a header, host order.
[[nodiscard]] std::uint16_t finish(std::uint64_t sum);
/// The sum of the pseudo-header of `facts` for a transport length in bytes.
[[nodiscard]] std::uint64_t pseudo_header_sum(const Facts& facts, std::uint8_t protocol, std::uint32_t transport_length);

/// The header checksum of an IPv4 header of `header` bytes is right.
[[nodiscard]] bool ip_checksum_good(std::span<const std::uint8_t> header);
/// Writes it. REQUIRES: a whole IPv4 header.
void write_ip_checksum(std::span<std::uint8_t> header);

/// The checksum at `field` (2 bytes) after a 16-bit word under it changed; both in host order.
void adjust_checksum(std::uint8_t* field, std::uint16_t before, std::uint16_t after);
void adjust_checksum32(std::uint8_t* field, std::uint32_t before, std::uint32_t after);

enum class ChecksumState : std::uint8_t { good, bad, none /* UDP: 0, not used */, offloaded /* the pseudo-header's sum */, unknown /* cut */ };
/// Judges the transport checksum of TCP, UDP, UDP-Lite, ICMP and ICMPv6; other protocols are `good`.
[[nodiscard]] ChecksumState transport_checksum(std::span<const std::uint8_t> packet, const Facts& facts);

}  // namespace utables::packet
