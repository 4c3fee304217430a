// `conntrack -U`: entries selected, and changed.
#pragma once
#include "cli/conntrack/answers.h"

namespace utables::cli::conntrack_tool {

[[nodiscard]] Done update(const CommandLine& line, conntrack::Entries& entries);

}  // namespace utables::cli::conntrack_tool
