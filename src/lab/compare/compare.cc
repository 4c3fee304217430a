#include "lab/compare/compare.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/jiffies.h"
#include "host/net_ip.h"
#include "lab/compare/counters.h"
#include "lab/compare/engine_play.h"
#include "lab/compare/events.h"
#include "lab/compare/statistics.h"
#include "lab/compare/table.h"
#include "lab/generate/packets.h"
#include "lab/kernel/kernel_log.h"
#include "lab/kernel/setup.h"
#include "lab/report/packet_line.h"
#include "packet/facts.h"
#include "packet/headers.h"

namespace utables::lab::compare {
namespace {

/// A paced run keeps 50 ms from every limit; half of that may be lost to a busy machine.
constexpr Duration kLargestDelay = 25 * kMillisecond;

std::string words_of(const std::vector<std::uint8_t>& bytes) {
  return packet_text(bytes, static_cast<std::uint32_t>(bytes.size()));
}

/// The identification of an ICMP error that was made here is Linux's free choice: set aside, with what
/// the header checksum owes to it.
void set_random_aside(std::vector<std::uint8_t>& bytes) {
  const std::uint16_t sum_without = static_cast<std::uint16_t>(~load16(&bytes[10]));
  std::uint32_t sum = std::uint32_t{sum_without} + static_cast<std::uint16_t>(~load16(&bytes[4]));
  sum = (sum & 0xffff) + (sum >> 16);
  // 0 and 0xffff are the same sum.
  store16(&bytes[10], static_cast<std::uint16_t>(sum == 0xffff ? 0 : sum));
  store16(&bytes[4], 0);
}

bool is_ipv6(const std::vector<std::uint8_t>& bytes) { return bytes.size() >= 40 && bytes[0] >> 4 == 6; }

/// What Linux cuts again over IPv6 has an identification that it draws, never zero: set aside as well.
bool set_fragment_aside(std::vector<std::uint8_t>& bytes) {
  packet::Facts facts;
  if (packet::parse(bytes, static_cast<std::uint32_t>(bytes.size()), facts) != DropReason::none) return false;
  if (facts.fragment_header == 0 || facts.identification == 0) return false;
  store32(&bytes[facts.fragment_header + 4U], 0);
  return true;
}

bool has_random_identification(const EngineSent& sent) {
  return sent.made_here && sent.bytes.size() >= 20 && sent.bytes[9] == packet::kIcmp &&
         (sent.bytes[6] & 0x40) == 0;
}

/// Milliseconds since midnight, UTC.
std::uint32_t milliseconds_of_day(Time time) {
  return static_cast<std::uint32_t>(time / kMillisecond % 86'400'000);
}

/// When the kernel may have sent something.
struct Window {
  Time from = 0, to = 0;
};

/// A timestamp option is filled in with the time of day: ours is the engine's clock, the kernel's must lie
/// within its work on the packet, and is then taken over into `ours`, also where an error quotes it.
void take_timestamps(std::vector<std::uint8_t>& ours, Time our_time, const std::vector<std::uint8_t>& theirs,
                     const Window& window) {
  const bool error = ours[9] == packet::kIcmp;
  const std::size_t end = error ? ours.size() : std::min<std::size_t>((ours[0] & 15U) * 4U, ours.size());
  bool changed = false;
  for (std::size_t at = 20; at + 4 <= end; ++at) {
    const std::uint32_t mine = load32(&ours[at]), his = load32(&theirs[at]);
    const bool in_time = his >= milliseconds_of_day(window.from) && his <= milliseconds_of_day(window.to);
    if (mine == his || !in_time || mine != milliseconds_of_day(our_time)) continue;
    store32(&ours[at], his);
    changed = true;
  }
  if (!changed) return;
  if (error) generate::fix_icmp_checksum(ours);
  generate::fix_ip_checksum(ours);
}

bool same_bytes(const EngineSent& sent, const kernel::Emission& theirs, const Window& window) {
  if (sent.bytes == theirs.bytes) return true;
  if (is_ipv6(sent.bytes)) {
    auto a = sent.bytes, b = theirs.bytes;
    return a.size() == b.size() && set_fragment_aside(a) && set_fragment_aside(b) && a == b;
  }
  EngineSent ours = sent;
  if (ours.bytes.size() == theirs.bytes.size() && ours.bytes.size() >= 20 && load16(&ours.bytes[0]) != 0) {
    take_timestamps(ours.bytes, ours.time, theirs.bytes, window);
    if (ours.bytes == theirs.bytes) return true;
  }
  if (!has_random_identification(ours) || theirs.bytes.size() != ours.bytes.size()) return false;
  auto a = ours.bytes, b = theirs.bytes;
  set_random_aside(a);
  set_random_aside(b);
  return a == b;
}

/// What orders packets that time alone caused: all but what is drawn at random.
std::vector<std::uint8_t> timeless(std::vector<std::uint8_t> bytes) {
  if (is_ipv6(bytes))
    (void)set_fragment_aside(bytes);
  else if (bytes.size() >= 20)
    set_random_aside(bytes);
  return bytes;
}

/// Who sent it: the run's raw socket, of which a box knows nothing.
void set_owner_aside(std::string& line) {
  constexpr std::string_view kOwner = "UID=0 GID=0 ";
  if (const auto at = line.find(kOwner); at != std::string::npos) line.erase(at, kOwner.size());
}

bool is_error(const std::string& line) {
  for (const std::string_view type : {"3", "5", "11", "12"})
    if (line.find(fmt::format(" PROTO=ICMP TYPE={} ", type)) != std::string::npos) return true;
  return false;
}

/// A line without what is drawn or is the time of day: the identification of ICMP errors made here and of
/// what was cut here over IPv6, the times in timestamp options, the quoted packet's too (compared in the
/// packets that are sent).
std::string timeless(std::string line) {
  const bool here = line.find("IN= ") != std::string::npos || line.find("IN=lo ") != std::string::npos;
  const auto cut = [&](std::string_view word, std::string_view end) {
    const auto at = line.find(word);
    if (at != std::string::npos) line.erase(at, line.find(end, at + 1) - at);
  };
  const bool over_lo = line.find("IN=lo ") != std::string::npos;
  if (over_lo && line.find("FRAG:") != std::string::npos) cut(" ID:", " ");
  if (here && line.find(" DF ") > line.find(" PROTO=ICMP ") && is_error(line)) cut(" ID=", " ");
  constexpr std::string_view kTimestamp = " OPT (44";
  while (line.find(kTimestamp) != std::string::npos) cut(kTimestamp, ")");
  return line;
}

bool same_line(const std::string& theirs, const std::string& ours) {
  return theirs == ours || timeless(theirs) == timeless(ours);
}

class Comparing {
 public:
  Comparing(const generate::Scenario& scenario, const kernel::NamespaceSetup& setup,
            const kernel::Report& report, const CompareOptions& options)
      : scenario_(scenario), setup_(setup), report_(report), options_(options), clock_(report) {}

  Comparison run() {
    const auto ours = play_in_engine(scenario_, report_);
    if (!ours) {
      std::string text = "the kernel takes this box, utables does not:";
      for (const auto& error : ours.error()) text += "\n  " + error.str();
      add({Difference::Kind::box, SIZE_MAX, std::move(text)});
      return std::move(result_);
    }
    result_.coverage = ours->coverage;
    for (std::size_t i = 0; i < report_.packets.size(); ++i) packet(i, ours->packets[i]);
    sent(report_.packets.size(), report_.after, ours->after, "after the last packet", true);
    events(SIZE_MAX, report_.events_after, events_.expire(ours->expired_after), "after the last packet");
    logged(SIZE_MAX, sorted(report_.logs_after), sorted(ours->logged_after), "after the last packet");
    if (report_.logs_lost)
      add({Difference::Kind::log, SIZE_MAX,
           "lines of the kernel's log were overwritten before they were read"});
    if (report_.events_lost)
      add({Difference::Kind::event, SIZE_MAX,
           "the kernel told more events than could be kept: some are lost"});
    result_.events = events_.compared();
    result_.owed = events_.owed();
    result_.not_renewed = events_.not_renewed();
    compare_tables(report_.table, ours->table, ours->rest, result_.differences);
    compare_expectations(report_.expectations, ours->expectations, result_.differences);
    compare_proxy_statistics(report_.proxy_statistics, ours->proxy_statistics, result_.differences);
    compare_statistics(report_.statistics, ours->statistics,
                       {.ends = !scenario_.paced,
                        .drawn = result_.coverage.rows["nat: a port drawn"].count != 0,
                        .not_renewed = events_.not_renewed()},
                       result_.differences);
    result_.entries = report_.table.size() + report_.expectations.size();
    result_.counters = compare_saves(report_.saved_rules, ours->saved_rules, result_.differences);
    if (setup_.ipv6)
      result_.counters += compare_saves(report_.saved_rules_v6, ours->saved_rules_v6, result_.differences);
    timely();
    return std::move(result_);
  }

 private:
  void add(Difference difference) {
    if (result_.differences.size() < options_.most_differences)
      result_.differences.push_back(std::move(difference));
  }

  void packet(std::size_t i, const EnginePlayed& ours) {
    const kernel::Played& theirs = report_.packets[i];
    ++result_.packets;
    outcome_ = fmt::format(
        "utables: {}{}{}, {}", name(ours.outcome.fate),
        ours.decided_by.empty() ? "" : " by " + ours.decided_by,
        ours.outcome.reason == DropReason::none ? "" : fmt::format(" ({})", name(ours.outcome.reason)),
        name(ours.outcome.ctinfo));
    if (ours.outcome.invalid != 0)
      outcome_ +=
          fmt::format(", {}", conntrack::name(static_cast<conntrack::InvalidReason>(ours.outcome.invalid)));
    const std::string& known = scenario_.packets[i].name;
    const std::string place = known.empty() ? fmt::format("packet {}", i + 1) : known;
    if (ours.left_out)
      result_.notes.push_back(
          fmt::format("{}: larger than the MTU: no program could send it whole, left out", place));
    if (theirs.waiting >= 0 && theirs.waiting != ours.waiting) unsure_.push_back(i);
    sent(i, theirs.before, ours.before, "before " + place, true);
    sent(i, theirs.sent, ours.sent, place);
    events(i, theirs.events_before, events_.expire(ours.expired), "before " + place);
    events(i, theirs.events, ours.events, place);
    logged(i, sorted(theirs.logs_before), sorted(ours.logged_before), "before " + place);
    logged(i, theirs.logs, ours.logged, place);
  }

  void count_options(const std::string& line) {
    constexpr std::string_view kComplaint = "nf_ct_proto_";
    result_.complaints += line.find(kComplaint) != std::string::npos ? 1 : 0;
    const auto rule = scenario_.log_tags.rule_of(line);
    if (rule >= scenario_.log_tags.rules.size()) return;
    for (const auto& option : scenario_.log_tags.rules[rule].options) ++result_.logged_by_option[option];
  }

  static std::vector<std::string> sorted(std::vector<std::string> lines) {
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  void logged(std::size_t i, std::vector<std::string> theirs, std::vector<std::string> ours,
              const std::string& place) {
    if (scenario_.log_tags.mark.empty()) return;
    for (auto& line : ours) line = kernel::log_escaped(line);
    const bool own = i < scenario_.packets.size() && scenario_.packets[i].outbound;
    for (auto& line : theirs)
      if (own) set_owner_aside(line);
    result_.logged += theirs.size();
    for (const auto& line : theirs) count_options(line);
    const bool same = std::equal(theirs.begin(), theirs.end(), ours.begin(), ours.end(),
                                 [](const std::string& a, const std::string& b) { return same_line(a, b); });
    if (same) return;
    std::string text = place + ", logged:\n";
    if (i < scenario_.packets.size())
      text += fmt::format("  {}\n  {}\n", words_of(scenario_.packets[i].bytes), outcome_);
    for (const auto& line : theirs) text += "  kernel  " + line + "\n";
    for (const auto& line : ours) text += "  utables " + line + "\n";
    add({Difference::Kind::log, i, std::move(text), place});
  }

  void events(std::size_t i, const std::vector<std::string>& theirs, const std::vector<std::string>& ours,
              const std::string& place) {
    const std::string lines = events_.compare(theirs, ours);
    if (lines.empty()) return;
    std::string text = place + ", events:\n";
    if (i < scenario_.packets.size())
      text += fmt::format("  {}\n  {}\n", words_of(scenario_.packets[i].bytes), outcome_);
    add({Difference::Kind::event, i, text + lines, place});
  }

  void sent(std::size_t i, const std::vector<kernel::Emission>& theirs, const std::vector<EngineSent>& ours,
            const std::string& place, bool by_time = false) {
    for (std::size_t device = 0; device < setup_.devices.size(); ++device) {
      std::vector<const kernel::Emission*> a;
      std::vector<const EngineSent*> b;
      for (const auto& each : theirs)
        if (each.device == device) a.push_back(&each);
      for (const auto& each : ours)
        if (each.interface == setup_.devices[device].name) b.push_back(&each);
      if (by_time) {
        // Timers that fire in the same tick of Linux's wheel fire in no order that is kept.
        std::sort(a.begin(), a.end(),
                  [](const auto* x, const auto* y) { return timeless(x->bytes) < timeless(y->bytes); });
        std::sort(b.begin(), b.end(),
                  [](const auto* x, const auto* y) { return timeless(x->bytes) < timeless(y->bytes); });
      }
      result_.sent += a.size();
      bool same = a.size() == b.size();
      for (std::size_t n = 0; same && n < a.size(); ++n) {
        same = same_bytes(*b[n], *a[n], by_time ? by_itself(i, *a[n]) : at_packet(i));
        if (by_time && clock_.at(a[n]->tick) > b[n]->time + kTick) unsure_.push_back(i);
      }
      if (!same) tell(i, place, setup_.devices[device].name, a, b);
    }
  }

  [[nodiscard]] Window at_packet(std::size_t i) const {
    return {report_.packets[i].when, report_.packets[i].done};
  }
  [[nodiscard]] Window by_itself(std::size_t i, const kernel::Emission& emission) const {
    return {i == 0 ? 0 : report_.packets[i - 1].done, emission.when};
  }

  void tell(std::size_t i, const std::string& place, const std::string& device,
            const std::vector<const kernel::Emission*>& theirs, const std::vector<const EngineSent*>& ours) {
    std::string text =
        fmt::format("{}, sent on {}: kernel {}, utables {}\n", place, device, theirs.size(), ours.size());
    if (i < scenario_.packets.size()) {
      const auto& in = scenario_.packets[i];
      const auto& bytes = report_.packets[i].given.empty() ? in.bytes : report_.packets[i].given;
      text += fmt::format("  {}\n  {}\n  the packet ({}):\n{}\n", words_of(bytes), outcome_,
                          in.outbound ? "from the box" : "in by " + scenario_.interfaces[in.interface].name,
                          hexdump(bytes));
    }
    for (const auto* each : theirs)
      text += fmt::format("  kernel: {}\n{}\n", words_of(each->bytes), hexdump(each->bytes));
    for (const auto* each : ours)
      text += fmt::format("  utables: {}\n{}\n", words_of(each->bytes), hexdump(each->bytes));
    Difference difference{Difference::Kind::sent, i, std::move(text), place, device, outcome_};
    for (const auto* each : theirs) difference.kernel.push_back(each->bytes);
    for (const auto* each : ours) difference.utables.push_back(each->bytes);
    add(std::move(difference));
  }

  void timely() {
    if (report_.packets.empty()) return;
    const Time first = report_.packets.front().when;
    result_.took = report_.packets.back().done - first;
    result_.too_slow = report_.events_lost || report_.logs_lost;
    count_unsure();
    for (std::size_t i = 0; scenario_.paced && i < report_.packets.size(); ++i)
      if (report_.packets[i].done - first > scenario_.packets[i].at + kLargestDelay) result_.too_slow = true;
  }

  /// Differences of tables and counters come after every packet.
  void count_unsure() {
    std::size_t first_difference = SIZE_MAX;
    for (const auto& difference : result_.differences)
      first_difference = std::min(first_difference, difference.packet);
    for (std::size_t i = 0; i < report_.packets.size(); ++i)
      if (report_.packets[i].tick != report_.packets[i].tick_done) unsure_.push_back(i);
    result_.unsure = static_cast<std::uint64_t>(
        std::count_if(unsure_.begin(), unsure_.end(), [&](std::size_t i) { return i <= first_difference; }));
  }

  const generate::Scenario& scenario_;
  const kernel::NamespaceSetup& setup_;
  const kernel::Report& report_;
  const CompareOptions& options_;
  const TickClock clock_;
  Comparison result_;
  EventComparison events_;
  std::string outcome_;
  std::vector<std::size_t> unsure_;  ///< packets at or before which the kernel's moment is not known
};

}  // namespace

std::string hexdump(const std::vector<std::uint8_t>& bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i % 16 == 0) text += fmt::format("{}    {:04x} ", i == 0 ? "" : "\n", i);
    text += fmt::format(" {:02x}", bytes[i]);
    if (i == 255 && bytes.size() > 256)
      return text + fmt::format("\n    ... {} bytes more", bytes.size() - 256);
  }
  return text;
}

void Coverage::add(const Coverage& other) {
  for (std::size_t i = 0; i < dropped.size(); ++i) dropped[i] += other.dropped[i];
  for (const auto& [name, row] : other.rows) {
    Row& mine = rows[name];
    mine.count += row.count;
    mine.reachable = row.reachable;
  }
}

namespace {

/// Of the machine, not of a namespace: there they can be read alone.
constexpr std::array<std::string_view, 4> kOfTheMachine{
    "net.netfilter.nf_conntrack_max", "net.netfilter.nf_conntrack_buckets",
    "net.netfilter.nf_conntrack_expect_max", "net.nf_conntrack_max"};

using SysctlList = std::vector<std::pair<std::string, std::string>>;

/// The box's sysctls as this kernel names them; nothing outside `net.` is ever touched.
SysctlList sysctls_of(const host::Host& host, std::vector<std::string>& notes) {
  SysctlList list;
  for (const auto& [name, value] : host.sysctls) {
    if (name.rfind("net.", 0) != 0) continue;
    if (std::find(kOfTheMachine.begin(), kOfTheMachine.end(), name) != kOfTheMachine.end())
      notes.push_back("sysctl " + name + " is the machine's, not a namespace's: not set");
    else if (name == "net.ipv4.ip_forward")
      list.emplace(list.begin(), name, value);  // resets others, so it goes first
    else if (access(kernel::sysctl_path(name).c_str(), F_OK) != 0 && name.find(".conf.") == std::string::npos)
      notes.push_back("sysctl " + name + " is unknown to this kernel: not set");
    else
      list.emplace_back(name, value);
  }
  return list;
}

}  // namespace

Result<kernel::NamespaceSetup> setup_of(const generate::Scenario& scenario, std::vector<std::string>& notes) {
  SysctlList sysctls;
  // A box that utables does not understand is still put to the kernel.
  const auto host = host::build(scenario.box);
  if (host) sysctls = sysctls_of(*host, notes);
  auto setup = kernel::setup_from(scenario.box, scenario.track_always, host ? &sysctls : nullptr);
  if (!setup) return setup;
  for (const auto& interface : scenario.interfaces)
    for (auto& device : setup->devices)
      if (device.name == interface.name) device.ethernet = interface.ethernet;
  for (const auto& packet : scenario.packets)
    setup->ipv6 = setup->ipv6 || (!packet.bytes.empty() && packet.bytes[0] >> 4 == 6);
  if (setup->ipv6 && !scenario.box.has_net_ip) setup->ip_lines += "route add ::/0 dev out\n";
  if (scenario.ignore_checksums) setup->sysctls.emplace_back("net.netfilter.nf_conntrack_checksum", "0");
  return setup;
}

std::vector<kernel::Injection> injections_of(const generate::Scenario& scenario,
                                             const kernel::NamespaceSetup& setup) {
  std::vector<std::uint16_t> devices;
  for (const auto& interface : scenario.interfaces) {
    std::uint16_t at = 0;
    while (at < setup.devices.size() && setup.devices[at].name != interface.name) ++at;
    devices.push_back(at);
  }
  std::vector<kernel::Injection> all;
  for (const auto& packet : scenario.packets) {
    kernel::Injection& injection = all.emplace_back();
    injection.bytes = packet.bytes;
    injection.device = packet.outbound ? std::uint16_t{0} : devices[packet.interface];
    injection.outbound = packet.outbound;
    injection.type = packet.type;
    injection.link = packet.link;
    injection.at = packet.at;
    injection.part = packet.part;
  }
  return all;
}

kernel::RunOptions run_options_of(const generate::Scenario& scenario) {
  kernel::RunOptions options;
  options.paced = scenario.paced;
  options.linger = scenario.linger;
  options.log_mark = scenario.log_tags.mark.empty() ? "" : "~" + scenario.log_tags.mark + ".";
  options.complaints = scenario.box.sysctl_conf.find("nf_conntrack_log_invalid") != std::string::npos;
  if (scenario.paced && !scenario.packets.empty()) options.time_limit += scenario.packets.back().at;
  return options;
}

Comparison compare(const generate::Scenario& scenario, const kernel::NamespaceSetup& setup,
                   const kernel::Report& report, const CompareOptions& options) {
  return Comparing(scenario, setup, report, options).run();
}

Result<Comparison> judge(const generate::Scenario& scenario, const kernel::NamespaceSetup& setup,
                         const Result<kernel::Report>& report, const CompareOptions& options) {
  if (report) return compare(scenario, setup, *report, options);
  if (report.error().exit_code != 2) return tl::unexpected<Error>(report.error());
  Comparison result;
  if (const auto engine = Engine::create(scenario.box); !engine) {
    result.refused = engine.error().front().str();
    return result;
  }
  Difference difference{Difference::Kind::box, SIZE_MAX, "utables takes this box, the kernel does not: "};
  difference.text += report.error().text;
  result.differences.push_back(std::move(difference));
  return result;
}

Result<Comparison> play_and_compare(const generate::Scenario& scenario, const CompareOptions& options) {
  if (!kernel::why_no_kernel().empty()) {
    Error error{kernel::why_no_kernel()};
    error.exit_code = 3;
    return tl::unexpected<Error>(std::move(error));
  }
  std::vector<std::string> notes;
  const auto setup = setup_of(scenario, notes);
  if (!setup) return tl::unexpected<Error>(setup.error());
  const auto report =
      kernel::run_in_kernel(*setup, injections_of(scenario, *setup), run_options_of(scenario));
  auto result = judge(scenario, *setup, report, options);
  if (result) result->notes.insert(result->notes.begin(), notes.begin(), notes.end());
  return result;
}

}  // namespace utables::lab::compare
