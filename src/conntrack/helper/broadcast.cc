// netbios-ns: a program of the box asks by broadcast, and everybody on that network may answer.
//
// As Linux 6.18 does it: only for what the box itself sends, to the broadcast address of an address of the
// interface that it leaves by; answers come from that network and the helper's port, as many as there are
// until the time is over, which is the master's as well.
#include "conntrack/helper/helper.h"
#include "packet/headers.h"

namespace utables::conntrack {

Helped help_broadcast(HelperCall& call) {
  if (call.direction == Direction::reply || call.broadcast == nullptr) return Helped::accept;
  const Tuple& answer = call.tuple(Direction::reply);
  Announcement awaited{.protocol = packet::kUdp,
                       .from = answer.source,
                       .to = answer.destination,
                       .port = answer.destination_port};
  awaited.mask = ExpectationMask{mask_of(call.broadcast->length, Family::ipv4), 0xffff};
  awaited.from_port = helper_of(call.master.helper)->ports[0];
  awaited.permanent = true;
  awaited.follows = false;
  (void)call.services.expect(awaited);
  call.services.refresh(helper_of(call.master.helper)->classes[0].timeout);
  return Helped::accept;
}

}  // namespace utables::conntrack
