// What was counted of tracking, compared with /proc/net/stat/nf_conntrack of all processors.
#pragma once
#include <string_view>
#include <vector>

#include "conntrack/statistics.h"
#include "conntrack/synproxy/proxied.h"
#include "lab/compare/compare.h"

namespace utables::lab::compare {

struct StatisticsOptions {
  bool ends = true;  ///< expectations that ended too, whose ends Linux's clean-up may count late
  /// Ports were drawn: Linux counts as `found` each one that it tried before the one that utables is told.
  bool drawn = false;
  /// Expectations that Linux refused to renew (events.h): it counts neither their end nor their beginning.
  std::uint64_t not_renewed = 0;
};
void compare_statistics(std::string_view kernel, const conntrack::Statistics& ours,
                        const StatisticsOptions& options, std::vector<Difference>& differences);
/// ... and of SYNPROXY, with /proc/net/stat/synproxy.
void compare_proxy_statistics(std::string_view kernel, const conntrack::ProxyStatistics& ours,
                              std::vector<Difference>& differences);

}  // namespace utables::lab::compare
