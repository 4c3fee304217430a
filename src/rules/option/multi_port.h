// The kind of multiport's lists: at most 15 ports, a range counting as two.
#pragma once
#include <array>

#include "rules/option/port.h"

namespace utables::rules {

struct PortList {
  std::array<PortRange, 15> ranges{};
  std::uint8_t count = 0;
  [[nodiscard]] bool holds(std::uint16_t port) const {
    for (unsigned i = 0; i < count; ++i)
      if (ranges[i].holds(port)) return true;
    return false;
  }
  friend bool operator==(const PortList&, const PortList&) = default;
};

struct PortListKind {
  using Value = PortList;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input);
  static std::string text(const OptionRow& row, const Value& value, Family family);
};

}  // namespace utables::rules
