// Listings of connections, in the kernel's and conntrack(8)'s words.
#pragma once
#include <string>

#include "conntrack/tracker.h"

namespace utables::conntrack {

/// A line of /proc/net/nf_conntrack (modern) or /proc/net/ip_conntrack (classic), without line end.
[[nodiscard]] std::string proc_line(const Connection& connection, Time now, const Settings& settings);
/// A line of `conntrack -L`.
[[nodiscard]] std::string conntrack_line(const Connection& connection, Time now);
/// A line of `conntrack -E -o timestamp`, without ids.
[[nodiscard]] std::string event_line(const Event& event);
/// Every entry, in order of creation, a line each: the files nf_conntrack and ip_conntrack.
[[nodiscard]] std::string proc_listing(const Tracker& tracker, Time now);

}  // namespace utables::conntrack
