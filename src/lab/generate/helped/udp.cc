// Conversations over UDP for the helpers amanda and netbios-ns: what announces connections, right and
// nearly right, and the connections announced, or nearly those.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/bytes.h"
#include "lab/generate/talk.h"
#include "packet/headers.h"

namespace utables::lab::generate {
namespace {

struct Place {
  std::uint32_t address = 0;
  std::uint16_t port = 0;
};

void send(Random& random, Flow& flow, Place from, Place to, std::string_view text, Kind kind,
          kernel::Part part = {}) {
  IpFields ip;
  ip.source = from.address;
  ip.destination = to.address;
  ip.protocol = packet::kUdp;
  ip.identification = static_cast<std::uint16_t>(1 + random.below(65535));
  Bytes datagram = udp_datagram(ip, from.port, to.port, Bytes(text.begin(), text.end()));
  if (chance(random, 10)) store16(&datagram[6], 0);
  flow.push_back({ip_packet(ip, datagram), from.address, kinds(kind), part});
}

}  // namespace

Flow amanda_flow(const World& world, Random& random) {
  constexpr std::array<std::string_view, 4> kNames{"DATA", "MESG", "INDEX", "STATE"};
  const Ends ends = draw_ends(world, random);
  const Place client{ends.client, draw_client_port(world, random)}, server{ends.server, 10080};
  Flow flow;
  send(random, flow, client, server, "Amanda 2.4 REQ HANDLE\n", Kind::amanda);
  for (unsigned i = 0, n = 1 + random.below(3), comes = 0; i < n; ++i) {
    std::string text = chance(random, 50) ? "Amanda 2.4 REP\nCONNECT" : "CONNECT";
    std::array<std::uint16_t, 4> ports{};
    const unsigned count = 1 + random.below(4);
    for (unsigned k = 0; k < count; ++k) {
      ports[k] =
          static_cast<std::uint16_t>(chance(random, 70) ? 2000 + random.below(6) : 1 + random.below(65535));
      text += fmt::format(" {} {:0{}}", kNames[chance(random, 92) ? k : random.below(4)], ports[k],
                          chance(random, 85) ? 1 : 5);
    }
    text += "\nOPTIONS x\n";
    spoil(random, text);
    send(random, flow, server, client, text, Kind::amanda);
    if (chance(random, 20)) send(random, flow, client, server, "ACK\n", Kind::amanda);
    for (unsigned k = 0; k < count; ++k)
      if (chance(random, 60))
        announced_connection(world, random, flow,
                             {ends.client, ends.server, ports[k], 1, static_cast<std::uint8_t>(k), ++comes},
                             Kind::amanda);
  }
  return flow;
}

Flow asking_flow(const World& world, Random& random) {
  const Network& network = chance(random, 70) ? world.networks.front() : pick(random, world.networks);
  constexpr std::uint16_t kService = 137;
  const Place asker{chance(random, 80) ? network.box : pick(random, network.hosts),
                    chance(random, 40) ? kService : draw_client_port(world, random)};
  const Place asked{chance(random, 85) ? network.broadcast() : pick(random, network.hosts), kService};
  Flow flow;
  for (unsigned i = 0, n = 1 + random.below(3), comes = 0; i < n; ++i) {
    send(random, flow, asker, asked, "who is there", Kind::asking);
    for (unsigned k = random.below(4); k > 0; --k) {
      const std::uint32_t from = chance(random, 80) ? pick(random, network.hosts) : world.any_host(random);
      kernel::Part part;
      part.flow = ++comes;
      send(random, flow, {from, static_cast<std::uint16_t>(chance(random, 85) ? kService : 138)}, asker, "me",
           Kind::asking, part);
    }
  }
  return flow;
}

}  // namespace utables::lab::generate
