// The nat table: asked once about each end of a connection, by its first packet (or by the box's own reset in
// answer to that); every packet of it is then translated alike. ICMP errors follow what they are about.
//
// Destinations are translated in PREROUTING and OUTPUT, sources in INPUT and POSTROUTING, answers the other
// way round at the same places. What no rule says anything about is bound all the same, to what it is, so
// that two connections never meet in one reply tuple.
#include "rules/target/nat.h"

#include <algorithm>

#include "conntrack/nat/translate.h"
#include "engine/path.h"
#include "packet/headers.h"

namespace utables::engine {

using conntrack::Direction;
using conntrack::Manipulation;
using rules::Hook;
using rules::TableId;

bool Path::nat(rules::Context& context, Flight& flight, End& end) {
  conntrack::Connection* const connection = flight.tracked.connection;
  if (connection == nullptr) return true;
  const Address destination = flight.facts().destination;
  const bool related = flight.tracked.info == CtInfo::related || flight.tracked.info == CtInfo::related_reply;
  const std::uint8_t icmp = flight.facts().is_ipv6() ? packet::kIcmpv6 : packet::kIcmp;
  const bool translated = related && flight.facts().protocol == icmp
                              ? nat_error(context.hook, flight, end)
                              : nat_packet(context, flight, related, end);
  return translated && route_after_nat(context, flight, destination, end);
}

bool Path::nat_packet(rules::Context& context, Flight& flight, bool related, End& end) {
  conntrack::Connection& connection = *flight.tracked.connection;
  const Manipulation manipulation = rules::manipulation_of(context.hook);
  const conntrack::Status done =
      manipulation == Manipulation::source ? conntrack::kSourceNatDone : conntrack::kDestinationNatDone;
  const bool begins = related || flight.tracked.info == CtInfo::new_;
  if (begins && !connection.is(done)) {
    if (!ask_table(TableId::nat, context, flight, end)) return false;
    if (!connection.is(done)) parts_.tracker->bind_null(connection, manipulation, now_);
  } else if (masquerade_moved(context.hook, flight)) {
    parts_.tracker->kill(flight.tracked, now_);
    end = End::refused(DropReason::masquerade_moved);
    return false;
  }
  bool translated = false;
  change(flight, [&] {
    translated = conntrack::translate(flight.buffer, connection, direction_of(flight), manipulation);
  });
  if (translated) return true;
  end = End::refused(DropReason::error_untranslatable);
  return false;
}

/// Where the nat table is loaded it looks into ICMP errors about connections, whether they are translated or
/// not, and drops those that it could not translate.
bool Path::nat_error(Hook hook, Flight& flight, End& end) {
  const conntrack::Connection& connection = *flight.tracked.connection;
  bool translated = false;
  change(flight, [&] {
    translated = conntrack::error_translatable(flight.buffer, connection) && whole_checksum_good(flight) &&
                 conntrack::translate_error(flight.buffer, connection, direction_of(flight),
                                            rules::manipulation_of(hook));
  });
  if (translated) return true;
  end = End::refused(DropReason::error_untranslatable);
  return false;
}

/// MASQUERADE chose the address of one interface; by another it means nothing.
bool Path::masquerade_moved(Hook hook, const Flight& flight) const {
  const InterfaceId device = flight.tracked.connection->masquerade_device;
  return hook == Hook::postrouting && device != kNoInterface && device != flight.out &&
         direction_of(flight) == Direction::original;
}

/// Another destination is another way: for what the box sends at once, for what comes over lo as for what
/// comes in.
bool Path::route_after_nat(rules::Context& context, Flight& flight, const Address& before, End& end) {
  if (context.hook == Hook::prerouting && flight.facts().destination != before) flight.way = {};
  if (context.hook != Hook::output) return true;
  const auto direction = static_cast<std::size_t>(direction_of(flight));
  const auto& tuple = flight.tracked.connection->tuple;
  if (tuple[direction].destination == tuple[1 - direction].source) return true;
  if (reroute(flight)) {
    context.route_mtu = flight.way.mtu;
    return true;
  }
  end = End::refused(flight.way.refusal);
  return false;
}

rules::Action Path::bind(rules::Context& context, Manipulation manipulation,
                         const conntrack::NatRange& range) {
  parts_.tracker->bind(*context.tracked->connection, manipulation, range, now_);
  return rules::Action::accept;
}

rules::Action Path::masquerade(rules::Context& context, const conntrack::NatRange& range) {
  const Way& way = current_->way;
  conntrack::NatRange mine = range;
  mine.has_addresses = true;
  mine.first = mine.last =
      host_.select_source(context.out, way.next_hop, context.facts().family, host::RouteScope::universe);
  if (mine.first.is_zero()) return rules::Action::drop;
  context.tracked->connection->masquerade_device = context.out;
  return bind(context, Manipulation::source, mine);
}

}  // namespace utables::engine
