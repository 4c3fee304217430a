// ftp (RFC 959, RFC 2428): PORT and EPRT from the client, 227 and 229 from the server announce where the data
// connection will be.
//
// As Linux 6.18 reads them, learned by sending them:
// - only at the beginning of a line, and only where that is known: right after one of the last two packets of
//   this direction that ended in a newline;
// - PORT, EPRT in any case, one blank; six numbers up to 227's end, whatever stands before the first digit;
//   229's and EPRT's delimiter is any printable sign that is no digit, the same each time;
// - numbers are not bounded: 260,1 is port 66561, which is 1025; an address that is not the sender's own
//   announces nothing (the loose mode aside);
// - what begins like a command and goes on wrongly, or ends before it is complete, is dropped: the whole of
//   it must come in one segment.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "base/bytes.h"
#include "base/ipv6_text.h"
#include "conntrack/helper/helper.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

using Bytes = std::span<const std::uint8_t>;

bool is_digit(std::uint8_t c) { return c >= '0' && c <= '9'; }

/// Reads on from a place in the payload.
class Text {
 public:
  Text(Bytes bytes, std::size_t place) : bytes_(bytes), place_(place) {}
  [[nodiscard]] std::size_t place() const { return place_; }
  [[nodiscard]] bool ends() const { return place_ >= bytes_.size(); }
  [[nodiscard]] std::uint8_t here() const { return bytes_[place_]; }
  bool take(std::uint8_t c) {
    if (ends() || here() != c) return false;
    ++place_;
    return true;
  }
  /// Decimal digits, modulo 2^32; none: 0.
  std::uint32_t number() {
    std::uint32_t value = 0;
    for (; !ends() && is_digit(here()); ++place_) value = value * 10 + (here() - '0');
    return value;
  }
  [[nodiscard]] Bytes rest() const { return bytes_.subspan(place_); }
  void skip(std::size_t n) { place_ += n; }

 private:
  Bytes bytes_;
  std::size_t place_;
};

struct Read {
  Address address{};
  std::uint16_t port = 0;
  std::size_t from = 0, to = 0;  ///< where it stands
};

/// Numbers with a sign between them, any of which may be missing and is 0 then. `end`: what must follow the
/// last one; 0: anything that does not go on with the list.
template <std::size_t count>
bool numbers(Text& text, std::uint8_t separator, std::uint8_t end, std::array<std::uint32_t, count>& n) {
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0 && !text.take(separator)) return false;
    n[i] = text.number();
  }
  return !text.ends() && text.here() != separator && (end == 0 || text.here() == end);
}

Address address_of(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return Address::from_v4(a << 24 | b << 16 | c << 8 | d);
}

/// `10,0,0,2,4,1`
std::optional<Read> six_numbers(Text text, std::uint8_t end, const Tuple&) {
  Read read{.from = text.place()};
  std::array<std::uint32_t, 6> n{};
  if (!numbers(text, ',', end, n)) return std::nullopt;
  read.to = text.place();
  read.address = address_of(n[0], n[1], n[2], n[3]);
  read.port = static_cast<std::uint16_t>(n[4] << 8 | n[5]);
  return read;
}

/// A port between delimiters: `6446|`. Port 0 is none.
bool port_until(Text& text, std::uint8_t delimiter, Read& read) {
  read.port = static_cast<std::uint16_t>(text.number());
  return read.port != 0 && text.take(delimiter);
}

bool delimits(std::uint8_t c) { return c > 32 && c < 127 && !is_digit(c); }

/// The address of EPRT, up to the delimiter.
bool address_until(Text& text, std::uint8_t delimiter, Family family, Address& address) {
  if (family == Family::ipv4) {
    std::array<std::uint32_t, 4> n{};
    if (!numbers(text, '.', delimiter, n)) return false;
    address = address_of(n[0], n[1], n[2], n[3]);
    return true;
  }
  const Bytes rest = text.rest();
  const auto end = std::find(rest.begin(), rest.end(), delimiter);
  const auto length = static_cast<std::size_t>(end - rest.begin());
  const auto parsed = parse_address({reinterpret_cast<const char*>(rest.data()), length}, family);
  if (parsed) address = *parsed;
  text.skip(length);
  return parsed.has_value();
}

/// `|1|10.0.0.2|5282|`
std::optional<Read> extended_port(Text text, std::uint8_t, const Tuple& own) {
  if (text.ends() || !delimits(text.here())) return std::nullopt;
  const std::uint8_t delimiter = text.here();
  Read read{.from = text.place()};
  text.skip(1);
  const std::uint8_t family = own.family == Family::ipv4 ? '1' : '2';
  const bool whole = text.take(family) && text.take(delimiter) &&
                     address_until(text, delimiter, own.family, read.address) && text.take(delimiter) &&
                     port_until(text, delimiter, read);
  read.to = text.place();
  return whole ? std::optional(read) : std::nullopt;
}

/// `|||6446|`, of the speaker itself.
std::optional<Read> extended_passive(Text text, std::uint8_t, const Tuple& own) {
  if (text.ends() || !delimits(text.here())) return std::nullopt;
  const std::uint8_t delimiter = text.here();
  Read read{.address = own.source, .from = text.place()};
  for (int i = 0; i < 3; ++i)
    if (!text.take(delimiter)) return std::nullopt;
  if (!port_until(text, delimiter, read)) return std::nullopt;
  read.to = text.place();
  return read;
}

/// What stands between the word and the announcement.
enum class Before : std::uint8_t { blank, no_digits, bracket };

std::string spell_numbers(const Address& address, std::uint16_t port, Family) {
  const auto& b = address.bytes;
  return fmt::format("{},{},{},{},{},{}", b[0], b[1], b[2], b[3], port >> 8, port & 255);
}
std::string spell_extended_port(const Address& address, std::uint16_t port, Family family) {
  return fmt::format("|{}|{}|{}|", family == Family::ipv4 ? 1 : 2,
                     family == Family::ipv4 ? to_string(address, family) : full_text(address.bytes.data()),
                     port);
}
std::string spell_extended_passive(const Address&, std::uint16_t port, Family) {
  return fmt::format("|||{}|", port);
}

struct Pattern {
  Direction direction;
  std::string_view word;
  Before before;
  std::uint8_t end;  ///< the sign that must follow
  std::optional<Read> (*read)(Text text, std::uint8_t end, const Tuple& own);
  std::string (*spell)(const Address& address, std::uint16_t port, Family family);
};

constexpr std::array<Pattern, 4> kPatterns{{
    {Direction::original, "PORT", Before::blank, '\r', six_numbers, spell_numbers},
    {Direction::original, "EPRT", Before::blank, 0, extended_port, spell_extended_port},
    {Direction::reply, "227 ", Before::no_digits, 0, six_numbers, spell_numbers},
    {Direction::reply, "229 ", Before::bracket, 0, extended_passive, spell_extended_passive},
}};

enum class Matched : std::uint8_t { no, partly, whole };

Matched match(const Pattern& pattern, Bytes payload, const Tuple& own, Read& read) {
  const std::size_t common = std::min(payload.size(), pattern.word.size());
  for (std::size_t i = 0; i < common; ++i)
    if (std::toupper(payload[i]) != pattern.word[i]) return Matched::no;
  if (common < pattern.word.size()) return Matched::partly;
  const Bytes rest = payload.subspan(common);
  const auto skip_past = [&](std::uint8_t sign) {
    return static_cast<std::size_t>(std::find(rest.begin(), rest.end(), sign) - rest.begin()) + 1;
  };
  std::size_t place = common;
  switch (pattern.before) {
    case Before::blank:
      place += skip_past(' ');
      break;
    case Before::bracket:
      place += skip_past('(');
      break;
    case Before::no_digits:
      place += static_cast<std::size_t>(std::find_if(rest.begin(), rest.end(), is_digit) - rest.begin());
      break;
  }
  if (place >= payload.size()) return Matched::partly;
  const auto found = pattern.read(Text(payload, place), pattern.end, own);
  if (!found) return Matched::partly;
  read = *found;
  return Matched::whole;
}

bool begins_line(const FtpMemory::Starts& starts, std::uint32_t sequence) {
  for (std::uint8_t i = 0; i < starts.known; ++i)
    if (starts.sequence[i] == sequence) return true;
  return false;
}

/// Remembers a place after a newline; of the two kept the older one gives way.
void remember(FtpMemory::Starts& starts, std::uint32_t sequence) {
  if (begins_line(starts, sequence)) return;
  if (starts.known < starts.sequence.size()) {
    starts.sequence[starts.known++] = sequence;
    return;
  }
  const bool first_older = static_cast<std::int32_t>(starts.sequence[0] - starts.sequence[1]) < 0;
  std::uint32_t& older = starts.sequence[first_older ? 0 : 1];
  if (static_cast<std::int32_t>(sequence - older) > 0) older = sequence;
}

}  // namespace

Helped help_ftp(HelperCall& call) {
  if (!call.established) return Helped::accept;
  call.packet.pulled = call.packet.facts.transport_length();  // Linux makes it one piece, payload or not
  if (call.payload.empty()) return Helped::accept;
  if (!std::holds_alternative<FtpMemory>(call.memory)) call.memory = FtpMemory{};
  FtpMemory::Starts& starts =
      std::get<FtpMemory>(call.memory).starts[static_cast<std::size_t>(call.direction)];
  const std::uint32_t sequence = load32(call.packet.transport() + 4);
  const auto next = static_cast<std::uint32_t>(sequence + call.payload.size());
  const bool ends_line = call.payload.back() == '\n';
  Helped answer = Helped::accept;
  if (begins_line(starts, sequence)) {
    const Tuple& own = call.tuple(call.direction);
    for (const Pattern& pattern : kPatterns) {
      Read read;
      const Matched matched =
          pattern.direction == call.direction ? match(pattern, call.payload, own, read) : Matched::no;
      if (matched == Matched::no) continue;
      if (matched == Matched::partly) return Helped::drop;
      if (read.address == own.source) {
        const Announcement awaited{.protocol = packet::kTcp,
                                   .from = call.tuple(other(call.direction)).source,
                                   .to = call.tuple(other(call.direction)).destination,
                                   .port = read.port,
                                   .announcer = call.direction,
                                   .own_port = read.port,
                                   .place = static_cast<std::uint32_t>(read.from),
                                   .length = static_cast<std::uint32_t>(read.to - read.from),
                                   .spell = pattern.spell};
        if (!call.services.expect(awaited)) answer = Helped::drop;
      }
      break;
    }
  }
  if (ends_line) remember(starts, next);
  return answer;
}

}  // namespace utables::conntrack
