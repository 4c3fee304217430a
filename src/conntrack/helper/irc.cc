// irc (RFC 1459, DCC): a client tells another one, over the server, where it awaits a direct connection:
// `PRIVMSG bob :^ADCC SEND file 167772162 1025 100^A`.
//
// As Linux 6.18 reads it, learned by sending it:
// - only what the client says, and only a packet that begins with PRIVMSG, in any case; further messages of
//   the packet are read while each DCC that was found so far had a word that nobody knows;
// - the address is a decimal number, and the client's own or the one that the server knows it by; numbers are
//   cut to 32 and 16 bits; port 0 announces nothing;
// - anybody may come.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/bytes.h"
#include "conntrack/helper/helper.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

constexpr std::size_t kMostRead = 4095;      ///< of a payload
constexpr std::size_t kLeastMessage = 24;    ///< behind the beginning of a DCC there must be more than that
constexpr std::size_t kLeastAfterName = 12;  ///< likewise from the end of the file's name on
constexpr std::string_view kPrivate = "PRIVMSG ", kMessage = " :", kDcc = "\1DCC ";
constexpr std::array<std::string_view, 5> kWords{"SEND ", "CHAT ", "MOVE ", "TSEND ", "SCHAT "};

/// Decimal digits, modulo 2^64; none: 0.
std::uint64_t number(std::string_view text, std::size_t& at) {
  std::uint64_t value = 0;
  for (; at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0; ++at)
    value = value * 10 + static_cast<std::uint64_t>(text[at] - '0');
  return value;
}

struct Read {
  Address address{};
  std::uint16_t port = 0;
  std::size_t from = 0, to = 0;  ///< where it stands
};

/// `file 167772162 1025`, from `at` on; some line must end behind it.
std::optional<Read> read_place(std::string_view text, std::size_t at) {
  const std::size_t name = text.find(' ', at);
  if (name == std::string_view::npos || text.size() - name < kLeastAfterName) return std::nullopt;
  if (text.find('\n', name) == std::string_view::npos) return std::nullopt;
  Read read{.from = name + 1};
  std::size_t place = read.from;
  read.address = Address::from_v4(static_cast<std::uint32_t>(number(text, place)));
  while (place < text.size() && text[place] == ' ') ++place;
  read.port = static_cast<std::uint16_t>(number(text, place));
  read.to = place;
  return read;
}

/// The first DCC of a word that is known: where it goes on behind the word.
std::optional<std::size_t> find_dcc(std::string_view text) {
  if (text.size() < kPrivate.size()) return std::nullopt;
  for (std::size_t i = 0; i < kPrivate.size(); ++i)
    if (std::toupper(static_cast<unsigned char>(text[i])) != kPrivate[i]) return std::nullopt;
  std::size_t at = kPrivate.size();
  while ((at = text.find(kMessage, at)) != std::string_view::npos) {
    at += kMessage.size();
    if (text.size() - at <= kLeastMessage || text.substr(at, kDcc.size()) != kDcc) return std::nullopt;
    at += kDcc.size();
    for (const std::string_view word : kWords)
      if (text.substr(at, word.size()) == word) return at + word.size();
  }
  return std::nullopt;
}

std::string spell(const Address& address, std::uint16_t port, Family) {
  return fmt::format("{} {}", address.v4(), port);
}

}  // namespace

Helped help_irc(HelperCall& call) {
  if (!call.established || call.direction == Direction::reply || call.payload.empty()) return Helped::accept;
  const std::string_view text{reinterpret_cast<const char*>(call.payload.data()),
                              std::min(call.payload.size(), kMostRead)};
  const auto dcc = find_dcc(text);
  const auto read = dcc ? read_place(text, *dcc) : std::nullopt;
  const Tuple& reply = call.tuple(Direction::reply);
  if (!read || read->port == 0) return Helped::accept;
  if (read->address != call.tuple(Direction::original).source && read->address != reply.destination)
    return Helped::accept;
  const Announcement awaited{.protocol = packet::kTcp,
                             .to = reply.destination,
                             .port = read->port,
                             .own_port = read->port,
                             .place = static_cast<std::uint32_t>(read->from),
                             .length = static_cast<std::uint32_t>(read->to - read->from),
                             .spell = spell};
  return call.services.expect(awaited) ? Helped::accept : Helped::drop;
}

}  // namespace utables::conntrack
