#include "cli/conntrack/run.h"

#include <fmt/format.h>

#include <cstdlib>
#include <iostream>
#include <iterator>
#include <span>

#include "base/scan.h"
#include "cli/conntrack/answers.h"
#include "cli/conntrack/expectations.h"
#include "cli/conntrack/update.h"
#include "cli/conntrack/watch.h"
#include "conntrack/control/read_listing.h"
#include "conntrack/control/select.h"
#include "conntrack/listing.h"
#include "lab/box_directory.h"
#include "lab/state/box_state.h"

namespace utables::cli::conntrack_tool {
namespace {

using conntrack::Connection;
using conntrack::Entries;
using conntrack::Parameters;
using conntrack::Refusal;

Done list(const CommandLine& line, Entries& entries) {
  if (line.table != TableName::conntrack) return {kOk, false, entries_were(0, "shown")};
  // The kernel is asked to look at these bits, and refuses to look at none.
  if (line.parameters.status && line.status_mask == 0) return refused(Refusal::invalid);
  std::size_t count = 0;
  {
    Printer printer(line, Printer::Frame::whole, 1, entries.now());
    for (Connection* c : entries.all()) {
      if (!conntrack::selects(line.parameters, *c, entries.labels_of(*c))) continue;
      if ((c->status & line.status_mask) != line.parameters.status.value_or(0)) continue;
      printer.print(*c, entries.labels_of(*c));
      ++count;
      if (line.zero) c->counters = {};
    }
  }
  return {kOk, line.zero && count != 0, entries_were(count, "shown")};
}

/// The one entry that the original direction's tuple names, if it is the one that is meant.
Done get(const CommandLine& line, Entries& entries) {
  const Parameters& wanted = line.parameters;
  Connection asked;
  if (!wanted.tuple[0].source || !wanted.tuple[0].destination) return refused(Refusal::invalid);
  if (!conntrack::fits_family(*wanted.protocol, *wanted.family)) return refused(Refusal::missing);
  Parameters tuple = wanted;
  tuple.tuple[1] = {};
  if (conntrack::make_connection(tuple, {}, entries.now(), asked) != Refusal::none)
    return refused(Refusal::invalid);
  Connection* const found = entries.find(asked.original(), asked.zone());
  if (found == nullptr) return refused(Refusal::missing);
  if (!conntrack::selects(wanted, *found, entries.labels_of(*found)))
    return {kOther, false, entries_were(0, "shown")};
  Printer(line, Printer::Frame::head, 2, entries.now()).print(*found, entries.labels_of(*found));
  return {kOk, false, entries_were(1, "shown")};
}

/// Labels are not shown.
Done remove(const CommandLine& line, Entries& entries) {
  std::size_t count = 0;
  Printer printer(line, Printer::Frame::flows, 1, entries.now(), "-D");
  for (Connection* c : entries.all()) {
    if (!conntrack::selects(line.parameters, *c, entries.labels_of(*c)) ||
        !conntrack::selects_time(line.parameters, *c, entries.now()))
      continue;
    printer.print(*c, {});
    entries.remove(*c);
    ++count;
  }
  return {count == 0 ? kOther : kOk, count != 0, entries_were(count, "deleted")};
}

Done create(const CommandLine& line, Entries& entries) {
  const bool quiet = line.verb == Verb::add;  // what is there already stays as it is
  const Refusal refusal = entries.create(line.parameters);
  if (refusal == Refusal::exists && quiet) return {kOk, false, entries_were(0, "added")};
  if (refusal == Refusal::invalid && quiet) return refused("Invalid argument");  // in the system's words
  if (refusal != Refusal::none) return refused(refusal);
  return {kOk, true, entries_were(1, quiet ? "added" : "created")};
}

/// Whatever family is asked for, the kernel deletes all.
Done flush(Entries& entries) {
  const auto all = entries.all();
  for (Connection* c : all) entries.remove(*c);
  return {kOk, !all.empty(), "connection tracking table has been emptied."};
}

Done statistics(const CommandLine& line, const conntrack::Statistics& counted) {
  fmt::print("{}\n", line.table == TableName::expect ? conntrack::expectation_statistics_line(counted)
                                                     : conntrack::statistics_line(counted));
  return {};
}

Done run_line(const CommandLine& line, lab::BoxState& box) {
  Entries& entries = box.entries();
  if (line.table == TableName::expect && line.verb != Verb::statistics) return on_expectations(line, entries);
  switch (line.verb) {
    case Verb::list:
      return list(line, entries);
    case Verb::get:
      return get(line, entries);
    case Verb::remove:
      return remove(line, entries);
    case Verb::create:
    case Verb::add:
      return create(line, entries);
    case Verb::update:
      return update(line, entries);
    case Verb::flush:
      return flush(entries);
    case Verb::statistics:
      return statistics(line, box.state().tracker.statistics);
    case Verb::count:
      fmt::print("{}\n", entries.size());
      return {};
    default:
      return {};
  }
}

/// A command as `-R` names one that it does not take.
std::string_view name_of(Verb verb) {
  switch (verb) {
    case Verb::list:
      return "-L";
    case Verb::get:
      return "-G";
    case Verb::remove:
      return "-D";
    case Verb::create:
      return "-C";  // as the original has it, for expectations
    case Verb::events:
      return "-E";
    case Verb::flush:
      return "-F";
    case Verb::count:
      return "-C";
    case Verb::statistics:
      return "-S";
    case Verb::version:
      return "-V";
    case Verb::help:
      return "-h";
    default:
      return "unknown";
  }
}

bool may_be_loaded(const CommandLine& line) {
  if (line.table == TableName::expect) return false;
  return line.verb == Verb::create || line.verb == Verb::add || line.verb == Verb::update ||
         line.verb == Verb::remove || line.verb == Verb::flush;
}

/// One line of a file; none: it says nothing. Notes are printed.
Result<std::optional<CommandLine>, Failure> read_line(std::string_view text, std::string_view place,
                                                      const std::string& label_file) {
  const auto refuse = [](std::string why) {
    return tl::unexpected<Failure>(Failure{kUsage, std::move(why)});
  };
  if (conntrack::looks_like_listing(text)) {
    auto read = conntrack::read_listing_line(text);
    if (!read) return refuse(fmt::format("{}: {}", place, read.error().text));
    CommandLine line;
    line.verb = Verb::add;
    line.parameters = std::move(*read);
    return std::optional(std::move(line));
  }
  const Arguments words = split_line(text);
  if (words.empty() || words.front().front() == '#') return std::optional<CommandLine>{};
  Parsed parsed = parse_command_line(words, BoxOption::buffer, label_file);
  for (const std::string& note : parsed.notes) fmt::print(stderr, "{}\n", note);
  if (parsed.failure) return tl::unexpected<Failure>(std::move(*parsed.failure));
  if (!may_be_loaded(parsed.line))
    return refuse(fmt::format("Cannot use command `{}{}' with --load-file", name_of(parsed.line.verb),
                              parsed.line.table == TableName::expect ? " expect" : ""));
  return std::optional(std::move(parsed.line));
}

Result<std::vector<CommandLine>, Failure> read_file(const std::string& file, const std::string& label_file) {
  const auto refuse = [](std::string why) {
    return tl::unexpected<Failure>(Failure{kUsage, std::move(why)});
  };
  std::string text;
  if (file == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    auto read = lab::read_text(file);
    if (!read) return refuse(fmt::format("Failed to open file {} for reading", file));
    text = std::move(*read);
  }
  std::vector<CommandLine> lines;
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    auto read = read_line(line, fmt::format("{}:{}", file, ++number), label_file);
    if (!read) return tl::unexpected<Failure>(std::move(read.error()));
    if (*read) lines.push_back(std::move(**read));
  }
  return lines;
}

bool changes(const CommandLine& line) {
  switch (line.verb) {
    case Verb::remove:
    case Verb::create:
    case Verb::flush:
      return line.table == TableName::conntrack || line.table == TableName::expect;
    case Verb::add:
    case Verb::update:
    case Verb::load:
      return true;
    case Verb::list:
      return line.zero && line.table == TableName::conntrack;
    default:
      return false;
  }
}

/// Refused: nothing was counted.
bool failed(const Done& done) { return done.exit_code != kOk && done.summary.empty(); }

/// Of a file's lines only what they print themselves is told. Whatever was done is kept, also when a later
/// line was refused.
int run_lines(std::span<const CommandLine> lines, bool from_file, lab::BoxState& box) {
  Done done;
  bool changed = false;
  for (const CommandLine& line : lines) {
    done = run_line(line, box);
    changed = changed || done.changed;
    if (failed(done)) break;
    if (from_file && line.verb == Verb::flush) tell(done.summary);
  }
  if (changed)
    if (auto written = box.commit(); !written) return report_error(written.error());
  if (failed(done)) return done.exit_code;
  if (from_file) return kOk;
  if (!done.summary.empty()) tell(done.summary);
  return done.exit_code;
}

int run_parsed(const CommandLine& line, const std::string& path, const std::string& label_file) {
  std::vector<CommandLine> lines;
  if (line.verb == Verb::load) {
    auto read = read_file(line.file, label_file);
    if (!read) return fail_with(read.error());
    lines = std::move(*read);
  } else {
    lines.push_back(line);
  }
  using Access = lab::BoxState::Access;
  auto box = lab::BoxState::open(path, changes(line) ? Access::change : Access::look);
  if (!box) return report_errors(box.error());
  return run_lines(lines, line.verb == Verb::load, *box);
}

}  // namespace

int run(const Arguments& arguments, const Invocation& invocation) {
  const auto named = find_box_option(arguments, invocation.option);
  const auto path = lab::name_box(named ? named : invocation.box, std::getenv("UTABLES_BOX"));
  const std::string label_file = path ? *path + "/connlabel.conf" : std::string();
  const Parsed parsed = parse_command_line(arguments, invocation.option, label_file);
  for (const std::string& note : parsed.notes) fmt::print(stderr, "{}\n", note);
  if (parsed.failure) return fail_with(*parsed.failure);
  const CommandLine& line = parsed.line;
  if (line.verb == Verb::none || line.verb == Verb::help) {
    print_help();
    return kOk;
  }
  if (line.verb == Verb::version) {
    fmt::print("{}, by utables {}\n", kProgram, kVersion);
    return kOk;
  }
  if (!path) return report_error(path.error());
  return line.verb == Verb::events ? watch(line, *path) : run_parsed(line, *path, label_file);
}

}  // namespace utables::cli::conntrack_tool
