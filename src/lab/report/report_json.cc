// The report as one JSON object (`replay --json`; schema in docs/output.md).
#include <nlohmann/json.hpp>

#include "lab/report/report.h"
#include "lab/report/text.h"

namespace utables::lab {
namespace {

using Json = nlohmann::ordered_json;

Json fates_json(const Tally::Fates& fates) {
  Json out = Json::object();
  for (std::size_t i = 0; i < kFates; ++i)
    if (fates[i] != 0) out[std::string(name(static_cast<Fate>(i)))] = fates[i];
  return out;
}

Json read_json(const Report& report) {
  const ReadCounts& read = report.read;
  Json not_ip = Json::object();
  for (const auto& [type, count] : read.not_ip) not_ip[ether_type_name(type)] = count;
  Json out{{"frames", read.frames},
           {"inputs", read.inputs},
           {"not_ip", not_ip},
           {"ipv6", read.ipv6},
           {"damaged", read.damaged_frames()}};
  out["observations"] = {{"predicted", read.observations.predicted},
                         {"unpredicted", read.observations.unpredicted},
                         {"played", read.observations.played},
                         {"looped", read.observations.looped}};
  if (!report.first_unpredicted.empty()) out["observations"]["first_unpredicted"] = report.first_unpredicted;
  out["offloaded_checksums"] = read.checksums.offloaded;
  out["merged"] = read.checksums.merged;
  out["as"] = report.came_in;
  out["guessed"] = report.read_by_guess;
  return out;
}

Json losses_json(const Report& report) {
  Json out = Json::array();
  for (const LossLine& loss : report.losses) {
    Json one{{"fate", name(loss.group.fate)}, {"reason", name(loss.group.reason)}};
    if (!loss.group.chain.empty()) {
      if (loss.group.family == Family::ipv6) one["family"] = 6;
      one["table"] = loss.group.table;
      one["chain"] = loss.group.chain;
      if (loss.group.rule == 0)
        one["policy"] = true;
      else
        one["rule"] = loss.group.rule;
    }
    one["text"] = loss.what;
    one["packets"] = loss.group.packets;
    one["flows"] = loss.group.flows;
    one["follow"] = loss.group.follow;
    one["frame"] = loss.frame;
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

Json report_json(const Report& report) {
  Json out{{"v", 1},
           {"kind", "report"},
           {"box", report.box},
           {"captures", report.captures},
           {"tracking", report.tracking}};
  out["from"] = seconds_text(report.read.first);
  out["to"] = seconds_text(report.read.last);
  out["end"] = seconds_text(report.end);
  out["read"] = read_json(report);
  out["fates"] = fates_json(report.total);
  out["rows"] = Json::array();
  for (const FateRow& row : report.rows)
    out["rows"].push_back({{"of", row.label}, {"fates", fates_json(row.fates)}});
  out["left"] = report.left;
  out["answers"] = report.answers;
  out["logged"] = report.logged;
  out["lost"] = losses_json(report);
  out["invalid"] = Json::array();
  for (const InvalidLine& one : report.invalid)
    out["invalid"].push_back({{"reason", one.name},
                              {"text", one.sentence},
                              {"packets", one.group.packets},
                              {"flows", one.group.flows},
                              {"passed", one.group.passed},
                              {"follow", one.group.follow},
                              {"frame", one.frame}});
  Json protocols = Json::object();
  for (const ProtocolStates& p : report.protocols)
    for (const auto& [state, count] : p.states) protocols[p.protocol][state] = count;
  out["connections"] = {{"now", report.connections}, {"peak", report.peak}, {"protocols", protocols}};
  out["rules"] = report.rules;
  out["never_hit"] = Json::array();
  for (const NeverHit& quiet : report.never_hit) {
    out["never_hit"].push_back({{"table", quiet.table}, {"chain", quiet.chain}, {"rules", quiet.rules}});
    if (quiet.family == Family::ipv6) out["never_hit"].back()["family"] = 6;
  }
  out["assumed"] = report.assumed;
  out["warnings"] = report.warnings;
  return out;
}

}  // namespace utables::lab
