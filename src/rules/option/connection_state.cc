#include "rules/option/connection_state.h"

#include <fmt/format.h>

#include "base/scan.h"

namespace utables::rules {

Result<std::uint32_t> parse_bits(const OptionRow& row, std::string_view text, std::string_view bad) {
  std::uint32_t bits = 0;
  std::string_view rest = text;
  for (;;) {
    const std::size_t comma = rest.find(',');
    const std::string_view word = rest.substr(0, comma);
    const Named* name = word.empty() ? nullptr : find_beginning(row.names, word);
    if (name == nullptr)
      return fail(fmt::format("Bad {} \"{}\"", bad, comma == std::string_view::npos ? word : rest));
    bits |= name->value;
    if (comma == std::string_view::npos) return bits;
    rest.remove_prefix(comma + 1);
  }
}

Result<std::uint32_t> StateKind::parse(const OptionRow& row, const OptionInput& input) {
  const std::string_view text = input.values[0];
  if (text.empty() || text.back() == ',')
    return fail("\"--state\" requires a list of states with no spaces, e.g. ESTABLISHED,RELATED");
  return parse_bits(row, text, "state");
}

}  // namespace utables::rules
