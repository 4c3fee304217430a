// Kinds of what conntrack says of a packet: `NEW,ESTABLISHED` as bits, the connection's status, its
// direction.
#pragma once
#include <utables/verdict.h>

#include "rules/option/choice.h"

namespace utables::rules {

/// Bits of --ctstate.
enum CtStateBit : std::uint32_t {
  kStateInvalid = 1,
  kStateNew = 2,
  kStateRelated = 4,
  kStateEstablished = 8,
  kStateUntracked = 16,
  kStateSourceNat = 32,
  kStateDestinationNat = 64,
};

/// The bit of what tracking made of a packet. A packet that was never tracked counts as INVALID.
[[nodiscard]] constexpr std::uint32_t state_bit(CtInfo info) {
  switch (info) {
    case CtInfo::new_:
      return kStateNew;
    case CtInfo::established:
    case CtInfo::established_reply:
      return kStateEstablished;
    case CtInfo::related:
    case CtInfo::related_reply:
      return kStateRelated;
    case CtInfo::untracked:
      return kStateUntracked;
    default:
      return kStateInvalid;
  }
}

inline constexpr Named kCtStates[] = {
    {"INVALID", kStateInvalid},     {"NEW", kStateNew},
    {"RELATED", kStateRelated},     {"ESTABLISHED", kStateEstablished},
    {"UNTRACKED", kStateUntracked}, {"SNAT", kStateSourceNat},
    {"DNAT", kStateDestinationNat},
};

/// A comma list of names of the row (their beginnings do), as bits. `bad` is what iptables calls a wrong one.
[[nodiscard]] Result<std::uint32_t> parse_bits(const OptionRow& row, std::string_view text,
                                               std::string_view bad);

/// --state
struct StateKind {
  using Value = std::uint32_t;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static std::string text(const OptionRow& row, const Value& value, Family) {
    return joined_names(row.names, value);
  }
};

/// --ctstate
struct CtStateKind : StateKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    return parse_bits(row, input.values[0], "ctstate");
  }
};

/// --ctstatus; no bit is NONE.
struct CtStatusKind : StateKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    return parse_bits(row, input.values[0], "ctstatus");
  }
  static std::string text(const OptionRow& row, const Value& value, Family) {
    return value == 0 ? "NONE" : joined_names(row.names, value);
  }
};

}  // namespace utables::rules
