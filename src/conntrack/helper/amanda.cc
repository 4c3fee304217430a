// amanda: a backup client answers a request with the ports by which it awaits the backup server, on a line
// like `CONNECT DATA 1234 MESG 1235 INDEX 1236`.
//
// As Linux 6.18 reads it, learned by sending it:
// - only answers are read, and each keeps its connection for 300 s more: a client may think long;
// - the line is the rest of the first one that has CONNECT in it; of each kind of port the first counts, in
// the
//   order of the table below, wherever they stand;
// - at most five digits of a port are read, and cut to 16 bits; a port that is none ends the reading;
// - where one cannot be awaited the packet is dropped, and the others are awaited all the same;
// - under NAT each port is announced anew at once; the line still ends where it ended before that.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "conntrack/helper/helper.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

constexpr Duration kMasterLasts = 300 * kSecond;
constexpr std::string_view kConnect = "CONNECT ";
constexpr std::array<std::string_view, 4> kKinds{"DATA ", "MESG ", "INDEX ", "STATE "};
constexpr std::size_t kMostDigits = 5;

std::string_view text_of(std::span<const std::uint8_t> payload) {
  return {reinterpret_cast<const char*>(payload.data()), payload.size()};
}

std::string spell(const Address&, std::uint16_t port, Family) { return fmt::format("{}", port); }

std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t digits = 0;
  while (digits < kMostDigits && at + digits < text.size() &&
         std::isdigit(static_cast<unsigned char>(text[at + digits])) != 0)
    ++digits;
  return digits;
}

std::uint16_t port_of(std::string_view digits) {
  std::uint32_t port = 0;
  for (const char digit : digits) port = port * 10 + static_cast<std::uint32_t>(digit - '0');
  return static_cast<std::uint16_t>(port);
}

}  // namespace

Helped help_amanda(HelperCall& call) {
  if (call.direction == Direction::original) return Helped::accept;
  call.services.refresh(kMasterLasts);
  const std::string_view text = text_of(call.payload);
  std::size_t begin = text.find(kConnect);
  if (begin == std::string_view::npos) return Helped::accept;
  begin += kConnect.size();
  const std::size_t end = text.find('\n', begin);
  if (end == std::string_view::npos) return Helped::accept;
  Helped answer = Helped::accept;
  for (const std::string_view kind : kKinds) {
    const std::string_view line = text_of(call.payload_now()).substr(0, end);
    const std::size_t found = line.find(kind, begin);
    if (found == std::string_view::npos) continue;
    const std::size_t place = found + kind.size(), digits = digits_at(line, place);
    const std::uint16_t port = port_of(line.substr(place, digits));
    if (port == 0) break;
    const Tuple& asked = call.tuple(Direction::original);
    const Announcement awaited{.protocol = packet::kTcp,
                               .from = asked.source,
                               .to = asked.destination,
                               .port = port,
                               .announcer = Direction::reply,
                               .own_port = port,
                               .place = static_cast<std::uint32_t>(place),
                               .length = static_cast<std::uint32_t>(digits),
                               .spell = spell};
    if (!call.services.expect(awaited)) answer = Helped::drop;
  }
  return answer;
}

}  // namespace utables::conntrack
