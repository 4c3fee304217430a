#include "host/routes.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "host/configure.h"
#include "host/host.h"

namespace utables::host {
namespace {

Address v4(std::string_view text) { return parse_address(text, Family::ipv4).value(); }
Prefix net(std::string_view text) { return parse_prefix(text, Family::ipv4).value(); }

Route to(std::string_view destination, InterfaceId device, std::uint32_t metric = 0) {
  Route r;
  r.destination = net(destination);
  r.device = device;
  r.metric = metric;
  r.scope = RouteScope::link;
  return r;
}

TEST(Routes, LongestPrefixThenMetric) {
  RouteTable t;
  EXPECT_EQ(t.find(v4("1.2.3.4"), Family::ipv4).type, RouteType::unspec);
  t.add(to("0.0.0.0/0", 1));
  t.add(to("10.0.0.0/8", 2, 20));
  t.add(to("10.0.0.0/8", 3, 10));
  t.add(to("10.1.0.0/17", 4));
  t.add(to("10.1.2.3/32", 5));
  const auto device = [&](const char* a) { return t.find(v4(a), Family::ipv4).device; };
  EXPECT_EQ(device("11.0.0.0"), 1);
  EXPECT_EQ(device("10.255.255.255"), 3);
  EXPECT_EQ(device("10.1.127.255"), 4);
  EXPECT_EQ(device("10.1.128.0"), 3);
  EXPECT_EQ(device("10.1.2.3"), 5);
  EXPECT_EQ(t.find(v4("10.1.2.3"), Family::ipv4, 0, 2).device, 2) << "only routes of that device";
  EXPECT_EQ(t.find(v4("10.1.2.3"), Family::ipv4, 0, 9).type, RouteType::unspec);
}

TEST(Routes, TosChoosesAndLocalYieldsToALongerMainRoute) {
  RouteTable t;
  Route r = to("10.0.0.0/8", 2);
  r.tos = 0x10;
  t.add(to("10.0.0.0/8", 1));
  t.add(r);
  EXPECT_EQ(t.find(v4("10.0.0.1"), Family::ipv4, 0x10).device, 2);
  EXPECT_EQ(t.find(v4("10.0.0.1"), Family::ipv4, 0x13).device, 2) << "ECN bits do not matter";
  EXPECT_EQ(t.find(v4("10.0.0.1"), Family::ipv4, 0x08).device, 1);
  Route local = to("10.128.0.0/9", 0);
  local.type = RouteType::local;
  local.table = RouteTableId::local;
  t.add(local);
  t.add(to("10.130.0.0/16", 3));
  EXPECT_EQ(t.find(v4("10.129.0.1"), Family::ipv4).type, RouteType::local);
  EXPECT_EQ(t.find(v4("10.130.0.1"), Family::ipv4).device, 3);
}

// The trie against the definition: the longest prefix that holds the address, on random tables that
// change while they are used.
TEST(Routes, EqualsALinearSearch) {
  Random random(1);
  RouteTable t;
  std::vector<Route> model;
  for (int round = 0; round < 3000; ++round) {
    if (random.below(4) != 0 || model.empty()) {
      const unsigned length = random.below(33);
      Route r = to("0.0.0.0/0", static_cast<InterfaceId>(random.below(4)), random.below(3));
      r.destination.length = static_cast<std::uint8_t>(length);
      r.destination.address =
          Address::from_v4(0x0a000000 | (random.next32() & 0x00f3ff0f)) & mask_of(length, Family::ipv4);
      if (t.add(r, AddMode::add)) model.push_back(r);
    } else {
      const std::size_t victim = random.below(static_cast<std::uint32_t>(model.size()));
      EXPECT_TRUE(t.remove(model[victim]));
      model.erase(model.begin() + static_cast<std::ptrdiff_t>(victim));
    }
    ASSERT_EQ(t.all().size(), model.size());
    for (int i = 0; i < 4; ++i) {
      const Address a = Address::from_v4(0x0a000000 | (random.next32() & 0x01f3ff0f));
      const InterfaceId device = i == 3 ? static_cast<InterfaceId>(random.below(4)) : kNoInterface;
      const Route* best = nullptr;
      for (const Route& r : model)
        if (r.destination.contains(a) && (device == kNoInterface || r.device == device) &&
            (best == nullptr || r.destination.length > best->destination.length ||
             (r.destination.length == best->destination.length && r.metric < best->metric)))
          best = &r;
      const Lookup found = t.find(a, Family::ipv4, 0, device);
      ASSERT_EQ(found.type == RouteType::unspec, best == nullptr);
      if (best != nullptr) {
        ASSERT_TRUE(found.route->same_as(*best)) << to_string(a, Family::ipv4);
      }
    }
  }
}

TEST(Host, LoopbackIsAlwaysThere) {
  const Host host;
  ASSERT_EQ(host.interfaces.size(), 1U);
  EXPECT_EQ(host.find("lo"), InterfaceId{0});
  EXPECT_EQ(host.at(0).index, 1U);
  EXPECT_TRUE(host.is_local(v4("127.9.9.9"), Family::ipv4));
  EXPECT_FALSE(host.is_local(v4("10.0.0.1"), Family::ipv4));
  EXPECT_EQ(host.routes.type_of(v4("127.255.255.255"), Family::ipv4), RouteType::broadcast);
  EXPECT_EQ(host.routes.type_of(v4("0.0.0.0"), Family::ipv4), RouteType::broadcast);
  EXPECT_EQ(host.routes.type_of(v4("239.1.1.1"), Family::ipv4), RouteType::multicast);
  EXPECT_EQ(host.routes.type_of(v4("8.8.8.8"), Family::ipv4), RouteType::unicast);
}

TEST(Host, WithoutNetIpTwoInterfaces) {
  const Host host = build(BoxText{}).value();
  EXPECT_EQ(host.find("in"), InterfaceId{1});
  EXPECT_EQ(host.find("out"), InterfaceId{2});
  EXPECT_EQ(host.routes.find(v4("192.0.2.1"), Family::ipv4).device, InterfaceId{2});
  EXPECT_EQ(host.settings.interfaces.size(), 3U);
  EXPECT_EQ(host.notes.size(), 1U);
}

TEST(Host, SourceSelection) {
  Host host;
  const InterfaceId a = add_interface(host, "a").value(), b = add_interface(host, "b").value();
  const auto give = [&](InterfaceId id, const char* prefix) {
    InterfaceAddress address;
    address.prefix = net(prefix);
    ASSERT_TRUE(add_address(host, id, address));
  };
  give(a, "10.0.0.1/24");
  give(a, "10.0.1.1/24");
  give(a, "10.0.1.2/24");
  const auto route = [&](const char* destination, const char* gateway, InterfaceId device) {
    Route r = to(destination, device);
    if (gateway != nullptr) {
      r.gateway = v4(gateway);
      r.scope = RouteScope::universe;
    }
    const auto ok = add_route(host, r, AddMode::add);
    EXPECT_TRUE(ok) << ok.error().text;
  };
  route("10.9.0.0/16", "10.0.1.9", kNoInterface);
  route("10.8.0.0/16", nullptr, b);
  host.settle();
  const auto source = [&](const char* d) {
    return to_string(host.routes.find(v4(d), Family::ipv4).source, Family::ipv4);
  };
  EXPECT_EQ(source("10.9.1.1"), "10.0.1.1") << "the address in the gateway's network";
  EXPECT_EQ(source("10.0.0.7"), "10.0.0.1");
  EXPECT_EQ(source("10.8.1.1"), "10.0.0.1") << "the device has none: the first of any other";
  EXPECT_EQ(source("10.0.1.2"), "10.0.1.1") << "a secondary address's local route has the primary's";
  set_up(host, a, false);
  EXPECT_EQ(host.routes.find(v4("10.9.1.1"), Family::ipv4).type, RouteType::unspec);
  EXPECT_TRUE(host.is_local(v4("10.0.0.1"), Family::ipv4))
      << "own addresses outlive their interface going down";
}

}  // namespace
}  // namespace utables::host
