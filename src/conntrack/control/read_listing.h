// Lines of listings, read: `conntrack -L` (also with -o extended, id, ktimestamp, labels),
// /proc/net/nf_conntrack and /proc/net/ip_conntrack.
//
// What is taken is what `conntrack -A` could be told: tuples, timeout, state, mark, zone and the flags that
// are shown; a reply that is not the inverse of its original says that the connection is translated.
// Counters, `use=`, ids, dates, helpers and security contexts are read over.
#pragma once
#include <utables/result.h>

#include <string_view>

#include "conntrack/control/parameters.h"

namespace utables::conntrack {

/// The longest line that is read, bytes.
inline constexpr std::size_t kListingLine = 4096;

/// Whether a line is meant to be one of a listing, good or not.
[[nodiscard]] bool looks_like_listing(std::string_view line);

/// One line, without its end.
[[nodiscard]] Result<Parameters> read_listing_line(std::string_view line);

}  // namespace utables::conntrack
