// Translation of SIP's headers: an address with its port that is one end of the connection, as the sender
// knows it, becomes what the receiver knows. Looked at are the first line of a request, the first Via (if it
// says the connection's client) with `maddr`, `received` and `rport`, every Contact, and the first From and
// To.
#include "packet/headers.h"

#include <fmt/format.h>

#include <array>

#include "conntrack/helper/sip/message.h"

namespace utables::conntrack::sip {
namespace {

/// The first address that a header says, if it says one of the connection's ends.
bool translate(Message& message, const Place& place) {
  const Tuple &here = message.here(), &there = message.there();
  Address address;
  std::uint16_t port = 0;
  if (place.address == here.source && place.port == here.source_port) {
    address = there.destination;
    port = there.destination_port;
  } else if (place.address == here.destination && place.port == here.destination_port) {
    address = there.source;
    port = message.memory.forced_port != 0 ? message.memory.forced_port : there.source_port;
  } else {
    return true;
  }
  if (address == place.address && port == place.port) return true;
  return message.reword(place.piece, spell(address, port, message.family()));
}

bool translate_first(Message& message, Header header) {
  const auto place = message.text().first_place(header);
  return !place || translate(message, *place);
}

/// An address in a parameter: `before`, as the sender knows it, and `after`.
bool translate_parameter(Message& message, std::string_view name, std::size_t from, bool bracketed,
                         const Address& before, const Address& after) {
  const auto place = message.text().address_parameter(name, from, bracketed);
  if (!place || place->address != before || place->address == after) return true;
  return message.reword(place->piece, spell(after, message.family(), bracketed));
}

bool translate_rport(Message& message, std::size_t from) {
  const Text text = message.text();
  const auto at = text.parameter("rport=", from);
  if (!at) return true;
  const Number number = text.number(*at);
  if (number.digits.size == 0) return true;
  const std::uint16_t before = message.here().destination_port, after = message.there().source_port;
  const auto port = static_cast<std::uint16_t>(number.value);
  if (port != before || port == after) return true;
  return message.reword(number.digits, fmt::format("{}", after));
}

/// The end that sent the request: of a request its sender, of a response its receiver.
bool translate_via(Message& message, bool request) {
  const Header header = message.protocol() == packet::kTcp ? Header::via_tcp : Header::via_udp;
  const auto via = message.text().first_place(header);
  if (!via) return true;
  const Tuple &here = message.here(), &there = message.there();
  const Address& client = request ? here.source : here.destination;
  const std::uint16_t port = request ? here.source_port : here.destination_port;
  if (via->address != client || via->port != port) return true;
  const std::size_t size = message.size();
  if (!translate(message, *via)) return false;
  const std::size_t end = via->piece.end() + message.size() - size;
  return translate_parameter(message, "maddr=", end, true, here.source, there.destination) &&
         translate_parameter(message, "received=", end, false, here.destination, there.source) &&
         translate_rport(message, end);
}

/// Linux goes on where the place before ended in the words that were there.
bool translate_contacts(Message& message) {
  Text::Walk walk;
  while (const auto place = message.text().next_place(Header::contact, walk))
    if (!translate(message, *place)) return false;
  return true;
}

}  // namespace

std::string spell(const Address& address, Family family, bool bracketed) {
  const std::string text = to_string(address, family);
  return family == Family::ipv6 && bracketed ? "[" + text + "]" : text;
}

std::string spell(const Address& address, std::uint16_t port, Family family) {
  return fmt::format("{}:{}", spell(address, family, true), port);
}

bool translate_headers(Message& message) {
  const bool request = !begins_with(message.text().all(), "SIP/2.0");
  if (request)
    if (const auto place = message.text().request_place(); place && !translate(message, *place)) return false;
  if (!translate_via(message, request) || !translate_contacts(message)) return false;
  if (!translate_first(message, Header::from) || !translate_first(message, Header::to)) return false;
  if (message.call.direction == Direction::original || message.memory.forced_port == 0) return true;
  return message.awaited.redirect(message.memory.forced_port);
}

}  // namespace utables::conntrack::sip
