// ICMP queries (RFC 792, RFC 950): echo, timestamp, information, address mask open a connection, and over
// IPv6 echo and node information (RFC 4443, RFC 4620); their replies belong to it. Errors never come here:
// icmp_error.cc. In the classic profile the entry goes once as many replies as queries were seen (R09).
#include "conntrack/proto/protocol.h"

namespace utables::conntrack {

namespace {

/// What both families have in common; `timeout` is the family's.
Judged track(Connection& connection, const Seen& seen, Duration timeout) {
  const Tuple& original = connection.original();
  if (!opens_icmp(original.protocol, original.icmp_type()))
    return Judged::invalid(InvalidReason::icmp_not_a_query);
  Judged judged = Judged::refresh(timeout);
  if (seen.settings->profile == Profile::modern) return judged;
  if (seen.direction == Direction::original) {
    if (connection.icmp_pending != 0xffff) ++connection.icmp_pending;
    return judged;
  }
  if (connection.icmp_pending != 0 && --connection.icmp_pending == 0) judged.kind = Judged::Kind::destroy;
  return judged;
}

}  // namespace

Judged track_icmp(Connection& connection, const Seen& seen) {
  return track(connection, seen, seen.settings->icmp_timeout);
}

Judged track_icmpv6(Connection& connection, const Seen& seen) {
  return track(connection, seen, seen.settings->icmpv6_timeout);
}

}  // namespace utables::conntrack
