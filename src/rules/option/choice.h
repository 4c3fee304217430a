// Kinds of names: one of a list, or several joined as bits. The row's `names` is the list; where a number
// has several names the first is the one written.
#pragma once
#include "rules/option/option.h"

namespace utables::rules {

/// One name of the list, whole, without regard to case.
struct ChoiceKind {
  using Value = std::uint32_t;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static std::string text(const OptionRow& row, const Value& value, Family);
};

/// Names joined by commas, each a bit (or bits), written in the list's order.
[[nodiscard]] std::string joined_names(std::span<const Named> names, std::uint32_t bits);
/// The first row whose name `word` begins (without regard to case); null if none.
[[nodiscard]] const Named* find_beginning(std::span<const Named> names, std::string_view word);
/// The first row with that value; empty if none.
[[nodiscard]] std::string_view name_of(std::span<const Named> names, std::uint32_t value);

}  // namespace utables::rules
