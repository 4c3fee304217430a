// utables help: the commands, one command, or an extension of the rules.
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "rules/extension.h"
#include "rules/option/option.h"

namespace utables::cli {
namespace {

void print_commands() {
  fmt::print("utables {}: the Linux firewall (iptables rules and connection tracking) in user space\n\n",
             kVersion);
  for (const Command& c : commands()) fmt::print("  utables {} {}\n      {}\n", c.name, c.usage, c.summary);
  fmt::print(
      "\nA box is a directory with net.ip, sysctl.conf, rules.v4, state.jsonl (all optional), or an\n"
      "iptables-save file. `utables help COMMAND' has the options of a command.\n"
      "Exit codes: 0 done, 1 differs, 2 bad usage or input, 3 this machine lacks what it takes, 4 "
      "undecidable.\n");
}

void print_extension(std::string_view kind, const rules::ExtensionDescriptor& extension) {
  fmt::print("{} {}: {}\n", kind, extension.name, extension.summary);
  for (const rules::OptionRow& row : extension.options) {
    if (row.hidden) continue;
    const std::string words = fmt::format("{}--{}{}{}", row.invertible ? "[!] " : "", row.spelled(),
                                          row.value.empty() ? "" : " ", row.value);
    fmt::print("  {:<40} {}\n", words, row.help);
  }
}

template <class Descriptors>
int list_extensions(std::string_view kind, Descriptors all) {
  for (const auto* extension : all) {
    const bool again = extension->families == 0b10 && [&] {
      for (const auto* other : all)
        if (other != extension && other->name == extension->name) return true;
      return false;
    }();
    if (!again) fmt::print("  {:<12} {}\n", extension->name, extension->summary);
  }
  return all.empty() ? report_error(Error{fmt::format("there is no {} yet", kind)}) : kDone;
}

int help_extension(std::string_view kind, std::string_view name) {
  const rules::ExtensionDescriptor* printed = nullptr;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const rules::ExtensionDescriptor* found = nullptr;
    if (kind == "match")
      found = rules::find_match(name, family);
    else
      found = rules::find_target(name, family);
    if (found == nullptr || found == printed) continue;
    if (printed != nullptr) fmt::print("\nIPv6:\n");
    print_extension(kind, *found);
    printed = found;
  }
  if (printed == nullptr)
    return report_error(
        Error{fmt::format("there is no {} `{}' here; `utables help {}' lists them", kind, name, kind)});
  return kDone;
}

}  // namespace

int run_help(const Arguments& arguments) {
  if (arguments.empty()) {
    print_commands();
    return kDone;
  }
  const std::string& word = arguments.front();
  if (word == "match" || word == "target") {
    if (arguments.size() > 1) return help_extension(word, arguments[1]);
    return word == "match" ? list_extensions(word, rules::all_matches())
                           : list_extensions(word, rules::all_targets());
  }
  const Command* const command = find_command(word);
  if (command == nullptr)
    return report_error(Error{fmt::format("there is no command `{}'; `utables help' lists them", word)});
  if (command->run == run_help) return run_help({});
  return command->run({"--help"});
}

}  // namespace utables::cli
