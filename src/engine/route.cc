// Routing decisions: what a destination is to the box, which sources it believes (RFC 1812 5.3.7, 5.3.8),
// and the way of what it sends itself.
#include "engine/path.h"

namespace utables::engine {

using host::RouteType;
using Question = RouteStep::Question;

namespace {

/// Addresses that are judged before any route is asked.
enum class Special : std::uint8_t { none, zero, loopback, multicast, limited_broadcast };

Special special(const Address& a) {
  const std::uint32_t v4 = a.v4();
  if (v4 == 0) return Special::zero;
  if (v4 == 0xffffffff) return Special::limited_broadcast;
  if (v4 >> 24 == 127) return Special::loopback;
  if (v4 >> 28 == 0xe) return Special::multicast;
  return Special::none;
}

/// The one group that a router without routing programs hears.
constexpr std::uint32_t kAllHosts = 0xe0000001;
constexpr bool is_local_group(std::uint32_t group) { return group >> 8 == 0xe00000; }
constexpr std::uint32_t kLargestMtu = 65535;
constexpr std::string_view kNoSender = "a group or 255.255.255.255 sends nothing",
                           kNotLocalnet = "127.0.0.0/8 is on lo alone, and route_localnet is 0";

}  // namespace

DropReason Path::tell_route(const Flight& flight, RouteStep::Question question, const host::Lookup* found,
                            DropReason refused, std::string_view why) const {
  if (parts_.observer == nullptr) return refused;
  const packet::Facts& facts = flight.facts();
  RouteStep step;
  step.question = question;
  step.asked = question == Question::source ? facts.source : facts.destination;
  step.family = facts.family;
  step.found = found;
  step.in = flight.in;
  step.refused = refused;
  step.why = why;
  parts_.observer->routed(step);
  return refused;
}

DropReason Path::refusal_of(RouteType type) {
  switch (type) {
    case RouteType::unspec:
    case RouteType::throw_:
      return DropReason::no_route;
    case RouteType::unreachable:
      return DropReason::unreachable_route;
    case RouteType::prohibit:
      return DropReason::prohibited_route;
    case RouteType::blackhole:
      return DropReason::blackhole_route;
    default:
      return DropReason::none;
  }
}

std::uint32_t Path::mtu_of(const host::Lookup& found) const {
  const std::uint32_t mtu =
      found.route != nullptr && found.route->mtu != 0 ? found.route->mtu : host_.at(found.device).mtu;
  return std::min(mtu, kLargestMtu);
}

DropReason Path::route_arriving(Flight& flight) {
  const packet::Facts& facts = flight.facts();
  flight.way = Way{};
  flight.way.arriving = true;
  const Special source = special(facts.source), destination = special(facts.destination);
  if (destination == Special::multicast) return route_multicast(flight);
  const bool localnet = settings(flight.in).route_localnet;

  const auto martian = [&](std::string_view why) {
    return tell_route(flight, Question::source, nullptr, DropReason::martian_source, why);
  };
  if (source == Special::multicast || source == Special::limited_broadcast) return martian(kNoSender);
  if (destination == Special::limited_broadcast || (source == Special::zero && destination == Special::zero))
    return hear_broadcast(flight);
  if (source == Special::zero) return martian("no address, and not sent to 255.255.255.255");
  if (destination == Special::zero || (destination == Special::loopback && !localnet))
    return tell_route(flight, Question::destination, nullptr, DropReason::martian_destination,
                      destination == Special::zero ? "no address" : kNotLocalnet);
  if (destination != Special::loopback && source == Special::loopback && !localnet)
    return martian(kNotLocalnet);
  const host::Lookup found = host_.routes.find(facts.destination, facts.family, facts.tos);
  (void)tell_route(flight, Question::destination, &found, DropReason::none);
  return take_route(flight, found);
}

DropReason Path::take_route(Flight& flight, const host::Lookup& found) {
  Way& way = flight.way;
  const bool forwarding = settings(flight.in).forwarding;
  bool on_link = false;
  switch (found.type) {
    case RouteType::broadcast:
      return hear_broadcast(flight);
    case RouteType::local: {
      const DropReason refused = validate_source(flight, kNoInterface, on_link);
      way.kind = Way::Kind::local;
      way.device = 0;
      way.mtu = mtu_of({.device = 0});
      return refused;
    }
    case RouteType::unicast:
      break;
    default:
      way.refusal = refusal_of(found.type);
      if (way.refusal != DropReason::none) break;
      return forwarding ? DropReason::martian_destination : DropReason::not_forwarding;
  }
  if (!forwarding) way.refusal = DropReason::not_forwarding;
  if (way.refusal != DropReason::none) {
    way.kind = Way::Kind::unreachable;
    return DropReason::none;
  }
  const DropReason refused = validate_source(flight, found.device, on_link);
  if (refused != DropReason::none) return refused;
  way.kind = Way::Kind::onward;
  way.device = found.device;
  way.gateway = found.has_gateway;
  way.next_hop = found.next_hop;
  way.source = found.source;
  way.mtu = mtu_of(found);
  way.redirect = found.device == flight.in && on_link && settings(flight.in).send_redirects &&
                 may_redirect(flight, found);
  return DropReason::none;
}

/// A sender is sent elsewhere only where it can go there by itself.
bool Path::may_redirect(const Flight& flight, const host::Lookup& found) const {
  if (settings(found.device).shared_media) return true;
  for (const host::InterfaceAddress& own : host_.at(found.device).addresses) {
    if (own.prefix.family != flight.facts().family || !own.prefix.contains(flight.facts().source)) continue;
    if (!found.has_gateway || own.prefix.contains(found.next_hop)) return true;
  }
  return false;
}

DropReason Path::hear_broadcast(Flight& flight) {
  flight.way.kind = Way::Kind::local;
  flight.way.broadcast = true;
  flight.way.device = flight.in;
  flight.way.mtu = mtu_of({.device = flight.in});
  bool on_link = false;
  if (special(flight.facts().source) == Special::zero) return DropReason::none;
  return validate_source(flight, kNoInterface, on_link);
}

DropReason Path::route_multicast(Flight& flight) {
  const std::uint32_t group = flight.facts().destination.v4();
  if (group != kAllHosts)
    return tell_route(flight, Question::destination, nullptr, DropReason::multicast_not_member,
                      "a group that this box has not joined");
  (void)tell_route(flight, Question::destination, nullptr, DropReason::none, "the group of all hosts");
  const Special source = special(flight.facts().source);
  const auto martian = [&](std::string_view why) {
    return tell_route(flight, Question::source, nullptr, DropReason::martian_source, why);
  };
  if (source == Special::multicast || source == Special::limited_broadcast) return martian(kNoSender);
  if (source == Special::loopback && !settings(flight.in).route_localnet) return martian(kNotLocalnet);
  flight.way.kind = Way::Kind::local;
  flight.way.multicast = true;
  flight.way.device = flight.in;
  flight.way.mtu = mtu_of({.device = flight.in});
  bool on_link = false;
  if (source == Special::zero)
    return is_local_group(group) || flight.facts().protocol == packet::kIgmp ? DropReason::none
                                                                             : DropReason::martian_source;
  return validate_source(flight, kNoInterface, on_link);
}

/// As fib_validate_source: `out` is where the packet would go, none for what is delivered here. Without
/// rp_filter and redirects only the box's own addresses are not believed.
DropReason Path::validate_source(const Flight& flight, InterfaceId out, bool& on_link) const {
  const host::InterfaceSettings& own = settings(flight.in);
  on_link = false;
  const bool filtered = own.rp_filter_strict || own.rp_filter_loose;
  if (filtered || (flight.in == out && own.send_redirects)) return validate_reverse_path(flight, on_link);
  if (own.accept_local || !host_.is_local(flight.facts().source, flight.facts().family))
    return DropReason::none;
  return tell_route(flight, Question::source, nullptr, DropReason::martian_source,
                    "an address of this box itself, and accept_local is 0");
}

/// The full check: where would an answer to the source go?
DropReason Path::validate_reverse_path(const Flight& flight, bool& on_link) const {
  const host::InterfaceSettings& own = settings(flight.in);
  const packet::Facts& facts = flight.facts();
  const host::Lookup back = host_.routes.find(facts.source, facts.family, facts.tos);
  const std::string_view why = own.rp_filter_strict  ? "rp_filter is 1"
                               : own.rp_filter_loose ? "rp_filter is 2, any way back will do"
                                                     : "looked for because send_redirects is on";
  return tell_route(flight, Question::source, &back, judge_way_back(flight, back, on_link), why);
}

DropReason Path::judge_way_back(const Flight& flight, const host::Lookup& back, bool& on_link) const {
  const host::InterfaceSettings& own = settings(flight.in);
  const packet::Facts& facts = flight.facts();
  const bool filtered = own.rp_filter_strict || own.rp_filter_loose;
  const DropReason last_resort = filtered ? DropReason::reverse_path : DropReason::none;
  const bool usable = back.type == RouteType::unicast || back.type == RouteType::local ||
                      back.type == RouteType::broadcast || back.type == RouteType::multicast ||
                      back.type == RouteType::anycast;
  if (!usable) return last_resort;
  if (back.type != RouteType::unicast && (back.type != RouteType::local || !own.accept_local))
    return DropReason::martian_source;
  if (back.device == flight.in || (back.type == RouteType::local && flight.in == 0)) {
    on_link = !back.has_gateway;
    return DropReason::none;
  }
  if (host_.at(flight.in).addresses.empty()) return last_resort;
  if (own.rp_filter_strict) return DropReason::reverse_path;
  const host::Lookup here = host_.routes.find(facts.source, facts.family, facts.tos, flight.in);
  on_link = here.type == RouteType::unicast && !here.has_gateway;
  return DropReason::none;
}

Address Path::specific_address(const Flight& flight) const {
  const packet::Facts& facts = flight.facts();
  if (flight.way.is_local() && !flight.way.broadcast && !flight.way.multicast) return facts.destination;
  if (special(facts.source) == Special::zero)
    return host_.select_source(flight.in, facts.source, facts.family, host::RouteScope::link);
  const host::Lookup back = host_.routes.find(facts.source, facts.family, facts.tos);
  const bool found = back.type != RouteType::unspec && back.type != RouteType::unreachable &&
                     back.type != RouteType::prohibit && back.type != RouteType::blackhole;
  return found ? back.source
               : host_.select_source(flight.in, facts.source, facts.family, host::RouteScope::universe);
}

/// The way of a packet of the same family as `about` that the box sends.
DropReason Path::route_back(const Flight& about, const Address& destination, std::uint8_t tos,
                            Way& way) const {
  return about.facts().is_ipv6() ? route_outbound6(destination, about.in, way)
                                 : route_outbound(destination, tos, way);
}

/// The way of a packet that the box sends. Returns why there is none.
DropReason Path::route_outbound(const Address& destination, std::uint8_t tos, Way& way) const {
  way = Way{};
  if (special(destination) == Special::zero) return way.refusal = DropReason::martian_destination;
  const host::Lookup found = host_.routes.find(destination, Family::ipv4, tos);
  if (parts_.observer != nullptr) parts_.observer->routed({.asked = destination, .found = &found});
  return way_out(destination, found, way);
}

/// ... by a route that was found.
DropReason Path::way_out(const Address& destination, const host::Lookup& found, Way& way) const {
  const Special kind = special(destination);
  way = Way{};
  way.refusal = refusal_of(found.type);
  if (way.refusal != DropReason::none) return way.refusal;
  way.source = found.source;
  if (found.type == RouteType::local) {
    way.kind = Way::Kind::local;
    way.device = 0;
    way.next_hop = destination;
    way.mtu = mtu_of({.device = 0});
    if (way.source.is_zero()) way.source = destination;
    return DropReason::none;
  }
  way.kind = Way::Kind::onward;
  way.device = found.device;
  way.broadcast = found.type == RouteType::broadcast || kind == Special::limited_broadcast;
  way.multicast = kind == Special::multicast;
  way.heard_here = way.broadcast || (way.multicast && destination.v4() == kAllHosts);
  way.gateway = found.has_gateway && !way.broadcast && !way.multicast;
  way.next_hop = way.gateway ? found.next_hop : destination;
  way.mtu = mtu_of(found);
  return DropReason::none;
}

/// What goes to a group or to everyone leaves by the interface that has the source, if that is not itself an
/// address of many; what bears a loopback address stays on lo, unless route_localnet lets it out.
DropReason Path::route_signed(const packet::Facts& facts, Way& way) const {
  const DropReason refused = route_outbound(facts.destination, facts.tos, way);
  if (refused != DropReason::none) return refused;
  const Special source = special(facts.source), destination = special(facts.destination);
  if (destination == Special::multicast || destination == Special::limited_broadcast) {
    const bool of_many = source == Special::multicast || source == Special::limited_broadcast ||
                         host_.routes.type_of(facts.source, facts.family) == RouteType::broadcast;
    if (of_many) return DropReason::none;
    const host::Lookup own = host_.routes.find(facts.source, facts.family, facts.tos);
    if (own.type != RouteType::local) return way.refusal = DropReason::no_route;
    send_to_all_by(own.device, facts.destination, way);
    return DropReason::none;
  }
  if (source == Special::loopback && way.device != 0 && !settings(way.device).route_localnet)
    return way.refusal = DropReason::martian_source;
  return DropReason::none;
}

/// Over lo there is no second copy: what was sent is what is heard, and only by the groups of lo.
void Path::send_to_all_by(InterfaceId device, const Address& destination, Way& way) const {
  const std::uint32_t to = destination.v4();
  way.device = device;
  way.mtu = mtu_of({.device = device});
  way.gateway = false;
  way.next_hop = destination;
  if (device != 0) return;
  way.heard_here = false;
  const bool heard = way.broadcast || to == kAllHosts;
  way.kind = heard ? Way::Kind::local : Way::Kind::none;
  if (!heard) way.refusal = DropReason::multicast_not_member;
}

}  // namespace utables::engine
