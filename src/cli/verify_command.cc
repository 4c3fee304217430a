// utables verify: the same box and captures through this machine's own kernel, and what differs.
#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "cli/commands.h"
#include "cli/options.h"
#include "lab/report/text.h"
#include "lab/verify.h"

namespace utables::cli {
namespace {

struct VerifyArguments {
  GlobalOptions global{};
  CaptureOptions capture{};
  std::vector<std::string> captures{};
  std::string until{};
  bool paced = false, log = false;
};

void describe(CLI::App& app, VerifyArguments& a) {
  add_global_options(app, a.global);
  add_capture_options(app, a.capture);
  app.add_flag("--paced", a.paced, "play with the captures' pauses, not at wire speed");
  app.add_flag("--log", a.log,
               "also compare LOG's lines: as root; they go to this machine's kernel log meanwhile");
  app.add_option("--until", a.until, "with --paced: let time run on after the last packet")
      ->check(not_empty)
      ->type_name("+TIME");
  app.add_option("captures", a.captures, "pcap or pcapng files, plain, .gz or .zst; - is standard input")
      ->type_name("CAPTURE")
      ->required();
}

Result<lab::VerifyOptions> options_of(const VerifyArguments& a) {
  auto reading = replay_options(a.global, a.capture);
  if (!reading) return tl::unexpected<Error>(reading.error());
  lab::VerifyOptions options;
  options.replay = std::move(*reading);
  options.replay.captures = a.captures;
  options.paced = a.paced;
  options.log = a.log;
  if (a.global.profile != Profile::modern)
    return fail("--profile classic: the kernel to compare with is today's");
  if (a.until.empty()) return options;
  const auto until = lab::parse_span(a.until);
  if (!until || !a.paced)
    return fail(fmt::format(
        "--until {}: a length of time such as +3s, +200ms, +5m is expected, together with --paced", a.until));
  options.replay.until = *until;
  return options;
}

}  // namespace

int run_verify(const Arguments& arguments) {
  VerifyArguments a;
  CLI::App app("the same box and captures through this machine's own kernel, in a namespace; what differs",
               "verify");
  describe(app, a);
  if (const auto over = parse(app, arguments)) return *over;
  const auto options = options_of(a);
  if (!options) return report_error(options.error());
  const auto box = read_box(a.global);
  if (!box) return report_errors(box.error());
  const auto result = lab::verify(*box, *options);
  if (!result) return report_errors(result.error());
  if (!a.global.quiet) {
    for (const std::string& warning : result->input.warnings) fmt::print(stderr, "utables: {}\n", warning);
    const std::string text =
        a.global.json ? lab::verification_json(*result) : lab::verification_text(*result, a.global.verbose);
    std::fwrite(text.data(), 1, text.size(), stdout);
  }
  return result->equal() ? kDone : kDiffers;
}

}  // namespace utables::cli
