// The kind of `address[-address]`. It is not asked that the first is the lower.
#pragma once
#include "rules/option/option.h"

namespace utables::rules {

struct AddressRange {
  Address first{}, last{};
  [[nodiscard]] bool holds(const Address& a) const { return a >= first && a <= last; }
  friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

struct AddressRangeKind {
  using Value = AddressRange;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static std::string text(const OptionRow&, const Value& value, Family family);
};

}  // namespace utables::rules
