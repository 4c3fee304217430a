// What a command line of conntrack(8) says, and how it is read. Reading has getopt's rules: options in any
// order, long ones abbreviated, `--` ends them; a protocol's own options are known from its `-p` on.
//
// Texts and exit codes of errors are the original's (conntrack-tools 1.4.7): scripts compare them.
#pragma once
#include <utables/result.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "conntrack/control/parameters.h"
#include "conntrack/settings.h"
#include "conntrack/tracker.h"

namespace utables::cli::conntrack_tool {

/// Exit codes of conntrack(8).
inline constexpr int kOk = 0, kOther = 1, kUsage = 2;

enum class Verb : std::uint8_t {
  none,
  list,
  get,
  remove,
  create,
  add,
  update,
  events,
  flush,
  count,
  statistics,
  version,
  help,
  load
};
enum class TableName : std::uint8_t { conntrack, expect, dying, unconfirmed };

/// `-o`
struct Output {
  bool xml = false, extended = false, timestamp = false, id = false, ktimestamp = false, labels = false,
       userspace = false, save = false, json = false;
  std::vector<conntrack::LabelName> label_names{};  ///< empty: the box names none, and none are shown
};

/// `-e`: which events are told; none of them given: all.
struct EventMask {
  bool made = false, changed = false, destroyed = false;
  [[nodiscard]] bool tells(conntrack::Event::Kind kind) const {
    if (!made && !changed && !destroyed) return true;
    if (kind == conntrack::Event::Kind::new_) return made;
    return kind == conntrack::Event::Kind::update ? changed : destroyed;
  }
};

struct CommandLine {
  Verb verb = Verb::none;
  TableName table = TableName::conntrack;
  conntrack::Parameters parameters{};
  Output output{};
  std::uint16_t status_mask = 0;  ///< the bits that `-L` looks at for `-u`
  bool zero = false;
  conntrack::AwaitedParts awaited{};           ///< of `-I expect`; `parameters` name its master
  EventMask events{};                          ///< `-e`
  std::optional<std::uint32_t> buffer_size{};  ///< bytes
  std::optional<std::string> box{};            ///< `-b`, where that names the box
  std::string file{};                          ///< of `-R`
};

/// How an error ends the program.
struct Failure {
  int exit_code = kUsage;
  std::string text{};  ///< after `conntrack v... (conntrack-tools): `; empty: nothing is printed
};

/// What `-b` is: the box, as in every command of utables, or the buffer's size, as in conntrack(8).
enum class BoxOption : std::uint8_t { box, buffer };

/// What came of reading. `notes` are lines for standard error, to be printed before anything else.
struct Parsed {
  CommandLine line{};
  std::vector<std::string> notes{};
  std::optional<Failure> failure{};
};

/// `arguments`: without the program's name. `label_file`: where the box's labels have their names.
[[nodiscard]] Parsed parse_command_line(const Arguments& arguments, BoxOption box,
                                        const std::string& label_file);

/// The box that a command line names, before it is read.
[[nodiscard]] std::optional<std::string> find_box_option(const Arguments& arguments, BoxOption box);

/// A line of a file for `-R`, split at blanks; double quotes keep some together.
[[nodiscard]] Arguments split_line(std::string_view line);

}  // namespace utables::cli::conntrack_tool
