// `conntrack -E` on a box: its state file is watched, and what changes in it is told until the program is
// interrupted. Who changed it is not known: any process, 0.
//
// Each time that the file is another one the entries are looked at; what lies between two looks is one
// change.
#pragma once
#include <string>

#include "cli/conntrack/command_line.h"

namespace utables::cli::conntrack_tool {

/// Returns the exit code, once SIGINT or SIGTERM came: after a last look.
[[nodiscard]] int watch(const CommandLine& line, const std::string& path);

}  // namespace utables::cli::conntrack_tool
