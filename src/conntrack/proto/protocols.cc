// The one table of protocol trackers. SCTP and UDP-Lite have trackers of their own in Linux and are
// tracked here generically (by addresses and ports) until theirs are written.
#include "conntrack/proto/protocol.h"
#include "packet/checksum.h"

namespace utables::conntrack {
namespace {

constexpr Protocol kProtocols[] = {
    {packet::kTcp, "tcp", track_tcp},
    {packet::kUdp, "udp", track_udp},
    {packet::kIcmp, "icmp", track_icmp},
    {packet::kIcmpv6, "icmpv6", track_icmpv6},
    {packet::kGre, "gre", track_gre},
    {packet::kSctp, "sctp", track_generic},
    {packet::kUdplite, "udplite", track_generic},
};
constexpr Protocol kGeneric{0, "unknown", track_generic};

}  // namespace

const Protocol& protocol_of(std::uint8_t number) {
  for (const Protocol& protocol : kProtocols)
    if (protocol.number == number) return protocol;
  return kGeneric;
}

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
      "udp: first packets",
      "udp: answered, not yet a stream",
      "udp: stream",
      "udp: became assured"};
  return kNames[special];
}

}  // namespace utables::conntrack
