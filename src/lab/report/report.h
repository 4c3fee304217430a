// Report: what a replay comes to, in about thirty lines for people, or as one JSON object.
//
// The report is made as plain values first (make_report), then printed (report_text) or told as JSON
// (report_json); both say the same. Columns add up: frames = inputs + observations + not IP + damaged; the
// packets of a row = its fates; what was dropped, rejected or refused = the packets of the groups + what
// follows from them.
#pragma once
#include <utables/engine.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "lab/replay.h"
#include "lab/report/tally.h"
#include "rules/model.h"

namespace utables::lab {

/// A row of the table of packets.
struct FateRow {
  std::string label;
  Tally::Fates fates{};
};

/// A group of losses, in words.
struct LossLine {
  LossGroup group;
  std::string where;  ///< `FORWARD 7`, `INPUT policy`, `routing`
  std::string what;   ///< the rule's text, or the reason in a sentence
  std::string frame;  ///< `monday.pcapng:8131`
  std::string path;   ///< the same, to be given to a command
};

struct InvalidLine {
  std::string_view name, sentence;
  InvalidGroup group;
  std::string frame, path;
};

/// How many connections of a protocol are in each state.
struct ProtocolStates {
  std::string protocol;
  std::uint64_t connections = 0;
  std::vector<std::pair<std::string, std::uint64_t>> states{};
};

/// Rules of a chain that no packet matched.
struct NeverHit {
  std::string table, chain;
  std::vector<std::uint32_t> rules{};
  Family family = Family::ipv4;
};

struct Report {
  std::string box;
  std::size_t interfaces = 0, routes = 0, rules = 0, tables = 0;
  bool has_rules = false, tracking = false;
  std::vector<std::string> captures{};
  ReadCounts read{};
  std::vector<std::string> came_in{};  ///< `lan 10,001 (the capture says so)`
  bool read_by_guess = false;
  std::string first_unpredicted{}, first_damaged{};
  Time end = 0;
  std::vector<FateRow> rows{};
  Tally::Fates total{};
  std::uint64_t left = 0, answers = 0, logged = 0;
  std::vector<LossLine> losses{};  ///< most packets first
  std::uint64_t follow = 0;        ///< all that follows from them
  std::vector<InvalidLine> invalid{};
  std::uint64_t invalid_follow = 0;
  std::uint64_t connections = 0, peak = 0;
  std::vector<ProtocolStates> protocols{};
  std::vector<NeverHit> never_hit{};
  std::size_t never_hit_rules = 0;
  std::vector<std::string> assumed{}, warnings{}, next{};
};

/// What make_report needs besides the replay.
struct ReportInput {
  const Box& box;
  const ReplayOptions& options;
  /// The rules of IPv4 and of IPv6 with their counters before the first packet.
  const std::array<rules::Ruleset, 2>& before;
  bool box_named = false;  ///< `-b` was given: the commands to try repeat it
  bool output_written = false;
};
[[nodiscard]] Report make_report(const Replay& replay, const Tally& tally, const ReportInput& input);

struct PrintStyle {
  bool color = false;
  bool verbose = false;     ///< every group and every rule, nothing cut
  std::size_t width = 100;  ///< columns
};
[[nodiscard]] std::string report_text(const Report& report, const PrintStyle& style);
[[nodiscard]] nlohmann::ordered_json report_json(const Report& report);

/// The name of an EtherType that is not IP (`ARP`, `0x88cc`).
[[nodiscard]] std::string ether_type_name(std::uint16_t type);

}  // namespace utables::lab
