// The contract of matches and targets. An extension is match/NAME.cc or target/NAME.cc and its row in
// registry.cc. In the .cc, in this order: a comment (what it matches, behaviour worth knowing, reference);
// `Params` (plain, comparable); `State` if it keeps any; its option table, a row each, bound to a member
// of Params (option/option.h), which alone drives parsing, saving, listing, help and the reference;
// `check()` across options; `matches()` or `act()`, a function of its arguments alone; the descriptor.
#pragma once
#include <utables/result.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "rules/context.h"
#include "rules/model.h"

namespace utables::rules {

struct OptionRow;  // option/option.h

/// Per-rule state that a stateful extension keeps (limit's credit, quota's rest). Owned by the engine,
/// one for each use in a rule; rebuilt when its table is replaced.
class RuleState {
 public:
  virtual ~RuleState() = default;
  /// One line for state.jsonl, and back.
  [[nodiscard]] virtual std::string save() const = 0;
  [[nodiscard]] virtual Result<void> load(std::string_view text) = 0;
};

/// What both kinds of extension have.
struct ExtensionDescriptor {
  std::string_view name;          ///< the word after -m or -j
  std::string_view summary;       ///< one line for help
  std::uint8_t families = 0b11;   ///< bit 0: IPv4, bit 1: IPv6
  std::uint8_t tables = 0b11111;  ///< bit(TableId)
  std::uint8_t hooks = 0b11111;   ///< bit(Hook)
  std::uint8_t protocol = 0;      ///< the kernel wants -p this, not inverted (0: any)
  LooksAt looks_at = LooksAt::packet;
  std::span<const OptionRow> options{};
  /// A rule with it needs connection tracking (kernel-facts.md, "When tracking is on").
  bool (*needs_tracking)(const void* params) = nullptr;
  /// ... and switches accounting on.
  bool needs_accounting = false;
  std::shared_ptr<void> (*make_params)() = nullptr;
  bool (*equal)(const void* a, const void* b) = nullptr;
  /// Rules across options, after parsing; may complete the params. Its text is iptables'.
  Result<void> (*check)(void* params, const Rule& rule) = nullptr;
  /// What the kernel asks of a rule besides tables, hooks and protocol, `hooks` being those that reach it;
  /// its text says what is wrong, after iptables' word for it where that is not "Invalid argument".
  Result<void> (*validate)(const void* params, const Rule& rule, std::uint8_t hooks) = nullptr;
  /// The params with what of the box they name (a policy of timeouts, a label), found once the whole ruleset
  /// is read; its text as validate()'s.
  Result<std::shared_ptr<const void>> (*settle)(const void* params, const Rule& rule, Family family,
                                                const conntrack::Settings& settings) = nullptr;
  std::unique_ptr<RuleState> (*make_state)(const void* params, Random& random) = nullptr;
};

struct MatchDescriptor : ExtensionDescriptor {
  Answer (*matches)(const void* params, RuleState* state, const Context& context) = nullptr;
  /// What the packet has where option number `option` looks ("dport is 443"), for explanations.
  std::string (*observed)(const void* params, const RuleState* state, const Context& context,
                          unsigned option) = nullptr;
};

struct TargetDescriptor : ExtensionDescriptor {
  Action (*act)(const void* params, RuleState* state, Context& context) = nullptr;
};

/// By the word that the user types; null if there is none. `state` and `conntrack`, `NOTRACK` and `CT` have
/// rows of their own.
[[nodiscard]] const MatchDescriptor* find_match(std::string_view name, Family family);
[[nodiscard]] const TargetDescriptor* find_target(std::string_view name, Family family);
[[nodiscard]] std::span<const MatchDescriptor* const> all_matches();
[[nodiscard]] std::span<const TargetDescriptor* const> all_targets();

}  // namespace utables::rules
