// Compiled: a ruleset made ready for traversal.
//
// Every chain of every table stands in one flat array of rules, as ip_tables keeps them: a built-in chain
// ends in a rule that is its policy, a user chain in one that returns. A *place* is a position in that
// array; jumps name places. Conditions of the header are inlined; matches and targets are the extension's
// own functions with their parameters and state.
//
// Rules are constant while packets pass; what counts them is a block of Counters for each worker, indexed
// by place and summed on demand. Rule states (limit's credit) belong to the ruleset, not to a worker.
#pragma once
#include <utables/result.h>
#include <utables/sink.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "host/host.h"
#include "rules/extension.h"
#include "rules/model.h"

namespace utables::engine {

inline constexpr std::uint32_t kNoPlace = 0xffffffff;
inline constexpr std::size_t kTableCount = rules::kTableNames.size(), kHookCount = rules::kHookNames.size();
/// How much a ruleset may hold; beyond it is refused.
inline constexpr std::size_t kMaxRules = 4'000'000, kMaxJumpDepth = 65'536;

/// The tables of each hook in the order of their priorities (raw before tracking, the rest after it).
struct HookOrder {
  std::array<rules::TableId, 5> tables{};
  std::uint8_t count = 0;
};
inline constexpr std::array<HookOrder, kHookCount> kHookOrder{{
    {{rules::TableId::raw, rules::TableId::mangle, rules::TableId::nat}, 3},
    {{rules::TableId::mangle, rules::TableId::filter, rules::TableId::security, rules::TableId::nat}, 4},
    {{rules::TableId::mangle, rules::TableId::filter, rules::TableId::security}, 3},
    {{rules::TableId::raw, rules::TableId::mangle, rules::TableId::nat, rules::TableId::filter,
      rules::TableId::security},
     5},
    {{rules::TableId::mangle, rules::TableId::nat}, 2},
}};

struct CompiledMatch {
  rules::Answer (*matches)(const void*, rules::RuleState*, const rules::Context&) = nullptr;
  const void* params = nullptr;
  rules::RuleState* state = nullptr;
};

/// An address condition over the 16 bytes of an Address as two words; one mask for both families.
struct AddressTest {
  std::array<std::uint64_t, 2> value{}, mask{};
};

struct CompiledRule {
  /// Bits of `conditions` and `inverted`: which parts of the header are looked at at all.
  enum Part : std::uint8_t {
    kSource = 1,
    kDestination = 2,
    kIn = 4,
    kOut = 8,
    kProtocol = 16,
    kFragment = 32
  };
  enum class Kind : std::uint8_t {
    next,
    accept,
    drop,
    return_,
    jump,
    goto_,
    extension,
    policy_accept,
    policy_drop,
    chain_end
  };

  std::uint8_t conditions = 0, inverted = 0;
  Kind kind = Kind::next;
  std::uint8_t protocol = 0;
  std::uint32_t match_count = 0;
  const CompiledMatch* matches = nullptr;
  AddressTest source{}, destination{};
  const std::uint64_t* in = nullptr;  ///< a bit for each interface, at its id + 1 (0: no interface)
  const std::uint64_t* out = nullptr;
  std::uint32_t jump = kNoPlace;  ///< jump and goto: first place of the chain
  rules::Action (*act)(const void*, rules::RuleState*, rules::Context&) = nullptr;
  const void* params = nullptr;
  rules::RuleState* state = nullptr;
};

/// Where a place stands, for people.
struct PlaceName {
  std::uint16_t table = 0;   ///< position in ruleset().tables
  std::uint32_t chain = 0;   ///< position in that table's chains
  std::uint32_t number = 0;  ///< from 1; 0: the policy, or the end of a user chain
};

class Compiled {
 public:
  /// Refuses chains that jump in a circle (as iptables-restore: `Too many levels of symbolic links`) and
  /// jumps to chains that are not there. `random` seeds the rules' states.
  [[nodiscard]] static Result<std::unique_ptr<Compiled>, Errors> compile(rules::Ruleset ruleset,
                                                                         const host::Host& host,
                                                                         Random& random,
                                                                         const std::string& file);

  /// The first place of a table's built-in chain; kNoPlace if the table is not loaded or has no such chain.
  [[nodiscard]] std::uint32_t entry(rules::TableId table, rules::Hook hook) const {
    return entries_[static_cast<std::size_t>(hook)][static_cast<std::size_t>(table)];
  }
  [[nodiscard]] bool any(rules::Hook hook) const { return any_[static_cast<std::size_t>(hook)]; }
  [[nodiscard]] const CompiledRule& at(std::uint32_t place) const { return rules_[place]; }
  [[nodiscard]] const PlaceName& name_of(std::uint32_t place) const { return names_[place]; }
  /// The policy's place of the built-in chain of `hook`: where RETURN without a caller goes.
  [[nodiscard]] std::uint32_t underflow(rules::TableId table, rules::Hook hook) const {
    return underflows_[static_cast<std::size_t>(hook)][static_cast<std::size_t>(table)];
  }
  /// How many callers a traversal may have to remember.
  [[nodiscard]] std::uint32_t stack_size() const { return stack_size_; }

  [[nodiscard]] DecidedBy decided_by(std::uint32_t place) const;
  [[nodiscard]] std::string_view chain_name(std::uint32_t place) const;
  /// The rule at a place; null for a policy and the end of a chain.
  [[nodiscard]] const rules::Rule* rule(std::uint32_t place) const;

  [[nodiscard]] bool needs_tracking() const { return needs_tracking_; }
  [[nodiscard]] bool needs_accounting() const { return needs_accounting_; }
  /// Some rule uses this match or target.
  [[nodiscard]] bool uses(std::string_view extension) const;

  /// A new block of counters, one for each place, zero; it lives as long as this.
  [[nodiscard]] rules::Counters* add_counters();
  /// The rules with their counters as they stand now.
  [[nodiscard]] rules::Ruleset current() const;
  [[nodiscard]] const rules::Ruleset& ruleset() const { return ruleset_; }

  struct StatePlace {
    rules::TableId table;
    std::string_view chain;
    std::uint32_t rule;       ///< from 1
    std::uint32_t extension;  ///< position of the match in its rule; the number of matches: the target
    std::string_view name;    ///< the extension's
  };
  /// Visits every state that a rule keeps, in order of tables, chains, rules.
  void for_each_state(const std::function<void(const StatePlace&, rules::RuleState&)>& visit);

 private:
  class Builder;
  Compiled() = default;

  rules::Ruleset ruleset_;
  std::vector<CompiledRule> rules_;
  std::vector<PlaceName> names_;
  std::vector<CompiledMatch> matches_;
  std::vector<std::vector<std::uint64_t>> interface_sets_;
  std::vector<std::unique_ptr<rules::RuleState>> states_;
  std::vector<std::unique_ptr<rules::Counters[]>> counters_;
  std::array<std::array<std::uint32_t, kTableCount>, kHookCount> entries_{}, underflows_{};
  std::array<bool, kHookCount> any_{};
  std::uint32_t stack_size_ = 0;
  bool needs_tracking_ = false, needs_accounting_ = false;
};

}  // namespace utables::engine
