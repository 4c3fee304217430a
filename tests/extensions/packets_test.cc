// Every `?` line of every .t file beside the extensions (src/rules/examples.h): its packets through utables,
// which must end as the line says; and the same through this machine's kernel, which must do what utables
// does, to the byte, with counters, connections, events and, where the kernel's log can be read, LOG's lines.
// Without a kernel the second is skipped, under UTABLES_REQUIRE_KERNEL=1 a failure.
#include "lab/generate/packets.h"

#include <gtest/gtest.h>
#include <utables/engine.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/bytes.h"
#include "base/scan.h"
#include "engine/parts.h"
#include "lab/compare/compare.h"
#include "lab/kernel/kernel_log.h"
#include "packet/describe.h"
#include "rules/examples.h"
#include "rules/extension.h"
#include "rules/option/option.h"

namespace utables::rules {
namespace {

namespace fs = std::filesystem;
using lab::generate::Scenario;
using lab::generate::ScenarioPacket;

constexpr std::array<std::string_view, 3> kDevices{"lan", "wan", "thin"};
constexpr std::array<std::string_view, 3> kNetworks{"10.0.0.0/24", "0.0.0.0/0", "172.16.0.0/24"};
constexpr std::array<std::string_view, 3> kOwn{"10.0.0.254", "192.0.2.254", "172.16.0.254"};
constexpr std::array<std::string_view, 3> kNetworks6{"2001:db8:a::/64", "::/0", "2001:db8:3::/64"};
constexpr std::array<std::string_view, 3> kOwn6{"2001:db8:a::fe", "2001:db8:2::fe", "2001:db8:3::fe"};

struct Line {
  std::string place;  ///< `ttl.t:17: -m ttl ...`
  Example example;
};

std::vector<Line> all_lines() {
  std::vector<Line> lines;
  std::vector<fs::path> files;
  for (const char* folder : {"match", "target"})
    for (const auto& entry : fs::directory_iterator(fs::path(UTABLES_SOURCE_DIR) / "src/rules" / folder))
      if (entry.path().extension() == ".t") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    std::ifstream in(file);
    std::stringstream text;
    text << in.rdbuf();
    const std::string name = file.parent_path().filename().string() + "/" + file.filename().string();
    auto examples = parse_examples(text.str(), name);
    if (!examples) {
      ADD_FAILURE() << examples.error().front().str();
      continue;
    }
    for (Example& example : *examples)
      if (example.played)
        lines.push_back({name + ":" + std::to_string(example.line) + ": " + example.played->rules.back(),
                         std::move(example)});
  }
  return lines;
}

// --- a line as a scenario

std::string_view table_name(const Example& example) {
  return kTableNames[static_cast<std::size_t>(example.table)];
}

std::optional<std::array<std::uint8_t, 6>> hardware_address(std::string_view text) {
  std::array<std::uint8_t, 6> address{};
  const auto parts = split(text, ':');
  for (std::size_t i = 0; parts.size() == 6 && i < 6; ++i) {
    const auto byte = scan_unsigned(parts[i], 16, 255);
    if (!byte) return std::nullopt;
    address[i] = static_cast<std::uint8_t>(*byte);
  }
  return parts.size() == 6 ? std::optional(address) : std::nullopt;
}

/// The words before a packet's text; what is left of it is returned.
struct Before {
  std::optional<std::array<std::uint8_t, 6>> sender{};
  PacketType type = PacketType::host;
  std::size_t cut = 0;
  std::string_view rest;
};
Before words_before(std::string_view text) {
  Before before;
  for (;;) {
    const auto blank = text.find(' ');
    const auto word = text.substr(0, blank),
               rest = trim(text.substr(blank == text.npos ? text.size() : blank));
    if (word == "broadcast" || word == "multicast") {
      before.type = word == "broadcast" ? PacketType::broadcast : PacketType::multicast;
      text = rest;
    } else if (word == "ether" || word == "cut") {
      const auto value = rest.substr(0, rest.find(' '));
      if (word == "ether")
        before.sender = hardware_address(value);
      else
        before.cut = scan_unsigned(value, 10, 65535).value_or(0);
      text = trim(rest.substr(std::min(rest.size(), value.size())));
    } else {
      before.rest = text;
      return before;
    }
  }
}

/// Where a packet comes in, by its source; none: a program of the box sends it.
std::optional<std::uint16_t> device_of(const Address& source, Family family) {
  const bool v6 = family == Family::ipv6;
  for (const auto own : v6 ? kOwn6 : kOwn)
    if (*parse_address(own, family) == source) return std::nullopt;
  for (const std::uint16_t i : std::array<std::uint16_t, 2>{0, 2})
    if (parse_prefix((v6 ? kNetworks6 : kNetworks)[i], family)->contains(source)) return i;
  return 1;
}

void claim_what_is_there(std::vector<std::uint8_t>& bytes, std::uint16_t number) {
  if (bytes[0] >> 4 == 6) return store16(&bytes[4], static_cast<std::uint16_t>(bytes.size() - 40));
  store16(&bytes[2], static_cast<std::uint16_t>(bytes.size()));
  // A raw socket draws an identification where there is none.
  if (load16(&bytes[4]) == 0) store16(&bytes[4], number);
  lab::generate::fix_ip_checksum(bytes);
}

Result<ScenarioPacket> packet_of(std::string_view text, std::uint16_t number) {
  const Before before = words_before(text);
  auto line = packet::read_packet_line(before.rest);
  if (!line) return tl::unexpected<Error>(line.error());
  ScenarioPacket packet;
  packet.bytes = std::move(line->bytes);
  if (before.cut != 0 && before.cut < packet.bytes.size()) packet.bytes.resize(before.cut);
  claim_what_is_there(packet.bytes, number);
  const bool v6 = packet.bytes[0] >> 4 == 6;
  const Family family = v6 ? Family::ipv6 : Family::ipv4;
  const auto device = device_of(Address::load(&packet.bytes[v6 ? 8 : 12], family), family);
  packet.outbound = !device;
  packet.interface = device.value_or(0);
  packet.type = before.type;
  if (before.sender || before.type != PacketType::host) {
    packet.link.present = true;
    packet.link.type = v6 ? 0x86dd : 0x0800;
    packet.link.source = before.sender.value_or(std::array<std::uint8_t, 6>{2, 0, 0, 0, 0, 1});
    packet.link.destination = {2, 0, 0, 0, 1, static_cast<std::uint8_t>(packet.interface)};
    if (before.type == PacketType::broadcast) packet.link.destination.fill(0xff);
    if (before.type == PacketType::multicast) packet.link.destination = {1, 0, 0x5e, 0, 0, 1};
    if (before.type == PacketType::multicast && v6) packet.link.destination = {0x33, 0x33, 0, 0, 0, 1};
  }
  return packet;
}

Result<Scenario> scenario_of(const Example& example) {
  const PacketExample& played = *example.played;
  Scenario scenario;
  const bool v6 = example.family == Family::ipv6;
  scenario.box.has_net_ip = true;
  (v6 ? scenario.box.has_rules_v6 : scenario.box.has_rules_v4) = true;
  scenario.box.net_ip = v6 ? kExampleBox6 : kExampleBox;
  scenario.box.nfct_conf = v6 ? "" : kExamplePolicies;
  std::string& rules = v6 ? scenario.box.rules_v6 : scenario.box.rules_v4;
  rules = "*" + std::string(table_name(example)) + "\n";
  for (const auto& rule : played.rules)
    rules += "-A " + example.chain + (rule.empty() ? "" : " ") + rule + "\n";
  rules += "COMMIT\n";
  for (const auto device : kDevices) scenario.interfaces.push_back({std::string(device), false});
  for (std::size_t i = 0; i < played.packets.size(); ++i) {
    auto packet = packet_of(played.packets[i], static_cast<std::uint16_t>(i + 1));
    if (!packet) return tl::unexpected<Error>(packet.error());
    packet->at = static_cast<Duration>(i) * kMillisecond;
    if (packet->link.present) {
      scenario.interfaces[packet->interface].ethernet = true;
      scenario.box.net_ip += "link set dev " + scenario.interfaces[packet->interface].name +
                             " address 02:00:00:00:01:0" + std::to_string(packet->interface) + "\n";
    }
    scenario.packets.push_back(std::move(*packet));
  }
  return scenario;
}

// --- through utables

struct Hearing final : Sink {
  const host::Host* host = nullptr;
  std::string fate;
  std::vector<std::string> told;  ///< `sent wan udp ...`, `logged IN=...`
  void sent(const Sent& s) override {
    packet::Facts facts;
    if (packet::parse(s.bytes, static_cast<std::uint32_t>(s.bytes.size()), facts) != DropReason::none) return;
    told.push_back("sent " + host->at(s.interface).name + " " + packet::describe(s.bytes, facts) + " ttl " +
                   std::to_string(facts.ttl));
  }
  void log(const LogLine& line) override { told.push_back("logged " + std::string(trim(line.text))); }
  void outcome(const Outcome& o) override { fate = name(o.fate); }
};

std::uint64_t last_rule_counted(Engine& engine, const Example& example) {
  const auto rules = current_rules(engine.parts(), example.family);
  for (const auto& table : rules.tables)
    if (table.id == example.table) return table.find(example.chain)->rules.back().counters.packets;
  return 0;
}

/// The outcome of a line as utables has it: what it names, in its form.
Result<std::string, Errors> outcome_in_utables(const Example& example, const Scenario& scenario) {
  auto engine = Engine::create(scenario.box);
  if (!engine) return tl::unexpected<Errors>(std::move(engine.error()));
  Hearing hearing;
  hearing.host = &engine->parts().host;
  Worker worker = engine->worker();
  std::uint64_t before = 0;
  for (const ScenarioPacket& from : scenario.packets) {
    before = last_rule_counted(*engine, example);
    hearing.told.clear();
    std::vector<std::uint8_t> bytes = from.bytes;
    bytes.resize(bytes.size() + 64);
    Packet packet;
    packet.bytes = bytes.data();
    packet.size = static_cast<std::uint32_t>(from.bytes.size());
    packet.room = static_cast<std::uint32_t>(bytes.size());
    packet.interface = *engine->parts().host.find(kDevices[from.interface]);
    packet.outbound = from.outbound;
    packet.type = from.type;
    packet.link = from.link;
    worker.process({&packet, 1}, 1'795'308'671 * kSecond + from.at, hearing);
  }
  std::string outcome = last_rule_counted(*engine, example) > before ? "yes" : "no";
  const auto& parts = example.played->parts;
  const bool all = std::any_of(parts.begin(), parts.end(), [](const std::string& part) {
    return part.starts_with("sent") || part.starts_with("logged");
  });
  if (!parts.empty() && parts.front().find(' ') == std::string::npos) outcome += ", " + hearing.fate;
  for (const auto& told : hearing.told)
    if (all) outcome += ", " + told;
  return outcome;
}

std::string wanted(const Example& example) {
  std::string outcome = example.played->hit ? "yes" : "no";
  for (const auto& part : example.played->parts) outcome += ", " + part;
  return outcome;
}

TEST(Packets, EndAsTheLinesSay) {
  std::map<std::string, std::set<std::string>> outcomes;  // of each file
  std::size_t count = 0;
  for (const Line& line : all_lines()) {
    const auto scenario = scenario_of(line.example);
    ASSERT_TRUE(scenario) << line.place << "\n" << scenario.error().text;
    const auto got = outcome_in_utables(line.example, *scenario);
    ASSERT_TRUE(got) << line.place << "\n" << got.error().front().str();
    EXPECT_EQ(*got, wanted(line.example)) << line.place;
    outcomes[line.place.substr(0, line.place.find(':'))].insert(line.example.played->hit ? "yes" : "no");
    ++count;
  }
  std::printf("%zu lines\n", count);
  const auto file_of = [](std::string_view folder, std::string_view name) {
    std::string file = std::string(folder) + "/";
    for (const char c : name) file += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return file + ".t";
  };
  for (const MatchDescriptor* match : all_matches())
    EXPECT_EQ(outcomes[file_of("match", match->name)].size(),
              match->options.empty() || match->name == "comment" ? 1U : 2U)
        << match->name << ": a hit and a miss are wanted";
  for (const TargetDescriptor* target : all_targets())
    EXPECT_TRUE(outcomes[file_of("target", target->name)].contains("yes")) << target->name;
}

// Every option of every extension stands in some `?` line.
TEST(Packets, NameEveryOption) {
  std::map<std::string, std::string> text;  // of each file
  for (const Line& line : all_lines())
    for (const auto& rule : line.example.played->rules)
      text[line.place.substr(0, line.place.find(':'))] += " " + rule + " ";
  const auto look = [&](std::string_view folder, const ExtensionDescriptor& extension) {
    std::string file = std::string(folder) + "/";
    for (const char c : extension.name)
      file += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    file += ".t";
    for (const OptionRow& option : extension.options) {
      const auto named = [&](std::string_view name) {
        return !name.empty() && text[file].find(" --" + std::string(name) + " ") != std::string::npos;
      };
      EXPECT_TRUE(option.hidden || named(option.name) || named(option.alias))
          << file << ": --" << option.name;
    }
  };
  for (const MatchDescriptor* match : all_matches()) look("match", *match);
  for (const TargetDescriptor* target : all_targets()) look("target", *target);
}

// --- through the kernel

struct UnderWay {
  const Line* line;
  Scenario scenario;
  lab::kernel::NamespaceSetup setup;
  lab::kernel::KernelRun run;
};

class Campaign {
 public:
  void begin(const Line& line, bool log) {
    auto scenario = scenario_of(line.example);
    if (!scenario) return;
    if (log && scenario->box.rules_v4.find("-j LOG") != std::string::npos) {
      scenario->log_tags = lab::generate::tag_log_rules(scenario->box.rules_v4, scenario->box.rules_v6,
                                                        lab::generate::fresh_mark());
    }
    std::vector<std::string> notes;
    auto setup = lab::compare::setup_of(*scenario, notes);
    ASSERT_TRUE(setup) << line.place << "\n" << setup.error().text;
    auto run = lab::kernel::KernelRun::start(*setup, lab::compare::injections_of(*scenario, *setup),
                                             lab::compare::run_options_of(*scenario));
    ASSERT_TRUE(run) << line.place << "\n" << run.error().text;
    under_way_.push_back({&line, std::move(*scenario), std::move(*setup), std::move(*run)});
    if (under_way_.size() > 1) take();
  }
  void finish() {
    while (!under_way_.empty()) take();
  }
  std::size_t compared = 0, logged = 0;

 private:
  void take() {
    UnderWay one = std::move(under_way_.front());
    under_way_.pop_front();
    auto result = lab::compare::judge(one.scenario, one.setup, one.run.finish());
    for (int again = 0; again < 4 && result && !result->differences.empty() && result->held_up(); ++again)
      result = lab::compare::play_and_compare(one.scenario);
    ASSERT_TRUE(result) << one.line->place << "\n" << result.error().text;
    for (const auto& difference : result->differences)
      ADD_FAILURE() << one.line->place << "\n" << one.scenario.log_tags.untagged(difference.text);
    ++compared;
    logged += result->logged;
  }
  std::deque<UnderWay> under_way_;
};

TEST(Packets, GoThroughTheKernelLikewise) {
  if (const std::string& reason = lab::kernel::why_no_kernel(); !reason.empty()) {
    const char* required = std::getenv("UTABLES_REQUIRE_KERNEL");
    if (required != nullptr && std::string(required) == "1")
      FAIL() << "no kernel to compare with: " << reason;
    GTEST_SKIP() << "no kernel to compare with: " << reason;
  }
  const auto log = lab::kernel::LogOfAllNamespaces::hold();
  if (!log) std::printf("LOG's lines are not compared: %s\n", log.error().text.c_str());
  const auto lines = all_lines();
  Campaign campaign;
  for (const Line& line : lines) campaign.begin(line, log.has_value());
  campaign.finish();
  std::printf("%zu lines compared with the kernel, %zu of the kernel's log\n", campaign.compared,
              campaign.logged);
  fs::create_directories(UTABLES_COMPARISONS);
  std::ofstream(std::string(UTABLES_COMPARISONS) + "/packets.count") << campaign.compared << "\n";
  EXPECT_EQ(campaign.compared, lines.size());
}

}  // namespace
}  // namespace utables::rules
