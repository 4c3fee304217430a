// Expectations made, found and removed by hand, as the kernel does when conntrack(8) asks for it (ctnetlink):
// in zone 0, of the class 0 of their master's helper. The timeout that is asked for does not count, nor does
// the destination's mask.
#include "conntrack/control/entries.h"
#include "conntrack/helper/helper.h"
#include "conntrack/port_kind.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

/// What is not given is 0.
Tuple tuple_of(const TupleParts& parts, std::uint8_t protocol, Family family) {
  Tuple tuple;
  tuple.family = family;
  tuple.protocol = protocol;
  tuple.source = parts.source.value_or(Address{});
  tuple.destination = parts.destination.value_or(Address{});
  if (port_kind(protocol) == PortKind::none) return tuple;
  tuple.source_port = parts.source_port.value_or(0);
  tuple.destination_port = parts.destination_port.value_or(0);
  return tuple;
}

}  // namespace

void Entries::restore(const Expectation& saved, const Connection& master) {
  if (saved.deadline <= now_) return;
  Expectation e = saved;
  e.master = master.handle;
  expectations_.restore(e);
}

Refusal Entries::expect(const Parameters& master, const AwaitedParts& wanted) {
  if (!master.protocol || !master.family) return Refusal::invalid;
  // A query of ICMP cannot be awaited, nor be a master's: nobody says its type.
  if (port_kind(wanted.protocol) == PortKind::icmp || *master.protocol == packet::kIcmpv6)
    return Refusal::invalid;
  Expectation e;
  e.tuple = tuple_of(wanted.tuple, wanted.protocol, *master.family);
  const Connection* const by = port_kind(*master.protocol) == PortKind::icmp
                                   ? nullptr
                                   : find(tuple_of(master.tuple[0], *master.protocol, *master.family), {});
  if (by == nullptr) return Refusal::no_master;
  if (expectations_.find(e.tuple, 0, Expectations::Inactive::too) != nullptr) return Refusal::same;
  const Helper* const helper = helper_of(by->helper);
  if (helper == nullptr) return Refusal::unsupported;
  e.mask.source = wanted.source_mask.value_or(Address{});
  const bool ports = port_kind(wanted.protocol) != PortKind::none;
  e.mask.source_port = ports ? wanted.source_port_mask : std::uint16_t{0};
  e.master = by->handle;
  e.helper = by->helper;
  switch (expectations_.add(e, helper->classes.front(), {settings_.expect_max}, now_)) {
    case Expectations::Added::yes:
      ++statistics_.expect_create;
      return Refusal::none;
    case Expectations::Added::already:
    case Expectations::Added::clashes:
      return Refusal::busy;
    case Expectations::Added::table_full:
      return Refusal::too_many;
  }
  return Refusal::none;
}

const Expectation* Entries::find_awaited(const Parameters& wanted) const {
  if (!wanted.protocol || !wanted.family) return nullptr;
  return expectations_.find(tuple_of(wanted.tuple[0], *wanted.protocol, *wanted.family), 0,
                            Expectations::Inactive::too);
}

void Entries::remove(const Expectation& expectation) { expectations_.remove(expectation, now_); }

}  // namespace utables::conntrack
