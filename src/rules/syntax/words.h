// The words of a line of an iptables-save file: blanks separate them, double quotes hold them together (the
// closing one ends the word), inside quotes a backslash takes the next character as it is.
#pragma once
#include <utables/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace utables::rules {

[[nodiscard]] Result<std::vector<std::string>> words_of_line(std::string_view line);

}  // namespace utables::rules
