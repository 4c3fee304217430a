// Kinds of addresses: a network (`address[/mask]`), an address range.
#pragma once
#include <vector>

#include "rules/option/option.h"

namespace utables::rules {

struct Network {
  Address address{}, mask{};
  [[nodiscard]] bool holds(const Address& a) const { return (a & mask) == (address & mask); }
  friend bool operator==(const Network&, const Network&) = default;
};

/// An address as iptables reads it: IPv4 also short (`10.1` is 10.1.0.0). `localhost` is the only name known:
/// others would need a resolver, whose answer changes.
[[nodiscard]] Result<Address> parse_host(std::string_view text, Family family);
/// `address[/mask]` with the mask as a length or as an address. The address keeps its host bits.
[[nodiscard]] Result<Network> parse_network(std::string_view text, Family family);
/// `/24`, or `/255.0.255.0` for a mask with holes.
[[nodiscard]] std::string mask_text(const Address& mask, Family family);

/// One network; host bits are cleared; /32 is not written.
struct NetworkKind {
  using Value = Network;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static std::string text(const OptionRow&, const Value& value, Family family);
};

}  // namespace utables::rules
