#include "rules/syntax/hints.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/scan.h"

namespace utables::rules {
namespace {

/// How a word or line begins, and what is said of it.
struct Hint {
  std::string_view begins, text;
};

constexpr std::string_view kNftables =
    " (nftables' own rules are outside of utables; what iptables set up, `iptables-save' prints)";
constexpr std::string_view kCommands =
    " (a script's commands; `iptables-save' prints the rules that they made)";
constexpr std::string_view kIpvs = " (IPVS is outside of utables)";
constexpr std::string_view kProgram = " (BPF programs are outside of utables)";

constexpr std::array<Hint, 13> kLines{{
    {"table ", kNftables},
    {"add table ", kNftables},
    {"flush ruleset", kNftables},
    {"define ", kNftables},
    {"include ", kNftables},
    {"nft ", kNftables},
    {"{\"nftables\"", kNftables},
    {"iptables ", kCommands},
    {"iptables-", kCommands},
    {"/sbin/iptables ", kCommands},
    {"/usr/sbin/iptables ", kCommands},
    {"ipchains ", " (ipchains' rules are of another kind than iptables')"},
    {"\xef\xbb\xbf", " (the file begins with a byte order mark, which is no part of this format)"},
}};
constexpr std::array<Hint, 2> kMatches{{{"ipvs", kIpvs}, {"bpf", kProgram}}};
constexpr std::array<Hint, 1> kTargets{{
    {"DENY", " (ipchains' DENY is DROP here; REJECT also answers the sender)"},
}};

}  // namespace

std::string_view hint_for_line(std::string_view line) {
  const auto found =
      std::find_if(kLines.begin(), kLines.end(), [&](const Hint& h) { return line.starts_with(h.begins); });
  return found == kLines.end() ? std::string_view() : found->text;
}

std::string_view hint_for_match(std::string_view name) {
  const auto found =
      std::find_if(kMatches.begin(), kMatches.end(), [&](const Hint& h) { return name == h.begins; });
  return found == kMatches.end() ? std::string_view() : found->text;
}

std::string_view hint_for_target(std::string_view name) {
  const auto found =
      std::find_if(kTargets.begin(), kTargets.end(), [&](const Hint& h) { return name == h.begins; });
  return found == kTargets.end() ? std::string_view() : found->text;
}

std::vector<std::string> missing_rules(std::string_view text) {
  constexpr std::string_view kTable = "# Table `", kIncompatible = "' is incompatible, use 'nft' tool.";
  constexpr std::string_view kLegacy = "# Warning: iptables-legacy tables present";
  std::vector<std::string> told;
  std::size_t number = 0;
  for (const std::string_view each : split(text, '\n')) {
    ++number;
    const std::string_view line = trim(each);
    if (line.starts_with(kTable) && line.ends_with(kIncompatible) &&
        line.size() > kTable.size() + kIncompatible.size())
      told.push_back(fmt::format(
          "{}: the rules that nftables has in its table `{}' are not in the file, and not played", number,
          line.substr(kTable.size(), line.size() - kTable.size() - kIncompatible.size())));
    if (line.starts_with(kLegacy))
      told.push_back(
          fmt::format("{}: the machine also has rules of iptables-legacy (`iptables-legacy-save'), not in "
                      "the file, and not played",
                      number));
  }
  return told;
}

}  // namespace utables::rules
