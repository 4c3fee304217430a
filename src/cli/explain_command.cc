// utables explain: the way of one packet, of a capture or written as text.
#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "base/scan.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/terminal.h"
#include "lab/explain/explain.h"

namespace utables::cli {
namespace {

struct ExplainArguments {
  GlobalOptions global{};
  CaptureOptions capture{};
  std::vector<std::string> packets{};
};

struct NamedFrame {
  std::string file;
  std::uint64_t number = 0;
};

/// `FILE:N`, if there is such a file (or nothing of a packet's text in it).
std::optional<NamedFrame> read_frame_name(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || text.find(' ') < colon) return std::nullopt;
  const auto number = scan_unsigned(std::string_view(text).substr(colon + 1), 10, 0xffffffffffff);
  if (!number || *number == 0) return std::nullopt;
  return NamedFrame{text.substr(0, colon), *number};
}

/// What is wrong with a word that names a file and no frame of it; empty if it names none.
std::string no_frame(const std::string& text) {
  std::error_code none;
  const auto is_file = [&](const std::string& path) { return std::filesystem::exists(path, none); };
  if (is_file(text)) return fmt::format("{}: which frame of it? FILE:N is expected, N from 1", text);
  const std::string file = text.substr(0, text.rfind(':'));
  if (file.size() == text.size() || file.empty() || !is_file(file)) return {};
  return fmt::format("{}: the number of a frame is expected behind the colon, from 1", text);
}

void print(const lab::Explanation& explanation, const ExplainArguments& a) {
  if (a.global.quiet) return;
  if (a.global.json)
    fmt::print(
        "{}\n",
        lab::explanation_json(explanation).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  else
    fmt::print("{}", lab::explanation_text(explanation, use_color(a.global.color)));
}

int explain_all(const ExplainArguments& a, const lab::Box& box, lab::ReplayOptions options) {
  bool first = true;
  const auto show = [&](const Result<lab::Explanation, Errors>& explained) {
    if (!explained) return report_errors(explained.error());
    if (!first && !a.global.json && !a.global.quiet) fmt::print("\n");
    first = false;
    print(*explained, a);
    return kDone;
  };
  if (!read_frame_name(a.packets.front())) {  // words of one packet
    if (std::string wrong = no_frame(a.packets.front()); !wrong.empty()) return report_error(Error{wrong});
    return show(lab::explain_packet(box, options, fmt::format("{}", fmt::join(a.packets, " "))));
  }
  std::vector<NamedFrame> frames;
  for (const std::string& text : a.packets) {
    const auto frame = read_frame_name(text);
    if (!frame)
      return report_error(Error{fmt::format("`{}' is not FILE:N, as the argument before it is", text)});
    frames.push_back(*frame);
  }
  for (const NamedFrame& frame : frames) {
    options.captures = {frame.file};
    if (const int code = show(lab::explain_frame(box, options, frame.number)); code != kDone) return code;
  }
  return kDone;
}

}  // namespace

int run_explain(const Arguments& arguments) {
  ExplainArguments a;
  CLI::App app(
      "the way of one packet through hooks, chains and rules: of a capture (FILE:N), or written as "
      "text\n(`tcp 10.0.0.5:4000 > 192.0.2.9:22 S'; docs/packets.md)",
      "explain");
  add_global_options(app, a.global);
  add_capture_options(app, a.capture);
  app.add_option("packets", a.packets, "frames, or the words of one packet")
      ->type_name("FILE:N|PACKET")
      ->required();
  if (const auto over = parse(app, arguments)) return *over;
  auto options = replay_options(a.global, a.capture);
  if (!options) return report_error(options.error());
  auto box = read_box(a.global);
  return box ? explain_all(a, *box, std::move(*options)) : report_errors(box.error());
}

}  // namespace utables::cli
