// What NAT's targets share: they stand in the nat table alone, need tracking, and hand a range to the engine.
#pragma once
#include "conntrack/nat/range.h"
#include "rules/context.h"
#include "rules/extension.h"

namespace utables::rules {

/// At which end a hook translates.
constexpr conntrack::Manipulation manipulation_of(Hook hook) {
  return hook == Hook::prerouting || hook == Hook::output ? conntrack::Manipulation::destination
                                                          : conntrack::Manipulation::source;
}

constexpr bool (*kAlwaysTracks)(const void*) = [](const void*) { return true; };

}  // namespace utables::rules
