#include "rules/option/option.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace utables::rules {

std::string bad_integer(const OptionRow& row, const OptionInput& input) {
  return fmt::format("{}: bad integer value for option \"--{}\", or out of range.", input.extension,
                     row.spelled());
}

std::string bad_range(const OptionRow& row, std::string_view at, const OptionInput& input) {
  return fmt::format("{}: bad value for option \"--{}\" near \"{}\", or out of range ({}-{}).",
                     input.extension, row.name, at, row.min, row.max);
}

std::string bad_value(const OptionRow& row, const OptionInput& input) {
  return fmt::format("{}: Bad value for \"--{}\" option: \"{}\"", input.extension, row.spelled(),
                     input.values[0]);
}

std::string quoted(std::string_view text) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain)) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '\'') out += '\\';
    out += c;
  }
  return out + '"';
}

bool begins(std::string_view name, std::string_view word) {
  if (word.size() > name.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i)
    if (std::tolower(static_cast<unsigned char>(name[i])) !=
        std::tolower(static_cast<unsigned char>(word[i])))
      return false;
  return true;
}

bool same_word(std::string_view a, std::string_view b) { return a.size() == b.size() && begins(a, b); }

}  // namespace utables::rules
