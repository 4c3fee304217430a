// DNAT: the connection's destination becomes one of a range, in PREROUTING and OUTPUT. A single port is taken
// whether or not it is free; `/base` keeps the distance of the packet's port from it.
#include <array>

#include "rules/bind.h"
#include "rules/option/nat_range.h"
#include "rules/target/nat.h"

namespace utables::rules {
namespace {

struct Params {
  Given<conntrack::NatRange> range;
  Given<bool> random, persistent;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<ShiftedNatRangeKind, &Params::range>({.name = "to-destination",
                                                 .value = "[address[-address]][:port[-port[/base]]]",
                                                 .help = "what the destination becomes",
                                                 .mandatory = true,
                                                 .list_word = "to:"}),
    option<FlagKind, &Params::random>(
        {.name = "random", .help = "draw the port", .values = 0, .list_word = "random"}),
    option<FlagKind, &Params::persistent>({.name = "persistent",
                                           .help = "one address for all of a client's connections",
                                           .values = 0,
                                           .list_word = "persistent"}),
};

Action act(const Params& p, Context& c) {
  conntrack::NatRange range = p.range.value;
  range.random = p.random.set;
  range.persistent = p.persistent.set;
  return c.services.bind(c, conntrack::Manipulation::destination, range);
}

}  // namespace

extern const TargetDescriptor kTargetDnat;
const TargetDescriptor kTargetDnat = target<Params, act>({.name = "DNAT",
                                                          .summary = "change the destination of a connection",
                                                          .tables = bit(TableId::nat),
                                                          .hooks = bit(Hook::prerouting) | bit(Hook::output),
                                                          .options = kOptions,
                                                          .needs_tracking = kAlwaysTracks});

}  // namespace utables::rules
