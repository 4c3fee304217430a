// NOTRACK: exempts the packet from connection tracking. The old spelling of CT --notrack.
#include "rules/bind.h"
#include "rules/target/untrack.h"

namespace utables::rules {
namespace {

Action act(const NoParams&, Context& c) {
  untrack(c);
  return Action::continue_;
}

}  // namespace

extern const TargetDescriptor kTargetNotrack;
const TargetDescriptor kTargetNotrack = target<NoParams, act>({.name = "NOTRACK",
                                                               .summary = "exempt from connection tracking",
                                                               .tables = bit(TableId::raw),
                                                               .looks_at = LooksAt::flow});

}  // namespace utables::rules
