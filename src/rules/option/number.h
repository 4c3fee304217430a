// Kinds of plain numbers, read as strtoul does with base 0: decimal, 0x..., 0... . Limits are the row's.
#pragma once
#include "rules/option/option.h"

namespace utables::rules {

/// One number in [row.min, row.max].
struct NumberKind {
  using Value = std::uint32_t;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static std::string text(const OptionRow&, const Value& value, Family) { return std::to_string(value); }
};

struct NumberRange {
  std::uint64_t first = 0, last = 0;
  [[nodiscard]] bool holds(std::uint64_t n) const { return n >= first && n <= last; }
  friend bool operator==(const NumberRange&, const NumberRange&) = default;
};

/// `A`, `A:B`, `:B` or `A:`; a missing end is the row's limit. It is not asked that A <= B.
struct NumberRangeKind {
  using Value = NumberRange;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static std::string text(const OptionRow& row, const Value& value, Family);
};

struct MaskedValue {
  std::uint32_t value = 0, mask = 0xffffffff;
  friend bool operator==(const MaskedValue&, const MaskedValue&) = default;
};

/// `value[/mask]` of a mark, written in hexadecimal; a whole mask is not written.
struct MarkKind {
  using Value = MaskedValue;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static std::string text(const OptionRow&, const Value& value, Family);
};

/// `value[/mask]` of a mark, with its mask always written.
struct MarkMaskKind {
  using Value = MaskedValue;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    return MarkKind::parse(row, input);
  }
  static std::string text(const OptionRow&, const Value& value, Family);
};

/// What a mark becomes: `(mark & ~mask) ^ value`. Each spelling of it is a kind that only reads.
struct SetMarkKind : MarkMaskKind {  ///< --set-mark value[/mask]: value | mask are cleared first
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
};
struct AndMarkKind : MarkMaskKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
};
struct OrMarkKind : MarkMaskKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
};
struct XorMarkKind : MarkMaskKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
};

}  // namespace utables::rules
