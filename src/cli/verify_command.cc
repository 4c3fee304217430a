// utables verify: the same box and captures through this machine's own kernel.
#include <iostream>

#include "cli/commands.h"
#include "cli/options.h"
#include "lab/verify.h"

namespace utables::cli {

int run_verify(const Arguments& arguments) {
  GlobalOptions global;
  CaptureOptions capture;
  lab::VerifyOptions options;
  std::vector<std::string> captures;
  CLI::App app(
      "the same box and captures through this machine's own kernel, in a namespace of its own, and what "
      "differs:\n"
      "every byte sent on every interface, every connection (timeouts within 2 s), every counter",
      "verify");
  add_global_options(app, global);
  add_capture_options(app, capture);
  app.add_flag("--paced", options.paced,
               "keep the captures' pauses; otherwise packets follow one another at once");
  app.add_option("captures", captures, "pcap or pcapng files, plain, .gz or .zst")
      ->type_name("CAPTURE")
      ->required();
  if (const auto code = parse(app, arguments)) return *code;
  auto replay = replay_options(global, capture);
  if (!replay) return report_error(replay.error());
  options.replay = std::move(*replay);
  options.replay.captures = captures;
  options.all = global.verbose;
  options.quiet = global.quiet;
  const auto box = read_box(global);
  if (!box) return report_errors(box.error());
  const auto code = lab::verify(*box, options, std::cout);
  return code ? *code : report_errors(code.error());
}

}  // namespace utables::cli
