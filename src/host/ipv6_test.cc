// IPv6 of a box's network: whose groups it hears, which address it sends from, routes asked of one interface.
#include <gtest/gtest.h>

#include "host/net_ip.h"
#include "host/redirect6.h"

namespace utables::host {
namespace {

Address address(const char* text) { return parse_address(text, Family::ipv6).value_or(Address{}); }

constexpr std::string_view kNet = R"(link add dev lan address 02:00:00:00:00:01
addr add 2001:db8:1::fe/64 dev lan
addr add fe80::1/64 dev lan
link add dev tun type tun
addr add 2001:db8:2::fe/64 dev tun
route add default via 2001:db8:2::1 dev tun
route add unreachable 2001:db8:a::/48
)";

struct Ipv6Host : ::testing::Test {
  Ipv6Host() {
    Errors errors;
    read_net_ip(kNet, "net.ip", host, errors);
    EXPECT_TRUE(errors.empty());
    host.settle();
    lan = host.find("lan").value_or(kNoInterface);
    tun = host.find("tun").value_or(kNoInterface);
  }
  std::string source(InterfaceId device, const char* destination) const {
    return to_string(host.select_source6(device, address(destination)), Family::ipv6);
  }
  Host host;
  InterfaceId lan = 0, tun = 0;
};

TEST_F(Ipv6Host, GroupsAreThoseThatLinuxJoins) {
  for (const InterfaceId each : {lan, tun}) {
    EXPECT_TRUE(host.hears_group(each, address("ff02::1")));
    EXPECT_TRUE(host.hears_group(each, address("ff02::2")));
    EXPECT_FALSE(host.hears_group(each, address("ff05::2")));
  }
  EXPECT_TRUE(host.hears_group(lan, address("ff02::1:ff00:fe")));
  EXPECT_FALSE(host.hears_group(tun, address("ff02::1:ff00:fe"))) << "no neighbours to be asked there";
}

TEST_F(Ipv6Host, TheSourceIsOfTheDestinationsScopeAndLikeIt) {
  EXPECT_EQ(source(lan, "2001:db8:1::5"), "2001:db8:1::fe");
  EXPECT_EQ(source(tun, "2001:db8:9::5"), "2001:db8:2::fe");
  EXPECT_EQ(source(lan, "fe80::5"), "fe80::1");
  EXPECT_EQ(source(tun, "fe80::5"), "2001:db8:2::fe") << "of a link's own there is none";
}

TEST_F(Ipv6Host, RedirectTakesTheLatestAddressOfTheDestinationsScope) {
  const auto redirected = [&](const char* destination) {
    return to_string(redirect_address6(host, lan, address(destination)), Family::ipv6);
  };
  const auto add = [&](const char* text) {
    host.interfaces[lan].addresses.push_back({.prefix = {Family::ipv6, 64, address(text)}});
  };
  EXPECT_EQ(redirected("2001:db8:9::1"), "2001:db8:1::fe");
  EXPECT_EQ(redirected("fe80::9"), "fe80::1");
  EXPECT_EQ(redirected("ff02::1"), "fe80::1");
  EXPECT_EQ(redirected("fec0::9"), "::") << "another scope than a link's or a site's own will not do";
  EXPECT_EQ(redirected("ff05::2"), "::");
  add("fd00::1");
  add("fec0::1");
  add("::ffff:1.2.3.4");
  EXPECT_EQ(redirected("2001:db8:9::1"), "fd00::1");
  EXPECT_EQ(redirected("ff05::2"), "fec0::1");
  host.interfaces[lan].addresses = {{.prefix = {Family::ipv6, 64, address("fe80::1")}}};
  EXPECT_EQ(redirected("2001:db8:9::1"), "fe80::1") << "for the whole world any will";
}

TEST_F(Ipv6Host, ARouteThatRefusesIsOfNoInterface) {
  const Address there = address("2001:db8:a::5");
  EXPECT_EQ(host.routes.find(there, Family::ipv6).type, RouteType::unreachable);
  EXPECT_EQ(host.routes.find(there, Family::ipv6, 0, tun).type, RouteType::unicast) << "the default route";
  EXPECT_EQ(host.routes.find(there, Family::ipv6, 0, lan).type, RouteType::unspec);
}

}  // namespace
}  // namespace utables::host
