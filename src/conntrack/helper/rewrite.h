// Rewriting a payload: other words in place of some, longer or shorter; lengths and checksums with them.
#pragma once
#include <cstdint>
#include <string_view>

#include "packet/buffer.h"

namespace utables::conntrack {

/// Puts `text` in place of `length` bytes from `place` on, of the payload of a packet of TCP or UDP.
/// Checksums are made anew. What is neither is taken for UDP, as in Linux: an ICMP error gets a length and,
/// if it seems to have one, a checksum where UDP has them, its own checksum stays. False: it would be too
/// long, and nothing was changed.
[[nodiscard]] bool rewrite_payload(packet::Buffer& packet, std::uint32_t place, std::uint32_t length,
                                   std::string_view text);

/// The packet is sent to another port, its checksum made anew. False: it is not one of UDP.
[[nodiscard]] bool redirect_datagram(packet::Buffer& packet, std::uint16_t port);

}  // namespace utables::conntrack
