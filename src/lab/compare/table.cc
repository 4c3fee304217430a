#include "lab/compare/table.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>

#include "base/scan.h"

namespace utables::lab::compare {
namespace {

constexpr long kTimeoutTolerance = 2;  // seconds

std::string_view protocol_word(std::uint8_t protocol) {
  switch (protocol) {
    case 1:
      return "icmp";
    case 6:
      return "tcp";
    case 17:
      return "udp";
    case 33:
      return "unknown";  // DCCP, which this kernel has no more
    case 47:
      return "gre";
    case 58:
      return "icmpv6";
    case 132:
      return "sctp";
    case 136:
      return "udplite";
    default:
      return "unknown";
  }
}

std::string counters_of(const conntrack::Connection& connection, std::size_t direction, bool accounting) {
  if (!accounting) return {};
  const auto& counters = connection.counters[direction];
  return " packets=" + std::to_string(counters.packets) + " bytes=" + std::to_string(counters.bytes);
}

/// Behind the tuple of the direction that it is of, or, of both, at the end.
std::string zone_of(const conntrack::Connection& connection, unsigned directions) {
  constexpr std::array<std::string_view, 4> kWords{"", " zone-orig=", " zone-reply=", " zone="};
  const conntrack::Zone zone = connection.zone();
  if (zone.directions != directions) return {};
  return std::string(kWords[directions]) + std::to_string(zone.id);
}

struct Known {
  long seconds = 0;
  std::size_t times = 0;
};

/// What stays of an entry when its state is set aside: which connection it is.
std::string identity(const std::string& text) {
  const auto from = text.find("src=");
  const auto to = text.find("dst=", from);
  const auto end =
      text.find_first_of("[s", text.find("port=", to) == std::string::npos ? to : text.find("dport=", to));
  return text.substr(0, text.find(' ')) + " " + text.substr(from, end - from);
}

}  // namespace

ListedEntry canonical_entry(std::string_view proc_line) {
  ListedEntry entry;
  const auto line = words(proc_line);
  for (std::size_t i = 2; i < line.size(); ++i) {
    if (i == 4) {
      entry.seconds = std::strtol(std::string(line[i]).c_str(), nullptr, 10);
      continue;
    }
    if (line[i].substr(0, 4) == "use=") continue;
    // GRE's two timeouts, which are settings.
    if (line[i].substr(0, 8) == "timeout=" || line[i].substr(0, 15) == "stream_timeout=") continue;
    entry.text += (entry.text.empty() ? "" : " ") + std::string(line[i]);
  }
  return entry;
}

std::string entry_of(const conntrack::Connection& connection, bool accounting) {
  const auto& original = connection.original();
  std::string text =
      std::string(protocol_word(original.protocol)) + " " + std::to_string(original.protocol) + " ";
  if (original.protocol == 6) text += std::string(conntrack::name(connection.tcp.state)) + " ";
  if (original.protocol == 132) text += std::string(conntrack::name(connection.sctp.state)) + " ";
  text += to_string(original, conntrack::AddressStyle::full) + zone_of(connection, 1) +
          counters_of(connection, 0, accounting);
  if (!connection.is(conntrack::kSeenReply)) text += " [UNREPLIED]";
  text += " " + to_string(connection.reply(), conntrack::AddressStyle::full) + zone_of(connection, 2) +
          counters_of(connection, 1, accounting);
  if (connection.is(conntrack::kAssured)) text += " [ASSURED]";
  return text + " mark=" + std::to_string(connection.mark) + zone_of(connection, conntrack::Zone::kBoth);
}

void compare_tables(const std::vector<std::string>& kernel_lines, const std::vector<std::string>& ours,
                    const std::vector<Duration>& rest, std::vector<Difference>& differences) {
  std::multimap<std::string, long> theirs;
  for (const auto& line : kernel_lines) {
    auto entry = canonical_entry(line);
    theirs.emplace(std::move(entry.text), entry.seconds);
  }
  std::vector<std::string> only_ours;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const auto found = theirs.find(ours[i]);
    if (found == theirs.end()) {
      only_ours.push_back(ours[i] + " (" + std::to_string(rest[i] / kSecond) + " s)");
      continue;
    }
    const long seconds = static_cast<long>(rest[i] / kSecond);
    if (std::labs(seconds - found->second) > kTimeoutTolerance)
      differences.push_back({Difference::Kind::entry, SIZE_MAX,
                             "timeout of " + ours[i] + ": kernel " + std::to_string(found->second) +
                                 " s, utables " + std::to_string(seconds) + " s"});
    theirs.erase(found);
  }
  for (const auto& text : only_ours) {
    std::string other = "nothing";
    for (auto it = theirs.begin(); it != theirs.end(); ++it) {
      if (identity(it->first) != identity(text)) continue;
      other = it->first + " (" + std::to_string(it->second) + " s)";
      theirs.erase(it);
      break;
    }
    differences.push_back(
        {Difference::Kind::entry, SIZE_MAX, "entry:\n  kernel  " + other + "\n  utables " + text});
  }
  for (const auto& [text, seconds] : theirs)
    differences.push_back(
        {Difference::Kind::entry, SIZE_MAX,
         "entry:\n  kernel  " + text + " (" + std::to_string(seconds) + " s)\n  utables nothing"});
}

void compare_expectations(const std::vector<std::string>& kernel, const std::vector<std::string>& ours,
                          std::vector<Difference>& differences) {
  const auto parted = [](const std::string& line) {
    const auto blank = line.find(' ');
    return std::pair{line.substr(blank), std::strtol(line.c_str(), nullptr, 10)};
  };
  std::multimap<std::string, long> theirs;
  for (const auto& line : kernel) theirs.insert(parted(line));
  for (const auto& line : ours) {
    const auto [text, seconds] = parted(line);
    const auto found = theirs.find(text);
    if (found != theirs.end() && std::labs(found->second - seconds) <= kTimeoutTolerance) {
      theirs.erase(found);
      continue;
    }
    differences.push_back(
        {Difference::Kind::entry, SIZE_MAX, "expectation:\n  kernel  not\n  utables " + line});
  }
  for (const auto& [text, seconds] : theirs)
    differences.push_back({Difference::Kind::entry, SIZE_MAX,
                           "expectation:\n  kernel  " + std::to_string(seconds) + text + "\n  utables not"});
}

}  // namespace utables::lab::compare
