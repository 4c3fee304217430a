#include "lab/generate/world.h"

#include <array>

#include "base/address.h"

namespace utables::lab::generate {

std::string dotted(std::uint32_t address) { return to_string(Address::from_v4(address), Family::ipv4); }

World::World(Random& random, bool with_pauses) : paced(with_pauses) {
  draw_networks(random);
  draw_routes(random);
  draw_sysctls(random);
  nat = chance(random, 35);
}

void World::draw_networks(Random& random) {
  constexpr std::array<std::uint32_t, 3> kPrefixes{0x0a000000, 0xc0000200,
                                                   0xac100500};  // 10.0.0, 192.0.2, 172.16.5
  constexpr std::array<const char*, 3> kNames{"lan", "wan", "dmz"};
  const std::size_t count = chance(random, 60) ? 2 : 3;
  for (std::size_t i = 0; i < count; ++i) {
    Network network;
    network.device = kNames[i];
    network.ethernet = chance(random, 30);
    network.prefix = kPrefixes[i];
    network.length = static_cast<std::uint8_t>(chance(random, 70) ? 24 : 25 + random.below(4));
    network.box = network.prefix + (chance(random, 50) ? 1 : (1U << (32 - network.length)) - 2);
    if (chance(random, 40))
      network.mtu = pick(random, std::array<std::uint32_t, 6>{576, 1400, 1492, 1000, 300, 9000});
    const std::size_t hosts = 2 + random.below(3);
    for (std::size_t h = 0; h < hosts; ++h)
      network.hosts.push_back(network.prefix + 2 + static_cast<std::uint32_t>(h));
    networks.push_back(network);
  }
  for (const auto& network : networks) {
    net_ip += "link add dev " + network.device + " index " +
              std::to_string(10 + (&network - networks.data())) + " mtu " + std::to_string(network.mtu);
    if (!network.ethernet) net_ip += " type tun";
    if (network.ethernet) net_ip += " address 02:00:00:00:01:0" + std::to_string(&network - networks.data());
    net_ip += "\naddr add " + dotted(network.box) + "/" + std::to_string(network.length);
    if (&network == networks.data()) net_ip += " brd " + dotted(network.broadcast());
    net_ip += " dev " + network.device + "\n";
  }
}

void World::draw_routes(Random& random) {
  Network& wan = networks[1];
  const std::uint32_t gateway = wan.hosts[0];
  const bool has_default = chance(random, 85);
  if (has_default) {
    net_ip += "route add default via " + dotted(gateway) + " dev wan\n";
    for (std::uint32_t i = 0; i < 4; ++i) wan.hosts.push_back(0xc6336400 + 7 + i * 31);  // 198.51.100
    wan.hosts.push_back(0xf0000001);  // 240.0.0.1: an address like others
  } else {
    net_ip += "route add 198.51.100.0/24 via " + dotted(gateway) + " dev wan\n";
    for (std::uint32_t i = 0; i < 4; ++i) wan.hosts.push_back(0xc6336400 + 7 + i * 31);
    unreachable.push_back(0x08080808);
    unreachable.push_back(0xcb007155);
  }
  if (chance(random, 50)) {
    net_ip += "route add 10.9.0.0/16 via " + dotted(networks[0].hosts[0]) + " dev lan" +
              (chance(random, 30) ? " mtu 700\n" : "\n");
    networks[0].hosts.push_back(0x0a090001);
    networks[0].hosts.push_back(0x0a0900ff);
  }
  constexpr std::array<const char*, 3> kTypes{"blackhole", "unreachable", "prohibit"};
  for (std::uint32_t i = 0; i < kTypes.size(); ++i) {
    if (!chance(random, 40)) continue;
    const std::uint32_t prefix = 0x0a630000 + (i << 8);  // 10.99.i.0
    net_ip += std::string("route add ") + kTypes[i] + " " + dotted(prefix) + "/24\n";
    unreachable.push_back(prefix + 9);
  }
}

void World::draw_sysctls(Random& random) {
  const auto maybe = [&](unsigned percent, const std::string& name, const std::string& value) {
    if (chance(random, percent)) sysctl_conf += name + " = " + value + "\n";
  };
  const std::string ct = "net.netfilter.nf_conntrack_";
  maybe(20, ct + "tcp_loose", "0");
  maybe(15, ct + "tcp_be_liberal", "1");
  maybe(20, ct + "tcp_ignore_invalid_rst", "1");
  maybe(30, ct + "tcp_max_retrans", std::to_string(random.below(6)));
  if (chance(random, 25)) {
    accounting = true;
    sysctl_conf += ct + "acct = 1\n";
  }
  if (chance(random, 10)) {
    checksums = false;
    sysctl_conf += ct + "checksum = 0\n";
  }
  maybe(15, "net.ipv4.conf.all.rp_filter", std::to_string(1 + random.below(2)));
  maybe(15, "net.ipv4.conf.all.send_redirects", "1");
  maybe(10, "net.ipv4.conf.all.accept_source_route", "1");
  maybe(8, "net.ipv4.icmp_errors_use_inbound_ifaddr", "1");
  maybe(5, "net.ipv4.ip_forward", "0");
  maybe(10, "net.ipv4.ip_default_ttl", std::to_string(32 + random.below(200)));
  if (paced) sysctl_conf += "net.ipv4.ipfrag_time = 1\n";
  for (const char* timeout :
       {"tcp_timeout_syn_sent", "tcp_timeout_syn_recv", "tcp_timeout_established", "tcp_timeout_fin_wait",
        "tcp_timeout_close_wait", "tcp_timeout_last_ack", "tcp_timeout_time_wait", "tcp_timeout_close",
        "tcp_timeout_max_retrans", "tcp_timeout_unacknowledged", "udp_timeout", "udp_timeout_stream",
        "icmp_timeout", "generic_timeout"}) {
    if (paced)
      sysctl_conf += ct + timeout + " = " + std::to_string(1 + random.below(3)) + "\n";
    else
      maybe(15, ct + timeout, std::to_string(10 + random.below(1000)));
  }
  // Its own are so short that a slow machine meets them without any pause.
  for (const char* timeout : {"closed", "cookie_wait", "cookie_echoed", "established", "shutdown_sent",
                              "shutdown_recd", "shutdown_ack_sent", "heartbeat_sent"}) {
    const std::string name = ct + "sctp_timeout_" + timeout;
    if (paced)
      sysctl_conf += name + " = " + std::to_string(1 + random.below(3)) + "\n";
    else
      maybe(90, name, std::to_string(10 + random.below(1000)));
  }
}

std::uint32_t World::any_host(Random& random) const { return pick(random, pick(random, networks).hosts); }

std::uint32_t World::any_box_address(Random& random) const { return pick(random, networks).box; }

bool World::is_box(std::uint32_t address) const {
  for (const auto& network : networks)
    if (network.box == address) return true;
  return (address >> 24) == 127;
}

std::size_t World::network_of(std::uint32_t address) const {
  for (std::size_t i = 0; i < networks.size(); ++i)
    for (const auto host : networks[i].hosts)
      if (host == address) return i;
  for (std::size_t i = 0; i < networks.size(); ++i)
    if ((address & ~((1U << (32 - networks[i].length)) - 1)) == networks[i].prefix) return i;
  return 0;
}

}  // namespace utables::lab::generate
