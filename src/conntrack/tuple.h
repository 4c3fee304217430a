// Tuple: what identifies one direction of a connection.
// For ICMP queries the "ports" are (id, type<<8|code), as Linux keeps them.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/address.h"
#include "packet/facts.h"

namespace utables::conntrack {

enum class Direction : std::uint8_t { original = 0, reply = 1 };
constexpr Direction other(Direction d) {
  return d == Direction::original ? Direction::reply : Direction::original;
}

struct Tuple {
  Address source{}, destination{};
  std::uint16_t source_port = 0;       ///< host order; ICMP: the id
  std::uint16_t destination_port = 0;  ///< host order; ICMP: type << 8 | code
  std::uint8_t protocol = 0;
  Family family = Family::ipv4;
  std::uint16_t zone = 0;  ///< that its direction is in (zone.h)

  friend bool operator==(const Tuple&, const Tuple&) = default;
  [[nodiscard]] std::uint8_t icmp_type() const { return static_cast<std::uint8_t>(destination_port >> 8); }
  [[nodiscard]] std::uint8_t icmp_code() const { return static_cast<std::uint8_t>(destination_port); }
};

/// The tuple of a packet, in zone 0; none where Linux finds none (ports missing, an ICMP type that opens
/// nothing, ...).
[[nodiscard]] std::optional<Tuple> tuple_of(const packet::Facts& facts);
/// The tuple that answers are expected to have, in the same zone; none for ICMP types without a reply.
[[nodiscard]] std::optional<Tuple> inverse(const Tuple& tuple);

/// A type of ICMP, or of ICMPv6 (`protocol`), that opens a connection (a query).
[[nodiscard]] bool opens_icmp(std::uint8_t protocol, std::uint8_t type);

/// How a listing writes IPv6 addresses: as everybody does, or all eight groups in full, as /proc does.
enum class AddressStyle : std::uint8_t { ordinary, full };
/// `src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2` or `... type=8 code=0 id=33029`, as listings have it.
[[nodiscard]] std::string to_string(const Tuple& tuple, AddressStyle style = AddressStyle::ordinary);

}  // namespace utables::conntrack
