#include "lab/generate/ruleset.h"

#include <array>
#include <vector>

#include "lab/generate/rule_parts.h"
#include "lab/generate/track_as.h"
#include "rules/hook.h"

namespace utables::lab::generate {
namespace {

using rules::Hook;
using rules::TableId;

/// Each packet's bytes show what its state was: later rules, more special, write over earlier ones.
constexpr std::string_view kStateIntoDscp =
    R"(-A POSTROUTING -m conntrack --ctstate NEW -j DSCP --set-dscp 0x01
-A POSTROUTING -m conntrack --ctstate ESTABLISHED -j DSCP --set-dscp 0x02
-A POSTROUTING -m conntrack --ctstate RELATED -j DSCP --set-dscp 0x03
-A POSTROUTING -m conntrack --ctstate INVALID -j DSCP --set-dscp 0x04
-A POSTROUTING -m conntrack --ctstate UNTRACKED -j DSCP --set-dscp 0x05
-A POSTROUTING -m conntrack --ctstate ESTABLISHED --ctdir REPLY -j DSCP --set-dscp 0x06
-A POSTROUTING -m conntrack --ctstate ESTABLISHED --ctstatus ASSURED -j DSCP --set-dscp 0x07
-A POSTROUTING -m conntrack --ctstate ESTABLISHED --ctstatus ASSURED --ctdir REPLY -j DSCP --set-dscp 0x08
-A POSTROUTING -m conntrack --ctstate RELATED --ctdir REPLY -j DSCP --set-dscp 0x09
)";

constexpr std::string_view kGiveHelpers = R"(-A PREROUTING -p tcp -m tcp --dport 21 -j CT --helper ftp
-A PREROUTING -p udp -m udp --dport 69 -j CT --helper tftp
-A PREROUTING -p tcp -m tcp --dport 6667 -j CT --helper irc
-A PREROUTING -p tcp -m tcp --dport 6566 -j CT --helper sane
-A PREROUTING -p tcp -m tcp --dport 1723 -j CT --helper pptp
-A PREROUTING -p udp -m udp --dport 10080 -j CT --helper amanda
-A PREROUTING -p udp -m udp --dport 5060 -j CT --helper sip
-A PREROUTING -p tcp -m tcp --dport 5060 -j CT --helper sip
-A OUTPUT -p tcp -m tcp --dport 21 -j CT --helper ftp
-A OUTPUT -p tcp -m tcp --dport 6667 -j CT --helper irc
-A OUTPUT -p tcp -m tcp --dport 6566 -j CT --helper sane
-A OUTPUT -p tcp -m tcp --dport 1723 -j CT --helper pptp
-A OUTPUT -p udp -m udp --dport 10080 -j CT --helper amanda
-A OUTPUT -p udp -m udp --dport 5060 -j CT --helper sip
-A OUTPUT -p tcp -m tcp --dport 5060 -j CT --helper sip
-A OUTPUT -p udp -m udp --dport 137 -j CT --helper netbios-ns
-A OUTPUT -p udp -m udp --dport 69 -j CT --helper tftp
)";
constexpr std::string_view kShowHelpers = R"(-A POSTROUTING -m helper --helper ftp -j TOS --set-tos 0x20/0x20
-A INPUT -m helper --helper tftp
-A INPUT -m helper --helper netbios-ns
-A POSTROUTING -m helper --helper irc -j TOS --set-tos 0x40/0x40
-A POSTROUTING -m helper --helper amanda -j TOS --set-tos 0x40/0x40
-A POSTROUTING -m helper --helper pptp -j TOS --set-tos 0x60/0x60
-A POSTROUTING -m helper --helper sip -j TOS --set-tos 0x80/0x80
)";

/// Where tracking is on, locally delivered packets show their state in counters.
constexpr std::string_view kCountStates = R"(-A INPUT -m conntrack --ctstate NEW
-A INPUT -m conntrack --ctstate ESTABLISHED
-A INPUT -m conntrack --ctstate RELATED
-A INPUT -m conntrack --ctstate INVALID
)";

struct UserChain {
  std::string name;
  Hook hook;  ///< reached from that built-in chain alone, so that what may stand there is known
};

class Drawing {
 public:
  Drawing(const World& world, Random& random, const RulesetOptions& options)
      : world_(world), random_(random), options_(options) {}

  std::string table(const rules::TableShape& shape) {
    table_ = shape.id;
    users_.clear();
    std::string head = "*" + std::string(rules::kTableNames[static_cast<std::size_t>(table_)]) + "\n", body;
    std::vector<Hook> hooks;
    for (unsigned h = 0; h < 5; ++h)
      if ((shape.hooks & (1U << h)) != 0) hooks.push_back(static_cast<Hook>(h));
    for (const Hook hook : hooks) head += ":" + name(hook) + policy() + counters();
    for (unsigned i = 0, n = random_.below(4); i < n; ++i) {
      users_.push_back({"chain-" + std::to_string(i), pick(random_, hooks)});
      head += ":" + users_.back().name + " - [0:0]\n";
    }
    for (std::size_t i = 0; i < users_.size(); ++i) body += chain(users_[i].name, users_[i].hook, i + 1);
    for (const Hook hook : hooks) body += chain(name(hook), hook, 0);
    if (table_ == TableId::mangle && options_.track)
      body += std::string(kCountStates) + std::string(kStateIntoDscp);
    if (table_ == TableId::nat && options_.helpers && world_.nat) body += translate_helped();
    if (table_ == TableId::raw) body += how_tracked();
    if (table_ == TableId::mangle && options_.helpers) body += kShowHelpers;
    if (table_ == TableId::mangle && options_.track_as != 0) {
      Random aside(options_.track_as + 2);
      for (const Hook hook : hooks) body += draw_label_rules(aside, name(hook));
    }
    return head + body + "COMMIT\n";
  }

 private:
  std::string how_tracked() {
    std::string text(options_.helpers ? kGiveHelpers : "");
    if (options_.track_as == 0) return text;
    Random aside(options_.track_as);
    if (!options_.helpers) return draw_track_as(world_, aside);
    const HelpedZone zone = draw_helped_zone(world_, aside);
    for (std::size_t at = 0; (at = text.find(" --helper", at)) != std::string::npos;) {
      text.insert(at, zone.option);
      at += zone.option.size() + 1;
    }
    return text + zone.others;
  }

  /// Control connections are translated, often to one address.
  std::string translate_helped() {
    std::string text;
    if (chance(random_, 60))
      text +=
          "-A POSTROUTING -p tcp -m multiport --dports 21,6667,6566,1723 -j SNAT --to-source " +
          dotted(chance(random_, 50) ? world_.any_box_address(random_) : 0xcb00710bU + random_.below(200)) +
          "\n";
    if (chance(random_, 40))
      text += "-A PREROUTING -p tcp -m multiport --dports 21,6566,1723 -j DNAT --to-destination " +
              dotted(world_.any_host(random_)) + "\n";
    if (chance(random_, 40))
      text += "-A PREROUTING -p udp -m udp --dport 10080 -j DNAT --to-destination " +
              dotted(world_.any_host(random_)) + "\n";
    if (chance(random_, 20))
      text += "-A POSTROUTING -p gre -j SNAT --to-source " + dotted(world_.any_box_address(random_)) + "\n";
    if (chance(random_, 60)) text += "-A POSTROUTING -p udp -m multiport --dports 69,10080 -j MASQUERADE\n";
    return text;
  }

  static std::string name(Hook hook) {
    return std::string(rules::kHookNames[static_cast<std::size_t>(hook)]);
  }
  std::string policy() {
    return (table_ == TableId::filter || table_ == TableId::security) && chance(random_, 12) ? " DROP "
                                                                                             : " ACCEPT ";
  }
  std::string counters() {
    return chance(random_, 80) ? "[0:0]\n"
                               : "[" + std::to_string(random_.below(1000)) + ":" +
                                     std::to_string(random_.below(100000)) + "]\n";
  }

  /// Rules of one chain. User chains jump only to those after them: no loops.
  std::string chain(const std::string& name, Hook hook, std::size_t first_user) {
    std::string text;
    if (table_ == TableId::filter && chance(random_, 30) && options_.track)
      text += "-A " + name + " -m state --state RELATED,ESTABLISHED -j ACCEPT\n";
    if (options_.log && chance(random_, 40)) text += log_rule(name, hook);
    const bool translating = table_ == TableId::nat && world_.nat;
    for (unsigned i = 0, n = random_.below(table_ == TableId::filter ? 7 : translating ? 6 : 4); i < n; ++i)
      text += rule(name, hook, first_user);
    // What is drawn at random may only count: a target behind it could not be compared.
    if (chance(random_, 6)) text += "-A " + name + " -m statistic --mode random --probability 0.5\n";
    return text;
  }

  std::string log_rule(const std::string& chain, Hook hook) {
    Place place{table_, hook, {}, false, options_.track};
    const std::string conditions = chance(random_, 50) ? header(place) : "";
    return "-A " + chain + conditions + draw_log(random_) + "\n";
  }

  std::string rule(const std::string& chain, Hook hook, std::size_t first_user) {
    Place place{table_, hook, {}, false, options_.track};
    std::string text = (chance(random_, 85) ? ""
                                            : "[" + std::to_string(random_.below(50)) + ":" +
                                                  std::to_string(random_.below(5000)) + "] ") +
                       "-A " + chain;
    text += header(place);
    for (unsigned i = 0, n = pick(random_, std::array<unsigned, 6>{0, 1, 1, 1, 2, 3}); i < n; ++i) {
      const std::string match = draw_match(world_, random_, place);
      // An extension is named once in a rule: a second time would set its options again.
      if (text.find(match.substr(0, match.find(' ', 4)) + " ") == std::string::npos) text += match;
    }
    const std::string to_user = jump(hook, first_user);
    std::string target = to_user.empty() ? draw_target(world_, random_, place) : to_user;
    if (target.find("-m tcp ") != std::string::npos && text.find("-m tcp ") != std::string::npos)
      target = " -j ACCEPT";
    return text + target + "\n";
  }

  std::string jump(Hook hook, std::size_t first_user) {
    if (!chance(random_, 35)) return {};
    for (std::size_t i = first_user; i < users_.size(); ++i)
      if (users_[i].hook == hook) return (chance(random_, 75) ? " -j " : " -g ") + users_[i].name;
    return {};
  }

  std::string no() { return chance(random_, 20) ? " !" : ""; }

  std::string header(Place& place) {
    std::string text;
    if (chance(random_, 25)) text += no() + " -s" + draw_address(world_, random_);
    if (chance(random_, 25)) text += no() + " -d" + draw_address(world_, random_);
    const bool in = place.hook != Hook::output && place.hook != Hook::postrouting;
    const bool out = place.hook != Hook::prerouting && place.hook != Hook::input;
    if (in && chance(random_, 20)) text += no() + " -i " + interface();
    if (out && chance(random_, 20)) text += no() + " -o " + interface();
    const auto roll = random_.below(table_ == TableId::nat && world_.nat && chance(random_, 60) ? 58 : 100);
    if (roll < 70) {
      place.protocol = roll < 28   ? "tcp"
                       : roll < 41 ? "udp"
                       : roll < 51 ? "sctp"
                       : roll < 62
                           ? "icmp"
                           : pick(random_, std::array<const char*, 5>{"esp", "47", "gre", "99", "udplite"});
      place.protocol_inverted = chance(random_, 10);
      text += std::string(place.protocol_inverted ? " !" : "") + " -p " + place.protocol;
    }
    if (chance(random_, 5)) text += no() + " -f";
    return text;
  }
  std::string interface() {
    const std::string& device = pick(random_, world_.networks).device;
    return chance(random_, 80) ? device : device.substr(0, 1 + random_.below(2)) + "+";
  }

  const World& world_;
  Random& random_;
  const RulesetOptions& options_;
  TableId table_ = TableId::filter;
  std::vector<UserChain> users_;
};

}  // namespace

std::string draw_ruleset(const World& world, Random& random, const RulesetOptions& options) {
  Drawing drawing(world, random, options);
  std::string text;
  for (const auto& shape : rules::kTables) {
    constexpr std::array<unsigned, 5> kOdds{100, 20, 100, 50, 25};  // by TableId
    const bool must = (shape.id == TableId::mangle && options.track) ||
                      (shape.id == TableId::nat && world.nat) ||
                      (options.track_as != 0 && shape.id == TableId::raw) ||
                      (options.helpers && (shape.id == TableId::raw || shape.id == TableId::mangle));
    if (must || chance(random, kOdds[static_cast<std::size_t>(shape.id)])) text += drawing.table(shape);
  }
  return text;
}

}  // namespace utables::lab::generate
