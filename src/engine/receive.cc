// Receiving: the checks of ip_rcv, PREROUTING, routing, options, and what the box takes for itself.
#include <algorithm>

#include "base/bytes.h"
#include "base/prefetch.h"
#include "engine/events.h"
#include "engine/path.h"
#include "packet/checksum.h"
#include "packet/extensions.h"
#include "packet/headers.h"

namespace utables::engine {

namespace {

constexpr std::uint8_t kReassemblyTimeCode = 1;

/// Linux judges the header's checksum before its lengths; when both are wrong the checksum is the reason.
DropReason judge_header(const Packet& packet, DropReason parsed) {
  if (packet.size != 0 && packet.bytes[0] >> 4 == 6) return parsed;
  const bool header_is_there = packet.size >= 20 && packet.size >= (packet.bytes[0] & 0x0fU) * 4U;
  const bool may_be_masked = parsed == DropReason::none || parsed == DropReason::total_length_too_small ||
                             parsed == DropReason::total_length_beyond_packet;
  if (!header_is_there || !may_be_masked) return parsed;
  if (!packet::ip_checksum_good({packet.bytes, (packet.bytes[0] & 0x0fU) * 4U}))
    return DropReason::bad_header_checksum;
  return parsed;
}

}  // namespace

Path::Path(EngineParts& parts, std::uint64_t seed)
    : parts_(parts),
      host_(parts.host),
      rules_{parts.rules_v4.get(), parts.rules_v6.get()},
      random_(seed),
      limits_(parts.host.settings.icmp_ratelimit),
      defragmenters_{packet::Defragmenter({.timeout = parts.host.settings.ipfrag_time * kSecond,
                                           .high_threshold = parts.host.settings.ipfrag_high_thresh,
                                           .max_distance = parts.host.settings.ipfrag_max_dist}),
                     packet::Defragmenter({.timeout = parts.host.settings.frag6_timeout * kSecond,
                                           .high_threshold = parts.host.settings.frag6_high_thresh,
                                           .max_distance = 0})},
      wants_reply_mtu_(parts.rules_v4->uses("TCPMSS") || parts.rules_v6->uses("TCPMSS")) {
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    memory_[at(family)].counters = parts.rules(family).add_counters();
    memory_[at(family)].stack.resize(parts.rules(family).stack_size());
  }
}

void Path::process(std::span<const Packet> batch, Time now, Sink& sink) {
  for (std::size_t from = 0; from < batch.size(); from += kAhead) {
    const auto part = batch.subspan(from, std::min(kAhead, batch.size() - from));
    look_ahead(part);
    for (std::size_t i = 0; i < part.size(); ++i) {
      index_ = static_cast<std::uint32_t>(from + i);
      process_one(part[i], ahead_[i], now + part[i].later, sink);
    }
  }
}

void Path::look_ahead(std::span<const Packet> packets) {
  if (packets.size() > 1)
    for (const Packet& packet : packets) prefetch(packet.bytes);
  for (std::size_t i = 0; i < packets.size(); ++i) {
    const Packet& p = packets[i];
    Ahead& ahead = ahead_[i];
    ahead.parsed = packet::parse({p.bytes, p.size}, std::max(p.wire_size, p.size), ahead.facts);
    const bool tracked = parts_.tracking && packets.size() > 1 && ahead.parsed == DropReason::none &&
                         !ahead.facts.is_fragment();
    ahead.hash = tracked ? parts_.tracker->foresee(ahead.facts) : 0;
  }
  for (std::size_t i = 0; i < packets.size(); ++i)
    if (ahead_[i].hash != 0) parts_.tracker->foresee_entry(ahead_[i].hash);
}

void Path::process_one(const Packet& packet, const Ahead& ahead, Time now, Sink& sink) {
  advance(now, sink);
  Flight flight;
  End end = begin(packet, ahead, flight);
  const std::uint64_t connection =
      flight.tracked.connection != nullptr ? flight.tracked.connection->serial : 0;
  if (!loop_.empty()) run_loop(end);
  if (is_lost(end.fate)) forget(flight);
  tell_outcome(flight, end, connection);
  if (!joined_.empty()) joined_.clear();
}

void Path::advance(Time now, Sink& sink) {
  sink_ = &sink;
  parts_.events->tell(&sink);
  // A reassembly ends at its own moment, amid the connections that end before and after it.
  const auto next = [this] {
    return std::min(defragmenters_[0].next_deadline(), defragmenters_[1].next_deadline());
  };
  while (next() <= now) {
    move_clock(next());
    expire_fragments();
  }
  move_clock(now);
}

void Path::move_clock(Time to) {
  now_ = std::max(now_, to);
  if (parts_.tracking) parts_.tracker->advance(now_);
}

void Path::tell_outcome(const Flight& flight, const End& end, std::uint64_t connection) {
  Outcome outcome;
  outcome.packet = index_;
  outcome.fate = end.fate;
  outcome.reason = end.reason;
  outcome.by = rules_of(flight).decided_by(end.place != kNoPlace ? end.place : flight.decided);
  outcome.ctinfo = flight.tracked.info;
  outcome.invalid = static_cast<std::uint8_t>(flight.tracked.invalid);
  outcome.in = flight.in;
  outcome.out = flight.out;
  outcome.connection = connection;
  outcome.time = now_;
  sink_->outcome(outcome);
}

End Path::begin(const Packet& packet, const Ahead& ahead, Flight& flight) {
  flight.in = packet.outbound ? kNoInterface : packet.interface;
  flight.mark = packet.mark;
  flight.type = packet.outbound ? PacketType::host : packet.type;
  flight.link = packet.link;
  flight.merged = packet.merged;
  flight.buffer = {packet.bytes, packet.size, std::max(packet.room, packet.size),
                   ahead.facts,  0,           packet.checksum_good};
  if (!packet.outbound) flight.foreseen = ahead.hash;  // the box may still fill in what it sends

  if (!packet.outbound && packet.type == PacketType::other_host) return End::refused(DropReason::not_for_us);
  DropReason refused = ahead.parsed;
  if (!packet.outbound) refused = judge_header(packet, refused);
  if (parts_.observer != nullptr) parts_.observer->packet_begins(index_, flight.facts(), now_);
  if (refused != DropReason::none) return End::refused(refused);
  flight.buffer.size = flight.facts().size;
  if (packet.outbound) return outbound(flight);
  if (packet.interface >= host_.interfaces.size() || !host_.at(packet.interface).up)
    return End::refused(DropReason::interface_down);
  return arrive(flight);
}

End Path::arrive(Flight& flight) {
  End end;
  flight.out = kNoInterface;
  const bool v6 = flight.facts().is_ipv6();
  if (v6) {
    if (const DropReason refused = judge_addresses6(flight, flight.looped); refused != DropReason::none)
      return End::refused(refused);
    if (!read_hop_options6(flight, end)) return end;
  }
  if (!hook(rules::Hook::prerouting, flight, end)) return end;
  // What came over lo kept the way it was sent by, unless NAT gave it another destination.
  if (!flight.looped || flight.way.kind == Way::Kind::none) {
    // Before routing Linux looks for a socket of its own (tcp_early_demux).
    const bool first_is_tcp = !v6 || flight.facts().header_size == packet::kIpv6Header;
    if (flight.facts().protocol == packet::kTcp && first_is_tcp) flight.pull_transport(20);
    const DropReason refused = v6 ? route_arriving6(flight) : route_arriving(flight);
    if (refused != DropReason::none) return End::refused(refused);
  }
  if (flight.facts().has_ip_options() && !read_options(flight, end)) return end;
  switch (flight.way.kind) {
    case Way::Kind::local:
      return deliver(flight);
    case Way::Kind::onward:
      if (flight.looped && !flight.way.arriving) return deliver(flight);
      return v6 ? forward6(flight) : forward(flight);
    case Way::Kind::unreachable:
      return v6 ? tell_unreachable6(flight) : tell_unreachable(flight);
    case Way::Kind::none:
      break;
  }
  return End::refused(flight.way.refusal != DropReason::none ? flight.way.refusal : DropReason::no_route);
}

/// Options are read once the way is known, and filled in with the address the box would answer from.
bool Path::read_options(Flight& flight, End& end) {
  packet::Buffer& buffer = flight.buffer;
  packet::ReceiveFacts box;
  box.midnight = packet::milliseconds_of_day(now_);
  box.specific = specific_address(flight);
  box.is_unicast = [this](const Address& a) {
    return host_.routes.type_of(a, Family::ipv4) == host::RouteType::unicast;
  };
  change(flight, [&] {
    flight.options = packet::receive_options({buffer.bytes, buffer.facts.header_size}, box);
  });
  flight.compiled_options = true;
  if (flight.options.malformed) {
    send_error(flight, {packet::icmp::kParameterProblem, 0, std::uint32_t{flight.options.fault} << 24});
    end = End::refused(DropReason::bad_options);
    return false;
  }
  return flight.options.source_route == 0 || step_source_route(flight, end);
}

bool Path::step_source_route(Flight& flight, End& end) {
  end = End::refused(DropReason::source_route);
  if (!settings(flight.in).accept_source_route || flight.type != PacketType::host) return false;
  const auto kind = [](host::RouteType type) {
    return type == host::RouteType::unicast ? packet::HopKind::unicast
           : type == host::RouteType::local ? packet::HopKind::local
                                            : packet::HopKind::other;
  };
  const Way way = flight.way;
  const bool mine = way.is_local() && !way.broadcast && !way.multicast;
  const auto here = way.kind == Way::Kind::onward ? packet::HopKind::unicast
                    : mine                        ? packet::HopKind::local
                                                  : packet::HopKind::other;
  packet::Buffer& buffer = flight.buffer;
  const auto step = packet::step_source_route(
      {buffer.bytes, buffer.facts.header_size}, flight.options, here,
      [&](const Address& a) { return kind(host_.routes.find(a, Family::ipv4).type); });
  switch (step) {
    case packet::SourceRouteStep::pass:
      return true;
    case packet::SourceRouteStep::drop:
      return false;
    case packet::SourceRouteStep::bad_pointer:
      send_error(flight, {packet::icmp::kParameterProblem, 0, std::uint32_t{flight.options.fault} << 24});
      return false;
    case packet::SourceRouteStep::not_strict:
      send_error(flight, {packet::icmp::kParameterProblem, 0, 16U << 24});
      return false;
    case packet::SourceRouteStep::hop:
      break;
  }
  const Address destination = std::exchange(flight.buffer.facts.destination, flight.options.next_hop);
  const DropReason refused = route_arriving(flight);
  flight.buffer.facts.destination = destination;
  if (refused != DropReason::none) end = End::refused(refused);
  return refused == DropReason::none;
}

End Path::deliver(Flight& flight) {
  End end;
  // IPv6 puts them together behind INPUT.
  if (!flight.facts().is_ipv6() && flight.facts().is_fragment() &&
      !join(packet::DefragUser::local_delivery, flight, end))
    return end;
  if (!hook(rules::Hook::input, flight, end)) return end;
  return {flight.looped ? Fate::looped : Fate::delivered, DropReason::none, kNoPlace};
}

/// What left by lo comes back, after what sent it has ended.
void Path::run_loop(End& end) {
  while (!loop_.empty()) {
    Looped looped = std::move(loop_.front());
    loop_.pop_front();
    looped.flight.buffer.bytes = looped.bytes.data();
    const End its_end = arrive(looped.flight);
    if (looped.is_the_packet) {
      end = its_end;
      if (end.place == kNoPlace) end.place = looped.flight.decided;
    }
    if (its_end.fate != Fate::looped && its_end.fate != Fate::held) forget(looped.flight);
  }
}

void Path::expire_fragments() {
  for (packet::Defragmenter& one : defragmenters_)
    one.expire(now_, [this](const packet::ExpiredQueue& queue) { fragments_timed_out(queue); });
  End end;
  run_loop(end);
}

/// A packet whose rest never came: the sender is told if it was for the box and its beginning is there, and
/// came to the box alone.
void Path::fragments_timed_out(const packet::ExpiredQueue& queue) {
  if (queue.first.empty() || queue.interface == kNoInterface) return;
  std::vector<std::uint8_t> bytes(queue.first.begin(), queue.first.end());
  Flight flight;
  flight.in = queue.interface;
  flight.type = queue.type;
  flight.buffer = {
      bytes.data(), static_cast<std::uint32_t>(bytes.size()), static_cast<std::uint32_t>(bytes.size()), {}, 0,
      false};
  // Reassembly trims what is not a multiple of eight, and leaves the header as it was.
  const bool v6 = queue.key.family == Family::ipv6;
  const auto claimed = std::max<std::uint32_t>(
      flight.buffer.size, v6 ? load16(bytes.data() + 4) + packet::kIpv6Header : load16(bytes.data() + 2));
  if (packet::parse(bytes, claimed, flight.buffer.facts) != DropReason::none) return;
  if (v6) return send_error6(flight, {packet::icmpv6::kTimeExceeded, kReassemblyTimeCode, 0});
  if (route_arriving(flight) != DropReason::none || !flight.way.is_local()) return;
  send_error(flight, {packet::icmp::kTimeExceeded, kReassemblyTimeCode, 0});
}

}  // namespace utables::engine
