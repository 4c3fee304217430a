#include "cli/conntrack/expectations.h"

#include <fmt/format.h>

#include <algorithm>

#include "packet/headers.h"

namespace utables::cli::conntrack_tool {
namespace {

using conntrack::Entries;
using conntrack::Expectation;
using conntrack::Refusal;

std::string were_shown(std::size_t count) { return fmt::format("{} expectations have been shown.", count); }

/// Microseconds are filled up at the right here, in the original as well.
std::string moment(const Output& output, Time now) {
  return output.timestamp ? fmt::format("[{}.{:<6}]\t", now / kSecond, now % kSecond / kMicrosecond) : "";
}

std::string shown(const Output& output, const Expectation& e, const Entries& entries) {
  const conntrack::Connection& master = entries.master_of(e);
  if (output.xml) return conntrack::xml_expectation(e, master, entries.now(), output.timestamp);
  if (output.json) return conntrack::json_expectation(e, master, entries.now());
  return moment(output, entries.now()) + conntrack::expectation_line(e, master, entries.now());
}

/// Without `-f` it is IPv4 that is meant here.
bool of_family(const CommandLine& line, const Expectation& e) {
  return e.tuple.family == line.parameters.family.value_or(Family::ipv4);
}

Done list(const CommandLine& line, const Entries& entries) {
  std::size_t count = 0;
  const bool xml = line.output.xml;
  for (const Expectation& e : entries.awaited()) {
    if (!of_family(line, e)) continue;
    if (xml && count == 0) fmt::print("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<expect>\n");
    ++count;
    fmt::print("{}\n", shown(line.output, e, entries));
  }
  if (xml && count != 0) fmt::print("</expect>\n");
  return {kOk, false, were_shown(count)};
}

/// ICMPv6 cannot be asked about without a type.
Refusal missing(const CommandLine& line) {
  return line.parameters.protocol == packet::kIcmpv6 ? Refusal::invalid : Refusal::not_found;
}

Done get(const CommandLine& line, const Entries& entries) {
  const Expectation* const found = entries.find_awaited(line.parameters);
  if (found == nullptr) return refused(missing(line));
  fmt::print("{}\n", shown(line.output, *found, entries));
  return {};
}

/// The original deletes it and says that it did nothing.
Done remove(const CommandLine& line, Entries& entries) {
  const Expectation* const found = entries.find_awaited(line.parameters);
  if (found == nullptr) return refused(missing(line));
  entries.remove(*found);
  return {kOther, true, were_shown(0)};
}

Done create(const CommandLine& line, Entries& entries) {
  const Refusal refusal = entries.expect(line.parameters, line.awaited);
  if (refusal != Refusal::none) return refused(refusal);
  return {kOk, true, {}};
}

Done flush(Entries& entries) {
  const bool any = !entries.awaited().empty();
  while (!entries.awaited().empty()) entries.remove(entries.awaited().back());
  return {kOk, any, "expectation table has been emptied."};
}

}  // namespace

Done on_expectations(const CommandLine& line, Entries& entries) {
  switch (line.verb) {
    case Verb::list:
      return list(line, entries);
    case Verb::get:
      return get(line, entries);
    case Verb::remove:
      return remove(line, entries);
    case Verb::create:
      return create(line, entries);
    case Verb::flush:
      return flush(entries);
    case Verb::count:
      fmt::print("{}\n", std::count_if(entries.awaited().begin(), entries.awaited().end(),
                                       [&](const Expectation& e) { return of_family(line, e); }));
      return {};
    default:
      return {};
  }
}

}  // namespace utables::cli::conntrack_tool
