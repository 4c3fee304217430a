// kernel_captures: every real capture, its IPv4, through `verify`: with a box that accepts everything and
// tracks, and with boxes of real rules. Captures and rules are read from $UTABLES_DATA (default: DATA, the
// first argument). Exit 0 equal, 1 differs, 77 nothing to compare with.
//
// SCTP and GRE have no trackers of their own yet: captures of those differ in their entries, are run and
// told all the same, and are never counted as equal.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "lab/box_directory.h"
#include "lab/kernel/run.h"
#include "lab/verify.h"

namespace {

using namespace utables;
using namespace utables::lab;

constexpr std::array<std::string_view, 4> kRulesets{
    "diekmann+Iptables_Semantics__thy_Iptables_Semantics_Examples_IPPartEval_gopherproxy.meulie.net_iptables-"
    "save.rules",
    "firehol+firehol__tests_firehol_basics_router.aud4.rules",
    "diekmann+Iptables_Semantics__thy_Iptables_Semantics_Examples_Ringofsaturn_com_iptables-save.rules",
    "iptables-tests__firewalld-restore_dumps_ipt-save-completed.txt.rules"};
constexpr std::array<std::string_view, 2> kWithoutTracker{"sctp__", "pptp-gre__pcapplusplus"};

struct Counts {
  unsigned equal = 0, differ = 0, known = 0, refused = 0;
};

void run(const Box& box, std::string_view box_name, const std::filesystem::path& capture, bool track,
         Counts& counts) {
  VerifyOptions options;
  options.replay.captures = {capture.string()};
  options.replay.engine.track_always = track;
  const auto result = verify(box, options);
  const std::string name = capture.filename().string();
  if (!result) {
    ++counts.refused;
    for (const auto& error : result.error()) fmt::print("{} with {}: {}\n", name, box_name, error.str());
    return;
  }
  if (result->equal()) {
    ++counts.equal;
    return;
  }
  const bool known = std::any_of(kWithoutTracker.begin(), kWithoutTracker.end(),
                                 [&](auto prefix) { return name.rfind(prefix, 0) == 0; });
  ++(known ? counts.known : counts.differ);
  fmt::print("{} with {} differs{}\n", name, box_name,
             known ? " (no tracker for its protocol yet)" : ":\n" + verification_text(*result, false));
}

int skip(const std::string& reason) {
  fmt::print("0 comparisons ran: {}\n", reason);
  return 77;
}

}  // namespace

int main(int count, char** words) {
  const char* set = std::getenv("UTABLES_DATA");
  const std::filesystem::path data = set != nullptr ? set : count > 1 ? words[1] : "../shared";
  if (const std::string& reason = kernel::why_no_kernel(); !reason.empty())
    return std::getenv("UTABLES_REQUIRE_KERNEL") != nullptr ? (skip(reason), 1) : skip(reason);
  std::error_code error;
  std::vector<std::filesystem::path> captures;
  for (const auto& entry : std::filesystem::directory_iterator(data / "pcaps", error))
    if (entry.path().extension() == ".pcap" || entry.path().extension() == ".pcapng")
      captures.push_back(entry.path());
  if (captures.empty()) return skip("no real captures in " + (data / "pcaps").string() + " (UTABLES_DATA)");
  std::sort(captures.begin(), captures.end());
  Counts counts;
  Box everything;
  everything.text.has_rules_v4 = true;
  everything.text.rules_v4 =
      "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n";
  for (const auto& capture : captures)
    run(everything, "a box that accepts everything", capture, true, counts);
  for (const auto ruleset : kRulesets) {
    const auto box = read_box((data / "rulesets" / ruleset).string());
    if (!box) {
      fmt::print("{}: not there\n", ruleset);
      ++counts.refused;
      continue;
    }
    for (const auto& capture : captures) run(*box, ruleset, capture, false, counts);
  }
  fmt::print(
      "{} comparisons ran ({} captures, {} boxes): {} equal, {} differ, {} differ for want of a tracker, {} "
      "could not be compared\n",
      counts.equal + counts.differ + counts.known, captures.size(), kRulesets.size() + 1, counts.equal,
      counts.differ, counts.known, counts.refused);
  return counts.differ == 0 && counts.refused == 0 ? 0 : 1;
}
