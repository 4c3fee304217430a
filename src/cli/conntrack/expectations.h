// The commands of conntrack(8) on the table of expectations.
#pragma once
#include "cli/conntrack/answers.h"

namespace utables::cli::conntrack_tool {

/// -L, -G, -D, -I, -F and -C.
[[nodiscard]] Done on_expectations(const CommandLine& line, conntrack::Entries& entries);

}  // namespace utables::cli::conntrack_tool
