// kernel_captures: every real capture, its IPv4, through `verify`: with a box that accepts everything and
// tracks; with boxes of real rules that route, one side of the first conversation on the one interface and
// everybody else on the other; and with the same rules on a host that is the other side, so that INPUT and
// OUTPUT see the traffic.
//   kernel_captures [DATA [RULESET INSIDE OUTSIDE]]    DATA: default of $UTABLES_DATA; one ruleset alone
// Exit 0 equal, 1 differs, 77 nothing to compare with. What was compared is counted in
// kernel-comparisons/captures.count where UTABLES_COMPARISONS says.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/box_directory.h"
#include "lab/kernel/run.h"
#include "lab/verify.h"

namespace {

using namespace utables;
using namespace utables::lab;

struct Ruleset {
  std::string_view file, inside, outside;
};
constexpr std::array<Ruleset, 5> kRulesets{
    {{"firehol+firehol__tests_firehol_basics_interface.aud4.rules", "eth1", "eth0"},
     {"iptables-tests__ipt-save_dumps_ipt-save-filter.txt.rules", "eth1", "ppp0"},
     {"grndlvl+configs__rules.v4.rules", "lan", "wan"},
     {"FlorinAndrei+router__etc_iptables_rules.v4.rules", "eth1", "eth0"},
     {"diekmann+Iptables_Semantics__thy_Iptables_Semantics_Examples_Ringofsaturn_com_iptables-save.rules",
      "eth1", "eth0"}}};

struct Counts {
  unsigned equal = 0, differ = 0, refused = 0;
};

VerifyOptions reading(const std::filesystem::path& capture) {
  VerifyOptions options;
  options.replay.captures = {capture.string()};
  return options;
}

void run(const Box& box, std::string_view box_name, const VerifyOptions& options, Counts& counts) {
  const auto result = verify(box, options);
  const std::string name = std::filesystem::path(options.replay.captures[0]).filename().string();
  if (!result) {
    ++counts.refused;
    for (const auto& error : result.error()) fmt::print("{} with {}: {}\n", name, box_name, error.str());
    return;
  }
  if (result->equal()) {
    ++counts.equal;
    return;
  }
  ++counts.differ;
  fmt::print("{} with {} differs:\n{}\n", name, box_name, verification_text(*result, false));
}

/// The addresses of the first conversation of a capture.
struct Ends {
  std::string client, server;
};

bool is_host(const std::uint8_t* address) { return address[0] != 0 && address[0] != 127 && address[0] < 224; }

std::string dotted(const std::uint8_t* a) { return fmt::format("{}.{}.{}.{}", a[0], a[1], a[2], a[3]); }

std::optional<Ends> ends_of(const Box& everything, const std::filesystem::path& capture) {
  const auto input = read_for_verify(everything, reading(capture));
  if (!input) return std::nullopt;
  for (const auto& packet : input->scenario.packets)
    if (packet.bytes.size() >= 20 && is_host(&packet.bytes[12]) && is_host(&packet.bytes[16]))
      return Ends{dotted(&packet.bytes[12]), dotted(&packet.bytes[16])};
  return std::nullopt;
}

Box router(Box box, const Ruleset& ruleset, const Ends& ends) {
  box.text.has_net_ip = true;
  box.text.net_ip =
      fmt::format("link add dev {0}\nlink add dev {1}\nroute add {2}/32 dev {0}\nroute add default dev {1}\n",
                  ruleset.inside, ruleset.outside, ends.client);
  return box;
}

Box host(Box box, const Ruleset& ruleset, const Ends& ends) {
  box.text.has_net_ip = true;
  box.text.net_ip = fmt::format("link add dev {0}\naddr add {1}/32 dev {0}\nroute add default dev {0}\n",
                                ruleset.outside, ends.server);
  return box;
}

int skip(const std::string& reason) {
  fmt::print("0 comparisons ran: {}\n", reason);
  return 77;
}

std::vector<std::filesystem::path> captures_in(const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> captures;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (entry.path().extension() == ".pcap" || entry.path().extension() == ".pcapng")
      captures.push_back(entry.path());
  std::sort(captures.begin(), captures.end());
  return captures;
}

Box box_that_accepts_everything() {
  Box box;
  box.text.has_rules_v4 = true;
  box.text.rules_v4 = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n";
  return box;
}

void run_ruleset(const Ruleset& ruleset, const std::filesystem::path& data,
                 const std::vector<std::filesystem::path>& captures, Counts& counts) {
  const auto box = read_box((data / "rulesets" / ruleset.file).string());
  if (!box) {
    fmt::print("{}: not there\n", ruleset.file);
    ++counts.refused;
    return;
  }
  const Box everything = box_that_accepts_everything();
  for (const auto& capture : captures) {
    const auto ends = ends_of(everything, capture);
    if (!ends) continue;  // no IPv4 conversation in it
    auto options = reading(capture);
    const auto side = [&](std::string_view interface, const std::string& prefixes) {
      const auto option = parse_interface_option(fmt::format("{}{}", interface, prefixes));
      if (option) options.replay.interfaces.push_back(*option);
    };
    side(ruleset.outside, "");
    run(host(*box, ruleset, *ends), fmt::format("a host with {}", ruleset.file), options, counts);
    options.replay.interfaces.clear();
    side(ruleset.inside, "=" + ends->client);
    side(ruleset.outside, "=0.0.0.0/0");
    run(router(*box, ruleset, *ends), fmt::format("a router with {}", ruleset.file), options, counts);
  }
}

void write_count(unsigned compared) {
#ifdef UTABLES_COMPARISONS
  std::filesystem::create_directories(UTABLES_COMPARISONS);
  std::ofstream(std::string(UTABLES_COMPARISONS) + "/captures.count") << compared << "\n";
#else
  (void)compared;
#endif
}

}  // namespace

int main(int count, char** words) {
  const char* set = std::getenv("UTABLES_DATA");
  const std::filesystem::path data = set != nullptr ? set : count > 1 ? words[1] : "../shared";
  if (const std::string& reason = kernel::why_no_kernel(); !reason.empty())
    return std::getenv("UTABLES_REQUIRE_KERNEL") != nullptr ? (skip(reason), 1) : skip(reason);
  const auto captures = captures_in(data / "pcaps");
  if (captures.empty()) return skip("no real captures in " + (data / "pcaps").string() + " (UTABLES_DATA)");
  Counts counts;
  if (count > 4) {
    run_ruleset({words[2], words[3], words[4]}, data, captures, counts);
  } else {
    for (const auto& capture : captures) {
      auto options = reading(capture);
      options.replay.engine.track_always = true;
      run(box_that_accepts_everything(), "a box that accepts everything", options, counts);
    }
    for (const auto& ruleset : kRulesets) run_ruleset(ruleset, data, captures, counts);
  }
  const unsigned compared = counts.equal + counts.differ;
  if (count <= 4) write_count(compared);
  fmt::print("{} comparisons ran ({} captures): {} equal, {} differ, {} could not be compared\n", compared,
             captures.size(), counts.equal, counts.differ, counts.refused);
  return counts.differ == 0 && counts.refused == 0 ? 0 : 1;
}
