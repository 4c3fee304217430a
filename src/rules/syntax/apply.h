// Carries out a Command on a table, as libiptc does: what iptables-restore and iptables have in common.
#pragma once
#include <utables/result.h>

#include "rules/model.h"
#include "rules/syntax/command.h"

namespace utables::rules {

/// Errors are libiptc's, with exit code 1. On an error the table is unchanged.
[[nodiscard]] Result<void> apply(Table& table, Command command, Family family);

}  // namespace utables::rules
