// REDIRECT: the connection is for the box itself: its destination becomes the first address of the interface
// that it came in by, or 127.0.0.1 for the box's own. Where that interface has none the packet is dropped.
#include <array>

#include "base/ipv6_address.h"
#include "host/redirect6.h"
#include "rules/bind.h"
#include "rules/option/nat_range.h"
#include "rules/target/nat.h"

namespace utables::rules {
namespace {

struct Params {
  Given<conntrack::NatRange> ports;
  Given<bool> random;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<UnshiftedNatPortsKind, &Params::ports>({.name = "to-ports",
                                                   .value = "port[-port]",
                                                   .help = "what the destination port becomes",
                                                   .list_word = "redir ports "}),
    option<FlagKind, &Params::random>(
        {.name = "random", .help = "draw the port", .values = 0, .list_word = "random"}),
};

/// The box itself, as the packet finds it; zero: it has no address there.
Address here(const Context& c) {
  const bool v6 = c.facts().is_ipv6();
  if (c.hook == Hook::output) return v6 ? ipv6::kLoopback : Address::from_v4(0x7f000001);
  if (v6) return host::redirect_address6(c.host, c.in, c.facts().destination);
  for (const host::InterfaceAddress& a : c.host.at(c.in).addresses)
    if (a.prefix.family == Family::ipv4) return a.prefix.address;
  return {};
}

Action act(const Params& p, Context& c) {
  conntrack::NatRange range = p.ports.value;
  range.random = p.random.set;
  range.has_addresses = true;
  range.first = range.last = here(c);
  if (range.first.is_zero()) return Action::drop;
  return c.services.bind(c, conntrack::Manipulation::destination, range);
}

}  // namespace

extern const TargetDescriptor kTargetRedirect;
const TargetDescriptor kTargetRedirect =
    target<Params, act>({.name = "REDIRECT",
                         .summary = "the destination becomes the box itself",
                         .tables = bit(TableId::nat),
                         .hooks = bit(Hook::prerouting) | bit(Hook::output),
                         .options = kOptions,
                         .needs_tracking = kAlwaysTracks});

}  // namespace utables::rules
