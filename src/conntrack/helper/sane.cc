// sane (network scanning): the client asks to start, the server answers with the port of the data connection.
//
// As Linux 6.18 reads it, learned by sending it:
// - a request counts when it is a packet of eight bytes, of the number 7 and a handle; one of other eight
// bytes
//   takes it back, packets of other lengths are passed over;
// - the server's next packet with a payload answers, whatever it is: a status of zero, two bytes of zero, and
// a port;
// - nothing is rewritten under NAT, and what comes asks the nat table like any other connection.
#include <utility>

#include "base/bytes.h"
#include "conntrack/helper/helper.h"
#include "packet/headers.h"

namespace utables::conntrack {

Helped help_sane(HelperCall& call) {
  constexpr std::size_t kRequest = 8, kAnswer = 8, kStatus = 0, kZero = 4, kPort = 6;
  constexpr std::uint32_t kStart = 7;
  if (!call.established || call.payload.empty()) return Helped::accept;
  if (!std::holds_alternative<SaneMemory>(call.memory)) call.memory = SaneMemory{};
  bool& asked = std::get<SaneMemory>(call.memory).asked;
  const std::uint8_t* const said = call.payload.data();
  if (call.direction == Direction::original) {
    if (call.payload.size() == kRequest) asked = load32(said) == kStart;
    return Helped::accept;
  }
  if (!std::exchange(asked, false)) return Helped::accept;
  if (call.payload.size() < kAnswer || load32(said + kStatus) != 0 || load16(said + kZero) != 0)
    return Helped::accept;
  const Tuple& original = call.tuple(Direction::original);
  const Announcement awaited{.protocol = packet::kTcp,
                             .from = original.source,
                             .to = original.destination,
                             .port = load16(said + kPort),
                             .follows = false,
                             .announcer = Direction::reply};
  return call.services.expect(awaited) ? Helped::accept : Helped::drop;
}

}  // namespace utables::conntrack
