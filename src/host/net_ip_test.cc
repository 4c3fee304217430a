// net.ip: what it says, and fifty ways to damage it.
#include "host/net_ip.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace utables::host {
namespace {

struct Damage {
  const char* text;   // `@` stands for a NUL byte
  const char* error;  // the first one
};
constexpr Damage kDamages[] = {
    {"ip link add dev wan",
     "net.ip:1: Object `ip' is unknown: lines of `ip -batch' stand without the word `ip'"},
    {"-4 addr add 10.0.0.1/24 dev lan",
     "net.ip:1: Object `-4' is unknown: options do not belong in lines of `ip -batch'"},
    {"foo add x", "net.ip:1: Object `foo' is unknown: link, address or route is expected"},
    {"link", "net.ip:1: `link' needs a value: the line is not complete"},
    {"link frobnicate wan", "net.ip:1: `link frobnicate': only `add' and `set' are taken"},
    {"link add", "net.ip:1: Not enough information: `dev' is required"},
    {"link add dev", "net.ip:1: `dev' needs a value: the line is not complete"},
    {"link add dev wan index", "net.ip:1: `index' needs a value: the line is not complete"},
    {"link add dev wan index 0", "net.ip:1: `index 0': an index begins at 1"},
    {"link add dev wan index x", "net.ip:1: `index x': not a number from 0 to 2147483647"},
    {"link add dev wan index 99999999999",
     "net.ip:1: `index 99999999999': not a number from 0 to 2147483647"},
    {"link add dev wan index 3\nlink add dev lan index 3",
     "net.ip:2: `index 3': File exists (it is that of `wan')"},
    {"link add dev wan mtu 67", "net.ip:1: `mtu 67': mtu less than device minimum (68)"},
    {"link add dev wan mtu 65536", "net.ip:1: `mtu 65536': not a number from 0 to 65535"},
    {"link add dev wan mtu 15OO", "net.ip:1: `mtu 15OO': not a number from 0 to 65535"},
    {"link add dev wan address 02:00:00:00:00",
     "net.ip:1: `address 02:00:00:00:00': six bytes such as 02:00:00:00:00:01 are expected"},
    {"link add dev wan address 02:00:00:00:00:0g",
     "net.ip:1: `address 02:00:00:00:00:0g': six bytes such as 02:00:00:00:00:01 are expected"},
    {"link add dev wan address 01:00:00:00:00:01",
     "net.ip:1: `address 01:00:00:00:00:01': Cannot assign requested address (multicast or zero)"},
    {"link add dev wan address 00:00:00:00:00:00",
     "net.ip:1: `address 00:00:00:00:00:00': Cannot assign requested address (multicast or zero)"},
    {"link add dev wan address 020000000001",
     "net.ip:1: `address 020000000001': six bytes such as 02:00:00:00:00:01 are expected"},
    {"link add dev averyveryverylongname", "net.ip:1: `averyveryverylongname' is not a valid interface name"},
    {"link add dev a/b", "net.ip:1: `a/b' is not a valid interface name"},
    {"link add dev a:b", "net.ip:1: `a:b' is not a valid interface name"},
    {"link add dev .", "net.ip:1: `.' is not a valid interface name"},
    {"link add dev wan lan", "net.ip:1: either `dev' is duplicate, or `lan' is a garbage"},
    {"link add dev wan type vlan id 5",
     "net.ip:1: `type vlan': Not enough information: `link NAME' is required"},
    {"link add link wan name wan.5 type vlan",
     "net.ip:1: `type vlan': Not enough information: `id N' is required"},
    {"link add link wan name wan.5 type vlan id 4096", "net.ip:1: `id 4096': not a number from 0 to 4095"},
    {"link add link wan name wan.5 type vlan id 5 bogus", "net.ip:1: `bogus': not an option of `type vlan'"},
    {"link add link wan name wan.5 type vlan protocol 802.3 id 5",
     "net.ip:1: `protocol 802.3': 802.1Q or 802.1ad is expected"},
    {"link add link wan name wan.5 type vlan id 5\nlink add link wan name other type vlan id 5",
     "net.ip:2: `id 5': VLAN device already exists (`wan.5')"},
    {"link add link wan name wan type vlan id 5", "net.ip:1: `link wan': an interface is not its own parent"},
    {"link add dev wan type vrf table 10",
     "net.ip:1: `type vrf': Unknown device type (vrf and others change routing, and are not simulated)"},
    {"link set dev wan netns 1", "net.ip:1: `netns': not simulated"},
    {"link set dev wan xdp off", "net.ip:1: `xdp': not simulated"},
    {"qdisc add dev wan clsact", "net.ip:1: `qdisc': tc is outside of utables"},
    {"link set dev wan multicast maybe", "net.ip:1: `multicast maybe': must be `on' or `off'"},
    {"link set wan name lo", "net.ip:1: `name lo': File exists"},
    {"link set wan name a/b", "net.ip:1: `name a/b': not a valid interface name"},
    {"link set wan group", "net.ip:1: `group' needs a value: the line is not complete"},
    {"addr", "net.ip:1: `addr' needs a value: the line is not complete"},
    {"addr show", "net.ip:1: `addr show': only `add', `replace' and `del' are taken"},
    {"addr add dev lan", "net.ip:1: Not enough information: an address is required"},
    {"addr add 10.0.0.1/24", "net.ip:1: Not enough information: `dev' is required"},
    {"addr add 10.0.0.1/33 dev lan",
     "net.ip:1: `10.0.0.1/33': any valid prefix is expected (a length of 0 to 32, or a mask without holes)"},
    {"addr add 10.0.0.256/24 dev lan", "net.ip:1: `10.0.0.256/24': any valid prefix is expected"},
    {"addr add 10.0.0.1/255.0.255.0 dev lan",
     "net.ip:1: `10.0.0.1/255.0.255.0': any valid prefix is expected (a length of 0 to 32, or a mask without "
     "holes)"},
    {"addr add 10.0.0.1.2/24 dev lan", "net.ip:1: `10.0.0.1.2/24': any valid prefix is expected"},
    {"addr add lan dev lan", "net.ip:1: `lan': any valid prefix is expected"},
    {"addr add default dev lan", "net.ip:1: `addr': `default' is not an address"},
    {"addr add 10.0.0.1/24 dev lan brd x", "net.ip:1: `broadcast x': an address, `+' or `-' is expected"},
    {"addr add 10.0.0.1/24 dev lan brd + brd -", "net.ip:1: duplicate `broadcast'"},
    {"addr add 10.0.0.1/24 dev lan dev wan", "net.ip:1: duplicate `dev'"},
    {"addr add 10.0.0.1/24 10.0.0.2/24 dev lan", "net.ip:1: duplicate `local'"},
    {"addr add 10.0.0.1/24 dev lan scope galaxy",
     "net.ip:1: `scope galaxy': not a scope (a name or a number to 255)"},
    {"addr add 10.0.0.1/24 dev lan peer fe80::1", "net.ip:1: `peer': not of the address's family"},
    {"addr add fe80::1/64 brd + dev lan", "net.ip:1: Broadcast can be set only for IPv4 addresses"},
    {"addr add 10.0.0.1/24 dev lan metric many",
     "net.ip:1: `metric many': not a number from 0 to 4294967295"},
    {"addr add 10.0.0.1/24 dev lan\naddr add 10.0.0.1/24 dev lan",
     "net.ip:2: 10.0.0.1/24: Address already assigned"},
    {"addr add 10.0.0.1/24 dev lan\naddr add 10.0.0.2/24 dev lan scope link",
     "net.ip:2: 10.0.0.2/24: Invalid scope value (another address of its network has another scope)"},
    {"addr del 10.0.0.1/24 dev lan", "net.ip:1: 10.0.0.1/24: Address not found"},
    {"addr add 2001:db8::1/129 dev lan",
     "net.ip:1: `2001:db8::1/129': any valid prefix is expected (a length of 0 to 128, or a mask without "
     "holes)"},
    {"addr add 2001:db8:::1/64 dev lan", "net.ip:1: `2001:db8:::1/64': any valid prefix is expected"},
    {"route", "net.ip:1: `route' needs a value: the line is not complete"},
    {"route add", "net.ip:1: Not enough information: a destination is required"},
    {"route frob default",
     "net.ip:1: `route frob': only add, append, prepend, replace, change and del are taken"},
    {"route add default", "net.ip:1: No such device: the route has neither `via' nor `dev'"},
    {"route add default via", "net.ip:1: `via' needs a value: the line is not complete"},
    {"route add default via 10.0.0.x", "net.ip:1: `10.0.0.x': any valid address is expected"},
    {"route add default via 10.0.0.1",
     "net.ip:1: gateway 10.0.0.1: Nexthop has invalid gateway (no connected route leads to it)"},
    {"route add default via 10.0.0.1 dev wan",
     "net.ip:1: gateway 10.0.0.1: Nexthop has invalid gateway (no connected route leads to it)"},
    {"route add default via 10.0.0.1 onlink",
     "net.ip:1: gateway 10.0.0.1: Nexthop device required for onlink"},
    {"route add default via fe80::1 dev wan src 10.0.0.1",
     "net.ip:1: `src': not of the destination's family"},
    {"route add 10.0.0.0/8 via inet6 fe80::1 dev wan",
     "net.ip:1: `via': a gateway of the other family is not simulated"},
    {"route add 10.0.0.0/8 via inet fe80::1 dev wan",
     "net.ip:1: `via': the address is not of the family before it"},
    {"route add 10.0.0.1/8 dev wan", "net.ip:1: 10.0.0.1/8: Invalid prefix for given prefix length"},
    {"route add 10.0.0.0/33 dev wan",
     "net.ip:1: `10.0.0.0/33': any valid prefix is expected (a length of 0 to 32, or a mask without holes)"},
    {"route add 10.0.0.0/8 dev wan bogus", "net.ip:1: either `to' is duplicate, or `bogus' is a garbage"},
    {"route add 10.0.0.0/8 11.0.0.0/8 dev wan",
     "net.ip:1: either `to' is duplicate, or `11.0.0.0/8' is a garbage"},
    {"route add 10.0.0.0/8 dev wan\nroute add 10.0.0.0/8 dev lan",
     "net.ip:2: route to 10.0.0.0/8: File exists"},
    {"route change 10.0.0.0/8 dev wan", "net.ip:1: route to 10.0.0.0/8: No such file or directory"},
    {"route del 10.0.0.0/8", "net.ip:1: route to 10.0.0.0/8: No such process"},
    {"route add 10.0.0.0/8 dev wan table 100",
     "net.ip:1: `table 100': policy routing is not simulated: only the tables main, local and default are "
     "there"},
    {"route add 10.0.0.0/8 dev wan table voip",
     "net.ip:1: `table voip': policy routing is not simulated: only the tables main, local and default are "
     "there"},
    {"route add 10.0.0.0/8 nexthop via 1.1.1.1 nexthop via 2.2.2.2",
     "net.ip:1: `nexthop': routes by several next hops are not simulated"},
    {"route add 10.0.0.0/8 dev wan metric -1", "net.ip:1: `metric -1': not a number from 0 to 4294967295"},
    {"route add 10.0.0.0/8 dev wan mtu lock", "net.ip:1: `lock' needs a value: the line is not complete"},
    {"route add 10.0.0.0/8 dev wan mtu 70000", "net.ip:1: `mtu 70000': not a number from 0 to 65535"},
    {"route add 10.0.0.0/8 dev wan src 192.0.2.1",
     "net.ip:1: src 192.0.2.1: Invalid prefsrc address (it is none of the box's)"},
    {"route add 10.0.0.0/8 dev wan tos 3", "net.ip:1: Invalid dsfield (tos): ECN bits must be 0"},
    {"route add 10.0.0.0/8 dev wan tos 256", "net.ip:1: `tos 256': not a number from 0 to 255"},
    {"route add 10.0.0.0/8 dev wan proto nosuch",
     "net.ip:1: `protocol nosuch': not a protocol (a name or a number to 255)"},
    {"route add 10.0.0.0/8 dev wan scope 300",
     "net.ip:1: `scope 300': not a scope (a name or a number to 255)"},
    {"route add local 10.0.0.0/8 dev lo scope link", "net.ip:1: Invalid scope"},
    {"route add blackhole 10.0.0.0/8 dev wan",
     "net.ip:1: Gateway, device and multipath can not be specified for this route type"},
    {"route add nat 10.0.0.0/8 via 10.0.0.1", "net.ip:1: Invalid scope"},
    {"route add 10.0.0.0/8 dev wan encap ip id 1", "net.ip:1: `encap': not simulated"},
    {"link set wan down\nroute add 10.0.0.0/8 dev wan", "net.ip:2: Device for nexthop is not up"},
    {"rule add from 10.0.0.0/8 table 100", "net.ip:1: `rule': policy routing is not simulated"},
    {"netns add x", "net.ip:1: `netns': a box is one network namespace"},
    {"xfrm state add", "net.ip:1: `xfrm': IPsec is not simulated"},
    {"tunnel add t mode gre", "net.ip:1: `tunnel': tunnels are not simulated"},
    {"tuntap del t0", "net.ip:1: `tuntap del': only `add' is taken"},
    {"tuntap add t0 mode tup", "net.ip:1: `mode tup': must be `tun' or `tap'"},
    {"addr add \"10.0.0.1/24 dev lan", "net.ip:1: the quote \" is not closed"},
    {"route add 10.0.0.0/8 \\", "net.ip:1: the line ends in a backslash, and no line follows"},
    {"route add 10.0@.0.0/8 dev wan", "net.ip:1: a NUL byte: this is not text"},
};

TEST(NetIp, EachDamageIsNamedWithFileAndLine) {
  EXPECT_GE(std::size(kDamages), 50U);
  for (const Damage& damage : kDamages) {
    std::string text = damage.text;
    std::replace(text.begin(), text.end(), '@', '\0');
    Host host;
    Errors errors;
    read_net_ip(text, "net.ip", host, errors);
    ASSERT_FALSE(errors.empty()) << damage.text;
    EXPECT_EQ(errors.front().str(), damage.error) << damage.text;
  }
}

Host read(std::string_view text) {
  Host host;
  Errors errors;
  read_net_ip(text, "net.ip", host, errors);
  for (const Error& e : errors) ADD_FAILURE() << e.str();
  host.settle();
  return host;
}

TEST(NetIp, AbbreviationsCommentsAndContinuedLines) {
  const Host host = read(
      "# a box\n"
      "\n"
      "l a dev wan index 3 mtu 1400  # the internet\r\n"
      "a a 192.0.2.2/24 brd + dev wan\n"
      "a a 10.0.0.254/24 dev lan\n"
      "r a default \\\n"
      "  via 192.0.2.1\n"
      "route add 10.9.0.0/16 via 10.0.0.1 metric 10 mtu 1300 src 10.0.0.254\n"
      "link set lan address 02:00:00:00:00:0a group 7\n"
      "link add link lan name lan.5 type vlan proto 802.1Q id 5\n"
      "link set dev lan.5 name guests\n");
  ASSERT_EQ(host.interfaces.size(), 4U);
  const Interface& wan = host.at(host.find("wan").value());
  EXPECT_EQ(wan.index, 3U);
  EXPECT_EQ(wan.mtu, 1400U);
  EXPECT_EQ(to_string(wan.addresses.at(0).broadcast, Family::ipv4), "192.0.2.255");
  const Interface& lan = host.at(host.find("lan").value());
  EXPECT_EQ(lan.index, 2U) << "the lowest that is free";
  EXPECT_EQ(lan.group, 7U);
  ASSERT_TRUE(lan.hardware_address);
  EXPECT_EQ((*lan.hardware_address)[5], 0x0a);
  const Interface& guests = host.at(host.find("guests").value());
  EXPECT_EQ(guests.kind, LinkKind::vlan);
  EXPECT_EQ(guests.vlan_parent, host.find("lan"));
  EXPECT_EQ(guests.vlan_id, 5);
  const Lookup out = host.routes.find(parse_address("8.8.8.8", Family::ipv4).value(), Family::ipv4);
  EXPECT_EQ(out.device, host.find("wan"));
  EXPECT_EQ(to_string(out.next_hop, Family::ipv4), "192.0.2.1");
  EXPECT_EQ(to_string(out.source, Family::ipv4), "192.0.2.2");
  EXPECT_EQ(host.routes.find(parse_address("10.9.1.1", Family::ipv4).value(), Family::ipv4).route->mtu,
            1300U);
}

TEST(NetIp, Ipv6IsKept) {
  const Host host = read(
      "addr add 2001:db8::1/64 dev lan\n"
      "route add default via 2001:db8::ff dev lan\n"
      "route add 2001:db8:1::/48 dev lan metric 5\n");
  EXPECT_EQ(host.at(1).addresses.size(), 1U);
  const auto six = std::count_if(host.routes.all().begin(), host.routes.all().end(),
                                 [](const Route& r) { return r.destination.family == Family::ipv6; });
  EXPECT_EQ(six, 6) << "::1, the address, its network and all its routers, and the two lines";
}

TEST(NetIp, WhatIsNotSimulatedIsSaidOnce) {
  const Host host = read(
      "neigh add 10.0.0.1 lladdr 02:00:00:00:00:01 dev lan\n"
      "neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev lan\n"
      "link add br0 type bridge\n"
      "link set lan master br0\n");
  EXPECT_EQ(host.notes.size(), 3U);
}

TEST(NetIp, BoundsAreSaid) {
  Host host;
  Errors errors;
  read_net_ip(std::string(kMaxNetIpBytes + 1, '\n'), "net.ip", host, errors);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].str(), "net.ip: larger than 16777216 bytes");
  errors.clear();
  read_net_ip(std::string(kMaxNetIpLines + 1, '\n'), "net.ip", host, errors);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].str(), "net.ip:200001: more than 200000 lines");
  errors.clear();
  std::string links;
  for (int i = 0; i < 4096; ++i) links += "link add dev i" + std::to_string(i) + "\n";
  read_net_ip(links, "net.ip", host, errors);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].str(), "net.ip:4096: more than 4096 interfaces");
}

}  // namespace
}  // namespace utables::host
