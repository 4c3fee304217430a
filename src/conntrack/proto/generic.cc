// Every other protocol: known by its addresses alone (R11), one timeout. GRE differs only in that an
// answered one lives longer and is ASSURED (RFC 2784), and that PPTP's has a key.
#include "conntrack/proto/protocol.h"

namespace utables::conntrack {

Judged track_generic(Connection&, const Seen& seen) {
  return Judged::refresh(seen.settings->generic_timeout);
}

Judged track_gre(Connection& connection, const Seen& seen) {
  if (!connection.is(kSeenReply)) return Judged::refresh(seen.settings->gre_timeout);
  if (!connection.is(kAssured)) {
    connection.set(kAssured);
    connection.event_bits |= kEventAssured;
  }
  return Judged::refresh(seen.settings->gre_timeout_stream);
}

}  // namespace utables::conntrack
