// What targets ask of a rule's tcp match.
#pragma once
#include "rules/model.h"

namespace utables::rules {

/// The rule has a tcp match whose --tcp-flags (or --syn), not inverted, wants SYN set.
[[nodiscard]] bool wants_syn(const Rule& rule);

}  // namespace utables::rules
