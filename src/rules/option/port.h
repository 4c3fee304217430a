// Kinds of ports: one, a range, a list; by number or by the name of a service.
#pragma once
#include "packet/facts.h"
#include "rules/option/option.h"

namespace utables::rules {

struct PortRange {
  std::uint16_t first = 0, last = 0xffff;
  [[nodiscard]] bool holds(std::uint16_t port) const { return port >= first && port <= last; }
  friend bool operator==(const PortRange&, const PortRange&) = default;
};

/// `port`, `port:port`, `:port` or `port:`; first <= last. All ports is as if it were not there.
struct PortRangeKind {
  using Value = PortRange;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static std::string text(const OptionRow&, const Value& value, Family);
  static void settle(Given<Value>& given) { given.set = given.value != PortRange{}; }
};

/// As PortRangeKind, with the texts of iptables' newer option parser, and without its last two rules.
struct PortSpanKind {
  using Value = PortRange;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static std::string text(const OptionRow&, const Value& value, Family);
};

/// As PortSpanKind; all ports is as if it were not there.
struct PortSpanOrAllKind : PortSpanKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static void settle(Given<Value>& given) { given.set = given.value != PortRange{}; }
};

/// A packet's port is as the option says, `!` included; an option that was not given says nothing.
[[nodiscard]] inline bool fits(const Given<PortRange>& ports, std::uint16_t port) {
  return !ports.set || ports.value.holds(port) != ports.inverted;
}

/// A port by number (any base) or service name, as `--dport` reads it.
[[nodiscard]] Result<std::uint16_t> parse_port(std::string_view text, std::uint16_t protocol);

}  // namespace utables::rules
