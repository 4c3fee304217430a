// SNAT: the connection's source becomes one of a range, in POSTROUTING (and in INPUT, for what the box itself
// gets). Without ports its own stays if it is free, and one of the same class (1-511, 600-1023, above) is
// drawn if it is not. A client keeps its address of the range for one server, with --persistent for all.
#include <array>

#include "rules/bind.h"
#include "rules/option/nat_range.h"
#include "rules/target/nat.h"

namespace utables::rules {
namespace {

struct Params {
  Given<conntrack::NatRange> range;
  Given<bool> random, random_fully, persistent;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<NatRangeKind, &Params::range>({.name = "to-source",
                                          .value = "[address[-address]][:port[-port]]",
                                          .help = "what the source becomes",
                                          .mandatory = true,
                                          .list_word = "to:"}),
    option<FlagKind, &Params::random>(
        {.name = "random", .help = "draw the port", .values = 0, .list_word = "random"}),
    option<FlagKind, &Params::random_fully>(
        {.name = "random-fully", .help = "draw the port", .values = 0, .list_word = "random-fully"}),
    option<FlagKind, &Params::persistent>({.name = "persistent",
                                           .help = "one address for all of a client's connections",
                                           .values = 0,
                                           .list_word = "persistent"}),
};

Action act(const Params& p, Context& c) {
  conntrack::NatRange range = p.range.value;
  range.random = p.random.set || p.random_fully.set;
  range.persistent = p.persistent.set;
  return c.services.bind(c, conntrack::Manipulation::source, range);
}

}  // namespace

extern const TargetDescriptor kTargetSnat;
const TargetDescriptor kTargetSnat = target<Params, act>({.name = "SNAT",
                                                          .summary = "change the source of a connection",
                                                          .tables = bit(TableId::nat),
                                                          .hooks = bit(Hook::postrouting) | bit(Hook::input),
                                                          .options = kOptions,
                                                          .needs_tracking = kAlwaysTracks});

}  // namespace utables::rules
