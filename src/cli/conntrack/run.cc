#include "cli/conntrack/run.h"

#include <fmt/format.h>

#include <cstdlib>
#include <deque>
#include <iostream>
#include <iterator>
#include <span>

#include "base/scan.h"
#include "cli/conntrack/answers.h"
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

bool selected(const CommandLine& line, const Parameters& wanted, const Connection& c,
              const Entries& entries) {
  if (line.labels_wanted) {
    const conntrack::Labels has = entries.labels_of(c);
    for (std::size_t i = 0; i < has.words.size(); ++i)
      if ((has.words[i] & line.labels.words[i]) != line.labels.words[i]) return false;
  }
  return conntrack::selects(wanted, c);
}

/// What came of one command line.
struct Done {
  int exit_code = kOk;
  bool changed = false;
  std::string summary{};  ///< empty: none
};

Done refused(Refusal refusal, bool changed = false) {
  tell(operation_failed(refusal));
  return {kOther, changed, {}};
}

std::string entries_were(std::size_t count, std::string_view what) {
  return fmt::format("{} flow entries have been {}.", count, what);
}

Done list(const CommandLine& line, Entries& entries) {
  if (line.table != TableName::conntrack) return {kOk, false, entries_were(0, "shown")};
  // The kernel is asked to look at these bits, and refuses to look at none.
  if (line.parameters.status && line.status_mask == 0) return refused(Refusal::invalid);
  std::size_t count = 0;
  {
    Output output = line.output;
    output.labels = output.labels || line.labels_wanted;
    Printer printer(output, Printer::Frame::whole, 1, entries.now());
    for (Connection* c : entries.all()) {
      if (!selected(line, line.parameters, *c, entries)) continue;
      if ((c->status & line.status_mask) != line.parameters.status.value_or(0)) continue;
      printer.print(*c, entries.labels_of(*c));
      ++count;
      if (line.zero) c->counters = {};
    }
  }
  return {kOk, line.zero && count != 0, entries_were(count, "shown")};
}

/// An expectation and the entry that announced it, where both are there still.
template <class Visit>
void for_each_expectation(lab::BoxState& box, Visit visit) {
  const auto all = box.entries().all();
  for (const auto& awaited : box.state().tracker.awaited) {
    if (awaited.expectation.deadline <= box.entries().now()) continue;
    for (const Connection* c : all)
      if (c->serial == awaited.master) visit(awaited.expectation, *c);
  }
}

Done list_expectations(const CommandLine& line, lab::BoxState& box) {
  std::size_t count = 0;
  const bool xml = line.output.xml;
  for_each_expectation(box, [&](const conntrack::Expectation& e, const Connection& master) {
    if (line.parameters.family && *line.parameters.family != e.tuple.family) return;
    if (xml && count == 0) fmt::print("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<expect>\n");
    ++count;
    fmt::print("{}\n", xml ? conntrack::xml_expectation(e, master, box.entries().now())
                           : conntrack::expectation_line(e, master, box.entries().now()));
  });
  if (xml && count != 0) fmt::print("</expect>\n");
  return {kOk, false, fmt::format("{} expectations have been shown.", count)};
}

Done flush_expectations(lab::BoxState& box) {
  const bool any = !box.state().tracker.awaited.empty();
  box.forget_expectations();
  return {kOk, any, "expectation table has been emptied."};
}

std::size_t count_expectations(lab::BoxState& box) {
  std::size_t count = 0;
  for_each_expectation(box, [&](const auto&, const auto&) { ++count; });
  return count;
}

/// The one entry that the original direction's tuple names, if it is the one that is meant.
Done get(const CommandLine& line, Entries& entries) {
  const Parameters& wanted = line.parameters;
  Connection asked;
  if (!wanted.tuple[0].source || !wanted.tuple[0].destination) return refused(Refusal::invalid);
  Parameters tuple = wanted;
  tuple.tuple[1] = {};
  if (conntrack::make_connection(tuple, {}, entries.now(), asked) != Refusal::none)
    return refused(Refusal::invalid);
  Connection* const found = entries.find(asked.original(), asked.zone());
  if (found == nullptr) return refused(Refusal::missing);
  if (!selected(line, wanted, *found, entries)) return {kOther, false, entries_were(0, "shown")};
  Printer(line.output, Printer::Frame::head, 2, entries.now()).print(*found, entries.labels_of(*found));
  return {kOk, false, entries_were(1, "shown")};
}

Done remove(const CommandLine& line, Entries& entries) {
  std::size_t count = 0;
  Printer printer(line.output, Printer::Frame::flows, 1, entries.now(), "-D");
  for (Connection* c : entries.all()) {
    if (!selected(line, line.parameters, *c, entries) ||
        !conntrack::selects_time(line.parameters, *c, entries.now()))
      continue;
    printer.print(*c, entries.labels_of(*c));
    entries.remove(*c);
    ++count;
  }
  return {count == 0 ? kOther : kOk, count != 0, entries_were(count, "deleted")};
}

Done create(const CommandLine& line, Entries& entries) {
  const bool quiet = line.verb == Verb::add;  // what is there already stays as it is
  Refusal refusal = line.labels_changed ? Refusal::unsupported : entries.create(line.parameters);
  if (refusal == Refusal::exists && quiet) return {kOk, false, entries_were(0, "added")};
  if (refusal != Refusal::none) return refused(refusal);
  return {kOk, true, entries_were(1, quiet ? "added" : "created")};
}

/// Updating asks the kernel twice about every entry, to change it and to show it, and takes one answer for
/// each question. But the second question has two answers, and the one left over is taken for the next
/// question's: so only every other entry is shown, and errors come late. Scripts see that, so it is so here.
class Answers {
 public:
  struct Answer {
    Refusal refusal = Refusal::none;
    const Connection* shown = nullptr;
  };
  Answer ask(std::initializer_list<Answer> answers) {
    waiting_.insert(waiting_.end(), answers);
    const Answer first = waiting_.front();
    waiting_.pop_front();
    return first;
  }

 private:
  std::deque<Answer> waiting_{};
};

class Update {
 public:
  Update(const CommandLine& line, Entries& entries)
      : line_(line), entries_(entries), printer_(line.output, Printer::Frame::flows, 2, entries.now()) {
    // What is not to select by but to become.
    wanted_ = line.parameters;
    wanted_.mark.reset();
    wanted_.status.reset();
    wanted_.state.reset();
  }

  Done run() {
    for (Connection* c : entries_.all()) {
      if (!selected(line_, wanted_, *c, entries_) ||
          (!line_.labels_changed && !conntrack::would_change(*c, line_.parameters, entries_.now())))
        continue;
      if (!update(*c)) return {kOther, changed_, {}};
    }
    return {count_ == 0 ? kOther : kOk, changed_, entries_were(count_, "updated")};
  }

 private:
  /// Without a family there is nobody to ask: no address, no -f.
  Refusal change(Connection& c) {
    if (!line_.parameters.family || line_.labels_changed) return Refusal::unsupported;
    changed_ = true;
    return entries_.change(c, line_.parameters);
  }

  /// false: the command ends here.
  bool update(Connection& c) {
    const Refusal changing = answers_.ask({{change(c), nullptr}}).refusal;
    if (changing != Refusal::none) fmt::print(stderr, "{}\n", operation_failed(changing));
    Answers::Answer showing;
    if (!line_.parameters.family)
      showing = answers_.ask({{Refusal::unsupported, nullptr}});
    else if (c.is(conntrack::kDying))
      showing = answers_.ask({{Refusal::missing, nullptr}});
    else
      showing = answers_.ask({{Refusal::none, &c}, {}});
    if (showing.refusal == Refusal::missing) return true;  // its time was over
    if (showing.refusal != Refusal::none) {
      tell(operation_failed(showing.refusal));
      return false;
    }
    if (showing.shown != nullptr) printer_.print(*showing.shown, entries_.labels_of(*showing.shown));
    ++count_;
    return true;
  }

  const CommandLine& line_;
  Entries& entries_;
  Parameters wanted_{};
  Printer printer_;
  Answers answers_{};
  std::size_t count_ = 0;
  bool changed_ = false;
};

Done flush(const CommandLine& line, Entries& entries) {
  const auto all = entries.all();
  for (Connection* c : all)
    if (!line.parameters.family || *line.parameters.family == c->original().family) entries.remove(*c);
  return {kOk, !all.empty(), "connection tracking table has been emptied."};
}

/// Single expectations are neither found nor made by hand yet.
Done on_expectations(const CommandLine& line) {
  tell(line.verb == Verb::create ? "Operation failed: master conntrack not found"
                                 : "Operation failed: No such file or directory");
  return {kOther, false, {}};
}

Done statistics(const CommandLine& line, const conntrack::Statistics& counted) {
  fmt::print("{}\n", line.table == TableName::expect ? conntrack::expectation_statistics_line(counted)
                                                     : conntrack::statistics_line(counted));
  return {};
}

Done run_line(const CommandLine& line, lab::BoxState& box) {
  Entries& entries = box.entries();
  const bool one = line.verb == Verb::get || line.verb == Verb::remove || line.verb == Verb::create;
  if (line.table == TableName::expect && one) return on_expectations(line);
  if (line.table == TableName::expect && line.verb == Verb::list) return list_expectations(line, box);
  if (line.table == TableName::expect && line.verb == Verb::flush) return flush_expectations(box);
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
      return Update(line, entries).run();
    case Verb::flush:
      return flush(line, entries);
    case Verb::statistics:
      return statistics(line, box.state().tracker.statistics);
    case Verb::count:
      fmt::print("{}\n", line.table == TableName::expect ? count_expectations(box) : entries.size());
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
Result<std::optional<CommandLine>, Failure> read_line(std::string_view text, std::string_view place) {
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
  Parsed parsed = parse_command_line(words, BoxOption::buffer);
  for (const std::string& note : parsed.notes) fmt::print(stderr, "{}\n", note);
  if (parsed.failure) return tl::unexpected<Failure>(std::move(*parsed.failure));
  if (!may_be_loaded(parsed.line))
    return refuse(fmt::format("Cannot use command `{}{}' with --load-file", name_of(parsed.line.verb),
                              parsed.line.table == TableName::expect ? " expect" : ""));
  return std::optional(std::move(parsed.line));
}

Result<std::vector<CommandLine>, Failure> read_file(const std::string& file) {
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
    auto read = read_line(line, fmt::format("{}:{}", file, ++number));
    if (!read) return tl::unexpected<Failure>(std::move(read.error()));
    if (*read) lines.push_back(std::move(**read));
  }
  return lines;
}

bool changes(const CommandLine& line) {
  switch (line.verb) {
    case Verb::remove:
    case Verb::create:
    case Verb::add:
    case Verb::update:
    case Verb::load:
      return line.table == TableName::conntrack;
    case Verb::flush:
      return line.table == TableName::conntrack || line.table == TableName::expect;
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

int run_parsed(const CommandLine& line, const Invocation& invocation) {
  std::vector<CommandLine> lines;
  if (line.verb == Verb::load) {
    auto read = read_file(line.file);
    if (!read) return fail_with(read.error());
    lines = std::move(*read);
  } else {
    lines.push_back(line);
  }
  const auto path = lab::name_box(line.box ? line.box : invocation.box, std::getenv("UTABLES_BOX"));
  if (!path) return report_error(path.error());
  using Access = lab::BoxState::Access;
  auto box = lab::BoxState::open(*path, changes(line) ? Access::change : Access::look);
  if (!box) return report_errors(box.error());
  return run_lines(lines, line.verb == Verb::load, *box);
}

}  // namespace

int run(const Arguments& arguments, const Invocation& invocation) {
  const Parsed parsed = parse_command_line(arguments, invocation.option);
  for (const std::string& note : parsed.notes) fmt::print(stderr, "{}\n", note);
  if (parsed.failure) return fail_with(*parsed.failure);
  switch (parsed.line.verb) {
    case Verb::none:
    case Verb::help:
      print_help();
      return kOk;
    case Verb::version:
      fmt::print("{}, by utables {}\n", kProgram, kVersion);
      return kOk;
    case Verb::events:
      fmt::print(stderr,
                 "utables: a box on disk has no events to wait for: `utables replay --out DIR' writes what "
                 "happened to DIR/events, and a live utables will tell as it happens\n");
      return kLacking;
    default:
      return run_parsed(parsed.line, invocation);
  }
}

}  // namespace utables::cli::conntrack_tool
