// The parts of LOG's line that IPv4 and IPv6 have in common, and IPv6's own.
//
// Each part answers whether the line goes on with what concerns the whole packet (the mark): what was cut off
// ends it. A packet that an ICMP error quotes is written by the same functions, once.
#pragma once
#include <cstdint>
#include <iterator>
#include <span>
#include <string>

#include "rules/context.h"

namespace utables::rules::log_parts {

using Bytes = std::span<const std::uint8_t>;
using Out = std::back_insert_iterator<std::string>;

void hexadecimal(std::string& out, Bytes bytes);
/// Less is there than Linux wants to see. Where headers claim to reach beyond the packet its figure is less
/// than none, modulo 2^32.
void incomplete(std::string& out, std::size_t size);

/// What is behind the IP headers.
struct Rest {
  Bytes bytes;
  std::size_t told = bytes.size();  ///< how many bytes that is to Linux
  bool later_fragment = false;
};
[[nodiscard]] bool put_tcp(std::string& out, const Rest& rest, const LogParameters& p);
[[nodiscard]] bool put_udp(std::string& out, const Rest& rest, std::uint8_t protocol);
/// The SPI of AH and ESP, `at` bytes into a header of which `least` bytes must be there.
void put_spi(std::string& out, Bytes header, std::size_t at, std::size_t least);

/// A packet of IPv6, or the part of one that an error quotes (not `outer`).
[[nodiscard]] bool put_ipv6(std::string& out, Bytes packet, const LogParameters& p, bool outer);

}  // namespace utables::rules::log_parts
