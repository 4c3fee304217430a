// The kinds of prefixes to which addresses are mapped: `address[/mask]`, the mask as a length or an address.
#pragma once
#include "rules/option/option.h"

namespace utables::rules {

/// Host bits stay as they were given.
struct PrefixKind {
  using Value = Prefix;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static std::string text(const OptionRow&, const Value& value, Family family);
};

/// Host bits are cleared.
struct MaskedPrefixKind : PrefixKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
};

}  // namespace utables::rules
