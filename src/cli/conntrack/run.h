// The commands of conntrack(8) on a box.
#pragma once
#include <optional>
#include <string>

#include "cli/conntrack/command_line.h"

namespace utables::cli::conntrack_tool {

/// Where the box is named: `before` the command (`utables -b BOX conntrack`), by `-b` after it, else by
/// $UTABLES_BOX or the current directory.
struct Invocation {
  std::optional<std::string> box{};
  BoxOption option = BoxOption::buffer;
};

/// The whole program; returns the exit code, which is the original's.
[[nodiscard]] int run(const Arguments& arguments, const Invocation& invocation);

}  // namespace utables::cli::conntrack_tool
