#include "rules/option/use.h"

#include <fmt/format.h>

namespace utables::rules {

ExtensionUse use_of(const ExtensionDescriptor& extension) { return {&extension, extension.make_params(), 0}; }

Result<void> give(ExtensionUse& use, unsigned number, const OptionInput& input) {
  const OptionRow& row = use.extension->options[number];
  // Two rows of one member (`--syn`, `--tcp-flags`) that say so count as one option.
  std::uint32_t same = 1U << number;
  if (!row.repeated.empty()) same |= row.excludes;
  if ((use.given & same) != 0) {
    if (!row.repeated.empty()) return fail(std::string(row.repeated));
    return fail(fmt::format("{}: option \"--{}\" can only be used once.", input.extension, row.spelled()));
  }
  if (input.inverted && !row.invertible)
    return fail(fmt::format("{}: option \"--{}\" cannot be inverted.", input.extension, row.spelled()));
  if (auto parsed = row.parse(row, use.params.get(), input); !parsed) return parsed;
  use.given |= 1U << number;
  return {};
}

namespace {

std::string_view first_of(std::span<const OptionRow> rows, std::uint32_t bits) {
  for (unsigned i = 0; i < rows.size(); ++i)
    if ((bits & (1U << i)) != 0) return rows[i].spelled();
  return {};
}

}  // namespace

Result<void> finish(ExtensionUse& use, const Rule& rule) {
  if (use.extension->check)
    if (auto good = use.extension->check(use.params.get(), rule); !good) return good;
  const auto rows = use.extension->options;
  for (unsigned i = 0; i < rows.size(); ++i) {
    const OptionRow& row = rows[i];
    if ((use.given & (1U << i)) == 0) {
      if (row.mandatory)
        return fail(fmt::format("{}: option \"--{}\" must be specified", use.extension->name, row.spelled()));
      continue;
    }
    if (const std::uint32_t clash = use.given & row.excludes; clash != 0)
      return fail(fmt::format("{}: option \"--{}\" cannot be used together with \"--{}\".",
                              use.extension->name, row.spelled(), first_of(rows, clash)));
    if (row.needs != 0 && (use.given & row.needs) == 0)
      return fail(fmt::format("{}: option \"--{}\" also requires \"--{}\".", use.extension->name,
                              row.spelled(), first_of(rows, row.needs)));
  }
  return {};
}

std::string saved_options(const ExtensionDescriptor& extension, const void* params, Family family) {
  std::string out;
  for (const OptionRow& row : extension.options) {
    if (row.hidden || !row.present(params)) continue;
    if (row.inverted(params)) out += " !";
    out += " --";
    out += row.name;
    if (row.values == 0) continue;
    out += ' ';
    out += row.text(row, params, family);
  }
  return out;
}

std::string help_text(const ExtensionDescriptor& extension) {
  std::string out;
  for (const OptionRow& row : extension.options) {
    std::string left = fmt::format("{}--{}{}{}", row.invertible ? "[!] " : "    ", row.name,
                                   row.value.empty() ? "" : " ", row.value);
    if (!row.alias.empty()) left += fmt::format(", --{}", row.alias);
    out += fmt::format("{:<44} {}\n", left, row.help);
  }
  return out;
}

}  // namespace utables::rules
