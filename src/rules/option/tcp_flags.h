// The kind of `--tcp-flags MASK COMP`, and of `--syn`, which is one of its values.
#pragma once
#include "rules/option/option.h"

namespace utables::rules {

struct TcpFlags {
  std::uint8_t mask = 0, compare = 0;
  friend bool operator==(const TcpFlags&, const TcpFlags&) = default;
};

struct TcpFlagsKind {
  using Value = TcpFlags;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static std::string text(const OptionRow&, const Value& value, Family);
  static std::string listed(const OptionRow&, const Value& value, Family);
  static void settle(Given<Value>& given) { given.set = given.value.mask != 0 || given.inverted; }
};

struct SynKind : TcpFlagsKind {
  static Result<Value> parse(const OptionRow&, const OptionInput&);
};

/// `SYN,ACK`, or `NONE`; FIN first.
[[nodiscard]] std::string tcp_flag_names(std::uint8_t flags);

}  // namespace utables::rules
