#include "lab/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "engine/parts.h"
#include "lab/report/text.h"
#include "packet/headers.h"
#include "rules/syntax/hints.h"
#include "rules/syntax/save.h"

namespace utables::lab {
namespace {

struct TypeName {
  std::uint16_t type;
  std::string_view name;
};
constexpr std::array<TypeName, 9> kEtherTypes{{{0, "unknown"},
                                               {0x0806, "ARP"},
                                               {0x8035, "RARP"},
                                               {0x8863, "PPPoE discovery"},
                                               {0x880b, "PPP control"},
                                               {0x8847, "MPLS"},
                                               {0x888e, "EAPOL"},
                                               {0x88cc, "LLDP"},
                                               {0x9000, "loopback test"}}};

struct ProtocolName {
  std::uint8_t protocol;
  std::string_view name;
};
constexpr std::array<ProtocolName, 6> kProtocols{{{packet::kTcp, "tcp"},
                                                  {packet::kUdp, "udp"},
                                                  {packet::kUdplite, "udplite"},
                                                  {packet::kSctp, "sctp"},
                                                  {packet::kIcmp, "icmp"},
                                                  {packet::kIcmpv6, "icmpv6"}}};

std::string_view protocol_name(std::uint8_t protocol) {
  for (const ProtocolName& p : kProtocols)
    if (p.protocol == protocol) return p.name;
  return "other";
}

/// A connection's state in a word: TCP's and SCTP's own, otherwise how far it got.
std::string_view state_of(const conntrack::Connection& c) {
  if (c.original().protocol == packet::kTcp) return conntrack::name(c.tcp.state);
  if (c.original().protocol == packet::kSctp) return conntrack::name(c.sctp.state);
  if (!c.is(conntrack::kSeenReply)) return "unreplied";
  return c.is(conntrack::kAssured) ? "assured" : "replied";
}

void describe_connections(const Replay& replay, Report& report) {
  if (!replay.parts().tracker) return;
  std::map<std::string, std::map<std::string, std::uint64_t>> found;
  replay.parts().tracker->for_each(replay.end(), [&](const conntrack::Connection& c) {
    ++found[std::string(protocol_name(c.original().protocol))][std::string(state_of(c))];
    ++report.connections;
  });
  for (const auto& [protocol, states] : found) {
    ProtocolStates one{protocol, 0, {states.begin(), states.end()}};
    for (const auto& [state, count] : states) one.connections += count;
    std::stable_sort(one.states.begin(), one.states.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    report.protocols.push_back(std::move(one));
  }
  std::stable_sort(report.protocols.begin(), report.protocols.end(),
                   [](const auto& a, const auto& b) { return a.connections > b.connections; });
}

void describe_rules(const rules::Ruleset& before, const rules::Ruleset& after, Report& report) {
  for (const rules::Table& table : after.tables) {
    ++report.tables;
    const rules::Table* const old_table = before.find(table.id);
    for (const rules::Chain& chain : table.chains) {
      const rules::Chain* const old = old_table == nullptr ? nullptr : old_table->find(chain.name);
      NeverHit quiet{
          std::string(rules::kTableNames[static_cast<std::size_t>(table.id)]), chain.name, {}, after.family};
      for (std::size_t i = 0; i < chain.rules.size(); ++i) {
        ++report.rules;
        const std::uint64_t then =
            old != nullptr && i < old->rules.size() ? old->rules[i].counters.packets : 0;
        if (chain.rules[i].counters.packets == then) quiet.rules.push_back(static_cast<std::uint32_t>(i + 1));
      }
      report.never_hit_rules += quiet.rules.size();
      if (!quiet.rules.empty()) report.never_hit.push_back(std::move(quiet));
    }
  }
}

std::string chain_name(const LossGroup& group) {
  std::string name = group.table == "filter" ? group.chain : group.table + " " + group.chain;
  return group.family == Family::ipv6 ? "ip6 " + name : name;
}

const rules::Rule* rule_of(const rules::Ruleset& ruleset, const LossGroup& group) {
  for (const rules::Table& table : ruleset.tables) {
    if (rules::kTableNames[static_cast<std::size_t>(table.id)] != group.table) continue;
    const rules::Chain* const chain = table.find(group.chain);
    return chain != nullptr && group.rule >= 1 && group.rule <= chain->rules.size()
               ? &chain->rules[group.rule - 1]
               : nullptr;
  }
  return nullptr;
}

void describe_losses(const Replay& replay, const Tally& tally, const std::array<rules::Ruleset, 2>& rules,
                     Report& report) {
  for (const LossGroup& group : tally.losses()) {
    if (group.packets == 0) continue;
    LossLine line{group, {}, {}, replay.name(group.first), replay.path_of(group.first)};
    if (group.chain.empty()) {
      line.what = sentence(group.reason);
    } else if (group.rule == 0) {
      line.where = chain_name(group) + " policy";
      line.what = "DROP";
    } else {
      line.where = fmt::format("{} {}", chain_name(group), group.rule);
      const rules::Ruleset& after = rules[group.family == Family::ipv6 ? 1 : 0];
      if (const rules::Rule* rule = rule_of(after, group)) line.what = rules::rule_text(*rule, after.family);
      if (group.fate == Fate::refused) line.what += fmt::format(" ({})", sentence(group.reason));
    }
    report.follow += group.follow;
    report.losses.push_back(std::move(line));
  }
  std::stable_sort(report.losses.begin(), report.losses.end(),
                   [](const LossLine& a, const LossLine& b) { return a.group.packets > b.group.packets; });
  for (std::size_t i = 0; i < tally.invalid().size(); ++i) {
    const InvalidGroup& group = tally.invalid()[i];
    report.invalid_follow += group.follow;
    const auto reason = static_cast<conntrack::InvalidReason>(i);
    if (group.packets != 0)
      report.invalid.push_back({conntrack::name(reason), conntrack::sentence(reason), group,
                                replay.name(group.first), replay.path_of(group.first)});
  }
  std::stable_sort(report.invalid.begin(), report.invalid.end(),
                   [](const auto& a, const auto& b) { return a.group.packets > b.group.packets; });
}

void describe_reading(const Replay& replay, Report& report) {
  // Grouped by way and by what told it: `in by wan 94, lan 31 (the route to the sender)`.
  std::map<std::pair<bool, std::string>, std::string> groups;
  std::map<std::pair<bool, InterfaceId>, std::pair<std::uint64_t, std::string>> by_interface;
  for (const ReadAs& row : replay.directions().read_as()) {
    auto& [frames, why] = by_interface[{row.outbound, row.interface}];
    frames += row.frames;
    if (!why.empty()) why += ", ";
    why += words(row.evidence);
    if (guessed(row.evidence)) report.read_by_guess = true;
  }
  for (const auto& [key, told] : by_interface) {
    std::string& names = groups[{key.first, told.second}];
    names += fmt::format("{}{} {}", names.empty() ? "" : ", ", replay.host().at(key.second).name,
                         thousands(told.first));
  }
  for (const auto& [key, names] : groups)
    report.came_in.push_back(fmt::format("{} {} ({})", key.first ? "out by" : "in by", names, key.second));
}

void describe_rows(const Replay& replay, const Tally& tally, Report& report) {
  const auto add = [&](std::string label, const Tally::Fates& fates) {
    if (std::all_of(fates.begin(), fates.end(), [](std::uint64_t n) { return n == 0; })) return;
    for (std::size_t i = 0; i < kFates; ++i) report.total[i] += fates[i];
    report.rows.push_back({std::move(label), fates});
  };
  for (InterfaceId id = 0; id < replay.host().interfaces.size(); ++id)
    add("in by " + replay.host().at(id).name, tally.came_in(id));
  add("from the box", tally.own());
}

void describe_assumptions(const Replay& replay, const Tally& tally, const ReportInput& input,
                          Report& report) {
  auto& said = report.assumed;
  const ReadCounts& read = report.read;
  const auto if_any = [&](std::uint64_t count, auto&& text) {
    if (count != 0) said.push_back(text());
  };
  for (const std::string& note : replay.host().notes) said.push_back(note);
  const bool v4 = input.box.text.has_rules_v4, v6 = input.box.text.has_rules_v6;
  if (!v4 && !v6)
    said.emplace_back("no rules.v4: everything is accepted");
  else if (!v4)
    said.emplace_back("no rules.v4: everything of IPv4 is accepted");
  else if (!v6 && read.ipv6 != 0)
    said.emplace_back("no rules.v6: everything of IPv6 is accepted");
  for (const std::string& missing : rules::missing_rules(input.box.text.rules_v4))
    said.push_back(input.box.rules_file + ":" + missing);
  if (!report.tracking)
    said.emplace_back("connections are not tracked: no rule needs it (--track switches it on)");
  if_any(read.checksums.offloaded, [&] {
    return fmt::format("{} left to transmit offloading, taken as good (--checksums check judges them)",
                       counted(read.checksums.offloaded, "checksum"));
  });
  if_any(read.checksums.merged, [&] {
    return fmt::format("{} above the MTU taken as joined by receive offloading",
                       counted(read.checksums.merged, "TCP packet"));
  });
  if_any(replay.directions().stripped_tags(), [&] {
    return fmt::format("{} with a VLAN or PPPoE tag that the box declares no interface for: tag stripped",
                       counted(replay.directions().stripped_tags(), "frame"));
  });
  if (!replay.directions().unknown_names().empty()) {
    std::vector<std::string> names;
    for (const auto& [name, frames] : replay.directions().unknown_names()) names.push_back(name);
    said.push_back(fmt::format("the capture's interface{} {} {} not in the box", names.size() == 1 ? "" : "s",
                               fmt::join(names, ", "), names.size() == 1 ? "is" : "are"));
  }
  if_any(replay.captures().backwards(), [&] {
    return fmt::format("{} with a time before the previous one's: taken as the same",
                       counted(replay.captures().backwards(), "frame"));
  });
  if_any(read.observations.looped, [&] {
    return fmt::format("{} on lo, copies of what the box sent to itself: not played again",
                       counted(read.observations.looped, "frame"));
  });
  if (tally.causes_incomplete())
    said.push_back(
        fmt::format("causes are told from consequences for the first {} flows", thousands(kCauseFlows)));
}

/// A word for the shell, quoted if need be.
std::string shell_word(std::string_view word) {
  const bool plain =
      !word.empty() &&
      word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=+,-@%") ==
          std::string_view::npos;
  if (plain) return std::string(word);
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string filter_for(const LossGroup& group) {
  if (group.chain.empty()) return fmt::format("reason {}", name(group.reason));
  return group.rule == 0 ? fmt::format("verdict drop and chain {}", group.chain)
                         : fmt::format("chain {} and rule {}", group.chain, group.rule);
}

void describe_next(const ReportInput& input, Report& report) {
  const std::string box = input.box_named ? " -b " + shell_word(input.box.shown) : std::string();
  std::string captures;
  for (const std::string& c : input.options.captures) captures += " " + shell_word(c);
  const auto replay_with = [&](const std::string& more) {
    report.next.push_back("utables replay" + box + " " + more + captures);
  };
  const std::string frame = !report.losses.empty()    ? report.losses.front().path
                            : !report.invalid.empty() ? report.invalid.front().path
                                                      : std::string();
  if (!frame.empty()) report.next.push_back("utables explain" + box + " " + shell_word(frame));
  if (!report.losses.empty())
    replay_with("--show " + shell_word(filter_for(report.losses.front().group)));
  else if (!report.invalid.empty())
    replay_with("--show 'state INVALID'");
  if (!input.output_written) replay_with("--out after");
  if (frame.empty()) report.next.push_back("utables verify" + box + captures);
}

}  // namespace

std::string ether_type_name(std::uint16_t type) {
  for (const TypeName& t : kEtherTypes)
    if (t.type == type) return std::string(t.name);
  return fmt::format("0x{:04x}", type);
}

Report make_report(const Replay& replay, const Tally& tally, const ReportInput& input) {
  Report report;
  report.box = input.box.shown;
  report.interfaces = replay.host().interfaces.size() - 1;  // lo apart
  for (const host::Route& route : replay.host().routes.all())
    report.routes += route.type != host::RouteType::local && route.type != host::RouteType::broadcast ? 1 : 0;
  report.has_rules = input.box.text.has_rules_v4 || input.box.text.has_rules_v6;
  report.tracking = replay.parts().tracking;
  report.captures = input.options.captures;
  report.read = replay.counts();
  report.end = replay.end();
  if (report.read.first_unpredicted.number != 0)
    report.first_unpredicted = replay.name(report.read.first_unpredicted);
  if (report.read.first_damaged.number != 0) report.first_damaged = replay.name(report.read.first_damaged);
  report.left = tally.left();
  report.answers = tally.answers();
  report.logged = tally.logged();
  report.peak = tally.peak();
  report.warnings = replay.captures().warnings();
  const std::array<rules::Ruleset, 2> after{current_rules(replay.parts(), Family::ipv4),
                                            current_rules(replay.parts(), Family::ipv6)};
  describe_reading(replay, report);
  describe_rows(replay, tally, report);
  describe_losses(replay, tally, after, report);
  describe_connections(replay, report);
  for (std::size_t i = 0; i < after.size(); ++i) describe_rules(input.before[i], after[i], report);
  describe_assumptions(replay, tally, input, report);
  describe_next(input, report);
  return report;
}

}  // namespace utables::lab
