#include "rules/option/choice.h"

namespace utables::rules {

Result<std::uint32_t> ChoiceKind::parse(const OptionRow& row, const OptionInput& input) {
  for (const Named& name : row.names)
    if (same_word(name.name, input.values[0])) return name.value;
  return fail(bad_value(row, input));
}

std::string ChoiceKind::text(const OptionRow& row, const Value& value, Family) {
  return std::string(name_of(row.names, value));
}

std::string joined_names(std::span<const Named> names, std::uint32_t bits) {
  std::string out;
  for (const Named& name : names) {
    if (name.value == 0 || (bits & name.value) != name.value) continue;
    if (!out.empty()) out += ',';
    out += name.name;
    bits &= ~name.value;
  }
  return out;
}

const Named* find_beginning(std::span<const Named> names, std::string_view word) {
  for (const Named& name : names)
    if (begins(name.name, word)) return &name;
  return nullptr;
}

std::string_view name_of(std::span<const Named> names, std::uint32_t value) {
  for (const Named& name : names)
    if (name.value == value) return name.name;
  return {};
}

}  // namespace utables::rules
