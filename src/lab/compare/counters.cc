#include "lab/compare/counters.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>

#include "base/scan.h"

namespace utables::lab::compare {
namespace {

using Tables = std::map<std::string, std::vector<std::string>>;

Tables tables_of(std::string_view save) {
  Tables tables;
  std::string current;
  for (const auto line : split(save, '\n')) {
    if (line.empty() || line[0] == '#' || line == "COMMIT") continue;
    if (line[0] == '*') {
      current = std::string(line);
      tables[current];
      continue;
    }
    tables[current].emplace_back(line);
  }
  return tables;
}

struct Counted {
  double packets = 0;
  std::string_view rest;  ///< of the line, behind the counters
};

std::optional<Counted> counted(std::string_view line) {
  const auto colon = line.find(':'), close = line.find(']');
  if (line.empty() || line[0] != '[' || colon == std::string_view::npos || close == std::string_view::npos)
    return std::nullopt;
  return Counted{std::strtod(std::string(line.substr(1, colon - 1)).c_str(), nullptr), line.substr(close)};
}

/// Two draws of the same rule with `--mode random --probability p`: within six deviations of each other.
bool both_may_be(std::string_view theirs, std::string_view ours) {
  const auto a = counted(theirs), b = counted(ours);
  constexpr std::string_view kOption = "--mode random --probability ";
  if (!a || !b || a->rest != b->rest) return false;
  const auto at = a->rest.find(kOption);
  if (at == std::string_view::npos) return false;
  const double p = std::strtod(std::string(a->rest.substr(at + kOption.size())).c_str(), nullptr);
  return std::abs(a->packets - b->packets) <=
         6 * std::sqrt(2 * std::max(a->packets, b->packets) * (1 - p)) + 12;
}

}  // namespace

std::size_t compare_saves(std::string_view kernel, std::string_view ours,
                          std::vector<Difference>& differences) {
  const auto tell = [&](std::string text) {
    differences.push_back({Difference::Kind::counter, SIZE_MAX, std::move(text)});
  };
  const Tables theirs = tables_of(kernel), mine = tables_of(ours);
  std::size_t compared = 0;
  for (const auto& [table, lines] : theirs) {
    const auto found = mine.find(table);
    if (found == mine.end()) {
      tell("table " + table + " is not in utables' save");
      continue;
    }
    if (lines.size() != found->second.size())
      tell("table " + table + ": the kernel saves " + std::to_string(lines.size()) + " lines, utables " +
           std::to_string(found->second.size()));
    for (std::size_t i = 0; i < std::min(lines.size(), found->second.size()); ++i, ++compared) {
      if (lines[i] == found->second[i] || both_may_be(lines[i], found->second[i])) continue;
      tell(table + " line " + std::to_string(i + 1) + ":\n  kernel  " + lines[i] + "\n  utables " +
           found->second[i]);
    }
  }
  for (const auto& [table, lines] : mine)
    if (theirs.find(table) == theirs.end()) tell("table " + table + " is not in the kernel's save");
  return compared;
}

}  // namespace utables::lab::compare
