// sip (RFC 3261): who speaks of a call announces where its media are awaited, who registers where requests
// are. As Linux 6.18 reads it, learned by sending it:
// - a datagram has one message, a segment of TCP several, each as long as its Content-Length says; the rest
//   of a segment is not read, and a message does not go on in the next one;
// - each packet with something in it keeps the connection for an hour, and leaves in one piece; so does an
//   ICMP error about it over UDP, which is read, and rewritten, as if it were a datagram;
// - a request is dropped that has a method which is known here and no CSeq; so is a response without a code
//   or a CSeq;
// - media are ended by BYE, by the next INVITE, and by the failure of the last one;
// - a registration is awaited inactive until the response that says for how long; more than one Contact, one
//   of somebody else, and another transport are passed over;
// - where a request says by Via that the answer shall go to another port of its sender's, the connection's
//   answers are sent there from then on, if they are translated.
#include <algorithm>
#include <array>
#include <cctype>

#include "base/jiffies.h"
#include "conntrack/helper/sip/message.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

using namespace sip;

constexpr Duration kMasterLasts = 3600 * kSecond;
constexpr std::string_view kResponse = "SIP/2.0 ", kShortest = "SIP/2.0 200";

/// Ends media, the newest first; or the newest registration.
void end_awaited(Message& message, bool media) {
  std::vector<Expectation> ends;
  for (const Expectation& e : message.awaited.all().all())
    if (e.master == message.call.master.handle && (e.expect_class != signalling) == media) ends.push_back(e);
  for (auto e = ends.rbegin(); e != ends.rend(); ++e) {
    message.awaited.remove(*e);
    if (!media) return;
  }
}

/// The time that a place is registered for: what the message says, or the place itself. Null: it cannot be
/// read.
std::optional<std::uint32_t> lifetime(const Text& text, std::size_t from, std::uint32_t otherwise) {
  const auto at = text.parameter("expires=", from);
  if (!at) return otherwise;
  const Number number = text.number(*at);
  return number.digits.size == 0 ? std::nullopt : std::optional(number.value);
}

std::uint32_t expires_header(const Text& text) {
  const Found found = text.header(Header::expires);
  return found ? text.number(found.piece.at).value : 0;
}

/// Requests come over the connection's own protocol.
bool same_transport(const Message& message, std::size_t from) {
  const Text text = message.text();
  const auto at = text.parameter("transport=", from);
  if (!at) return true;
  return begins_with(text.all().substr(*at), message.protocol() == packet::kTcp ? "TCP" : "UDP");
}

// --- requests and responses; false: the packet must be dropped

bool invited(Message& message, std::uint32_t sequence) {
  end_awaited(message, true);
  if (!await_media(message)) return false;
  message.memory.invite = sequence;
  return true;
}
bool described(Message& message, std::uint32_t) { return await_media(message); }
bool bye(Message& message, std::uint32_t) {
  end_awaited(message, true);
  return true;
}

bool registers(Message& message, std::uint32_t sequence) {
  if (message.call.master.is(kExpected)) return true;
  const Text text = message.text();
  const auto place = text.first_place(Header::contact);
  if (!place || place->address != message.here().source) return true;
  if (!same_transport(message, place->piece.end())) return true;
  const auto lasts = lifetime(text, place->piece.end(), expires_header(text));
  if (!lasts) return false;
  if (*lasts != 0 && !await_requests(message, *place)) return false;
  message.memory.registration = sequence;
  return true;
}

struct Answer {
  std::uint32_t sequence, code;
  [[nodiscard]] bool provisional() const { return code >= 100 && code <= 199; }
  [[nodiscard]] bool success() const { return code >= 200 && code <= 299; }
};

bool session_answered(Message& message, const Answer& answer) {
  if (answer.provisional() || answer.success()) return await_media(message);
  if (message.memory.invite == answer.sequence) end_awaited(message, true);
  return true;
}

/// Ticks of 32 bits, as Linux counts them.
Duration in_ticks(std::uint32_t seconds) {
  return Duration{seconds * static_cast<std::uint32_t>(kTicksPerSecond)} * kTick;
}

bool renew(Message& message, const Place& place, std::uint32_t lasts) {
  const auto& all = message.awaited.all().all();
  const auto found = std::find_if(all.rbegin(), all.rend(), [&](const Expectation& e) {
    return e.master == message.call.master.handle && e.expect_class == signalling &&
           e.tuple.destination == place.address && e.tuple.destination_port == place.port &&
           e.tuple.protocol == message.protocol();
  });
  if (found == all.rend()) return false;
  message.awaited.renew(*found, in_ticks(lasts));
  return true;
}

bool registration_answered(Message& message, const Answer& answer) {
  if (message.memory.registration != answer.sequence || answer.provisional()) return true;
  const Text text = message.text();
  const std::uint32_t otherwise = answer.success() ? expires_header(text) : 0;
  Text::Walk walk;
  while (const auto place = answer.success() ? text.next_place(Header::contact, walk) : std::nullopt) {
    if (place->address != message.here().destination || !same_transport(message, place->piece.end()))
      continue;
    const auto lasts = lifetime(text, place->piece.end(), otherwise);
    if (!lasts) return false;
    if (*lasts == 0) break;
    if (renew(message, *place, *lasts)) return true;
  }
  end_awaited(message, false);
  return true;
}

struct Method {
  std::string_view name;
  bool (*request)(Message& message, std::uint32_t sequence);
  bool (*response)(Message& message, const Answer& answer);  ///< null: it says nothing
};
constexpr std::array<Method, 6> kMethods{{
    {"INVITE", invited, session_answered},
    {"UPDATE", described, session_answered},
    {"ACK", described, nullptr},
    {"PRACK", described, session_answered},
    {"BYE", bye, nullptr},
    {"REGISTER", registers, registration_answered},
}};

std::optional<std::uint32_t> sequence_of(const Text& text, std::size_t& behind) {
  const Found found = text.header(Header::cseq);
  if (!found) return std::nullopt;
  const std::uint32_t sequence = text.number(found.piece.at).value;
  if (sequence == 0 && text.all()[found.piece.at] != '0') return std::nullopt;
  behind = found.piece.end() + 1;
  return sequence;
}

bool read_request(Message& message) {
  const Text text = message.text();
  const Tuple& here = message.here();
  const auto via = text.first_place(Header::via_udp);
  if (via && via->port != here.source_port && via->address == here.source)
    message.memory.forced_port = via->port;
  const std::string_view all = text.all();
  for (const Method& method : kMethods) {
    const std::size_t size = method.name.size();
    if (all.size() < size + 2 || !begins_with(all, method.name)) continue;
    if (all[size] != ' ' || std::isalpha(static_cast<unsigned char>(all[size + 1])) == 0) continue;
    std::size_t behind = 0;
    const auto sequence = sequence_of(text, behind);
    return sequence && method.request(message, *sequence);
  }
  return true;
}

bool read_response(Message& message) {
  const Text text = message.text();
  if (text.all().size() < kShortest.size()) return true;
  const std::uint32_t code = text.number(kResponse.size()).value;
  std::size_t behind = 0;
  const auto sequence = sequence_of(text, behind);
  if (code == 0 || !sequence) return false;
  if (behind > text.all().size()) return true;
  for (const Method& method : kMethods)
    if (method.response != nullptr && begins_with(text.all().substr(behind), method.name))
      return method.response(message, {*sequence, code});
  return true;
}

bool read_message(Message& message) {
  const bool response = begins_with(message.text().all(), kResponse);
  if (!(response ? read_response(message) : read_request(message))) return false;
  return !message.translated() || translate_headers(message);
}

/// Where the first message of a segment ends; null: it does not say.
std::optional<std::uint64_t> message_end(const Text& text) {
  constexpr std::string_view kBlankLine = "\r\n\r\n";
  const Found length = text.header(Header::content_length);
  if (!length) return std::nullopt;
  const Number number = text.number(length.piece.at);
  if (number.digits.size == 0) return std::nullopt;
  const std::size_t body = text.all().find(kBlankLine, number.digits.end());
  if (body == std::string_view::npos) return std::nullopt;
  return std::uint64_t{body} + kBlankLine.size() + number.value;
}

Helped read_segment(HelperCall& call, Awaited& awaited, SipMemory& memory) {
  std::size_t begin = 0;
  const std::size_t before = call.payload.size();
  for (;;) {
    const auto rest = call.payload_now().subspan(begin);
    const Text text({reinterpret_cast<const char*>(rest.data()), rest.size()}, call.master.original().family);
    const auto end = message_end(text);
    if (!end) break;
    if (*end > rest.size()) return Helped::accept;
    Message message(call, awaited, memory, begin, static_cast<std::size_t>(*end));
    if (!read_message(message)) return Helped::drop;
    begin += message.size();
  }
  awaited.shift(static_cast<std::uint32_t>(call.payload_now().size() - before));
  return Helped::accept;
}

}  // namespace

Helped help_sip(HelperCall& call) {
  const bool tcp = call.master.original().protocol == packet::kTcp;
  Awaited* const awaited = call.services.awaited();
  if (awaited == nullptr || call.payload.empty() || (tcp && !call.established)) return Helped::accept;
  call.services.refresh(kMasterLasts);
  call.packet.pulled = call.packet.facts.transport_length();  // it becomes one piece
  if (call.payload.size() < kShortest.size()) return Helped::accept;
  if (!std::holds_alternative<SipMemory>(call.memory)) call.memory = SipMemory{};
  auto& memory = std::get<SipMemory>(call.memory);
  if (tcp) return read_segment(call, *awaited, memory);
  Message message(call, *awaited, memory, 0, call.payload.size());
  return read_message(message) ? Helped::accept : Helped::drop;
}

namespace sip {

bool await_requests(Message& message, const Place& said) {
  const Family family = message.family();
  const Tuple &here = message.here(), &there = message.there();
  Expectation e;
  e.tuple = {there.source, said.address, 0, said.port, message.protocol(), family};
  e.mask.source = mask_of(address_bits(family), family);
  e.expect_class = signalling;
  e.new_helper = message.call.master.helper;
  e.permanent = e.inactive = true;
  e.direction = message.call.direction;
  if (!message.translated()) return message.awaited.add(e, false) == Expectations::Added::yes;
  e.follows = true;
  e.own_port = said.port;
  e.tuple.destination = reachable_address(message, said.address);
  const std::uint16_t source =
      message.memory.forced_port != 0 ? message.memory.forced_port : here.source_port;
  if (said.port == source) e.tuple.destination_port = there.destination_port;
  const std::uint16_t port = message.awaited.add_at_a_port(e);
  if (port == 0) return false;
  if (e.tuple.destination == said.address && port == said.port) return true;
  if (message.reword(said.piece, spell(e.tuple.destination, port, family))) return true;
  message.awaited.remove(message.awaited.all().all().back());
  return false;
}

}  // namespace sip
}  // namespace utables::conntrack
