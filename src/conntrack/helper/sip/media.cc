// SIP's media (RFC 4566): what a session description says of RTP and its control, as Linux 6.18 reads it:
// - up to three lines `m=` of audio, video or image with a port; a port below 1024 or above 65535 drops the
//   packet, and so does one without an address, in a line `c=` behind it or before the first `m=`;
// - awaited are an even port and the next one, of the sender's own address alone, from the receiver;
// - the same ports of several media, or of another connection's, are there already;
// - under NAT they are announced as a free pair, two higher each time, and every address with it; then the
//   header that says the description's length must be there;
// - where another connection awaits the same media already, both translated, what is said is its own place,
//   so that both can go there directly.
#include <fmt/format.h>

#include <array>

#include "conntrack/helper/sip/message.h"
#include "packet/headers.h"

namespace utables::conntrack::sip {
namespace {

using Added = Expectations::Added;

struct MediaType {
  std::string_view name;
  Class expect_class;
};
constexpr std::array<MediaType, 3> kTypes{{{"audio ", audio}, {"video ", video}, {"image ", image}}};
constexpr std::size_t kMostMedia = 3;

const MediaType* type_of(std::string_view line) {
  for (const MediaType& type : kTypes)
    if (line.starts_with(type.name)) return &type;
  return nullptr;
}

/// The length of the description is another one.
bool reword_length(Message& message) {
  const Text text = message.text();
  const Found version = text.line(Line::version, 0);
  const Found said = text.header(Header::content_length);
  if (!version || !said) return false;
  constexpr std::size_t kName = 2;  // v=
  return message.reword(said.piece, fmt::format("{}", text.all().size() - version.piece.at + kName));
}

bool reword_port(Message& message, Piece said, std::uint16_t port) {
  return message.reword(said, fmt::format("{}", port)) && reword_length(message);
}

enum class Reworded : std::uint8_t { yes, missing, no_room };

Reworded reword_address(Message& message, Line line, std::size_t from, const Address& to) {
  const Found found = message.text().line(line, from, Line::media);
  if (!found) return Reworded::missing;
  const bool done = message.reword(found.piece, spell(to, message.family(), false));
  return done ? Reworded::yes : Reworded::no_room;
}

/// The address of one media.
bool translate_own_address(Message& message, std::size_t from, const Address& to) {
  return reword_address(message, Line::connection, from, to) == Reworded::yes && reword_length(message);
}

/// Those before the first media.
bool translate_session(Message& message, std::size_t from, const Address& to) {
  if (reword_address(message, Line::owner, from, to) != Reworded::yes) return false;
  if (reword_address(message, Line::connection, from, to) == Reworded::no_room) return false;
  return reword_length(message);
}

/// One media, as it is said.
struct Media {
  Class expect_class;
  Piece port_said;
  std::uint16_t port;
  Address address;  ///< ... and as it is announced, in the end
};

Expectation half(const Message& message, const Media& media, const Address& to, std::uint16_t port) {
  const Family family = message.family();
  Expectation e;
  e.tuple = {message.there().source, to, 0, port, packet::kUdp, family};
  e.mask.source = mask_of(address_bits(family), family);
  e.expect_class = media.expect_class;
  e.direction = message.call.direction;
  return e;
}

bool is_there(Added added) { return added == Added::yes || added == Added::already; }

bool await_as_said(Message& message, const Media& media, std::uint16_t port) {
  const Expectation rtp = half(message, media, media.address, port);
  const Added first = message.awaited.add(rtp, true);
  if (!is_there(first)) return false;
  const std::uint64_t serial = message.awaited.all().all().back().serial;
  const auto next = static_cast<std::uint16_t>(port + 1);
  if (is_there(message.awaited.add(half(message, media, media.address, next), true))) return true;
  if (first == Added::yes) message.awaited.remove(Expectation{.serial = serial});
  return false;
}

/// A pair of ports, the own one or a higher one. 0: there is none.
std::uint16_t await_a_pair(Message& message, Expectation rtp, Expectation rtcp) {
  for (std::uint16_t port = rtp.own_port; port != 0; port = static_cast<std::uint16_t>(port + 2)) {
    if (port != rtp.own_port) message.awaited.moved_on();
    rtp.tuple.destination_port = port;
    const Added first = message.awaited.add(rtp, true);
    if (first == Added::clashes) continue;
    if (first != Added::yes) return 0;
    const std::uint64_t serial = message.awaited.all().all().back().serial;
    rtcp.tuple.destination_port = static_cast<std::uint16_t>(port + 1);
    const Added second = message.awaited.add(rtcp, true);
    if (second == Added::yes) return port;
    message.awaited.remove(Expectation{.serial = serial});
    if (second != Added::clashes) return 0;
  }
  return 0;
}

bool await_translated(Message& message, Media& media, std::uint16_t port) {
  const Address own = media.address;
  media.address = reachable_address(message, own);
  const auto translated_half = [&](std::uint16_t own_port) {
    Expectation e = half(message, media, media.address, own_port);
    e.follows = true;
    e.own_port = own_port;
    return e;
  };
  const Expectation rtp = translated_half(port);
  const Expectation rtcp = translated_half(static_cast<std::uint16_t>(port + 1));
  const std::uint16_t announced = await_a_pair(message, rtp, rtcp);
  if (announced == 0) return false;
  if (announced == port || reword_port(message, media.port_said, announced)) return true;
  const auto& all = message.awaited.all().all();
  message.awaited.remove(all[all.size() - 2]);
  message.awaited.remove(all.back());
  return false;
}

/// What another connection with the same helper awaits of the same class, if it is what `tuple` would meet.
const Expectation* awaited_by_another(const Message& message, const Media& media, const Tuple& tuple) {
  const Connection& master = message.call.master;
  const Expectation* const e =
      message.awaited.all().find(tuple, master.zone().id, Expectations::Inactive::too);
  const bool likewise = e != nullptr && e->master != master.handle && e->helper == master.helper &&
                        e->expect_class == media.expect_class;
  return likewise ? e : nullptr;
}

/// Where the announcer of something that is awaited has it; nowhere: it is not translated.
struct Own {
  Address address{};
  std::uint16_t port = 0;
};
Own own_place(const Message& message, const Expectation& e) {
  const Connection* const master = message.awaited.connection(e.master);
  if (!e.follows || master == nullptr) return {};
  return {master->tuple[static_cast<std::size_t>(e.direction)].source, e.own_port};
}

bool await_one(Message& message, Media& media) {
  if (media.address != message.here().source) return true;  // elsewhere: they find each other without us
  std::uint16_t port = media.port;
  bool direct = false, there_already = false;
  const auto as_tuple = [&] { return half(message, media, media.address, port).tuple; };
  while (const Expectation* const e = awaited_by_another(message, media, as_tuple())) {
    const Own own = own_place(message, *e);
    const bool elsewhere = own.address != e->tuple.destination || own.port != e->tuple.destination_port;
    if (direct || !elsewhere || !message.translated()) {
      there_already = true;
      break;
    }
    media.address = own.address;
    port = own.port;
    direct = true;
  }
  port = static_cast<std::uint16_t>(port & ~1U);
  if (direct && !reword_port(message, media.port_said, port)) return false;
  if (there_already) return true;
  if (message.translated() && !direct) return await_translated(message, media, port);
  return await_as_said(message, media, port);
}

}  // namespace

bool await_media(Message& message) {
  constexpr std::uint32_t kLeastPort = 1024, kLastPort = 65535;
  const Found version = message.text().line(Line::version, 0);
  if (!version) return true;
  const std::size_t session = version.piece.at;
  const auto for_all = message.text().line_address(Line::connection, session, Line::media);
  std::optional<Address> announced = for_all;
  std::size_t at = session;
  for (std::size_t n = 0; n < kMostMedia;) {
    const Text text = message.text();
    const Found line = text.line(Line::media, at);
    if (!line) break;
    const MediaType* const type = type_of(text.all().substr(line.piece.at, line.piece.size));
    at = type == nullptr ? line.piece.end() : line.piece.at + type->name.size();
    const std::uint32_t port = type == nullptr ? 0 : text.number(at).value;
    if (port == 0) continue;
    if (port < kLeastPort || port > kLastPort) return false;
    const auto own = text.line_address(Line::connection, at, Line::media);
    if (!own && !for_all) return false;
    Media media{type->expect_class,
                {at, line.piece.end() - at},
                static_cast<std::uint16_t>(port),
                own.value_or(for_all.value_or(Address{}))};
    if (!await_one(message, media)) return false;
    if (own && message.translated() && !translate_own_address(message, at, media.address)) return false;
    announced = media.address;
    ++n;
  }
  return !announced || !message.translated() || translate_session(message, session, *announced);
}

}  // namespace utables::conntrack::sip
