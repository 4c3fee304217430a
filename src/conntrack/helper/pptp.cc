// pptp (RFC 2637): the control connection of a tunnel over GRE. The client is the PNS, the server the PAC;
// each end has an id for each call, and the packets of GRE name the receiver's.
//
// As Linux 6.18 reads it, learned by sending it:
// - one message a packet, at its beginning; what is shorter than its kind, or comes from the wrong end, or at
//   the wrong time, is passed over, and nothing is ever dropped;
// - one call a connection: an answer with other ids to a call that is on ends what is awaited of that one;
// - a disconnect notice ends the call, whatever it names; the end of the control connection does too;
// - under NAT the server knows an outgoing call of the client by the port that it knows the client by. Each
// message
//   that is believed has the client's id rewritten where its kind has one, and where a disconnect
//   notice has the server's; a call that came in keeps its id, but answers about it get the last outgoing
//   one's.
#include <algorithm>

#include "base/bytes.h"
#include "conntrack/helper/helper.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

using Session = PptpMemory::Session;
using Call = PptpMemory::Call;

enum Message : std::uint16_t {
  start_request = 1,
  start_reply = 2,
  stop_request = 3,
  stop_reply = 4,
  out_request = 7,
  out_reply = 8,
  in_request = 9,
  in_reply = 10,
  in_connected = 11,
  clear_request = 12,
  disconnect_notify = 13,
  wan_error = 14,
  link_info = 15,
};

constexpr std::size_t kHeader = 12, kType = 8;
constexpr std::uint8_t kDone = 1;  ///< the result of every reply that went well

/// A message behind its header.
struct Said {
  std::span<const std::uint8_t> body;
  [[nodiscard]] std::uint16_t call() const { return load16(body.data()); }
  [[nodiscard]] std::uint16_t peer_call() const { return load16(body.data() + 2); }
};

struct Speech {
  HelperCall& call;
  PptpMemory& memory;
};

bool translated(const Connection& master) { return master.is(kSourceNat) || master.is(kDestinationNat); }

// What a message does; false: it is not believed.

bool start_requested(Speech& s, const Said&) {
  if (s.memory.session == Session::none) s.memory.session = Session::requested;
  return true;
}
bool start_replied(Speech& s, const Said& said) {
  if (s.memory.session < Session::requested) return false;
  s.memory.session = said.body[2] == kDone ? Session::confirmed : Session::error;
  return true;
}
bool stop_requested(Speech& s, const Said&) {
  s.memory.session = Session::stopping;
  return true;
}
bool stop_replied(Speech& s, const Said& said) {
  if (s.memory.session > Session::stopping) return false;
  s.memory.session = said.body[0] == kDone ? Session::none : Session::error;
  return true;
}
bool out_requested(Speech& s, const Said& said) {
  if (s.memory.session != Session::confirmed) return false;
  s.memory.call = Call::out_requested;
  s.memory.ids.client = said.call();
  if (!translated(s.call.master)) return true;
  s.memory.ids.own_client = said.call();
  s.memory.ids.client = s.call.master.reply().destination_port;
  return true;
}
bool out_replied(Speech& s, const Said& said) {
  if (s.memory.session != Session::confirmed) return false;
  if (s.memory.call != Call::out_requested && s.memory.call != Call::out_confirmed) return false;
  if (said.peer_call() != s.memory.ids.client) return false;
  if (said.body[4] != kDone) {
    s.memory.call = Call::none;
    return true;
  }
  s.memory.call = Call::out_confirmed;
  s.memory.ids.server = said.call();
  s.call.services.expect_call(s.memory.ids);
  return true;
}
bool in_requested(Speech& s, const Said& said) {
  if (s.memory.session != Session::confirmed) return false;
  s.memory.call = Call::in_requested;
  s.memory.ids.server = said.call();
  return true;
}
bool in_replied(Speech& s, const Said& said) {
  if (s.memory.call != Call::in_requested && s.memory.call != Call::in_replied) return false;
  if (said.peer_call() != s.memory.ids.server) return false;
  if (said.body[4] != kDone) {
    s.memory.call = Call::none;
    return true;
  }
  s.memory.call = Call::in_replied;
  s.memory.ids.client = said.call();
  return true;
}
bool in_connected_now(Speech& s, const Said& said) {
  if (s.memory.session != Session::confirmed) return false;
  if (s.memory.call != Call::in_replied && s.memory.call != Call::in_confirmed) return false;
  if (said.call() != s.memory.ids.client) return false;  // its only id is the peer's
  s.memory.call = Call::in_confirmed;
  s.call.services.expect_call(s.memory.ids);
  return true;
}
bool clear_requested(Speech& s, const Said&) {
  if (s.memory.session != Session::confirmed) return false;
  s.memory.call = Call::clearing;
  return true;
}
bool disconnected(Speech& s, const Said&) {
  s.memory.call = Call::none;
  s.call.services.end_call(s.memory.ids);
  return true;
}
bool nothing_new(Speech&, const Said&) { return true; }

constexpr int kNoId = -1;
struct Row {
  Direction from;
  Message message;
  std::size_t least;  ///< bytes behind the header
  bool (*heard)(Speech& speech, const Said& said);
  int id;  ///< where the id stands that NAT rewrites, behind the header
};

constexpr std::array<Row, 13> kRows{{
    {Direction::original, start_request, 144, start_requested, kNoId},
    {Direction::reply, start_reply, 144, start_replied, kNoId},
    {Direction::original, stop_request, 4, stop_requested, kNoId},
    {Direction::reply, stop_reply, 4, stop_replied, kNoId},
    {Direction::original, out_request, 156, out_requested, 0},
    {Direction::reply, out_reply, 20, out_replied, 2},
    {Direction::reply, in_request, 208, in_requested, kNoId},
    {Direction::original, in_reply, 12, in_replied, 0},
    {Direction::reply, in_connected, 16, in_connected_now, 0},
    {Direction::original, clear_request, 4, clear_requested, 0},
    {Direction::reply, disconnect_notify, 136, disconnected, 0},
    {Direction::reply, wan_error, 28, nothing_new, 0},
    {Direction::reply, link_info, 12, nothing_new, 0},
}};

bool is_control(std::span<const std::uint8_t> payload) {
  constexpr std::uint16_t kControl = 1;
  constexpr std::uint32_t kCookie = 0x1a2b3c4d;
  return payload.size() >= kHeader && load16(payload.data() + 2) == kControl &&
         load32(payload.data() + 4) == kCookie;
}

}  // namespace

Helped help_pptp(HelperCall& call) {
  if (!call.established || !is_control(call.payload)) return Helped::accept;
  if (!std::holds_alternative<PptpMemory>(call.memory)) call.memory = PptpMemory{};
  Speech speech{call, std::get<PptpMemory>(call.memory)};
  const Said said{call.payload.subspan(kHeader)};
  const std::uint16_t type = load16(call.payload.data() + kType);
  const auto row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) {
    return r.from == call.direction && r.message == type && said.body.size() >= r.least;
  });
  if (row == kRows.end() || !row->heard(speech, said)) return Helped::accept;
  if (row->id == kNoId || !translated(call.master)) return Helped::accept;
  const CallIds& ids = speech.memory.ids;
  const std::uint16_t id = call.direction == Direction::original ? ids.client : ids.own_client;
  const auto place = static_cast<std::uint32_t>(kHeader) + static_cast<std::uint32_t>(row->id);
  return call.services.overwrite(place, id) ? Helped::accept : Helped::drop;
}

}  // namespace utables::conntrack
