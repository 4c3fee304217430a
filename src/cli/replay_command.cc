// utables replay: captures through a box; report, outputs, shown packets.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "engine/parts.h"
#include "lab/outputs.h"
#include "lab/replay.h"
#include "lab/report/report.h"
#include "lab/report/show.h"
#include "lab/report/show_filter.h"
#include "lab/report/tally.h"
#include "lab/report/text.h"

namespace utables::cli {
namespace {

struct ReplayArguments {
  GlobalOptions global{};
  CaptureOptions capture{};
  std::vector<std::string> captures{};
  std::string out{}, write{}, show{}, until{};
};

void describe(CLI::App& app, ReplayArguments& a) {
  add_global_options(app, a.global);
  add_capture_options(app, a.capture);
  app.add_option("--out", a.out, "write the box afterwards, and what happened, into a directory")
      ->check(not_empty)
      ->type_name("DIR");
  app.add_option("-w,--write", a.write, "write the packets that left (pcapng)")
      ->check(not_empty)
      ->type_name("FILE");
  app.add_option("--show", a.show,
                 "print the packets that a filter selects: pcap-filter(7), and verdict, state, rule, chain, "
                 "in, out, reason")
      ->check(not_empty)
      ->type_name("FILTER");
  app.add_option("--until", a.until, "let time run on after the last packet")
      ->check(not_empty)
      ->type_name("+TIME");
  app.add_option("captures", a.captures, "pcap or pcapng files, plain, .gz or .zst; - is standard input")
      ->type_name("CAPTURE")
      ->required();
}

void write_out(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

struct Session {
  const ReplayArguments& arguments;
  lab::Box box;
  lab::ReplayOptions options;
};

/// Nothing is written over a capture that is read.
Result<void> check_targets(const ReplayArguments& a) {
  const auto is_a_capture = [&](const std::filesystem::path& target) {
    std::error_code none;
    return std::any_of(a.captures.begin(), a.captures.end(), [&](const std::string& capture) {
      return std::filesystem::is_regular_file(target, none) &&
             std::filesystem::equivalent(target, capture, none);
    });
  };
  if (!a.write.empty() && is_a_capture(a.write))
    return fail(fmt::format("-w {}: is one of the captures; nothing is written over it", a.write));
  if (!a.out.empty() && is_a_capture(std::filesystem::path(a.out) / "sent.pcapng"))
    return fail(fmt::format("--out {}: one of the captures is in it; nothing is written over it", a.out));
  return {};
}

Result<Session, Errors> prepare(const ReplayArguments& a) {
  if (auto good = check_targets(a); !good) return tl::unexpected<Errors>(Errors{good.error()});
  auto options = replay_options(a.global, a.capture);
  if (!options) return tl::unexpected<Errors>(Errors{options.error()});
  options->captures = a.captures;
  if (!a.until.empty()) {
    const auto until = lab::parse_span(a.until);
    if (!until)
      return tl::unexpected<Errors>(Errors{
          Error{fmt::format("--until {}: a length of time such as +3s, +200ms, +5m is expected", a.until)}});
    options->until = *until;
  }
  auto box = read_box(a.global);
  if (!box) return tl::unexpected<Errors>(std::move(box.error()));
  return Session{a, std::move(*box), std::move(*options)};
}

/// The figures of `--show` and of the report, after everything was played.
void print_results(const Session& session, const lab::Replay& replay, const lab::Tally& tally,
                   const std::array<rules::Ruleset, 2>& before, const lab::Show* show) {
  const GlobalOptions& global = session.arguments.global;
  if (global.quiet) return;
  const lab::ReportInput input{session.box, session.options, before, global.box.has_value(),
                               !session.arguments.out.empty()};
  const lab::Report report = lab::make_report(replay, tally, input);
  if (global.json)
    return write_out(lab::report_json(report).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
                     "\n");
  if (show != nullptr) {
    for (const std::string& warning : report.warnings) fmt::print(stderr, "utables: {}\n", warning);
    return fmt::print(stderr, "utables: {} of {} shown\n", lab::thousands(show->shown()),
                      lab::counted(report.read.inputs, "packet"));
  }
  write_out(lab::report_text(report, {use_color(global.color), global.verbose, output_width()}));
}

int play(const Session& session) {
  const ReplayArguments& a = session.arguments;
  std::optional<lab::ShowFilter> filter;
  if (!a.show.empty()) {
    auto compiled = lab::ShowFilter::compile(a.show);
    if (!compiled) return report_error(compiled.error());
    filter.emplace(std::move(*compiled));
  }
  auto replay = lab::Replay::create(session.box, session.options);
  if (!replay) return report_errors(replay.error());
  auto outputs = lab::Outputs::create({a.out, a.write}, session.box, *replay);
  if (!outputs) return report_error(outputs.error());

  const std::array<rules::Ruleset, 2> before{current_rules(replay->parts(), Family::ipv4),
                                             current_rules(replay->parts(), Family::ipv6)};
  lab::Tally tally(replay->host().interfaces.size(), replay->parts().tracker.get());
  replay->add(tally);
  std::optional<lab::Show> show;
  if (filter) replay->add(show.emplace(*filter, *replay, a.global.json, write_out));
  outputs->listen(*replay);
  ProgressBar bar(!a.global.quiet);
  replay->on_progress([&](std::optional<double> done) { bar.show(done); });

  if (auto played = replay->run(); !played) return report_error(played.error());
  if (auto written = outputs->commit(); !written) return report_error(written.error());
  print_results(session, *replay, tally, before, show ? &*show : nullptr);
  return kDone;
}

}  // namespace

int run_replay(const Arguments& arguments) {
  ReplayArguments a;
  CLI::App app("what a Linux router with this box would have done with this traffic, packet for packet",
               "replay");
  describe(app, a);
  if (const auto over = parse(app, arguments)) return *over;
  auto session = prepare(a);
  return session ? play(*session) : report_errors(session.error());
}

}  // namespace utables::cli
