#include "lab/generate/track_as.h"

#include <array>

#include "lab/generate/rule_parts.h"

namespace utables::lab::generate {
namespace {

std::string draw_condition(const World& world, Random& random, bool arriving, bool with_protocol = true) {
  std::string text;
  const std::string no = chance(random, 15) ? " !" : "";
  switch (random.below(with_protocol ? 5 : 3)) {
    case 0:
      text = no + " -s" + draw_address(world, random);
      break;
    case 1:
      text = no + " -d" + draw_address(world, random);
      break;
    case 2:
      text = no + (arriving ? " -i " : " -o ") + pick(random, world.networks).device;
      break;
    case 3:
      text = no + " -p " + pick(random, std::array<const char*, 4>{"tcp", "udp", "icmp", "sctp"});
      break;
    default:
      break;
  }
  if (chance(random, 10)) text += " -m mark --mark 0/1";
  return text;
}

/// Few zones, so that they meet; the mark's lower half may be one of them. Zone 0 of one direction is left to
/// the mark: iptables-save leaves it out, so that a box saved and loaded would not be the same.
std::string draw_zone(Random& random) {
  const std::string where = pick(random, std::array<const char*, 5>{" --zone ", " --zone ", " --zone-orig ",
                                                                    " --zone-orig ", " --zone-reply "});
  const std::string zone =
      pick(random, std::array<const char*, 7>{"1", "1", "2", "0", "65535", "mark", "mark"});
  return where + (zone == "0" && where != " --zone " ? "2" : zone);
}

std::string draw_events(Random& random) {
  constexpr std::array<const char*, 10> kEvents{"new",       "related", "destroy", "reply",      "assured",
                                                "protoinfo", "helper",  "mark",    "natseqinfo", "secmark"};
  std::string text;
  for (unsigned i = 0, n = random.below(5); i < n; ++i)
    text += (i == 0 ? " --ctevents " : ",") + std::string(pick(random, kEvents));
  if (chance(random, 25)) text += " --expevents new";
  return text;
}

/// Names of four letters, behind the family's digit: of longer ones the kernel gives back the beginning
/// alone.
struct PolicyRow {
  const char* protocol;               ///< of the rule
  std::array<const char*, 2> policy;  ///< protocol of the policy, by family
  const char* name;
  std::array<const char*, 11> states;
};
constexpr std::array<PolicyRow, 7> kPolicies{{
    {"tcp",
     {"tcp", "tcp"},
     "tcp",
     {"syn_sent", "syn_recv", "established", "fin_wait", "close_wait", "last_ack", "time_wait", "close",
      "syn_sent2", "retrans", "unacknowledged"}},
    {"udp", {"udp", "udp"}, "udp", {"unreplied", "replied"}},
    {"udplite", {"udplite", "udplite"}, "lit", {"unreplied", "replied"}},
    {"sctp",
     {"sctp", "sctp"},
     "sct",
     {"closed", "cookie_wait", "cookie_echoed", "established", "shutdown_sent", "shutdown_recd",
      "shutdown_ack_sent"}},
    {"icmp", {"icmp", "icmpv6"}, "icm", {"timeout"}},
    {"gre", {"gre", "gre"}, "gre", {"unreplied", "replied"}},
    {"99", {"generic", "generic"}, "gen", {"timeout"}},
}};

/// With its own -p.
std::string draw_timeout(Random& random, std::string& protocol) {
  const PolicyRow& row = kPolicies[chance(random, 40) ? 0 : random.below(kPolicies.size())];
  protocol = std::string(" -p ") + row.protocol;
  return std::string(" --timeout 4") + row.name;
}

std::string draw_rule(const World& world, Random& random, const std::string& chain) {
  const std::string name = "-A " + chain;
  if (chance(random, 40)) {
    std::string protocol;
    const std::string timeout = draw_timeout(random, protocol);
    return name + protocol + draw_condition(world, random, chain == "PREROUTING", false) + " -j CT" +
           timeout + (chance(random, 30) ? draw_zone(random) : "") + "\n";
  }
  const std::string head = name + draw_condition(world, random, chain == "PREROUTING");
  if (chance(random, 25))
    return head + " -j MARK --set-mark " +
           pick(random, std::array<const char*, 5>{"1", "2", "0x10002", "0x10000", "3"}) + "\n";
  return head + " -j CT" + (chance(random, 80) ? draw_zone(random) : "") +
         (chance(random, 35) ? draw_events(random) : "") + "\n";
}

}  // namespace

std::string draw_track_as(const World& world, Random& random) {
  std::string text;
  for (const char* chain : {"PREROUTING", "OUTPUT"})
    for (unsigned i = 0, n = 1 + random.below(5); i < n; ++i) text += draw_rule(world, random, chain);
  return text;
}

std::string draw_label_rules(Random& random, const std::string& chain) {
  std::string text;
  for (unsigned i = 0, n = random.below(4); i < n; ++i)
    text += "-A " + chain +
            (chance(random, 50)
                 ? std::string(" -p ") + pick(random, std::array<const char*, 3>{"tcp", "udp", "icmp"})
                 : "") +
            " -m connlabel" + (chance(random, 20) ? " !" : "") + " --label " +
            pick(random, std::array<const char*, 4>{"1", "1", "64", "127"}) +
            (chance(random, 40) ? " --set" : "") + "\n";
  return text;
}

std::string draw_timeout_policies(Random& random, bool paced) {
  std::string text;
  for (const unsigned family : {0U, 1U})
    for (const PolicyRow& row : kPolicies) {
      text += "add timeout " + std::string(family == 0 ? "4" : "6") + row.name +
              (family == 0 ? " inet " : " inet6 ") + row.policy[family];
      for (const char* state : row.states)
        if (state != nullptr && (state == row.states[0] || chance(random, 70)))
          text += std::string(" ") + state + " " +
                  std::to_string(paced ? 1 + random.below(3) : 100 + random.below(5000));
      text += "\n";
    }
  return text;
}

std::string with_policies_v6(std::string rule) {
  constexpr std::string_view kOf4 = " --timeout 4";
  if (const auto at = rule.find(kOf4); at != std::string::npos) rule[at + kOf4.size() - 1] = '6';
  return rule;
}

HelpedZone draw_helped_zone(const World& world, Random& random) {
  HelpedZone zone;
  if (chance(random, 70))
    zone.option = pick(
        random, std::array<const char*, 4>{" --zone 4", " --zone 4", " --zone-orig 4", " --zone-reply 4"});
  const std::string option = zone.option;
  if (chance(random, 40)) zone.option += draw_events(random);
  // The port that is announced, where Linux draws it, is told by the expectation's event alone.
  const bool some_alone = zone.option.find("events") != std::string::npos;
  if (some_alone && zone.option.find(" --expevents") == std::string::npos) zone.option += " --expevents new";
  for (const char* chain : {"PREROUTING", "OUTPUT"})
    if (chance(random, 75))
      zone.others += "-A " + std::string(chain) +
                     (chance(random, 70) ? "" : draw_condition(world, random, chain[0] == 'P')) + " -j CT" +
                     option + "\n";
  return zone;
}

}  // namespace utables::lab::generate
