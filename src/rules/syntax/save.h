// Ruleset -> iptables-save text, as iptables-legacy-save 1.8.9 prints it.
#pragma once
#include <utables/time.h>

#include <string>

#include "rules/model.h"

namespace utables::rules {

struct SaveOptions {
  bool counters = false;  ///< -c
  Time when = 0;          ///< for the comment lines, printed in UTC
};

/// All tables, the most recently loaded first.
[[nodiscard]] std::string save(const Ruleset& ruleset, const SaveOptions& options);
/// One rule without its chain: `-s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT`.
[[nodiscard]] std::string rule_text(const Rule& rule, Family family);

}  // namespace utables::rules
