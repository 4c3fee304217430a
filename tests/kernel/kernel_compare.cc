// kernel_compare: generated scenarios through this machine's kernel and through utables.
//   --scenarios N  how many (200)        --seed S   the first seed (1); scenario i has seed S + i
//   --keep DIR     where scenarios that differ are kept, each a directory that replays:
//                  utables verify -b DIR/seed-7 DIR/seed-7/traffic.pcapng
//                  (one with real pauses: with --paced --until TIME, as difference.txt begins)
//   --no-shrink    keep them as they are --paced all|none|some   some: one in ten
//   --log          with many LOG rules, whose every line is compared with the kernel's log (root alone)
//   --helpers      with the protocols that have helpers, and their helpers
//   --synproxy     with SYNPROXY, and clients and servers for it
//   --ipv6         boxes of both families, most flows over IPv6
//   --nat          every box translates
//   --most N       stop after N scenarios that differ (10)
// Prints how many comparisons ran, how often each kind of traffic occurred, each step of the TCP machine,
// each reason to be INVALID and to be dropped. Exit 0 equal, 1 differs, 77 no kernel to compare with.
#include <algorithm>
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>

#include "lab/compare/compare.h"
#include "lab/compare/shrink.h"
#include "lab/generate/generate.h"
#include "lab/kernel/kernel_log.h"

namespace {

using namespace utables;
using namespace utables::lab;

/// Reasons to drop that generated scenarios do not reach, each with why; empty for all others.
std::string_view why_not_reached(DropReason reason) {
  switch (reason) {
    case DropReason::table_full:
      return "of the initial namespace alone (full_table)";
    case DropReason::track_memory:
    case DropReason::no_memory:
      return "the machine does not run out of memory";
    case DropReason::helper_refused:
      return "with --helpers alone";
    case DropReason::cookie_wrong:
      return "with --synproxy alone";
    case DropReason::masquerade_moved:
      return "needs routes that change";
    case DropReason::broadcast_source:
      return "told as martian-source";
    case DropReason::interface_down:
      return "nothing can be injected there";
    case DropReason::syn_replaced:
      return "tracking starts over with the same packet";
    case DropReason::fragment_timeout:
      return "told of a queue, not of a packet";
    case DropReason::fragment_memory:
    case DropReason::fragment_queue_evicted:
      return "the bounds on memory are far away";
    case DropReason::bad_version:
      return "the link layer says IPv4";
    case DropReason::target_error:
      return "nothing here fails so";
    default:
      return {};
  }
}

/// Rows of the tables that so few scenarios reach that 200 may miss them, each with what holds it instead.
std::string_view why_rare(std::string_view row) {
  if (row == "nat: a closed connection makes room")
    return "about one scenario in five hundred; Nat.AClosedConnectionMakesRoomForASynThatIsNewer";
  if (row.starts_with("helper: ")) return "with --helpers alone";
  if (row.starts_with("tcp: a client of a proxy")) return "with --synproxy alone";
  return {};
}

struct Arguments {
  std::uint64_t scenarios = 200, seed = 1, most = 10;
  std::string keep = "kernel-differences", paced = "some";
  bool shrink = true, verbose = false, log = false, ipv6 = false, helpers = false, nat = false,
       proxies = false;
};

bool parse(int count, char** words, Arguments& out) {
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    const auto value = [&]() -> const char* { return i + 1 < count ? words[++i] : ""; };
    if (word == "--scenarios")
      out.scenarios = std::strtoull(value(), nullptr, 10);
    else if (word == "--seed")
      out.seed = std::strtoull(value(), nullptr, 10);
    else if (word == "--most")
      out.most = std::strtoull(value(), nullptr, 10);
    else if (word == "--keep")
      out.keep = value();
    else if (word == "--paced")
      out.paced = value();
    else if (word == "--no-shrink")
      out.shrink = false;
    else if (word == "--log")
      out.log = true;
    else if (word == "--helpers")
      out.helpers = true;
    else if (word == "--synproxy")
      out.proxies = true;
    else if (word == "--ipv6")
      out.ipv6 = true;
    else if (word == "--nat")
      out.nat = true;
    else if (word == "-v")
      out.verbose = true;
    else
      return false;
  }
  return true;
}

/// A run that differs, and in which the machine was held up, is repeated at most so often.
constexpr int kRepeats = 20;

/// A scenario whose run in the kernel is under way.
struct UnderWay {
  std::uint64_t seed = 0;
  generate::Scenario scenario;
  kernel::NamespaceSetup setup;
  kernel::KernelRun run;
};

class Campaign {
 public:
  explicit Campaign(const Arguments& arguments) : arguments_(arguments) {}

  int run() {
    // Paced scenarios wait most of the time: all of them side by side, before the others.
    play(true, 48);
    play(false, 2);
    print();
    return differing_ == 0 && failures_ == 0 ? 0 : 1;
  }

 private:
  [[nodiscard]] bool is_paced(std::uint64_t seed) const {
    return arguments_.paced == "all" || (arguments_.paced == "some" && seed % 10 == 0);
  }

  void play(bool paced, std::size_t at_once) {
    std::deque<UnderWay> under_way;
    for (std::uint64_t i = 0; i < arguments_.scenarios && differing_ < arguments_.most; ++i) {
      const std::uint64_t seed = arguments_.seed + i;
      if (is_paced(seed) != paced) continue;
      if (under_way.size() >= at_once) take(under_way);
      begin(seed, paced, under_way);
    }
    while (!under_way.empty()) take(under_way);
  }

  void begin(std::uint64_t seed, bool paced, std::deque<UnderWay>& under_way) {
    auto scenario = generate::generate({seed, paced, arguments_.log, arguments_.helpers, arguments_.ipv6,
                                        arguments_.nat, arguments_.proxies});
    if (arguments_.log)
      scenario.log_tags =
          generate::tag_log_rules(scenario.box.rules_v4, scenario.box.rules_v6, generate::fresh_mark());
    std::vector<std::string> notes;
    auto setup = compare::setup_of(scenario, notes);
    if (!setup) return fail(seed, setup.error().text);
    auto run = kernel::KernelRun::start(*setup, compare::injections_of(scenario, *setup),
                                        compare::run_options_of(scenario));
    if (!run) return fail(seed, run.error().text);
    under_way.push_back({seed, std::move(scenario), std::move(*setup), std::move(*run)});
  }

  void take(std::deque<UnderWay>& under_way) {
    UnderWay one = std::move(under_way.front());
    under_way.pop_front();
    auto result = compare::judge(one.scenario, one.setup, one.run.finish());
    for (int again = 0; again < kRepeats && result && result->held_up() && !result->differences.empty();
         ++again) {
      ++repeated_;
      result = compare::play_and_compare(one.scenario);
    }
    if (!result) return fail(one.seed, result.error().text);
    if (!result->refused.empty())
      return fail(one.seed, "utables and the kernel refuse the box: " + result->refused);
    ++ran_;
    paced_ran_ += one.scenario.paced ? 1 : 0;
    packets_ += result->packets;
    sent_ += result->sent;
    events_ += result->events;
    owed_ += result->owed;
    not_renewed_ += result->not_renewed;
    logged_ += result->logged;
    complaints_ += result->complaints;
    for (const auto& [option, lines] : result->logged_by_option) logged_by_option_[option] += lines;
    entries_ += result->entries;
    counters_ += result->counters;
    coverage_.add(result->coverage);
    for (const auto& packet : one.scenario.packets)
      for (std::size_t kind = 0; kind < generate::kKindCount; ++kind)
        kinds_[kind] += packet.kinds[kind] ? 1 : 0;
    if (!result->differences.empty()) differs(one, *result);
  }

  void fail(std::uint64_t seed, const std::string& text) {
    ++failures_;
    fmt::print("seed {}: could not be compared: {}\n", seed, text);
  }

  void differs(const UnderWay& one, const compare::Comparison& result) {
    ++differing_;
    fmt::print("seed {}{} differs in {} places{}; first: {}\n", one.seed,
               one.scenario.paced ? " (paced)" : "", result.differences.size(),
               result.held_up() ? " (the machine was held up each time: nothing is decided)" : "",
               result.differences.front().text);
    std::fflush(stdout);
    const std::string folder = arguments_.keep + "/seed-" + std::to_string(one.seed);
    const auto smallest =
        arguments_.shrink && !one.scenario.paced ? compare::shrink(one.scenario) : one.scenario;
    if (const auto saved = generate::save(smallest, folder); !saved)
      fmt::print("  not kept: {}\n", saved.error().text);
    const auto again = compare::play_and_compare(smallest);
    std::ofstream text(folder + "/difference.txt");
    text << "utables verify -b " << folder;
    if (smallest.paced) text << " --paced --until +" << smallest.linger / kMillisecond << "ms";
    text << " " << folder << "/traffic.pcapng\n\n";
    if (again)
      for (const auto& difference : again->differences) text << difference.text << "\n";
    if (again && !again->differences.empty())
      fmt::print("  kept in {} ({} packets): {}\n", folder, smallest.packets.size(),
                 again->differences.front().text);
    else
      fmt::print("  kept in {}; it did not differ again\n", folder);
    std::fflush(stdout);
  }

  void print() {
    fmt::print(
        "{} comparisons ran ({} with real pauses, {} repeated because the machine was held up): {} packets, "
        "{} sent, {} events, {} entries, {} counter lines; {} entries had expired unseen by the kernel, {} "
        "renewals of "
        "netbios-ns were refused by it\n",
        ran_, paced_ran_, repeated_, packets_, sent_, events_, entries_, counters_, owed_, not_renewed_);
    fmt::print("{} differ, {} could not be compared\n", differing_, failures_);
    if (arguments_.log) print_logged();
    fmt::print("kinds of traffic:\n");
    for (std::size_t i = 0; i < generate::kKindCount; ++i) {
      fmt::print("  {:8} {}\n", kinds_[i], name(static_cast<generate::Kind>(i)));
      const bool of_helpers = i >= static_cast<std::size_t>(generate::Kind::ftp_control) &&
                              i <= static_cast<std::size_t>(generate::Kind::proxy_data);
      if (enough() && !of_helpers && kinds_[i] < 20 * arguments_.scenarios / 200)
        missing("kind of traffic", name(static_cast<generate::Kind>(i)));
    }
    fmt::print("rows of the state tables, special cases, reasons to be INVALID:\n");
    for (const auto& [row, reached] : coverage_.rows) {
      const std::string_view rare = why_rare(row);
      fmt::print("  {:8} {}{}{}{}\n", reached.count, row,
                 reached.reachable ? "" : " (no packet can get there)", rare.empty() ? "" : ": ", rare);
      constexpr std::string_view kOfIpv6[] = {"invalid: extensions-cut", "invalid: no-next-header",
                                              "invalid: icmp-strange-redirect",
                                              "invalid: icmp-redirect-truncated"};
      const bool of_ipv6 = std::find(std::begin(kOfIpv6), std::end(kOfIpv6), row) != std::end(kOfIpv6);
      if (enough() && reached.count == 0 && reached.reachable && rare.empty() && !of_ipv6)
        missing("row", row);
    }
    fmt::print("reasons to be dropped:\n");
    for (std::size_t i = 1; i < coverage_.dropped.size(); ++i) {
      const auto reason = static_cast<DropReason>(i);
      const std::string_view why = why_not_reached(reason);
      fmt::print("  {:8} {}{}{}\n", coverage_.dropped[i], name(reason), why.empty() ? "" : ": ", why);
      if (enough() && coverage_.dropped[i] == 0 && why.empty()) missing("reason", name(reason));
    }
  }

  void print_logged() {
    fmt::print("{} lines of the kernel's log, {} of them of log_invalid; of LOG rules with:\n", logged_,
               complaints_);
    if (complaints_ < 100) missing("lines of", "log_invalid");
    for (const auto& [option, lines] : logged_by_option_) {
      fmt::print("  {:8} {}\n", lines, option);
      if (lines < 20) missing("lines of rules with", option);
    }
  }

  /// So many scenarios, some with pauses, that what did not occur in them is missing.
  /// Whether all kinds, rows and reasons are to be expected; what IPv6 lacks or has alone is not.
  [[nodiscard]] bool enough() const {
    return arguments_.scenarios >= 200 && paced_ran_ > 0 && !arguments_.ipv6 && !arguments_.helpers &&
           !arguments_.proxies;
  }

  void missing(std::string_view what, std::string_view which) {
    ++failures_;
    fmt::print("too rare: {} {}\n", what, which);
  }

  const Arguments& arguments_;
  compare::Coverage coverage_;
  std::array<std::uint64_t, generate::kKindCount> kinds_{};
  std::uint64_t complaints_ = 0;
  std::map<std::string, std::uint64_t> logged_by_option_;
  std::uint64_t ran_ = 0, paced_ran_ = 0, repeated_ = 0, packets_ = 0, sent_ = 0, events_ = 0, owed_ = 0,
                not_renewed_ = 0, logged_ = 0, entries_ = 0, counters_ = 0, differing_ = 0, failures_ = 0;
};

}  // namespace

int main(int count, char** words) {
  Arguments arguments;
  if (!parse(count, words, arguments)) {
    fmt::print(stderr,
               "usage: kernel_compare [--scenarios N] [--seed S] [--keep DIR] [--no-shrink] [--paced "
               "all|none|some] [--log] [--ipv6] [--helpers] [--synproxy] [--most N]\n");
    return 2;
  }
  if (const std::string& reason = kernel::why_no_kernel(); !reason.empty()) {
    fmt::print("0 comparisons ran: no kernel to compare with: {}\n", reason);
    return std::getenv("UTABLES_REQUIRE_KERNEL") != nullptr ? 1 : 77;
  }
  if (!arguments.log) return Campaign(arguments).run();
  const auto heard = kernel::LogOfAllNamespaces::hold();
  if (!heard) {
    fmt::print("0 comparisons ran: LOG's lines cannot be read here: {}\n", heard.error().text);
    return std::getenv("UTABLES_REQUIRE_KERNEL") != nullptr ? 1 : 77;
  }
  return Campaign(arguments).run();
}
