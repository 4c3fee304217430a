// Statistics: what Linux counts of tracking, as /proc/net/stat/nf_conntrack and `conntrack -S` have it. Linux
// counts for each processor; here there is one.
#pragma once
#include <cstdint>
#include <string>

namespace utables::conntrack {

struct Statistics {
  std::uint64_t found = 0;          ///< tuples that NAT wanted and another connection had
  std::uint64_t invalid = 0;        ///< packets of no connection, ICMP's own reasons apart
  std::uint64_t insert = 0;         ///< entries made by hand
  std::uint64_t insert_failed = 0;  ///< connections that could not be confirmed
  std::uint64_t drop = 0;           ///< packets dropped: the table was full, or they clashed
  std::uint64_t early_drop = 0;     ///< entries that made room
  std::uint64_t error = 0;          ///< ICMP messages that were not believed
  std::uint64_t clash_resolve = 0;  ///< ... and that went on with the entry that was there
  std::uint64_t expect_new = 0, expect_create = 0, expect_delete = 0;
  friend bool operator==(const Statistics&, const Statistics&) = default;
};

/// /proc/net/stat/nf_conntrack, of `entries` connections.
[[nodiscard]] std::string proc_statistics(const Statistics& statistics, std::uint32_t entries);
/// `conntrack -S` and `conntrack -S expect`, without line ends.
[[nodiscard]] std::string statistics_line(const Statistics& statistics);
[[nodiscard]] std::string expectation_statistics_line(const Statistics& statistics);

}  // namespace utables::conntrack
