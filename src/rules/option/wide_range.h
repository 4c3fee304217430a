// A range of 32 bits that is written only where it leaves something out.
#pragma once
#include "rules/option/number.h"

namespace utables::rules {

struct WideRangeKind : NumberRangeKind {
  static bool written(const Value& value) { return value != Value{0, 0xffffffff}; }
};

}  // namespace utables::rules
