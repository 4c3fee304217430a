// argv -> Command: the command line of iptables, shared by iptables-save files and the iptables command.
// Options come in any order; `-p tcp --dport` loads the tcp match; several addresses make several rules.
//
// Unknown extensions and options do not end the reading: they are collected, so that all of a file's can be
// told at once. Any other error does, worded as iptables words it.
#pragma once
#include <utables/result.h>

#include <span>
#include <string>
#include <vector>

#include "rules/model.h"

namespace utables::rules {

struct Command {
  enum class Verb : std::uint8_t {
    none,
    append,
    insert,
    remove,
    replace,
    check,
    flush,
    zero,
    new_chain,
    delete_chain,
    rename_chain,
    policy,
    list,
    list_rules
  };
  Verb verb = Verb::none;
  std::string chain{};
  std::string argument{};       ///< -P's policy, -E's new name
  std::uint32_t number = 0;     ///< rule number, from 1; 0: none was given
  bool counters_given = false;  ///< -c
  bool other_family = false;  ///< -4 or -6 says that the line is for the other family: nothing else was read
  std::vector<Rule> rules{};  ///< several where several addresses were given
  Errors unknown{};           ///< unknown extensions and options
};

/// What is there already: chains decide what `-j NAME` means.
struct CommandContext {
  const Table& table;
  Family family = Family::ipv4;
};

/// REQUIRES: `words` without the program's name.
[[nodiscard]] Result<Command> parse_command(std::span<const std::string> words,
                                            const CommandContext& context);

/// Whether iptables takes a chain of that name (`-N`).
[[nodiscard]] Result<void> check_chain_name(std::string_view name, Family family);

}  // namespace utables::rules
