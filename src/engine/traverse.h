// The linear traversal of a table: rule by rule, as ip_tables does it, and the reference for every faster
// form. It is a template over what watches it: with `Unwatched` it costs nothing that nobody looks.
//
// A jump remembers its caller, goto does not; RETURN and the end of a user chain go back to the last
// caller remembered, and without one to the policy of the built-in chain that was entered. A match that
// finds the packet impossible drops it on the spot, without counting its rule; under `!` a match may have
// the rule count and act first.
#pragma once
#include <cstring>

#include "engine/changes.h"
#include "engine/compiled.h"
#include "engine/observer.h"
#include "rules/context.h"

namespace utables::engine {

/// What a table decided: accept, drop or stolen.
struct TableVerdict {
  rules::Action action = rules::Action::accept;
  std::uint32_t place = kNoPlace;  ///< the rule or policy that decided
  bool hot_drop = false;
};

/// What a traversal works on besides the packet; a worker's own.
struct TraversalMemory {
  rules::Counters* counters = nullptr;  ///< by place
  std::vector<std::uint32_t> stack{};   ///< Compiled::stack_size() of them
};

struct Unwatched {
  static constexpr bool kOn = false;
};
struct Watched {
  static constexpr bool kOn = true;
  Observer& observer;
  rules::TableId table;
};

/// A packet's side of the header conditions.
struct HeaderView {
  std::array<std::uint64_t, 2> source, destination;
  std::uint32_t in_bit, out_bit;  ///< InterfaceId + 1; 0: none
  std::uint8_t protocol;
  bool later_fragment;
  bool broken;  ///< IPv6: no protocol is known; a rule that asks for one drops the packet on the spot

  explicit HeaderView(const rules::Context& c)
      : in_bit(c.in == kNoInterface ? 0U : c.in + 1U), out_bit(c.out == kNoInterface ? 0U : c.out + 1U) {
    load(c.facts());
  }
  void load(const packet::Facts& facts) {
    std::memcpy(source.data(), facts.source.bytes.data(), 16);
    std::memcpy(destination.data(), facts.destination.bytes.data(), 16);
    protocol = facts.protocol;
    later_fragment = facts.is_later_fragment();
    broken = facts.chain_broken;
  }
};

inline bool address_matches(const AddressTest& test, const std::array<std::uint64_t, 2>& address) {
  return (((address[0] & test.mask[0]) ^ test.value[0]) | ((address[1] & test.mask[1]) ^ test.value[1])) == 0;
}
inline bool in_set(const std::uint64_t* set, std::uint32_t bit) {
  return ((set[bit / 64] >> (bit % 64)) & 1) != 0;
}

/// The first header condition that fails, in the kernel's order; `none` if all hold.
inline RuleStep::HeaderPart failing_part(const CompiledRule& rule, const HeaderView& header) {
  using Part = RuleStep::HeaderPart;
  const std::uint8_t c = rule.conditions, inv = rule.inverted;
  if (c == 0) return Part::none;
  const auto inverted = [inv](CompiledRule::Part part) { return (inv & part) != 0; };
  if ((c & CompiledRule::kSource) != 0 &&
      address_matches(rule.source, header.source) == inverted(CompiledRule::kSource))
    return Part::source;
  if ((c & CompiledRule::kDestination) != 0 &&
      address_matches(rule.destination, header.destination) == inverted(CompiledRule::kDestination))
    return Part::destination;
  if ((c & CompiledRule::kIn) != 0 && !in_set(rule.in, header.in_bit)) return Part::in;
  if ((c & CompiledRule::kOut) != 0 && !in_set(rule.out, header.out_bit)) return Part::out;
  if ((c & CompiledRule::kProtocol) != 0 && header.broken) return Part::protocol;
  if ((c & CompiledRule::kProtocol) != 0 &&
      (rule.protocol == header.protocol) == inverted(CompiledRule::kProtocol))
    return Part::protocol;
  if ((c & CompiledRule::kFragment) != 0 && header.later_fragment == inverted(CompiledRule::kFragment))
    return Part::fragment;
  return Part::none;
}

/// Tells an observer of one rule. Only ever called with one.
void tell_step(const Watched& watch, const Compiled& rules, std::uint32_t place, RuleStep step,
               const rules::Context& context, const rules::Answer* answer);

template <class Watch>
class Traversal {
 public:
  Traversal(const Compiled& rules, TraversalMemory& memory, rules::Context& context, const Watch& watch)
      : rules_(rules), memory_(memory), context_(context), header_(context), watch_(watch) {}

  /// REQUIRES: the table is loaded and has a chain for context.hook.
  TableVerdict run(rules::TableId table) {
    using Kind = CompiledRule::Kind;
    std::uint32_t place = rules_.entry(table, context_.hook), depth = 0;
    for (;;) {
      const CompiledRule& rule = rules_.at(place);
      const Looked looked = look(rule, place);
      if (looked == Looked::hot_drop) return {rules::Action::drop, place, true};
      if (looked == Looked::no) {
        ++place;
        continue;
      }
      count(place);
      if (looked == Looked::yes_and_drop) {
        if (rule.kind == Kind::extension) (void)act(rule);
        return {rules::Action::drop, place, true};
      }
      switch (rule.kind) {
        case Kind::next:
          ++place;
          break;
        case Kind::accept:
        case Kind::policy_accept:
          return {rules::Action::accept, place, false};
        case Kind::drop:
        case Kind::policy_drop:
          return {rules::Action::drop, place, false};
        case Kind::jump:
          if (depth >= memory_.stack.size()) return {rules::Action::drop, place, false};
          memory_.stack[depth++] = place;
          place = rule.jump;
          break;
        case Kind::goto_:
          place = rule.jump;
          break;
        case Kind::return_:
        case Kind::chain_end:
          place = depth == 0 ? rules_.underflow(table, context_.hook) : memory_.stack[--depth] + 1;
          break;
        case Kind::extension: {
          const rules::Action action = act(rule);
          if (action == rules::Action::continue_) {
            header_.load(context_.facts());  // the target may have changed the packet
            ++place;
          } else if (action == rules::Action::return_) {
            place = depth == 0 ? rules_.underflow(table, context_.hook) : memory_.stack[--depth] + 1;
          } else {
            return {action, place, false};
          }
          break;
        }
      }
    }
  }

 private:
  enum class Looked : std::uint8_t { yes, no, hot_drop, yes_and_drop };

  Looked look(const CompiledRule& rule, std::uint32_t place) {
    RuleStep step;
    step.header_part = failing_part(rule, header_);
    if (step.header_part != RuleStep::HeaderPart::none) {
      if constexpr (Watch::kOn) tell_step(watch_, rules_, place, step, context_, nullptr);
      const bool impossible = header_.broken && step.header_part == RuleStep::HeaderPart::protocol;
      return impossible ? Looked::hot_drop : Looked::no;
    }
    Looked all = Looked::yes;
    for (std::uint32_t i = 0; i < rule.match_count; ++i) {
      const CompiledMatch& match = rule.matches[i];
      const rules::Answer answer = match.matches(match.params, match.state, context_);
      if (answer.kind == rules::Answer::Kind::yes) continue;
      if (answer.kind == rules::Answer::Kind::yes_and_drop) {
        all = Looked::yes_and_drop;
        continue;
      }
      if constexpr (Watch::kOn) {
        step.failed_match = static_cast<int>(i);
        tell_step(watch_, rules_, place, step, context_, &answer);
      }
      const bool goes_on = answer.kind == rules::Answer::Kind::no && all == Looked::yes;
      return goes_on ? Looked::no : Looked::hot_drop;
    }
    if constexpr (Watch::kOn) {
      step.matched = true;
      tell_step(watch_, rules_, place, step, context_, nullptr);
    }
    return all;
  }

  rules::Action act(const CompiledRule& rule) {
    if constexpr (!Watch::kOn) {
      return rule.act(rule.params, rule.state, context_);
    } else {
      const Fields before(context_.packet, {context_.mark, context_.tracked});
      const rules::Action action = rule.act(rule.params, rule.state, context_);
      before.tell_changes(watch_.observer, context_.packet, {context_.mark, context_.tracked});
      return action;
    }
  }

  /// A rule counts a packet and its length as the stack has it, padding cut off.
  void count(std::uint32_t place) {
    rules::Counters& counters = memory_.counters[place];
    ++counters.packets;
    counters.bytes += context_.facts().total_length;
  }

  const Compiled& rules_;
  TraversalMemory& memory_;
  rules::Context& context_;
  HeaderView header_;
  const Watch& watch_;
};

}  // namespace utables::engine
