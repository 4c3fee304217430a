// What stands in the port fields of a tuple, by protocol.
#pragma once
#include <cstdint>

namespace utables::conntrack {

/// icmp: id, and type << 8 | code; keys: GRE's.
enum class PortKind : std::uint8_t { none, ports, icmp, keys };
[[nodiscard]] PortKind port_kind(std::uint8_t protocol);

}  // namespace utables::conntrack
