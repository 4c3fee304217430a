// Memory: what a box remembers between packets besides its connections and its rules' counters, as plain
// values: to be saved (state.jsonl) and taken up again, so that a replay cut anywhere and resumed equals
// one uncut.
#pragma once
#include <utables/engine.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/limits.h"
#include "engine/parts.h"
#include "packet/defrag.h"
#include "rules/hook.h"

namespace utables::engine {

/// What one rule keeps (limit's credit), in the extension's own words.
struct RuleMemory {
  Family family = Family::ipv4;
  rules::TableId table = rules::TableId::filter;
  std::string chain{};
  std::uint32_t rule = 0;       ///< from 1
  std::uint32_t extension = 0;  ///< position of the match in its rule; the number of matches: the target
  std::string name{};           ///< the extension's
  std::string state{};
};

struct Memory {
  std::array<std::uint64_t, 4> random{};          ///< the worker's stream
  std::vector<std::uint16_t> identifications{};   ///< of packets made here; empty: none was made yet
  std::vector<LimitedPeer> limits{};              ///< by position
  std::vector<packet::WaitingQueue> fragments{};  ///< in order of creation
  std::vector<RuleMemory> rules{};                ///< in order of families, tables, chains, rules
};

/// REQUIRES: `worker` is of the engine of `parts`, and processes nothing.
[[nodiscard]] Memory save_memory(EngineParts& parts, Worker& worker);
/// Takes up what save_memory() gave, before the first packet. Fails when it does not fit the box.
[[nodiscard]] Result<void> restore_memory(const Memory& memory, EngineParts& parts, Worker& worker);

}  // namespace utables::engine
