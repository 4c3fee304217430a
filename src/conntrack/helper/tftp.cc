// tftp (RFC 1350): a read or write request announces that the server answers from another port.
#include "base/bytes.h"
#include "conntrack/helper/helper.h"
#include "packet/headers.h"

namespace utables::conntrack {

Helped help_tftp(HelperCall& call) {
  constexpr std::uint16_t kRead = 1, kWrite = 2;
  if (call.payload.size() < 2) return Helped::accept;
  const std::uint16_t request = load16(call.payload.data());
  if (request != kRead && request != kWrite) return Helped::accept;
  const Tuple& answer = call.tuple(Direction::reply);
  const Announcement awaited{.protocol = packet::kUdp,
                             .from = answer.source,
                             .to = answer.destination,
                             .port = answer.destination_port,
                             .own_port = call.tuple(Direction::original).source_port};
  return call.services.expect(awaited) ? Helped::accept : Helped::drop;
}

}  // namespace utables::conntrack
