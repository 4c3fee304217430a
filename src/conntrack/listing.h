// Listings of connections, in the kernel's and conntrack(8)'s words.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "conntrack/tracker.h"

namespace utables::conntrack {

/// A line of /proc/net/nf_conntrack (modern) or /proc/net/ip_conntrack (classic), without line end.
[[nodiscard]] std::string proc_line(const Connection& connection, Time now, const Settings& settings);
/// What `conntrack -o` adds to a line.
struct LineOptions {
  bool extended = false;    ///< the family before it
  bool ktimestamp = false;  ///< when it began (UTC), where that is known
  bool id = false;
  std::optional<unsigned> use = 1;  ///< none: not shown
  /// The names of its labels, where it has any and they are to be shown; those without a name are not named.
  std::optional<std::vector<std::string>> labels{};
  bool when = false;  ///< of an event in XML: its moment
};
/// A line of `conntrack -L`.
[[nodiscard]] std::string conntrack_line(const Connection& connection, Time now,
                                         const LineOptions& options = {});
/// A line of `conntrack -L -o save`: the command line that makes this entry, or (`-D`) the one that deleted
/// it.
[[nodiscard]] std::string save_line(const Connection& connection, Time now, std::string_view command = "-A");
/// The same of an event: what made, changed or deleted it.
[[nodiscard]] std::string save_event(const Event& event);
/// The `<flow>` of `conntrack -L -o xml`, without line end.
[[nodiscard]] std::string xml_flow(const Connection& connection, Time now, const LineOptions& options = {});
[[nodiscard]] std::string xml_event(const Event& event, const LineOptions& options);
/// A connection as a JSON object (docs/output.md), without line end; of an event with what it is and when.
[[nodiscard]] std::string json_line(const Connection& connection, Time now);
[[nodiscard]] std::string json_event(const Event& event);
/// The id that listings show: of the order of creation. A kernel's are hashes with a secret.
[[nodiscard]] inline std::uint32_t id_of(const Connection& connection) {
  return static_cast<std::uint32_t>(connection.serial);
}
/// Whole seconds that it has left, as every listing shows them.
[[nodiscard]] long long seconds_left(const Connection& connection, Time now);
/// A protocol as conntrack(8) calls it; `unknown` where it has no name for it.
[[nodiscard]] std::string_view conntrack_protocol_name(std::uint8_t protocol);
/// A line of `conntrack -E -o timestamp`, without ids.
[[nodiscard]] std::string event_line(const Event& event);
/// A line of `conntrack -E` without the time before it.
[[nodiscard]] std::string event_text(const Event& event, const LineOptions& options);
/// A line of `conntrack -L expect`.
[[nodiscard]] std::string expectation_line(const Expectation& expectation, const Connection& master,
                                           Time now);
/// The `<flow>` of `conntrack -L expect -o xml`, without line end. `when`: with the moment `now`.
[[nodiscard]] std::string xml_expectation(const Expectation& expectation, const Connection& master, Time now,
                                          bool when = false);
[[nodiscard]] std::string xml_expectation_event(const ExpectationEvent& event, bool when);
/// An expectation as a JSON object (docs/output.md), without line end.
[[nodiscard]] std::string json_expectation(const Expectation& expectation, const Connection& master,
                                           Time now);
[[nodiscard]] std::string json_expectation_event(const ExpectationEvent& event);
/// A line of `conntrack -E expect -o timestamp`, its microseconds in full.
[[nodiscard]] std::string expectation_event_line(const ExpectationEvent& event);
/// A line of `conntrack -E expect`.
[[nodiscard]] std::string expectation_event_text(const ExpectationEvent& event);
/// A line of /proc/net/nf_conntrack_expect, and all of it in order of creation, a line each.
[[nodiscard]] std::string proc_expectation_line(const Expectation& expectation, Time now);
[[nodiscard]] std::string proc_expectations(const Tracker& tracker, Time now);
/// Every entry, in order of creation, a line each: the files nf_conntrack and ip_conntrack.
[[nodiscard]] std::string proc_listing(const Tracker& tracker, Time now);

}  // namespace utables::conntrack
