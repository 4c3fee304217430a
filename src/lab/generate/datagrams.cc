// UDP, UDP-Lite, ICMP queries, other protocols and odd addresses.
#include <array>

#include "base/bytes.h"
#include "lab/generate/traffic.h"
#include "packet/headers.h"

namespace utables::lab::generate {
namespace {

IpFields between(Random& random, std::uint32_t source, std::uint32_t destination, std::uint8_t protocol) {
  IpFields ip;
  ip.source = source;
  ip.destination = destination;
  ip.protocol = protocol;
  ip.identification = static_cast<std::uint16_t>(1 + random.below(65535));
  ip.dont_fragment = chance(random, 30);
  ip.tos = static_cast<std::uint8_t>(chance(random, 70) ? 0 : random.below(256));
  return ip;
}

std::size_t draw_size(Random& random) {
  const auto roll = random.below(20);
  return roll < 14 ? random.below(120) : roll < 18 ? random.below(1473) : random.below(4000);
}

}  // namespace

Ends draw_ends(const World& world, Random& random) {
  const auto roll = random.below(100);
  if (roll < 12) return {world.any_host(random), world.any_box_address(random)};
  if (roll < 22) return {world.any_box_address(random), world.any_host(random)};
  if (roll < 24) return {world.any_box_address(random), world.any_box_address(random)};
  if (roll < 29 && !world.unreachable.empty())
    return {world.any_host(random), pick(random, world.unreachable)};
  Ends ends{world.any_host(random), world.any_host(random)};
  for (unsigned tries = 0;
       tries < 4 && (roll < 90) && world.network_of(ends.client) == world.network_of(ends.server); ++tries)
    ends.server = world.any_host(random);
  return ends;
}

std::uint16_t draw_client_port(const World& world, Random& random) {
  constexpr std::array<std::uint16_t, 8> kShared{1024, 5000, 5001, 40000, 65535, 700, 600, 53};
  if (world.nat && chance(random, 60)) return pick(random, kShared);
  return static_cast<std::uint16_t>(1024 + random.below(64000));
}

Flow udp_flow(const World& world, Random& random) {
  const Ends ends = draw_ends(world, random);
  const auto client_port = draw_client_port(world, random);
  const auto server_port = pick(random, std::array<std::uint16_t, 6>{53, 123, 161, 500, 5000, 0});
  Flow flow;
  const unsigned most = world.paced ? 20 : 8;
  for (unsigned i = 0, n = 1 + random.below(most); i < n; ++i) {
    const bool reply = i != 0 && chance(random, 45);
    const IpFields ip =
        between(random, reply ? ends.server : ends.client, reply ? ends.client : ends.server, packet::kUdp);
    Bytes datagram = udp_datagram(ip, reply ? server_port : client_port, reply ? client_port : server_port,
                                  filler(draw_size(random), 1));
    Kinds kind = kinds(Kind::udp);
    if (chance(random, 10)) {
      store16(&datagram[6], 0);
      kind.set(static_cast<std::size_t>(Kind::udp_no_checksum));
    } else if (chance(random, 8)) {
      store16(&datagram[4], static_cast<std::uint16_t>(datagram.size() - 4 + random.below(9)));
      kind.set(static_cast<std::size_t>(Kind::udp_bad_length));
    }
    flow.push_back({ip_packet(ip, datagram), ip.source, kind});
  }
  return flow;
}

Flow udplite_flow(const World& world, Random& random) {
  const Ends ends = draw_ends(world, random);
  const auto client_port = static_cast<std::uint16_t>(1024 + random.below(64000));
  const auto server_port = pick(random, std::array<std::uint16_t, 3>{5004, 6000, 0});
  Flow flow;
  for (unsigned i = 0, n = 1 + random.below(world.paced ? 20 : 8); i < n; ++i) {
    const bool reply = i != 0 && chance(random, 45);
    const IpFields ip = between(random, reply ? ends.server : ends.client, reply ? ends.client : ends.server,
                                packet::kUdplite);
    const Bytes payload = filler(draw_size(random), 1);
    const auto size = static_cast<std::uint32_t>(8 + payload.size());
    Kinds kind = kinds(Kind::udplite);
    std::uint32_t coverage = 0;
    std::uint8_t pseudo = packet::kUdp;
    if (chance(random, 40)) {
      coverage = 8 + random.below(size - 7);
      kind.set(static_cast<std::size_t>(Kind::udplite_partial_coverage));
    } else if (chance(random, 15)) {
      coverage = chance(random, 50) ? 1 + random.below(7) : size + 1 + random.below(20);
      kind.set(static_cast<std::size_t>(Kind::udplite_bad_coverage));
    }
    if (chance(random, 15)) {
      pseudo = packet::kUdplite;
      kind.set(static_cast<std::size_t>(Kind::udplite_own_pseudo_header));
    }
    Bytes datagram =
        udplite_datagram(ip, reply ? server_port : client_port, reply ? client_port : server_port,
                         static_cast<std::uint16_t>(coverage), pseudo, payload);
    if (chance(random, 5)) {
      store16(&datagram[6], 0);
      kind.set(static_cast<std::size_t>(Kind::udplite_bad_coverage));
    }
    flow.push_back({ip_packet(ip, datagram), ip.source, kind});
  }
  return flow;
}

Flow icmp_flow(const World& world, Random& random) {
  struct Query {
    std::uint8_t ask, answer;
    std::size_t body;
    Kind kind;
  };
  constexpr std::array<Query, 4> kQueries{{{8, 0, 56, Kind::icmp_echo},
                                           {13, 14, 12, Kind::icmp_timestamp},
                                           {15, 16, 0, Kind::icmp_information},
                                           {17, 18, 4, Kind::icmp_address_mask}}};
  constexpr std::array<std::uint8_t, 9> kStrays{9, 10, 19, 30, 42, 40, 255, 1, 6};
  const Ends ends = draw_ends(world, random);
  const Query& query = pick(random, kQueries);
  const std::uint32_t id =
      world.nat && chance(random, 60) ? random.below(3) << 16 : random.next32() & 0xffff0000;
  const bool unasked = chance(random, 15);
  Flow flow;
  for (std::uint32_t i = 0, n = 1 + random.below(6); i < n; ++i) {
    const bool reply = unasked || (i != 0 && chance(random, 50));
    const IpFields ip =
        between(random, reply ? ends.server : ends.client, reply ? ends.client : ends.server, packet::kIcmp);
    const bool stray = chance(random, 8);
    const std::uint8_t type = stray ? pick(random, kStrays) : reply ? query.answer : query.ask;
    const auto code = static_cast<std::uint8_t>(chance(random, 92) ? 0 : random.below(4));
    const std::size_t body = query.ask == 8 ? draw_size(random) : query.body;
    flow.push_back({ip_packet(ip, icmp_message(type, code, id | i, filler(body, 0x30))), ip.source,
                    kinds(stray || unasked ? Kind::icmp_stray : query.kind)});
  }
  return flow;
}

Flow other_flow(const World& world, Random& random) {
  constexpr std::array<std::uint8_t, 10> kProtocols{4, 41, 50, 51, 89, 112, 99, 0, 255, 58};
  const Ends ends = draw_ends(world, random);
  const std::uint8_t protocol = pick(random, kProtocols);
  Flow flow;
  for (unsigned i = 0, n = 1 + random.below(4); i < n; ++i) {
    const bool reply = i != 0 && chance(random, 50);
    const IpFields ip =
        between(random, reply ? ends.server : ends.client, reply ? ends.client : ends.server, protocol);
    flow.push_back({ip_packet(ip, filler(chance(random, 20) ? random.below(4) : draw_size(random), 0x45)),
                    ip.source, kinds(Kind::other_protocol)});
  }
  return flow;
}

Flow odd_flow(const World& world, Random& random) {
  constexpr std::array<std::uint32_t, 9> kOdd{0x00000000, 0x00010203, 0x7f000001, 0xe0000005, 0xf0000009,
                                              0xa9fe0101, 0xffffffff, 0xefffff01, 0x0a000000};
  constexpr std::array<std::uint32_t, 5> kGroups{0xe0000001, 0xe0000005, 0xef010101, 0xe00000fb, 0xe8000001};
  Flow flow;
  for (unsigned i = 0, n = 1 + random.below(3); i < n; ++i) {
    const Network& network = pick(random, world.networks);
    std::uint32_t source = pick(random, network.hosts), destination = world.any_host(random);
    Kind kind = Kind::odd_address;
    const auto roll = random.below(5);
    if (roll == 0) source = pick(random, kOdd);
    if (roll == 1) destination = pick(random, kOdd);
    if (roll == 2) source = world.any_box_address(random);
    if (roll == 3) {
      destination = chance(random, 60) ? network.broadcast() : 0xffffffff;
      kind = Kind::broadcast;
    }
    if (roll == 4) {
      destination = pick(random, kGroups);
      kind = Kind::multicast;
    }
    IpFields ip = between(random, source, destination, chance(random, 70) ? packet::kUdp : packet::kIcmp);
    const Bytes payload = ip.protocol == packet::kUdp
                              ? udp_datagram(ip, 5353, 5353, filler(random.below(60), 3))
                              : icmp_message(8, 0, random.next32(), filler(20, 1));
    flow.push_back({ip_packet(ip, payload), pick(random, network.hosts), kinds(kind)});
  }
  return flow;
}

}  // namespace utables::lab::generate
