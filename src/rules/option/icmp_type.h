// The kinds of `--icmp-type` and `--icmpv6-type`: a name of iptables' list (or its beginning, while unique),
// `type` or `type/code`.
#pragma once
#include "rules/option/option.h"

namespace utables::rules {

struct IcmpType {
  std::uint8_t type = 0xff, first_code = 0, last_code = 0xff;
  [[nodiscard]] bool any() const { return type == 0xff; }
  friend bool operator==(const IcmpType&, const IcmpType&) = default;
};

struct IcmpTypeKind {
  using Value = IcmpType;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static std::string text(const OptionRow&, const Value& value, Family);
};

/// ICMPv6's own names; no number means any.
struct Icmpv6TypeKind {
  using Value = IcmpType;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static std::string text(const OptionRow&, const Value& value, Family);
};

}  // namespace utables::rules
