// The nat table: asked once about each end of a connection, by its first packet (or by the box's own reset in
// answer to that); every packet of it is then translated alike. ICMP errors follow what they are about.
//
// Destinations are translated in PREROUTING and OUTPUT, sources in INPUT and POSTROUTING, answers the other
// way round at the same places. What no rule says anything about is bound all the same, to what it is, so
// that two connections never meet in one reply tuple.
#include "rules/target/nat.h"

#include <algorithm>
#include <utility>

#include "conntrack/nat/translate.h"
#include "engine/path.h"
#include "packet/checksum.h"
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
    translated = conntrack::error_translatable(flight.buffer, connection) &&
                 error_checksum_good(hook, flight) &&
                 conntrack::translate_error(flight.buffer, connection, direction_of(flight),
                                            rules::manipulation_of(hook));
  });
  if (translated) return true;
  end = End::refused(DropReason::error_untranslatable);
  return false;
}

/// Tracking summed the error when it came in, and found it right; what is written into it later does not
/// count.
void Path::remember_sum(Flight& flight) const {
  const CtInfo info = flight.tracked.info;
  if (!flight.facts().is_ipv6() || (info != CtInfo::related && info != CtInfo::related_reply)) return;
  if (!checksum_was_judged(flight)) return;
  flight.summed = Flight::Summed::once;
  flight.sum = packet::sum(flight.buffer.view());
}

/// Over IPv6 prefix translation may spoil a checksum. Linux does not see it where it knows one that was
/// right: with the bytes that the packet had then, but with the IPv6 header as it is now, in which addresses
/// cancel out against those of the pseudo-header.
bool Path::error_checksum_good(Hook hook, Flight& flight) const {
  if (!flight.facts().is_ipv6()) return whole_checksum_good(flight);
  if (flight.summed == Flight::Summed::right) return true;
  if (flight.summed == Flight::Summed::once) {
    if (hook != Hook::prerouting && hook != Hook::input) return true;
    const packet::Facts& facts = flight.facts();
    const std::uint64_t headers = packet::sum(flight.buffer.view().first(facts.header_size));
    const std::uint64_t known = flight.sum % 0xffff + 0xffff - headers % 0xffff;
    if ((packet::pseudo_header_sum(facts, packet::kIcmpv6, flight.buffer.transport_size()) + known) %
            0xffff ==
        0) {
      flight.summed = Flight::Summed::right;
      return true;
    }
  }
  // Of the box's own errors it is judged as of others.
  const bool trusted =
      std::exchange(flight.buffer.checksum_good, flight.buffer.checksum_good && !flight.made_here);
  const bool good = whole_checksum_good(flight);
  flight.buffer.checksum_good = trusted;
  if (!good) return false;
  flight.summed = Flight::Summed::once;
  flight.sum = packet::sum(flight.buffer.view());
  return true;
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
  const packet::Facts& facts = context.facts();
  mine.first = mine.last = facts.is_ipv6() ? host_.select_source6(context.out, facts.destination)
                                           : host_.select_source(context.out, way.next_hop, facts.family,
                                                                 host::RouteScope::universe);
  if (mine.first.is_zero()) return rules::Action::drop;
  context.tracked->connection->masquerade_device = context.out;
  return bind(context, Manipulation::source, mine);
}

}  // namespace utables::engine
