#include "cli/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/conntrack/run.h"

namespace utables::cli {
namespace {

constexpr std::array<Command, 5> kCommands{{
    {"replay", "[-b BOX] [--out DIR] [-w FILE] [--show FILTER] CAPTURE...",
     "what a Linux router with this box would have done with this traffic", run_replay},
    {"explain", "[-b BOX] FILE:N... | PACKET...", "the way of one packet through hooks, chains and rules",
     run_explain},
    {"verify", "[-b BOX] CAPTURE...", "the same through this machine's own kernel; what differs", run_verify},
    {"conntrack", "[-b BOX] -L|-G|-D|-I|-A|-U|-F|-C|-S|-R FILE [OPTIONS]",
     "the connections of a box: listed, found, made, changed, deleted", run_conntrack},
    {"help", "[COMMAND | match NAME | target NAME]", "this, or more about a command or an extension",
     run_help},
}};

/// Words that will be commands, and programs that utables will stand for.
constexpr std::array<std::string_view, 8> kLaterCommands{"test",  "diff",     "query",    "lint",
                                                         "cover", "capacity", "snapshot", "run"};
constexpr std::array<std::string_view, 7> kLaterApplets{
    "iptables",       "ip6tables",         "iptables-save", "iptables-restore",
    "ip6tables-save", "ip6tables-restore", "ipset"};

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

int refuse(std::string text) {
  Error error;
  error.text = std::move(text);
  return report_error(error);
}

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1);
}

/// What a command exits with for an error. The 1 of iptables (a chain that is not there, say) is an applet's;
/// to utables, whose 1 means "differs", it is bad input like any other.
int exit_code_of(const Error& error) { return error.exit_code == kDiffers ? kBadInput : error.exit_code; }

}  // namespace

std::span<const Command> commands() { return kCommands; }

const Command* find_command(std::string_view name) {
  const auto found =
      std::find_if(kCommands.begin(), kCommands.end(), [&](const Command& c) { return c.name == name; });
  return found == kCommands.end() ? nullptr : &*found;
}

int report_error(const Error& error) {
  fmt::print(stderr, "utables: {}\n", error.str());
  return exit_code_of(error);
}

int report_errors(const Errors& errors) {
  for (const Error& error : errors) report_error(error);
  return errors.empty() ? kBadInput : exit_code_of(errors.front());
}

int run_conntrack(const Arguments& arguments) {
  return conntrack_tool::run(arguments, {{}, conntrack_tool::BoxOption::box});
}

namespace {

/// `utables -b BOX COMMAND ...`
int run_on_box(const Arguments& arguments) {
  if (arguments.size() < 3) return refuse("-b BOX and a command are expected");
  const std::string &box = arguments[1], &word = arguments[2];
  Arguments rest(arguments.begin() + 3, arguments.end());
  if (word == "conntrack") return conntrack_tool::run(rest, {box, conntrack_tool::BoxOption::buffer});
  const Command* const command = find_command(word);
  if (command == nullptr)
    return refuse(fmt::format("there is no command `{}'; `utables help' lists them", word));
  rest.insert(rest.begin(), {arguments[0], box});
  return command->run(rest);
}

}  // namespace

int run(std::string_view invoked_as, const Arguments& arguments) {
  const std::string_view applet = base_name(invoked_as);
  if (is_one_of(applet, kLaterApplets))
    return refuse(fmt::format("standing for {} is not there yet", applet));
  if (applet == "conntrack") return conntrack_tool::run(arguments, {});
  if (arguments.empty()) {
    run_help({});
    return kBadInput;
  }
  const std::string& word = arguments.front();
  const Arguments rest(arguments.begin() + 1, arguments.end());
  if (word == "-h" || word == "--help") return run_help(rest);
  if (word == "-b" || word == "--box") return run_on_box(arguments);
  if (word == "-V" || word == "--version" || word == "version") {
    fmt::print("utables {}\n", kVersion);
    return kDone;
  }
  if (const Command* command = find_command(word)) return command->run(rest);
  if (is_one_of(word, kLaterApplets)) return refuse(fmt::format("standing for {} is not there yet", word));
  if (is_one_of(word, kLaterCommands)) return refuse(fmt::format("the command `{}' is not there yet", word));
  return refuse(fmt::format("there is no command `{}'; `utables help' lists them", word));
}

}  // namespace utables::cli
