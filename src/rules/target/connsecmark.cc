// CONNSECMARK: --save keeps the packet's security mark in its connection, --restore brings it back. Marks
// come from a security module's contexts (SECMARK), which no kernel has that utables is compared with: every
// mark is 0, and so this does nothing but switch tracking on.
#include <array>

#include "rules/bind.h"

namespace utables::rules {
namespace {

struct Params {
  Given<bool> save, restore;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<FlagKind, &Params::save>({.name = "save",
                                     .help = "keep the packet's mark in the connection",
                                     .values = 0,
                                     .excludes = 0b10,
                                     .list_word = "save"}),
    option<FlagKind, &Params::restore>({.name = "restore",
                                        .help = "give the packet the connection's mark",
                                        .values = 0,
                                        .excludes = 0b01,
                                        .list_word = "restore"}),
};

Result<void> check(Params& p, const Rule&) {
  if (!p.save.set && !p.restore.set) return fail("CONNSECMARK target: parameter required");
  return {};
}

Action act(const Params&, Context&) { return Action::continue_; }

}  // namespace

extern const TargetDescriptor kTargetConnsecmark;
const TargetDescriptor kTargetConnsecmark =
    target<Params, act>({.name = "CONNSECMARK",
                         .summary = "the connection's security mark, always 0",
                         .tables = bit(TableId::mangle) | bit(TableId::security),
                         .looks_at = LooksAt::flow,
                         .options = kOptions,
                         .needs_tracking = [](const void*) { return true; },
                         .check = checked<Params, check>});

}  // namespace utables::rules
