// The `.t` files beside the extensions, as text: `arguments ; saved form ; OK` or `arguments ; ; FAIL text`.
// `=` as the saved form is the arguments themselves; `@ TABLE CHAIN` says where the following lines are tried
// (first filter FORWARD); `#` begins a comment. Lines that begin with `~` are utables' own, where it takes
// more than iptables 1.8.9 does: the comparison with the real command skips them.
#pragma once
#include <utables/result.h>

#include <string>
#include <string_view>
#include <vector>

#include "rules/hook.h"

namespace utables::rules {

struct Example {
  std::uint32_t line = 0;
  TableId table = TableId::filter;
  std::string chain = "FORWARD";
  std::string arguments{}, saved{}, failure{};
  bool good = false;
  bool own = false;  ///< utables takes it, iptables 1.8.9 does not
};

[[nodiscard]] Result<std::vector<Example>, Errors> parse_examples(std::string_view text,
                                                                  std::string_view file);

}  // namespace utables::rules
