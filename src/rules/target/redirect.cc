// REDIRECT: the connection is for the box itself: its destination becomes the first address of the interface
// that it came in by, or 127.0.0.1 for the box's own. Where that interface has none the packet is dropped.
#include <array>

#include "rules/bind.h"
#include "rules/option/nat_range.h"
#include "rules/target/nat.h"

namespace utables::rules {
namespace {

constexpr std::uint32_t kLoopback = 0x7f000001;

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

Action act(const Params& p, Context& c) {
  conntrack::NatRange range = p.ports.value;
  range.random = p.random.set;
  range.has_addresses = true;
  if (c.hook == Hook::output) {
    range.first = Address::from_v4(kLoopback);
  } else {
    const auto& addresses = c.host.at(c.in).addresses;
    if (addresses.empty()) return Action::drop;
    range.first = addresses.front().prefix.address;
  }
  range.last = range.first;
  return c.services.bind(c, conntrack::Manipulation::destination, range);
}

}  // namespace

extern const TargetDescriptor kTargetRedirect;
const TargetDescriptor kTargetRedirect =
    target<Params, act>({.name = "REDIRECT",
                         .summary = "the destination becomes the box itself",
                         .families = 0b01,
                         .tables = bit(TableId::nat),
                         .hooks = bit(Hook::prerouting) | bit(Hook::output),
                         .options = kOptions,
                         .needs_tracking = kAlwaysTracks});

}  // namespace utables::rules
