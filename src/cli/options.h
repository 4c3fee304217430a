// Options that several commands take, and how a command's arguments are read.
#pragma once
#include <utables/engine.h>
#include <utables/result.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "lab/box_directory.h"
#include "lab/replay.h"

namespace utables::cli {

/// What is taken everywhere.
struct GlobalOptions {
  std::optional<std::string> box{};
  bool quiet = false, verbose = false, json = false;
  Profile profile = Profile::modern;
  std::uint64_t seed = 1;
  std::string color = "auto";
};

/// How a capture is read and played.
struct CaptureOptions {
  std::vector<std::string> interfaces{};
  std::string checksums = "auto";
  bool track = false;
};

void add_global_options(CLI::App& app, GlobalOptions& options);
void add_capture_options(CLI::App& app, CaptureOptions& options);

/// For CLI::Option::check(): a file's name or the like, which an unset variable of a shell must not stand
/// for.
[[nodiscard]] std::string not_empty(const std::string& text);

/// Reads arguments; an exit code when the command is over with that (help, or an error that was printed).
[[nodiscard]] std::optional<int> parse(CLI::App& app, const Arguments& arguments);

/// The box that -b, $UTABLES_BOX or the current directory names.
[[nodiscard]] Result<lab::Box, Errors> read_box(const GlobalOptions& options);
/// What both kinds of options come to.
[[nodiscard]] Result<lab::ReplayOptions> replay_options(const GlobalOptions& global,
                                                        const CaptureOptions& capture);

}  // namespace utables::cli
