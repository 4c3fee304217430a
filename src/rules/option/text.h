// The kind of free text: cut at the row's `max` bytes in silence, as iptables does; written quoted where
// needed.
#pragma once
#include "rules/option/option.h"

namespace utables::rules {

struct TextKind {
  using Value = std::string;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static std::string text(const OptionRow&, const Value& value, Family) { return quoted(value); }
};

}  // namespace utables::rules
