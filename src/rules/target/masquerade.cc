// MASQUERADE: the connection's source becomes the address that the box has on the interface by which it
// leaves. A source of 0.0.0.0 is left alone, one of :: is not. Where the interface has no address the packet is dropped; so is
// one of a connection that was masqueraded for another interface, and the connection with it.
#include <array>

#include "rules/bind.h"
#include "rules/option/nat_range.h"
#include "rules/target/nat.h"

namespace utables::rules {
namespace {

struct Params {
  Given<conntrack::NatRange> ports;
  Given<bool> random, random_fully;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<NatPortsKind, &Params::ports>({.name = "to-ports",
                                          .value = "port[-port]",
                                          .help = "what the source port becomes",
                                          .list_word = "masq ports: "}),
    option<FlagKind, &Params::random>(
        {.name = "random", .help = "draw the port", .values = 0, .list_word = "random"}),
    option<FlagKind, &Params::random_fully>(
        {.name = "random-fully", .help = "draw the port", .values = 0, .list_word = "random-fully"}),
};

Action act(const Params& p, Context& c) {
  if (!c.facts().is_ipv6() && c.connection()->original().source.is_zero()) return Action::accept;
  conntrack::NatRange range = p.ports.value;
  range.random = p.random.set || p.random_fully.set;
  return c.services.masquerade(c, range);
}

}  // namespace

extern const TargetDescriptor kTargetMasquerade;
const TargetDescriptor kTargetMasquerade =
    target<Params, act>({.name = "MASQUERADE",
                         .summary = "the source becomes the address of the outgoing interface",
                         .tables = bit(TableId::nat),
                         .hooks = bit(Hook::postrouting),
                         .options = kOptions,
                         .needs_tracking = kAlwaysTracks});

}  // namespace utables::rules
