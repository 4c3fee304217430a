// NatRange: what a rule of the nat table lets one end of a connection become.
//
// Vocabulary: a *manipulation* is which end of the packet is rewritten, its source or its destination. A
// *binding* is what became of it: the reply tuple of a connection, bound once, before its first packet is
// confirmed. A *null binding* is that of a connection about which no rule said anything: it keeps its
// address, and its port if that is free.
#pragma once
#include <cstdint>

#include "base/address.h"

namespace utables::conntrack {

enum class Manipulation : std::uint8_t { source, destination };
constexpr Manipulation other(Manipulation m) {
  return m == Manipulation::source ? Manipulation::destination : Manipulation::source;
}

struct NatRange {
  bool has_addresses = false, has_ports = false;
  bool random = false;                          ///< --random and --random-fully: any port of the range
  bool persistent = false;                      ///< --persistent: the address depends on the client alone
  bool shifted = false;                         ///< `/base`: the port keeps its distance from `base_port`
  Address first{}, last{};                      ///< both included
  std::uint16_t first_port = 0, last_port = 0;  ///< both included, host order; ICMP: the id
  std::uint16_t base_port = 0;
  friend bool operator==(const NatRange&, const NatRange&) = default;
};

}  // namespace utables::conntrack
