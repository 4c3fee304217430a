#include "lab/compare/statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/scan.h"

namespace utables::lab::compare {
namespace {

std::uint64_t sum_of(std::string_view text, std::string_view column_name) {
  const auto lines = split(text, '\n');
  const auto names = words(lines.front());
  const auto column =
      static_cast<std::size_t>(std::find(names.begin(), names.end(), column_name) - names.begin());
  std::uint64_t sum = 0;
  for (std::size_t i = 1; i < lines.size(); ++i)
    if (const auto fields = words(lines[i]); column < fields.size())
      sum += scan_unsigned(fields[column], 16, 0xffffffff).value_or(0);
  return sum;
}

struct Column {
  std::string_view name;
  std::uint64_t conntrack::Statistics::*count;
};
constexpr std::array<Column, 9> kColumns{{{"found", &conntrack::Statistics::found},
                                          {"invalid", &conntrack::Statistics::invalid},
                                          {"insert", &conntrack::Statistics::insert},
                                          {"insert_failed", &conntrack::Statistics::insert_failed},
                                          {"drop", &conntrack::Statistics::drop},
                                          {"early_drop", &conntrack::Statistics::early_drop},
                                          {"icmp_error", &conntrack::Statistics::error},
                                          {"clashres", &conntrack::Statistics::clash_resolve},
                                          {"expect_new", &conntrack::Statistics::expect_new}}};

struct ProxyColumn {
  std::string_view name;
  std::uint64_t conntrack::ProxyStatistics::*count;
};
constexpr std::array<ProxyColumn, 5> kProxyColumns{
    {{"syn_received", &conntrack::ProxyStatistics::syn_received},
     {"cookie_invalid", &conntrack::ProxyStatistics::cookie_invalid},
     {"cookie_valid", &conntrack::ProxyStatistics::cookie_valid},
     {"cookie_retrans", &conntrack::ProxyStatistics::cookie_retrans},
     {"conn_reopened", &conntrack::ProxyStatistics::conn_reopened}}};

void compare_one(std::string_view kernel, std::string_view name, std::uint64_t ours, bool at_least,
                 std::vector<Difference>& differences) {
  const std::uint64_t theirs = sum_of(kernel, name);
  if (theirs == ours || (at_least && theirs > ours)) return;
  differences.push_back(
      {Difference::Kind::counter, SIZE_MAX,
       fmt::format("nf_conntrack's statistics: {}: kernel {}, utables {}", name, theirs, ours)});
}

}  // namespace

void compare_proxy_statistics(std::string_view kernel, const conntrack::ProxyStatistics& ours,
                              std::vector<Difference>& differences) {
  if (kernel.empty()) return;
  for (const ProxyColumn& column : kProxyColumns)
    compare_one(kernel, column.name, ours.*column.count, false, differences);
}

void compare_statistics(std::string_view kernel, const conntrack::Statistics& ours,
                        const StatisticsOptions& options, std::vector<Difference>& differences) {
  if (kernel.empty()) return;
  for (const Column& column : kColumns)
    compare_one(kernel, column.name, ours.*column.count, options.drawn && column.name == "found",
                differences);
  compare_one(kernel, "expect_create", ours.expect_create - options.not_renewed, false, differences);
  if (options.ends)
    compare_one(kernel, "expect_delete", ours.expect_delete - options.not_renewed, false, differences);
}

}  // namespace utables::lab::compare
