// full_table: a full connection table, in this machine's kernel and in utables.
//
// nf_conntrack_max and nf_conntrack_buckets belong to the whole machine: they are set low in the initial
// namespace, given back afterwards (also when ended by a signal; after a SIGKILL by the next run, to which
// the lock file tells them). The packets themselves go through a namespace of their own each time: Linux
// counts entries for each namespace, and early drop passes over others' entries.
// While it runs no other namespace may hold more than a quarter of the maximum; then it waits for a while,
// and gives up with its reason (exit 77).
//
// Which entries go depends on a random key, so what is compared is number and kind: early drops, packets
// dropped because the table is full, entries left of each kind. The permitted range is what utables does
// under kSeeds other keys, and half as much again on both sides, which is exact where the key does not
// matter; where early drops happen at all, also what one of them more or less may change (kOneDrop). The
// distributions are far from normal: how many entries are left depends on how many the last early drop of a
// run took, and a figure five standard deviations off is one run in a thousand. So the mean of the kernel's
// runs is judged as well: within 7 standard deviations of a mean of so many. ASSURED entries have no
// allowance. Above 95 % garbage collection may take entries at moments of its own. Every entry that was made
// is left, was dropped early, or was taken so; what was made the counter of a rule for NEW packets tells, so
// it is known exactly, and such a run is repeated.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>
#include <utables/engine.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/scan.h"
#include "conntrack/listing.h"
#include "conntrack/tracker.h"
#include "engine/parts.h"
#include "lab/compare/table.h"
#include "lab/generate/packets.h"
#include "lab/kernel/process.h"
#include "lab/kernel/run.h"
#include "lab/kernel/setup.h"
#include "rules/syntax/save.h"

namespace {

using namespace utables;
using namespace utables::lab;
using generate::Bytes;

constexpr unsigned kMax = 1000, kBuckets = 512;  // Linux rounds buckets up to a page of them: 512
constexpr unsigned kSeeds = 200, kKernelRuns = 5;
constexpr double kOneDrop = 4;  // entries of one bucket: two hashes for each of kMax in kBuckets is 4
constexpr const char* kMaxFile = "/proc/sys/net/netfilter/nf_conntrack_max";
constexpr const char* kBucketsFile = "/proc/sys/net/netfilter/nf_conntrack_buckets";
constexpr const char* kLockFile = "/run/utables-full-table.lock";

// ---- the machine's settings, borrowed

std::array<char, 32> saved_max{}, saved_buckets{};  // as text, for the signal handler

void put_back() {  // async-signal-safe
  for (const auto& [file, text] :
       {std::pair(kMaxFile, &saved_max), std::pair(kBucketsFile, &saved_buckets)}) {
    std::size_t size = 0;
    while (size < text->size() && (*text)[size] != 0) ++size;
    const int fd = size == 0 ? -1 : open(file, O_WRONLY | O_CLOEXEC);
    if (fd < 0) continue;
    (void)!write(fd, text->data(), size);
    close(fd);
  }
}

void put_back_and_end(int number) {
  put_back();
  signal(number, SIG_DFL);
  raise(number);
}

void remember(std::array<char, 32>& into, std::string_view text) {
  into.fill(0);
  std::copy_n(text.begin(), std::min(text.size(), into.size() - 1), into.begin());
}

/// Holds the lock and the settings; its end gives both back.
class Borrowed {
 public:
  Borrowed() = default;
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  ~Borrowed() {
    put_back();
    if (lock_ < 0) return;
    (void)!ftruncate(lock_, 0);
    close(lock_);
  }

  /// Why it cannot be; empty: done.
  std::string take() {
    lock_ = open(kLockFile, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock_ < 0 || flock(lock_, LOCK_EX | LOCK_NB) != 0) return std::string(kLockFile) + " is held";
    const auto max = kernel::read_file(kMaxFile), buckets = kernel::read_file(kBucketsFile);
    if (!max || !buckets) return "no nf_conntrack sysctls";
    const auto left = kernel::read_file(kLockFile);  // of a run that was killed
    const auto words_left = left ? words(*left) : std::vector<std::string_view>{};
    const bool killed = words_left.size() == 2;
    remember(saved_max, killed ? words_left[0] : trim(*max));
    remember(saved_buckets, killed ? words_left[1] : trim(*buckets));
    const std::string note = fmt::format("{} {}\n", saved_max.data(), saved_buckets.data());
    if (ftruncate(lock_, 0) != 0 || pwrite(lock_, note.data(), note.size(), 0) < 0) return "the lock file";
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGSEGV})
      signal(number, put_back_and_end);
    return set();
  }

 private:
  static std::string set() {
    (void)kernel::write_file(kBucketsFile, std::to_string(kBuckets));
    (void)kernel::write_file(kMaxFile, std::to_string(kMax));
    const auto max = kernel::read_file(kMaxFile), buckets = kernel::read_file(kBucketsFile);
    if (max && buckets && trim(*max) == std::to_string(kMax) && trim(*buckets) == std::to_string(kBuckets))
      return {};
    return "nf_conntrack_max and nf_conntrack_buckets cannot be set: not the initial namespace, or not root";
  }
  int lock_ = -1;
};

/// The most entries that one network namespace of this machine holds.
unsigned most_entries() {
  unsigned most = 0;
  std::set<std::string> seen;
  std::error_code ignored;
  for (const auto& process : std::filesystem::directory_iterator("/proc", ignored)) {
    const auto ns = std::filesystem::read_symlink(process.path() / "ns/net", ignored).string();
    if (ns.empty() || !seen.insert(ns).second) continue;
    const auto text = kernel::read_file((process.path() / "net/stat/nf_conntrack").string());
    if (!text) continue;
    const auto lines = split(*text, '\n');
    if (lines.size() < 2) continue;
    const auto fields = words(lines[1]);
    if (!fields.empty())
      most = std::max(most, static_cast<unsigned>(scan_unsigned(fields[0], 16, ~0U).value_or(0)));
  }
  return most;
}

// ---- traffic

enum class Flow { unreplied_udp, unreplied_tcp, replied_udp, assured_tcp, closed_tcp };

struct Step {
  Bytes bytes;
  bool back = false;  ///< from the server: comes in by `out`
};

class Traffic {
 public:
  void add(Flow flow, unsigned count) {
    for (unsigned i = 0; i < count; ++i) add(flow);
  }
  void add(Flow flow) {
    ++number_;
    client_ = 0x0a000100 + number_ % 200;
    port_ = static_cast<std::uint16_t>(1024 + number_);
    switch (flow) {
      case Flow::unreplied_udp:
        return udp(false);
      case Flow::replied_udp:
        return udp(false), udp(true);
      case Flow::unreplied_tcp:
        return tcp(false, kSyn, 1000, 0);
      case Flow::assured_tcp:
        return handshake();
      case Flow::closed_tcp:
        handshake();
        tcp(false, kFin | kAck, 1001, 5001);
        tcp(true, kFin | kAck, 5001, 1002);
        return tcp(false, kAck, 1002, 5002);
    }
  }
  std::vector<Step> steps;

 private:
  static constexpr std::uint8_t kFin = 1, kSyn = 2, kAck = 16;
  static constexpr std::uint32_t kServer = 0xcb007109;

  [[nodiscard]] generate::IpFields ends(bool back, std::uint8_t protocol) const {
    generate::IpFields ip;
    ip.source = back ? kServer : client_;
    ip.destination = back ? client_ : kServer;
    ip.protocol = protocol;
    return ip;
  }
  void udp(bool back) {
    const auto ip = ends(back, 17);
    const Bytes data(8, 'x');
    const Bytes body = generate::udp_datagram(ip, back ? 53 : port_, back ? port_ : 53, data);
    steps.push_back({generate::ip_packet(ip, body), back});
  }
  void tcp(bool back, std::uint8_t flags, std::uint32_t seq, std::uint32_t ack) {
    const auto ip = ends(back, 6);
    generate::TcpFields fields;
    fields.source_port = back ? 80 : port_;
    fields.destination_port = back ? port_ : 80;
    fields.seq = seq;
    fields.ack = ack;
    fields.flags = flags;
    fields.window = 8192;
    steps.push_back({generate::ip_packet(ip, generate::tcp_segment(ip, fields, {})), back});
  }
  void handshake() {
    tcp(false, kSyn, 1000, 0);
    tcp(true, kSyn | kAck, 5000, 1001);
    tcp(false, kAck, 1001, 5001);
  }
  unsigned number_ = 0;
  std::uint32_t client_ = 0;
  std::uint16_t port_ = 0;
};

struct Mix {
  const char* name;
  std::vector<Step> steps;
};

std::vector<Mix> mixes() {
  std::vector<Mix> all;
  const auto mix = [&](const char* name, std::initializer_list<std::pair<Flow, unsigned>> parts,
                       unsigned times = 1) {
    Traffic traffic;
    for (unsigned i = 0; i < times; ++i)
      for (const auto& [flow, count] : parts) traffic.add(flow, count);
    all.push_back({name, std::move(traffic.steps)});
  };
  mix("all unreplied UDP", {{Flow::unreplied_udp, 1500}});
  mix("all unreplied TCP", {{Flow::unreplied_tcp, 1500}});
  mix("replied, not ASSURED", {{Flow::replied_udp, 1500}});
  mix("all ASSURED", {{Flow::assured_tcp, 1100}});
  mix("half ASSURED, then unreplied", {{Flow::assured_tcp, 500}, {Flow::unreplied_udp, 1000}});
  mix("ASSURED and unreplied in turn", {{Flow::assured_tcp, 1}, {Flow::unreplied_udp, 1}}, 900);
  mix("few that can go", {{Flow::unreplied_udp, 40}, {Flow::assured_tcp, 960}, {Flow::unreplied_tcp, 200}});
  mix("closing, above 95 %", {{Flow::closed_tcp, 970}, {Flow::assured_tcp, 30}, {Flow::unreplied_udp, 100}});
  return all;
}

// ---- what a run comes to: figures by name

using Figures = std::map<std::string, double>;
constexpr const char* kEarly = "early drops";
constexpr const char* kFull = "packets dropped, table full";
constexpr const char* kMade = "connections made";
constexpr const char* kListed = "entries left";

/// `tcp ESTABLISHED ASSURED`: what kind of entry a line of the listing is.
std::string kind_of(std::string_view line) {
  const auto fields = words(line);
  std::string kind = "left: " + std::string(fields.size() > 2 ? fields[2] : line);
  if (fields.size() > 5 && fields[5].find('=') == std::string_view::npos)
    kind += " " + std::string(fields[5]);
  for (const std::string_view flag : {"[UNREPLIED]", "[ASSURED]"})
    if (line.find(flag) != std::string_view::npos) kind += " " + std::string(flag);
  return kind;
}

void list(const std::vector<std::string>& table, Figures& figures) {
  for (const auto& line : table) figures[kind_of(line)] += 1;
  figures[kListed] = static_cast<double>(table.size());
}

constexpr std::string_view kNet =
    "addr add 10.0.0.254/16 dev in\nlink set dev out up\nroute add default dev out\n";
constexpr std::string_view kRules =
    "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A FORWARD -m conntrack "
    "--ctstate "
    "NEW\nCOMMIT\n";

BoxText box() {
  BoxText text;
  text.net_ip = kNet;
  text.has_net_ip = true;
  text.rules_v4 = kRules;
  text.has_rules_v4 = true;
  return text;
}

/// Packets that the rule counted: each made a connection, as no flow here sends a second one unanswered.
double made(std::string_view saved_rules) {
  for (const auto line : split(saved_rules, '\n'))
    if (line.find("--ctstate NEW") != std::string_view::npos && line.substr(0, 1) == "[")
      return static_cast<double>(scan_unsigned(line.substr(1, line.find(':') - 1), 10, ~0U).value_or(0));
  return 0;
}

/// Entries that were made, and are neither left nor were dropped early.
double taken(const Figures& figures) { return figures.at(kMade) - figures.at(kEarly) - figures.at(kListed); }

class Counter final : public Sink {
 public:
  void outcome(const Outcome& outcome) override { full += outcome.reason == DropReason::table_full ? 1 : 0; }
  unsigned full = 0;
};

Result<Figures, Errors> in_utables(const Mix& mix, std::uint64_t seed) {
  BoxText text = box();
  text.sysctl_conf = fmt::format("net.netfilter.nf_conntrack_max={}\nnet.netfilter.nf_conntrack_buckets={}\n",
                                 kMax, kBuckets);
  Options options;
  options.seed = seed;
  auto engine = Engine::create(text, options);
  if (!engine) return tl::unexpected<Errors>(std::move(engine.error()));
  const auto& host = engine->parts().host;
  Worker worker = engine->worker();
  Counter counter;
  Time now = 1'795'308'671 * kSecond;
  for (const Step& step : mix.steps) {
    Bytes bytes = step.bytes;
    bytes.resize(bytes.size() + 64);
    Packet packet;
    packet.bytes = bytes.data();
    packet.size = packet.wire_size = static_cast<std::uint32_t>(step.bytes.size());
    packet.room = static_cast<std::uint32_t>(bytes.size());
    packet.interface = host.find(step.back ? "out" : "in").value_or(kNoInterface);
    worker.process({&packet, 1}, now += 20 * kMicrosecond, counter);
  }
  Figures figures;
  std::vector<std::string> table;
  const auto& tracker = *engine->parts().tracker;
  const std::string listing = conntrack::proc_listing(*engine->parts().tracker, now);
  for (const auto line : split(listing, '\n'))
    if (!line.empty()) table.emplace_back(line);
  list(table, figures);
  figures[kEarly] = static_cast<double>(tracker.statistics().early_drop);
  figures[kFull] = counter.full;
  figures[kMade] = made(rules::save(current_rules(engine->parts()), {.counters = true, .when = now}));
  return figures;
}

double statistic(std::string_view text, std::string_view name) {
  const auto lines = split(text, '\n');
  const auto names = lines.empty() ? std::vector<std::string_view>{} : words(lines[0]);
  const auto column = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
  double sum = 0;
  for (std::size_t i = 1; i < lines.size(); ++i)
    if (const auto fields = words(lines[i]); column < fields.size())
      sum += static_cast<double>(scan_unsigned(fields[column], 16, ~0U).value_or(0));
  return sum;
}

Result<kernel::KernelRun> start_in_kernel(const std::vector<Step>& steps, Duration linger = 0) {
  auto setup = kernel::setup_from(box());
  if (!setup) return tl::unexpected<Error>(setup.error());
  std::vector<kernel::Injection> injections;
  for (const Step& step : steps) {
    kernel::Injection one;
    one.bytes = step.bytes;
    const std::string_view name = step.back ? "out" : "in";
    for (std::size_t i = 0; i < setup->devices.size(); ++i)
      if (setup->devices[i].name == name) one.device = static_cast<std::uint16_t>(i);
    injections.push_back(std::move(one));
  }
  kernel::RunOptions options;
  options.events = false;  // there are hundreds of thousands; their number and kind is looked at
  options.linger = linger;
  return kernel::KernelRun::start(*setup, injections, options);
}

Result<Figures> in_kernel(const Mix& mix) {
  auto run = start_in_kernel(mix.steps);
  if (!run) return tl::unexpected<Error>(run.error());
  const auto report = run->finish();
  if (!report) return tl::unexpected<Error>(report.error());
  Figures figures;
  list(report->table, figures);
  figures[kEarly] = statistic(report->statistics, "early_drop");
  figures[kFull] = 0;
  for (const auto& played : report->packets) figures[kFull] += played.sent.empty() ? 1 : 0;
  figures[kMade] = made(report->saved_rules);
  if (figures[kFull] != statistic(report->statistics, "drop"))
    return fail(fmt::format("{} packets did not leave, the kernel's counter says {}", figures[kFull],
                            statistic(report->statistics, "drop")));
  return figures;
}

// ---- the comparison

struct Range {
  double sum = 0, squares = 0, count = 0, allowance = 0, least = 0, most = 0;
  void add(double value) {
    least = count == 0 ? value : std::min(least, value);
    most = count == 0 ? value : std::max(most, value);
    sum += value, squares += value * value, ++count;
  }
  [[nodiscard]] double mean() const { return sum / count; }
  [[nodiscard]] double deviation() const {
    return std::sqrt(std::max(0.0, squares / count - mean() * mean()));
  }
  [[nodiscard]] double more() const { return std::max((most - least) / 2, allowance); }
  [[nodiscard]] bool permits(double value) const {
    return value >= least - more() - 1e-6 && value <= most + more() + 1e-6;
  }
  [[nodiscard]] bool permits_mean(double value, double of) const {
    return std::abs(value - mean()) <= std::max(7 * deviation() / std::sqrt(of), allowance) + 1e-6;
  }
};

class Comparison {
 public:
  /// False: this could not be played.
  bool compare(const Mix& mix) {
    std::map<std::string, Range> ranges;
    std::vector<Figures> ours;
    for (unsigned seed = 1; seed <= kSeeds; ++seed) {
      auto figures = in_utables(mix, seed);
      if (!figures) return say(figures.error().front().text);
      if (taken(*figures) != 0) return say("utables loses entries");
      ours.push_back(std::move(*figures));
      for (const auto& [name, value] : ours.back()) ranges[name];
    }
    for (auto& [name, range] : ranges)
      for (auto& figures : ours) range.add(figures[name]);
    std::vector<Figures> kernels(kKernelRuns);
    for (auto& figures : kernels) {
      if (!one_run(mix, figures)) return false;
      for (const auto& [name, value] : figures)
        if (ranges.count(name) == 0) ranges[name].add(0);  // a kind that none of our keys left
    }
    const bool drops = ranges[kEarly].mean() > 0;
    fmt::print("{} ({} packets)\n", mix.name, mix.steps.size());
    for (auto& [name, range] : ranges) {
      if (drops && name.find("[ASSURED]") == std::string::npos) range.allowance = kOneDrop;
      judge(mix, name, range, kernels);
    }
    return true;
  }
  unsigned wrong = 0, repeated = 0, runs = 0;

 private:
  static bool say(const std::string& text) {
    fmt::print("could not be played: {}\n", text);
    return false;
  }
  bool one_run(const Mix& mix, Figures& into) {
    Result<Figures> figures = in_kernel(mix);
    for (unsigned again = 0; again < 5 && figures && taken(*figures) != 0; ++again) {
      ++repeated;
      figures = in_kernel(mix);
    }
    if (!figures) return say(figures.error().text);
    if (taken(*figures) != 0) return say(fmt::format("{}: garbage collection came by each time", mix.name));
    ++runs;
    into = std::move(*figures);
    return true;
  }

  void judge(const Mix& mix, const std::string& name, const Range& range, std::vector<Figures>& kernels) {
    std::string values;
    double sum = 0;
    for (Figures& figures : kernels) {
      const double value = figures[name];
      values += fmt::format(" {:g}", value);
      sum += value;
      if (range.permits(value)) continue;
      ++wrong;
      fmt::print("DIFFERS: {}: {}: {:g} in the kernel\n", mix.name, name, value);
    }
    const double mean = sum / kKernelRuns;
    if (!range.permits_mean(mean, kKernelRuns)) {
      ++wrong;
      fmt::print("DIFFERS: {}: {}: {:g} on the average in the kernel\n", mix.name, name, mean);
    }
    fmt::print("  {:34} utables {:8.1f}, {:g} to {:g} and {:g} more   kernel{}\n", name, range.mean(),
               range.least, range.most, range.more(), values);
  }
};

/// A namespace beside a full one: neither loses nor refuses anything.
bool a_neighbour_is_not_disturbed() {
  Traffic few, many;
  few.add(Flow::unreplied_udp, kMax / 4);
  many.add(Flow::unreplied_udp, kMax * 2);
  auto neighbour = start_in_kernel(few.steps, 1500 * kMillisecond);
  auto full = start_in_kernel(many.steps);
  if (!neighbour || !full) return false;
  const auto full_report = full->finish(), report = neighbour->finish();
  if (!full_report || !report) return false;
  fmt::print("beside a full namespace ({} early drops): {} of {} entries stay, {} early drops\n",
             statistic(full_report->statistics, "early_drop"), report->table.size(), kMax / 4,
             statistic(report->statistics, "early_drop"));
  return report->table.size() == kMax / 4 && statistic(report->statistics, "early_drop") == 0 &&
         statistic(full_report->statistics, "early_drop") > 0;
}

int lacking(const std::string& reason) {
  fmt::print("0 comparisons ran: {}\n", reason);
  return std::getenv("UTABLES_REQUIRE_KERNEL") != nullptr ? 1 : 77;
}

int run() {
  if (const std::string& reason = kernel::why_no_kernel(); !reason.empty())
    return lacking("no kernel to compare with: " + reason);
  for (unsigned waited = 0; most_entries() > kMax / 4; ++waited) {
    if (waited == 60)
      return lacking(fmt::format("another network namespace tracks {} connections", most_entries()));
    sleep(1);
  }
  Borrowed borrowed;
  if (const std::string reason = borrowed.take(); !reason.empty()) return lacking(reason);
  Comparison comparison;
  for (const Mix& mix : mixes())
    if (!comparison.compare(mix)) return 1;
  const bool apart = a_neighbour_is_not_disturbed();
  fmt::print("{} runs in the kernel, {} repeated because garbage collection came by, {} figures differ{}\n",
             comparison.runs, comparison.repeated, comparison.wrong,
             apart ? "" : "; the neighbour was disturbed");
  return comparison.wrong == 0 && apart ? 0 : 1;
}

}  // namespace

int main() { return run(); }
