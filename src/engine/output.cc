// Output: what the box's programs and the box itself send, and everything that leaves it.
#include <algorithm>

#include "base/bytes.h"
#include "engine/path.h"
#include "packet/checksum.h"
#include "packet/headers.h"

namespace utables::engine {

/// A packet of the box's programs, as through a raw socket: routed by its destination, its header
/// completed, then OUTPUT.
End Path::outbound(Flight& flight) {
  const DropReason refused = route_back(flight, flight.facts().destination, flight.facts().tos, flight.way);
  if (refused != DropReason::none) return End::refused(refused);
  if (!flight.facts().is_ipv6()) change(flight, [&] { complete_header(flight); });
  flight.out = flight.way.device;
  End end;
  if (!hook(rules::Hook::output, flight, end)) return end;
  return leave(flight);
}

/// Linux fills in source 0.0.0.0, identification 0 where fragments may come of it, and the checksum.
void Path::complete_header(Flight& flight) {
  packet::Buffer& buffer = flight.buffer;
  if (buffer.facts.source.is_zero() && !flight.way.source.is_zero()) {
    buffer.facts.source = flight.way.source;
    std::copy_n(flight.way.source.bytes.begin(), 4, buffer.bytes + 12);
  }
  if (buffer.facts.identification == 0 && !buffer.facts.dont_fragment) {
    buffer.facts.identification = next_identification(buffer.facts.source, buffer.facts.destination);
    store16(buffer.bytes + 4, static_cast<std::uint16_t>(buffer.facts.identification));
  }
  packet::write_ip_checksum({buffer.bytes, buffer.facts.header_size});
}

/// Mangle changed what routing looks at: the way is looked for again.
bool Path::reroute(Flight& flight) {
  Way way;
  if (parts_.observer != nullptr) parts_.observer->note("what routing looks at was changed in OUTPUT");
  const packet::Facts& facts = flight.facts();
  const DropReason refused =
      facts.is_ipv6() ? route_outbound6(facts.destination, flight.out, way) : route_signed(facts, way);
  if (refused != DropReason::none) {
    flight.way.refusal = refused;
    return false;
  }
  flight.way = way;
  return true;
}

/// The last part of every packet's way: POSTROUTING, then the wire (or lo).
End Path::leave(Flight& flight) {
  End end;
  flight.out = flight.way.device;
  if (flight.way.heard_here && !flight.forwarded && !hear_own(flight, end)) return end;
  if (!hook(rules::Hook::postrouting, flight, end)) return end;
  return transmit(flight);
}

/// A broadcast, or a packet to a group of the box's own, is heard by the box too: a copy passes
/// POSTROUTING by itself and comes back by the interface that the packet leaves by.
bool Path::hear_own(Flight& flight, End& end) {
  std::vector<std::uint8_t> bytes(flight.buffer.bytes, flight.buffer.bytes + flight.buffer.size);
  bytes.resize(bytes.size() + kSpareRoom);
  Flight copy = flight;
  copy.copied = true;
  copy.buffer.bytes = bytes.data();
  copy.buffer.room = static_cast<std::uint32_t>(bytes.size());
  End its_end;
  if (hook(rules::Hook::postrouting, copy, its_end)) {
    loop_back(copy, copy.buffer.view(), copy.way.device, PacketType::loopback);
    // What a program sends is heard before it leaves.
    const bool by_program = flight.in == kNoInterface && !flight.made_here;
    if (End heard; by_program) run_loop(heard);
  }
  flight.tracked = copy.tracked;
  flight.clashed = its_end.reason == DropReason::confirm_clash;
  if (flight.way.multicast && flight.facts().ttl == 0) {
    end = End::refused(DropReason::ttl_exceeded);
    return false;
  }
  return true;
}

/// What Linux has free in front of a packet: little before those of the box's programs, an Ethernet header
/// more than elsewhere where one came (TUN and TAP devices; drivers differ).
std::uint32_t Path::headroom(const Flight& flight) const {
  if (flight.in == kNoInterface || flight.looped) return 16;
  return host_.at(flight.in).kind == host::LinkKind::point_to_point ? 64 : 78;
}

/// Sends by the way's device, cut to its MTU.
End Path::transmit(Flight& flight) {
  const bool onto_lo = flight.way.device == 0;
  const auto send = [&](std::span<const std::uint8_t> bytes) {
    if (onto_lo)
      loop_back(flight, bytes, 0, PacketType::host);
    else
      emit(flight, bytes);
  };
  flight.pull_transport(flight.buffer.pulled);
  const Fate fate = flight.forwarded ? Fate::forwarded : onto_lo ? Fate::looped : Fate::sent;
  if (flight.merged) {
    send(flight.buffer.view());
    return {fate, DropReason::none, kNoPlace};
  }
  switch (packet::judge_size(flight.facts(), flight.cuts(), flight.way.mtu)) {
    case packet::Cutting::whole:
      send(flight.buffer.view());
      break;
    case packet::Cutting::too_big:
      send_error(flight, flight.facts().is_ipv6()
                             ? IcmpError{packet::icmpv6::kPacketTooBig, 0, flight.way.mtu}
                             : IcmpError{packet::icmp::kUnreachable, 4, flight.way.mtu});
      return End::refused(DropReason::fragmentation_needed);
    case packet::Cutting::cut:
      if (!packet::cut(flight.buffer.view(), flight.facts(), flight.cuts(), flight.way.mtu,
                       {.thin = flight.compiled_options,
                        .identification = flight.facts().is_ipv6() ? random_.next32() | 1U : 0U,
                        .headroom = headroom(flight)},
                       send))
        return End::refused(DropReason::fragmentation_needed);
      break;
  }
  return {fate, DropReason::none, kNoPlace};
}

void Path::emit(const Flight& flight, std::span<const std::uint8_t> bytes) {
  Sent sent;
  sent.bytes = bytes;
  sent.interface = flight.way.device;
  sent.cause = index_;
  sent.made_here = flight.made_here;
  sent.ctinfo = flight.tracked.info;
  sent.time = now_;
  if (flight.facts().is_ipv6())
    sent.next_hop_v6 = flight.way.next_hop.bytes;
  else
    sent.next_hop_v4 = flight.way.next_hop.v4();
  sink_->sent(sent);
}

/// Queues a copy that arrives by `in` when what is under way has ended; it keeps connection, mark and way.
void Path::loop_back(const Flight& flight, std::span<const std::uint8_t> bytes, InterfaceId in,
                     PacketType type) {
  if (loop_.size() >= kMaxLooped) return;
  Looped& looped = loop_.emplace_back();
  looped.bytes.assign(bytes.begin(), bytes.end());
  looped.bytes.resize(bytes.size() + kSpareRoom);
  looped.is_the_packet = !flight.made_here && in == 0;
  Flight& copy = looped.flight;
  copy = flight;
  copy.buffer.size = static_cast<std::uint32_t>(bytes.size());
  copy.buffer.room = static_cast<std::uint32_t>(looped.bytes.size());
  copy.buffer.bytes = looped.bytes.data();
  const bool whole = bytes.data() == flight.buffer.bytes && bytes.size() == flight.buffer.size;
  if (!whole &&
      packet::parse(bytes, static_cast<std::uint32_t>(bytes.size()), copy.buffer.facts) != DropReason::none) {
    loop_.pop_back();
    return;
  }
  copy.foreseen = 0;
  copy.in = in;
  copy.type = type;
  copy.looped = true;
  if (copy.tracked.info == CtInfo::invalid)  // tracked anew, or exempted by then
    copy.tracked = {.not_exempt = copy.tracked.not_exempt};
  copy.merged = flight.merged;
  if (!whole) copy.summed = Flight::Summed::no;
  copy.options = {};
  copy.geometry = nullptr;
  copy.buffer.pulled = 0;
  copy.link = {};
}

}  // namespace utables::engine
