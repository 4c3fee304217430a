// Entries of the connection table in one form, whoever listed them, and what differs between two tables.
#pragma once
#include <utables/time.h>

#include <string>
#include <string_view>
#include <vector>

#include "conntrack/connection.h"
#include "lab/compare/compare.h"

namespace utables::lab::compare {

/// A line of /proc/net/nf_conntrack without family, time to live and use count, and its seconds to live.
struct ListedEntry {
  std::string text;  ///< `tcp 6 ESTABLISHED src=... [ASSURED] mark=0 zone=0`
  long seconds = 0;
};
[[nodiscard]] ListedEntry canonical_entry(std::string_view proc_line);
/// The same of a connection.
[[nodiscard]] std::string entry_of(const conntrack::Connection& connection, bool accounting);

/// Appends what differs between expectations, lines of nf_conntrack_expect on both sides.
void compare_expectations(const std::vector<std::string>& kernel, const std::vector<std::string>& ours,
                          std::vector<Difference>& differences);

/// Appends what differs. `rest` is the time to live of each of `ours`.
void compare_tables(const std::vector<std::string>& kernel_lines, const std::vector<std::string>& ours,
                    const std::vector<Duration>& rest, std::vector<Difference>& differences);

}  // namespace utables::lab::compare
