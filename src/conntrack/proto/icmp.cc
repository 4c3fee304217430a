// ICMP queries (RFC 792, RFC 950): echo, timestamp, information, address mask open a connection; their
// replies belong to it. Errors never come here: icmp_error.cc. In the classic profile the entry goes once
// as many replies as queries were seen (R09).
#include "conntrack/proto/protocol.h"

namespace utables::conntrack {

Judged track_icmp(Connection& connection, const Seen& seen) {
  if (!opens_icmp(connection.original().icmp_type())) return Judged::invalid(InvalidReason::icmp_not_a_query);
  Judged judged = Judged::refresh(seen.settings.icmp_timeout);
  if (seen.settings.profile == Profile::modern) return judged;
  if (seen.direction == Direction::original) {
    if (connection.icmp_pending != 0xffff) ++connection.icmp_pending;
    return judged;
  }
  if (connection.icmp_pending != 0 && --connection.icmp_pending == 0) judged.kind = Judged::Kind::destroy;
  return judged;
}

Judged track_icmpv6(Connection&, const Seen&) { return Judged::invalid(InvalidReason::wrong_family); }

}  // namespace utables::conntrack
