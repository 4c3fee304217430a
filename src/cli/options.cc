#include "cli/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "base/scan.h"

namespace utables::cli {
namespace {

std::string check_seed(const std::string& text) {
  return scan_unsigned(text, 10, UINT64_MAX) ? ""
                                             : fmt::format("`{}' is not a number from 0 to 2^64 - 1", text);
}

/// The first word that looks like an option and is none; null if there is none.
const std::string* unknown_option(const std::vector<std::string>& left_over) {
  const auto found = std::find_if(left_over.begin(), left_over.end(), [](const std::string& word) {
    return word.size() > 1 && word.front() == '-';
  });
  return found == left_over.end() ? nullptr : &*found;
}

}  // namespace

void add_global_options(CLI::App& app, GlobalOptions& options) {
  app.add_option("-b,--box", options.box,
                 "the box: a directory, or an iptables-save file ($UTABLES_BOX, else the current directory)")
      ->type_name("BOX");
  app.add_flag("-q,--quiet", options.quiet, "errors alone");
  app.add_flag("-v,--verbose", options.verbose, "everything, nothing cut");
  app.add_flag("--json", options.json, "JSON lines (docs/output.md)");
  app.add_option_function<std::string>(
         "--profile",
         [&options](const std::string& name) {
           options.profile = name == "classic" ? Profile::classic : Profile::modern;
         },
         "modern (today's kernel) or classic (Linux 2.4/2.6)")
      ->check(CLI::IsMember({"modern", "classic"}))
      ->type_name("NAME");
  app.add_option("--seed", options.seed, "where what Linux draws at random comes from (1)")
      ->check(check_seed)
      ->type_name("N");
  app.add_option("--color", options.color, "auto, always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->type_name("WHEN");
}

void add_capture_options(CLI::App& app, CaptureOptions& options) {
  app.add_option("--iface", options.interfaces,
                 "what came in by an interface: NAME (a whole file), or NAME=PREFIX,... (by source)")
      ->type_name("NAME[=PREFIX,...]")
      ->take_all();
  app.add_option("--checksums", options.checksums,
                 "auto (offloading is allowed for), check (as on the wire), ignore")
      ->type_name("MODE");
  app.add_flag("--track", options.track, "track connections even if no rule needs it");
}

std::optional<int> parse(CLI::App& app, const Arguments& arguments) {
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(std::move(reversed));
    return std::nullopt;
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return kDone;
  } catch (const CLI::ParseError& problem) {
    Error error;
    const std::vector<std::string> left_over = app.remaining();  // CLI11 tells of what is missing first
    const std::string* const unknown = unknown_option(left_over);
    error.text =
        fmt::format("{}: {} (`utables help {}')", app.get_name(),
                    unknown != nullptr ? "there is no option " + *unknown : problem.what(), app.get_name());
    return report_error(error);
  }
}

std::string not_empty(const std::string& text) {
  return text.empty() ? "an empty text is no value here" : "";
}

Result<lab::Box, Errors> read_box(const GlobalOptions& options) {
  return lab::find_box(options.box, std::getenv("UTABLES_BOX"));
}

Result<lab::ReplayOptions> replay_options(const GlobalOptions& global, const CaptureOptions& capture) {
  lab::ReplayOptions out;
  out.engine.profile = global.profile;
  out.engine.seed = global.seed;
  out.engine.track_always = capture.track;
  const auto mode = lab::parse_checksum_mode(capture.checksums);
  if (!mode) return fail(fmt::format("--checksums {}: auto, check or ignore is expected", capture.checksums));
  out.checksums = *mode;
  for (const std::string& text : capture.interfaces) {
    auto option = lab::parse_interface_option(text);
    if (!option) return tl::unexpected<Error>(option.error());
    out.interfaces.push_back(std::move(*option));
  }
  return out;
}

}  // namespace utables::cli
