// Where matches on bytes of TCP look: behind the IP header, in later fragments too. Over IPv6 Linux knows no
// place for a later fragment's, and they read from the IPv6 header on.
#pragma once
#include <cstdint>
#include <span>

#include "packet/buffer.h"

namespace utables::rules {

[[nodiscard]] inline std::span<const std::uint8_t> tcp_bytes(const packet::Buffer& packet) {
  if (packet.facts.is_ipv6() && packet.facts.is_later_fragment()) return packet.view();
  return {packet.transport(), packet.transport_size()};
}

}  // namespace utables::rules
