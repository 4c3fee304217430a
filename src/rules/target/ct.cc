// CT: --notrack exempts the packet from connection tracking. Without an option it does nothing but switch
// tracking on. Its other options (helper, zone, timeout, ctevents, expevents) are not there yet.
#include <array>

#include "rules/bind.h"
#include "rules/target/untrack.h"

namespace utables::rules {
namespace {

struct Params {
  Given<bool> notrack;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<FlagKind, &Params::notrack>(
        {.name = "notrack", .help = "do not track", .values = 0, .list_word = "notrack"}),
};

Action act(const Params& p, Context& c) {
  if (p.notrack.set) untrack(c);
  return Action::continue_;
}

}  // namespace

extern const TargetDescriptor kTargetCt;
const TargetDescriptor kTargetCt = target<Params, act>(
    {.name = "CT",
     .summary = "how the packet is tracked",
     .tables = bit(TableId::raw),
     .looks_at = LooksAt::flow,
     .options = kOptions,
     .needs_tracking = [](const void* p) { return !static_cast<const Params*>(p)->notrack.set; }});

}  // namespace utables::rules
