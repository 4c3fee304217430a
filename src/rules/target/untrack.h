// What CT --notrack and NOTRACK do: the packet is exempted from tracking, unless it already has a connection
// (looped back by the box itself).
#pragma once
#include "rules/context.h"

namespace utables::rules {

inline void untrack(Context& c) {
  if (c.tracked->connection == nullptr && c.tracked->info == CtInfo::none && !c.tracked->not_exempt)
    c.tracked->info = CtInfo::untracked;
}

}  // namespace utables::rules
