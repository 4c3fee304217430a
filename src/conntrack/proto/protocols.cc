// The one table of protocol trackers.
#include "conntrack/proto/protocol.h"
#include "packet/checksum.h"

namespace utables::conntrack {
namespace {

constexpr std::array<Protocol, 8> kProtocols{{
    {0, "unknown", track_generic},
    {packet::kTcp, "tcp", track_tcp},
    {packet::kUdp, "udp", track_udp},
    {packet::kIcmp, "icmp", track_icmp},
    {packet::kIcmpv6, "icmpv6", track_icmpv6},
    {packet::kGre, "gre", track_gre},
    {packet::kSctp, "sctp", track_sctp},
    {packet::kUdplite, "udplite", track_udplite},
}};

/// The rows' places by protocol number; the first is for all others.
constexpr auto kRowOf = [] {
  std::array<std::uint8_t, 256> row_of{};
  for (std::uint8_t i = 1; i < kProtocols.size(); ++i) row_of[kProtocols[i].number] = i;
  return row_of;
}();

}  // namespace

const Protocol& protocol_of(std::uint8_t number) { return kProtocols[kRowOf[number]]; }

bool checksum_refused(const packet::Buffer& packet, const Settings& settings, bool arriving) {
  if (!arriving || !settings.checksum || packet.checksum_good) return false;
  const auto state = packet::transport_checksum(packet.view(), packet.facts);
  return state == packet::ChecksumState::bad || state == packet::ChecksumState::offloaded;
}

std::string_view name(Reached::Special special) {
  constexpr std::array<std::string_view, Reached::special_count> kNames{
      "tcp: the answer to an ignored SYN brought the table into step",
      "tcp: a challenge ACK in LAST_ACK was not believed",
      "tcp: a reset right behind its own data closed",
      "tcp: an inexact reset left the state",
      "tcp: a reset of an ignored SYN or ACK closed",
      "tcp: a reset in a closing state closed without a look at its numbers",
      "tcp: a SYN replaced a closed connection",
      "tcp: a reset of an unanswered connection destroyed it",
      "tcp: a SYN again kept the timeout",
      "tcp: an invalid FIN or RST shortened the timeout",
      "tcp: a client of a proxy asked for life before the server's answer",
      "udp: first packets",
      "udp: answered, not yet a stream",
      "udp: stream",
      "udp: became assured",
      "udplite: packets",
      "sctp: an INIT again kept the timeout",
      "sctp: both ends sent an INIT",
      "sctp: an INIT with another tag in a collision made void that of the other end",
      "sctp: an INIT ACK brought another tag than was known",
      "sctp: an INIT ACK with another tag was refused because both ends had sent an INIT",
      "sctp: a HEARTBEAT or its answer brought a tag that was not known",
      "sctp: a HEARTBEAT with another tag passed without effect",
      "sctp: the right tag came back after it",
      "sctp: its answer with that tag made the tag the association's",
      "sctp: an ABORT or SHUTDOWN COMPLETE with the other end's tag and the T flag",
      "sctp: a tag passed unjudged beside a chunk that judges its own",
      "sctp: became assured"};
  return kNames[special];
}

}  // namespace utables::conntrack
