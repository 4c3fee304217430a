// Kinds of the byte that was TOS and is DSCP and ECN: TOS values with masks and names, DSCP values and
// classes.
#pragma once
#include "rules/option/number.h"

namespace utables::rules {

/// `value[/mask]` (mask 0xff if none) or a name of RFC 1349 (mask 0x3f); written with its mask.
struct TosKind {
  using Value = MaskedValue;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static std::string text(const OptionRow&, const Value& value, Family);
};
/// --and-tos, --or-tos, --xor-tos: read into the `value/mask` that does the same.
struct AndTosKind : TosKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
};
struct OrTosKind : TosKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
};
struct XorTosKind : TosKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
};

/// A DSCP value, 0 to 63, written as 0x2e.
struct DscpKind {
  using Value = std::uint32_t;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    return NumberKind::parse(row, input);
  }
  static std::string text(const OptionRow&, const Value& value, Family);
};
/// BE, EF, CS0 to CS7, AF11 to AF43 (RFC 2474, 2597, 3246).
struct DscpClassKind : DscpKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
};

}  // namespace utables::rules
