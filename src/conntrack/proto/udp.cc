// UDP (RFC 768) and UDP-Lite (RFC 3828): one timeout until both ends were seen and two seconds have passed,
// then a stream. UDP-Lite has UDP's timeouts, but is a stream as soon as both ends were seen.
// Behaviour: an answer alone makes no stream; only a packet that comes more than two seconds after the
// first, once an answer was seen, does, and makes it ASSURED. The classic profile: the answer brings the
// stream timeout, the next packet ASSURED (R08).
#include "base/bytes.h"
#include "conntrack/proto/protocol.h"

namespace utables::conntrack {
namespace {

constexpr Duration kStreamAfter = 2 * kSecond;

Judged classic_udp(Connection& connection, const Seen& seen) {
  const bool answered = connection.is(kSeenReply);
  if (answered && !connection.is(kAssured)) {
    connection.set(kAssured);
    connection.event_bits |= kEventAssured;
  }
  const bool stream = answered || seen.direction == Direction::reply;
  return Judged::refresh(stream ? seen.settings->udp_timeout_stream : seen.settings->udp_timeout);
}

InvalidReason malformed(const Seen& seen) {
  const packet::Facts& facts = seen.facts();
  if (!facts.has_transport_header) return InvalidReason::truncated_header;
  const std::uint32_t length = load16(seen.packet.transport() + 4);
  if (length < 8 || length > facts.transport_length()) return InvalidReason::udp_bad_length;
  if (checksum_refused(seen.packet, *seen.settings, seen.arriving)) return InvalidReason::bad_checksum;
  return InvalidReason::none;
}

/// The coverage is judged even where checksums are not; 0 is all of it, and there is always a checksum.
InvalidReason malformed_lite(const Seen& seen) {
  const packet::Facts& facts = seen.facts();
  if (!facts.has_transport_header) return InvalidReason::truncated_header;
  const std::uint32_t coverage = load16(seen.packet.transport() + 4);
  if (coverage != 0 && (coverage < 8 || coverage > facts.transport_length()))
    return InvalidReason::udplite_bad_coverage;
  if (load16(seen.packet.transport() + 6) == 0) return InvalidReason::udplite_bad_coverage;
  if (checksum_refused(seen.packet, *seen.settings, seen.arriving)) return InvalidReason::bad_checksum;
  return InvalidReason::none;
}

Judged stream(Connection& connection, const Seen& seen) {
  ++seen.reached.special[Reached::udp_stream];
  if (!connection.is(kAssured)) {
    ++seen.reached.special[Reached::udp_assured];
    connection.set(kAssured);
    connection.event_bits |= kEventAssured;
  }
  return Judged::refresh(seen.settings->udp_timeout_stream);
}

}  // namespace

Judged track_udp(Connection& connection, const Seen& seen) {
  if (const auto reason = malformed(seen); reason != InvalidReason::none) return Judged::invalid(reason);
  if (seen.settings->profile == Profile::classic) return classic_udp(connection, seen);
  if (!connection.is(kConfirmed)) connection.stream_since = seen.now + kStreamAfter;
  if (!connection.is(kSeenReply)) {
    ++seen.reached.special[Reached::udp_first];
    return Judged::refresh(seen.settings->udp_timeout);
  }
  if (seen.now <= connection.stream_since) {
    ++seen.reached.special[Reached::udp_reply];
    return Judged::refresh(seen.settings->udp_timeout);
  }
  return stream(connection, seen);
}

Judged track_udplite(Connection& connection, const Seen& seen) {
  if (const auto reason = malformed_lite(seen); reason != InvalidReason::none) return Judged::invalid(reason);
  ++seen.reached.special[Reached::udplite_packets];
  if (seen.settings->profile == Profile::classic) return classic_udp(connection, seen);
  if (!connection.is(kSeenReply)) return Judged::refresh(seen.settings->udp_timeout);
  return stream(connection, seen);
}

}  // namespace utables::conntrack
