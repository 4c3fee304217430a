// What the kernel asks of a whole table when it is committed: no loops, no jump to a built-in chain, every
// extension in a table, a hook and behind a protocol that it was made for.
#pragma once
#include <utables/result.h>

#include "rules/model.h"

namespace utables::rules {

/// The first thing that is wrong, with the line of its rule; exit code 1, as iptables' "Invalid argument".
[[nodiscard]] Result<void> validate(const Table& table);

}  // namespace utables::rules
