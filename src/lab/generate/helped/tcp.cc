// Conversations over TCP for the helpers irc and sane: what announces a connection, right and nearly right,
// and the connections announced, or nearly those.
#include <fmt/format.h>

#include <array>
#include <string>

#include "base/bytes.h"
#include "lab/generate/talk.h"
#include "packet/headers.h"

namespace utables::lab::generate {

using namespace packet::tcp;

namespace {

/// Few, so that announcers meet in one.
std::uint16_t draw_announced_port(const World& world, Random& random) {
  if (chance(random, 75)) return static_cast<std::uint16_t>(2000 + random.below(world.nat ? 2 : 6));
  return chance(random, 92) ? static_cast<std::uint16_t>(random.next32()) : std::uint16_t{0};
}

std::string dcc(Random& random, std::uint32_t address, std::uint16_t port) {
  constexpr std::array<std::string_view, 7> kWords{"SEND", "CHAT", "MOVE", "TSEND", "SCHAT", "XMIT", "send"};
  return fmt::format("PRIVMSG bob :\1DCC {} f{} {} {}{}\1\r\n", pick(random, kWords), random.below(20),
                     address, port, chance(random, 50) ? " 100" : "");
}

}  // namespace

Flow irc_flow(const World& world, Random& random) {
  const Ends ends = draw_ends(world, random);
  Flow flow;
  Talk control(random, flow, {ends.client, draw_client_port(world, random)}, {ends.server, 6667});
  control.open(Kind::irc);
  for (unsigned i = 0, n = 1 + random.below(7), comes = 0; i < n; ++i) {
    if (chance(random, 35)) {
      control.say(random.below(2), kAck | kPsh,
                  chance(random, 50) ? "PING x\r\n" : "PRIVMSG bob :hello, are you there?\r\n", Kind::irc);
      continue;
    }
    const auto port = draw_announced_port(world, random);
    const std::uint32_t address = chance(random, 92) ? ends.client : world.any_host(random);
    std::string text = dcc(random, address, port);
    if (chance(random, 12)) text = dcc(random, address, draw_announced_port(world, random)) + text;
    spoil(random, text);
    const unsigned side = chance(random, 94) ? 0 : 1;
    control.say(side, kAck | kPsh, text, Kind::irc_dcc);
    if (chance(random, 12)) control.again(side, text, Kind::irc_dcc);
    if (chance(random, 50)) control.say(1 - side, kAck, "", Kind::irc);
    if (chance(random, 75))
      announced_connection(world, random, flow, {world.any_host(random), ends.client, port, 0, 0, ++comes},
                           Kind::irc_data);
  }
  if (chance(random, 50)) control.close(Kind::irc);
  return flow;
}

Flow sane_flow(const World& world, Random& random) {
  const Ends ends = draw_ends(world, random);
  Flow flow;
  Talk control(random, flow, {ends.client, draw_client_port(world, random)}, {ends.server, 6566});
  control.open(Kind::sane);
  for (unsigned i = 0, n = 1 + random.below(5), comes = 0; i < n; ++i) {
    std::string request(8, '\0');
    request[3] = static_cast<char>(chance(random, 85) ? 7 : random.below(9));
    if (chance(random, 6)) request.resize(random.below(12));
    control.say(0, kAck | kPsh, request, Kind::sane);
    const auto port = draw_announced_port(world, random);
    std::string answer(8, '\0');
    answer[6] = static_cast<char>(port >> 8);
    answer[7] = static_cast<char>(port & 255);
    if (chance(random, 12)) answer[random.below(6)] = 1;
    if (chance(random, 10)) answer.resize(random.below(14));
    control.say(1, kAck | kPsh, answer, Kind::sane);
    if (chance(random, 12)) control.again(1, answer, Kind::sane);
    if (chance(random, 75))
      announced_connection(world, random, flow, {ends.client, ends.server, port, 1, 0, ++comes}, Kind::sane);
  }
  if (chance(random, 50)) control.close(Kind::sane);
  return flow;
}

}  // namespace utables::lab::generate
