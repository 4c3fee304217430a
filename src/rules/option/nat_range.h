// The kinds of what NAT's targets translate to: addresses with ports, or ports alone. Texts and oddities
// are iptables 1.8.9's.
#pragma once
#include "conntrack/nat/range.h"
#include "rules/option/option.h"

namespace utables::rules {

/// `[address[-address]][:port[-port[/base]]]`, IPv6's addresses in brackets where ports follow. The base is
/// DNAT's: any other target takes it for 0.
struct NatRangeKind {
  using Value = conntrack::NatRange;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static std::string text(const OptionRow&, const Value& value, Family family);
};
struct ShiftedNatRangeKind : NatRangeKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
};

/// `port[-port]`, with MASQUERADE; REDIRECT refuses a base by name.
struct NatPortsKind {
  using Value = conntrack::NatRange;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static std::string text(const OptionRow&, const Value& value, Family);
};
struct UnshiftedNatPortsKind : NatPortsKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
};

}  // namespace utables::rules
