// What CT and NOTRACK do before tracking. The first rule has its say, and no later one; a packet that already
// has a connection (looped back by the box itself) is left alone.
#pragma once
#include "rules/context.h"

namespace utables::rules {

[[nodiscard]] inline bool untold(const Context& c) {
  return c.tracked->connection == nullptr && c.tracked->info == CtInfo::none && !c.tracked->not_exempt;
}

inline void untrack(Context& c) {
  if (untold(c)) c.tracked->info = CtInfo::untracked;
}

/// It is tracked so: rules that look before tracking see a NEW packet. `as` outlives the packet.
inline void track_as(Context& c, const conntrack::Template& as) {
  if (!untold(c)) return;
  c.tracked->info = CtInfo::new_;
  c.tracked->as = &as;
}

}  // namespace utables::rules
