// What the kernel asks of a whole table when it is committed: no loops, no jump to a built-in chain, every
// extension in a table, a hook and behind a protocol that it was made for; and that what rules name is in the
// box.
#pragma once
#include <utables/result.h>

#include "conntrack/settings.h"
#include "rules/model.h"

namespace utables::rules {

/// The first thing that is wrong, with the line of its rule; exit code 1, as iptables' "Invalid argument".
[[nodiscard]] Result<void> validate(const Table& table);

/// Finds what of the box rules name; what is not there is told as validate() does.
[[nodiscard]] Result<void> settle(Ruleset& ruleset, const conntrack::Settings& settings);

}  // namespace utables::rules
