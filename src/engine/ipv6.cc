// IPv6: what a router does otherwise than over IPv4 (RFC 8200, RFC 4443): the checks of what arrives, the
// hop-by-hop options, routing without martians, forwarding that never cuts, ICMPv6 errors.
//
// Addresses and groups are host/'s; hooks, tracking, leaving and REJECT are shared.
#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/ipv6_address.h"
#include "engine/path.h"
#include "packet/extensions.h"
#include "packet/headers.h"

namespace utables::engine {

using host::RouteType;
using ipv6::is_link_local;
using ipv6::is_loopback;
using ipv6::is_multicast;

namespace {

constexpr std::uint8_t kNoRoute = 0, kProhibited = 1, kBeyondScope = 2, kBadField = 0, kUnknownOption = 2;
constexpr std::uint8_t kHopLimit = 64;        // net.ipv6.conf.NAME.hop_limit
constexpr std::uint32_t kLargestMtu = 65575;  // 65,535 bytes behind the header

/// Means something on one link alone: routes of that link are asked.
bool is_of_link(const Address& a) { return is_multicast(a) || is_link_local(a) || is_loopback(a); }

/// Where the packet came in; of one that was put together, its beginning.
InterfaceId came_by(const Flight& flight) {
  return flight.first_in != kNoInterface ? flight.first_in : flight.in;
}

/// Nobody is told by an address that several have: one of the box's own, or a connected network's own, which
/// its routers share (RFC 4291 2.6.1).
bool is_anycast(const Address& address, const host::Lookup& found) {
  if (found.type == RouteType::anycast) return true;
  if (found.route == nullptr || found.route->gateway || found.type != RouteType::unicast) return false;
  const Prefix& network = found.route->destination;
  return network.length < 127 && network.address == address;
}

/// Hop-by-hop options, one after the other (RFC 8200 4.2, RFC 2711, RFC 2675). Padding is held to what Linux
/// takes, and so is their number.
struct HopOptions {
  enum class Kind : std::uint8_t { good, drop, tell } kind = Kind::good;
  std::uint8_t code = 0;      ///< of `tell`
  std::uint32_t pointer = 0;  ///< of `tell`
  bool unless_multicast = false;
  bool router_alert = false;
};

class HopReader {
 public:
  explicit HopReader(std::span<const std::uint8_t> packet) : packet_(packet) {}

  HopOptions read() {
    const std::uint32_t size = (packet_[kStart + 1] + 1U) * 8;
    if (kStart + size > packet_.size()) return drop();
    end_ = kStart + size;
    std::uint32_t padding = 0;
    for (std::uint32_t at = kStart + 2; at < end_;) {
      if (packet_[at] == kPad1) {
        if (++padding > kMostPadding) return drop();
        ++at;
        continue;
      }
      if (at + 1 >= end_) return drop();
      const std::uint32_t length = packet_[at + 1] + 2U;
      if (at + length > end_) return drop();
      if (packet_[at] == kPadN) {
        padding += length;
        if (padding > kMostPadding || !zeros(at + 2, at + length)) return drop();
      } else {
        padding = 0;
        if (++options_ > kMostOptions || !take(at))
          return out_.kind == HopOptions::Kind::good ? drop() : out_;
      }
      at += length;
    }
    return out_;
  }

 private:
  static constexpr std::uint32_t kStart = packet::kIpv6Header, kMostPadding = 7, kMostOptions = 8;
  static constexpr std::uint8_t kPad1 = 0, kPadN = 1, kRouterAlert = 5, kJumbo = 0xc2, kIoam = 0x31,
                                kCalipso = 7;

  static HopOptions drop() { return {.kind = HopOptions::Kind::drop}; }
  [[nodiscard]] bool zeros(std::uint32_t from, std::uint32_t to) const {
    return std::all_of(packet_.begin() + from, packet_.begin() + to, [](std::uint8_t b) { return b == 0; });
  }
  bool tell(std::uint8_t code, std::uint32_t pointer, bool unless_multicast = false) {
    out_.kind = HopOptions::Kind::tell;
    out_.code = code;
    out_.pointer = pointer;
    out_.unless_multicast = unless_multicast;
    return false;
  }

  /// False: the packet ends here, as out_ says, or in silence.
  bool take(std::uint32_t at) {
    switch (packet_[at]) {
      case kRouterAlert:
        out_.router_alert = packet_[at + 1] == 2;
        return out_.router_alert;
      case kJumbo:
        return take_jumbo(at);
      case kIoam:
        return at % 4 == 0;
      case kCalipso:  // of no domain that the box knows
        return false;
      default:
        break;
    }
    switch (packet_[at] >> 6) {  // what a node that does not know the option is to do
      case 0:
        return true;
      case 1:
        return false;
      default:
        return tell(kUnknownOption, at, packet_[at] >> 6 == 3);
    }
  }

  bool take_jumbo(std::uint32_t at) {
    if (packet_[at + 1] != 4 || (at & 3U) != 2) return false;
    const std::uint32_t length = load32(&packet_[at + 2]);
    if (length <= 0xffff) return tell(kBadField, at + 2);
    if (load16(&packet_[4]) != 0) return tell(kBadField, at);
    return length <= packet_.size() - packet::kIpv6Header;
  }

  std::span<const std::uint8_t> packet_;
  std::uint32_t end_ = 0, options_ = 0;
  HopOptions out_{};
};

}  // namespace

/// Addresses that come from no other node (RFC 4291 2.5.3, 2.7).
DropReason Path::judge_addresses6(const Flight& flight, bool over_lo) {
  const packet::Facts& facts = flight.facts();
  const Address &source = facts.source, &destination = facts.destination;
  if (!over_lo && is_loopback(source)) return DropReason::martian_source;
  if (!over_lo && is_loopback(destination)) return DropReason::martian_destination;
  const std::uint8_t scope = is_multicast(destination) ? destination.bytes[1] & 0x0fU : 0xffU;
  if (scope == 0 || (scope == 1 && !over_lo)) return DropReason::martian_destination;
  return is_multicast(source) ? DropReason::martian_source : DropReason::none;
}

/// Hop-by-hop options are read before any hook.
bool Path::read_hop_options6(Flight& flight, End& end) {
  packet::Buffer& buffer = flight.buffer;
  if (buffer.bytes[6] != packet::kHopByHop) return true;
  end = End::refused(DropReason::bad_options);
  if (buffer.size < packet::kIpv6Header + 8) return false;
  const HopOptions options = HopReader(buffer.view()).read();
  flight.router_alert = options.router_alert;
  if (options.kind == HopOptions::Kind::good) return true;
  if (options.kind == HopOptions::Kind::tell &&
      !(options.unless_multicast && is_multicast(flight.facts().destination)))
    send_error6(flight, {packet::icmpv6::kParameterProblem, options.code, options.pointer});
  return false;
}

std::uint32_t Path::mtu_of6(const host::Lookup& found, bool forwarding) const {
  const host::Route* route = found.route;
  const bool own = route != nullptr && route->mtu != 0 && (!forwarding || route->mtu_locked);
  return std::min(own ? route->mtu : host_.at(found.device).mtu, kLargestMtu);
}

DropReason Path::route_arriving6(Flight& flight) const {
  const packet::Facts& facts = flight.facts();
  Way& way = flight.way;
  way = Way{};
  way.arriving = true;
  if (is_multicast(facts.destination)) {
    const bool heard = host_.hears_group(flight.in, facts.destination);
    const DropReason refused =
        tell_route(flight, RouteStep::Question::destination, nullptr,
                   heard ? DropReason::none : DropReason::multicast_not_member,
                   heard ? "a group of this box" : "a group that this box has not joined");
    if (refused != DropReason::none) return refused;
    way.kind = Way::Kind::local;
    way.multicast = true;
    way.device = flight.in;
    way.mtu = host_.at(flight.in).mtu;
    return DropReason::none;
  }
  const InterfaceId only = is_of_link(facts.destination) ? flight.in : kNoInterface;
  const host::Lookup found = host_.routes.find(facts.destination, Family::ipv6, 0, only);
  (void)tell_route(flight, RouteStep::Question::destination, &found, DropReason::none);
  switch (found.type) {
    case RouteType::local:
    case RouteType::anycast:
      way.kind = Way::Kind::local;
      way.device = 0;
      way.mtu = host_.at(0).mtu;
      return DropReason::none;
    case RouteType::unicast:
      way.kind = Way::Kind::onward;
      way.device = found.device;
      way.gateway = found.has_gateway;
      way.next_hop = found.next_hop;
      way.mtu = mtu_of6(found, false);
      way.forward_mtu = mtu_of6(found, true);
      return DropReason::none;
    default:
      way.kind = Way::Kind::unreachable;
      way.refusal = refusal_of(found.type);
      if (way.refusal == DropReason::none) way.refusal = DropReason::no_route;
      return DropReason::none;
  }
}

/// The way of a packet that the box sends; `link` is where a destination of a link's own is looked for.
DropReason Path::route_outbound6(const Address& destination, InterfaceId link, Way& way) const {
  way = Way{};
  // ::1 is lo's, wherever it is sent from.
  const InterfaceId only = is_of_link(destination) && !is_loopback(destination) ? link : kNoInterface;
  if (is_multicast(destination)) {
    way.device = only;
    for (InterfaceId id = 1; way.device == kNoInterface && id < host_.interfaces.size(); ++id)
      if (host_.at(id).up) way.device = id;
    if (way.device == kNoInterface) return way.refusal = DropReason::no_route;
    way.kind = Way::Kind::onward;
    way.multicast = true;
    way.next_hop = destination;
    way.mtu = host_.at(way.device).mtu;
    way.source = host_.select_source6(way.device, destination);
    return DropReason::none;
  }
  const host::Lookup found = host_.routes.find(destination, Family::ipv6, 0, only);
  if (parts_.observer != nullptr)
    parts_.observer->routed({.asked = destination, .family = Family::ipv6, .found = &found});
  way.refusal = refusal_of(found.type);
  if (way.refusal != DropReason::none) return way.refusal;
  const bool local = found.type == RouteType::local || found.type == RouteType::anycast;
  way.kind = local ? Way::Kind::local : Way::Kind::onward;
  way.device = local ? InterfaceId{0} : found.device;
  way.gateway = !local && found.has_gateway;
  way.next_hop = way.gateway ? found.next_hop : destination;
  way.mtu = local ? host_.at(0).mtu : mtu_of6(found, false);
  const bool preferred = found.route != nullptr && found.route->preferred_source.has_value();
  way.source = preferred ? *found.route->preferred_source
                         : host_.select_source6(local ? kNoInterface : found.device, destination);
  return DropReason::none;
}

End Path::forward6(Flight& flight) {
  const packet::Facts& facts = flight.facts();
  if (!host_.settings.ipv6_forwarding) return End::refused(DropReason::not_forwarding);
  if (flight.type != PacketType::host) return End::refused(DropReason::not_for_us);
  if (facts.ttl <= 1) {
    send_error6(flight, {packet::icmpv6::kTimeExceeded, 0, 0});
    return End::refused(DropReason::ttl_exceeded);
  }
  if (flight.summed == Flight::Summed::once) flight.summed = Flight::Summed::no;
  if (came_by(flight) != flight.way.device) {
    if (facts.source.is_zero()) return End::refused(DropReason::martian_source);
    if (is_link_local(facts.source)) {
      send_error6(flight, {packet::icmpv6::kUnreachable, kBeyondScope, 0});
      return End::refused(DropReason::martian_source);
    }
  }
  const std::uint32_t mtu = std::max(flight.way.forward_mtu, packet::kIpv6LeastMtu);
  if (!flight.merged && packet::judge_size(facts, flight.cuts(), mtu) == packet::Cutting::too_big) {
    send_error6(flight, {packet::icmpv6::kPacketTooBig, 0, mtu});
    return End::refused(DropReason::fragmentation_needed);
  }
  change(flight, [&] { flight.buffer.facts.ttl = --flight.buffer.bytes[7]; });
  flight.forwarded = true;
  flight.out = flight.way.device;
  End end;
  if (!hook(rules::Hook::forward, flight, end)) return end;
  return leave(flight);
}

End Path::tell_unreachable6(Flight& flight) {
  const DropReason why = flight.way.refusal;
  if (why == DropReason::blackhole_route) return End::refused(why);
  const std::uint8_t code = why == DropReason::prohibited_route ? kProhibited : kNoRoute;
  send_error6(flight, {packet::icmpv6::kUnreachable, code, 0});
  return End::refused(why);
}

/// The packet's destination if that is the box's own; else what the way back prefers; else the best address
/// as seen from where the packet came in.
Address Path::error_source6(const Flight& about, const host::Lookup& back) const {
  const Address& destination = about.facts().destination;
  const RouteType kind = host_.routes.find(destination, Family::ipv6).type;
  const bool own = !is_multicast(destination) && (kind == RouteType::local || kind == RouteType::anycast);
  if (own && about.type == PacketType::host) return destination;
  if (back.route != nullptr && back.route->preferred_source) return *back.route->preferred_source;
  return host_.select_source6(came_by(about) != kNoInterface ? came_by(about) : back.device,
                              about.facts().source);
}

void Path::send_error6(Flight& about, const IcmpError& error) {
  const packet::Facts& facts = about.facts();
  const bool to_all = is_multicast(facts.destination) || about.type != PacketType::host;
  // Of unknown options only those that ask for it (RFC 8200 4.2: 10) are told of to many.
  const bool asked_for = error.type == packet::icmpv6::kParameterProblem && error.code == kUnknownOption &&
                         about.buffer.bytes[error.info] >> 6 == 2;
  const bool even_so = error.type == packet::icmpv6::kPacketTooBig || asked_for;
  if (icmp_busy_ || (to_all && !even_so)) return;
  if (facts.source.is_zero() || is_multicast(facts.source)) return;
  if (!packet::icmp_error_allowed(about.buffer.view(), facts)) return;
  Way way;
  const InterfaceId link = is_of_link(facts.source) ? came_by(about) : kNoInterface;
  if (route_outbound6(facts.source, link, way) != DropReason::none) return;
  const host::Lookup back = host_.routes.find(facts.source, Family::ipv6, 0, link);
  if (is_anycast(facts.source, back)) return;
  packet::IcmpError made;
  made.icmp = {error.type, error.code, error.info};
  made.source = error_source6(about, back);
  if (made.source.is_zero()) return;
  made.ttl = kHopLimit;
  made.mtu = way.mtu;
  packet::Bytes bytes = build_error(about, made);
  if (bytes.empty()) return;
  icmp_busy_ = true;
  send_answer(std::move(bytes), way, about, "icmpv6 error");
  icmp_busy_ = false;
}

}  // namespace utables::engine
