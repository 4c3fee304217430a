#include "rules/option/text.h"

#include <fmt/format.h>

namespace utables::rules {

Result<std::string> TextKind::parse(const OptionRow& row, const OptionInput& input) {
  const std::string& text = input.values[0];
  if (text.size() < row.min)
    return fail(fmt::format("Argument must have a minimum length of {} characters", row.min));
  return text.substr(0, static_cast<std::size_t>(row.max));
}

}  // namespace utables::rules
