// The commands of utables: one table, a row each; a command is a function of its arguments.
//
// Exit codes: 0 done, equal, passed, yes; 1 differs, failed, no; 2 bad usage or input; 3 this machine
// lacks what it takes; 4 undecidable. Errors go to standard error as `utables: ...`, a line each.
#pragma once
#include <utables/result.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace utables::cli {

inline constexpr std::string_view kVersion = "0.1.0";
inline constexpr int kDone = 0, kDiffers = 1, kBadInput = 2, kLacking = 3, kUndecidable = 4;

using Arguments = std::vector<std::string>;

struct Command {
  std::string_view name;
  std::string_view usage;    ///< what follows the name
  std::string_view summary;  ///< one line
  int (*run)(const Arguments& arguments);
};

int run_replay(const Arguments& arguments);
int run_explain(const Arguments& arguments);
int run_verify(const Arguments& arguments);
int run_conntrack(const Arguments& arguments);
int run_help(const Arguments& arguments);

[[nodiscard]] std::span<const Command> commands();
[[nodiscard]] const Command* find_command(std::string_view name);

/// The whole program. `arguments`: without argv[0], which is `invoked_as`.
int run(std::string_view invoked_as, const Arguments& arguments);

/// Prints errors; returns the exit code of the first.
int report_errors(const Errors& errors);
int report_error(const Error& error);

}  // namespace utables::cli
