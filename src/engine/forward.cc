// Forwarding: what a router does between routing and sending (RFC 1812 5.2, 5.3).
#include "base/bytes.h"
#include "engine/path.h"
#include "packet/headers.h"

namespace utables::engine {

namespace {

constexpr std::uint8_t kNetUnreachableCode = 0, kSourceRouteFailed = 5, kFragmentationNeeded = 4,
                       kRedirectHost = 1;

/// TTL less one, and the checksum with it.
void decrement_ttl(packet::Buffer& buffer) {
  std::uint32_t checksum = load16(buffer.bytes + 10) + 0x0100U;
  checksum += checksum >= 0xffff ? 1 : 0;
  store16(buffer.bytes + 10, static_cast<std::uint16_t>(checksum));
  buffer.facts.ttl = --buffer.bytes[8];
}

}  // namespace

End Path::forward(Flight& flight) {
  if (flight.type != PacketType::host) return End::refused(DropReason::not_for_us);
  if (flight.facts().ttl <= 1) {
    send_error(flight, {packet::icmp::kTimeExceeded, 0, 0});
    return End::refused(DropReason::ttl_exceeded);
  }
  if (flight.options.strict && flight.way.gateway) {
    send_error(flight, {packet::icmp::kUnreachable, kSourceRouteFailed, 0});
    return End::refused(DropReason::source_route);
  }
  if (!flight.merged &&
      packet::judge_size(flight.facts(), flight.cuts(), flight.way.mtu) == packet::Cutting::too_big) {
    send_error(flight, {packet::icmp::kUnreachable, kFragmentationNeeded, flight.way.mtu});
    return End::refused(DropReason::fragmentation_needed);
  }
  change(flight, [&] { decrement_ttl(flight.buffer); });
  if (flight.way.redirect && flight.options.source_route == 0) send_redirect(flight);

  flight.forwarded = true;
  flight.out = flight.way.device;
  End end;
  if (!hook(rules::Hook::forward, flight, end)) return end;
  if (flight.options.size != 0) {
    change(flight, [&] {
      packet::forward_options({flight.buffer.bytes, flight.facts().header_size}, flight.options,
                              flight.way.source);
    });
    // A source route's next hop is the destination from here on.
    flight.buffer.facts.destination = Address::load(&flight.buffer.bytes[16], Family::ipv4);
  }
  return leave(flight);
}

void Path::send_redirect(Flight& flight) {
  if (!limits_.allow_redirect(flight.facts().source, now_)) return;
  send_error(flight, {packet::icmp::kRedirect, kRedirectHost, flight.way.next_hop.v4()});
}

/// No way to the destination: the sender is told, at most so often.
End Path::tell_unreachable(Flight& flight) {
  const End end = End::refused(flight.way.refusal);
  std::uint8_t code = 0;
  switch (flight.way.refusal) {
    case DropReason::no_route:
      code = kNetUnreachableCode;
      break;
    case DropReason::unreachable_route:
      code = 1;
      break;
    case DropReason::prohibited_route:
      code = 13;
      break;
    default:
      return end;  // a blackhole says nothing, nor does a box that does not forward
  }
  if (limits_.allow_unreachable(flight.facts().source, now_))
    send_error(flight, {packet::icmp::kUnreachable, code, 0});
  return end;
}

}  // namespace utables::engine
