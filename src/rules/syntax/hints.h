// Hints: what somebody who handed over something else than iptables-save text may have meant. They are put
// behind the errors as iptables words them, and never change what is accepted.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace utables::rules {

/// About a line outside every table: ` (...)`, or nothing.
[[nodiscard]] std::string_view hint_for_line(std::string_view line);
/// About a match that is not there: ` (...)`, or nothing.
[[nodiscard]] std::string_view hint_for_match(std::string_view name);
/// About a target that is not there: ` (...)`, or nothing.
[[nodiscard]] std::string_view hint_for_target(std::string_view name);

/// What the comments of iptables-nft-save tell of rules that are not in its output, each with its line:
/// `3: ...`.
[[nodiscard]] std::vector<std::string> missing_rules(std::string_view text);

}  // namespace utables::rules
