// NETMAP: a network becomes another of the same size, address by address: the destination in PREROUTING and
// OUTPUT, the source in POSTROUTING and INPUT. Ports stay.
#include <array>

#include "rules/bind.h"
#include "rules/option/prefix.h"
#include "rules/target/nat.h"

namespace utables::rules {
namespace {

struct Params {
  Given<Prefix> to;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<MaskedPrefixKind, &Params::to>({.name = "to",
                                           .value = "address[/mask]",
                                           .help = "the network that it becomes",
                                           .mandatory = true,
                                           .list_word = "to:"}),
};

Action act(const Params& p, Context& c) {
  const auto manipulation = manipulation_of(c.hook);
  const packet::Facts& facts = c.facts();
  const bool source = manipulation == conntrack::Manipulation::source;
  const Address mask = mask_of(p.to.value.length, facts.family);
  conntrack::NatRange range;
  range.has_addresses = true;
  range.first = p.to.value.address | ((source ? facts.source : facts.destination) & ~mask);
  range.last = range.first;
  return c.services.bind(c, manipulation, range);
}

}  // namespace

extern const TargetDescriptor kTargetNetmap;
const TargetDescriptor kTargetNetmap = target<Params, act>(
    {.name = "NETMAP",
     .summary = "a network becomes another of the same size",
     .tables = bit(TableId::nat),
     .hooks = bit(Hook::prerouting) | bit(Hook::output) | bit(Hook::postrouting) | bit(Hook::input),
     .options = kOptions,
     .needs_tracking = kAlwaysTracks});

}  // namespace utables::rules
