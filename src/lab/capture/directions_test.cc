#include "lab/capture/directions.h"

#include <gtest/gtest.h>

#include "packet/describe.h"

namespace utables::lab {
namespace {

constexpr const char* kNetIp =
    "link add dev wan index 7 address 02:00:00:00:00:01\n"
    "link add dev lan index 8 address 02:00:00:00:00:02\n"
    "link add link lan name lan.5 type vlan id 5\n"
    "addr add 192.0.2.254/24 dev wan\n"
    "addr add 10.0.0.254/24 dev lan\n"
    "addr add 10.5.0.254/24 dev lan.5\n"
    "route add 10.9.0.0/16 via 10.0.0.9 dev lan\n";

class DirectionsTest : public testing::Test {
 protected:
  static const host::Host& box(bool default_route = true) {
    const auto make = [](bool with) {
      BoxText text;
      text.has_net_ip = true;
      text.net_ip = kNetIp;
      if (with) text.net_ip += "route add default via 192.0.2.1 dev wan\n";
      auto host = host::build(text);
      EXPECT_TRUE(host) << host.error().front().str();
      return std::move(*host);
    };
    static const host::Host kWith = make(true), kWithout = make(false);
    return default_route ? kWith : kWithout;
  }
  /// `in wan (the capture says so)`, or the error.
  std::string place(const std::string& packet, bool default_route = true) {
    const host::Host& host = box(default_route);
    const auto line = packet::read_packet_line(packet);
    EXPECT_TRUE(line) << packet;
    auto directions = Directions::create(host, true, options_, 1);
    EXPECT_TRUE(directions);
    const auto placed = directions->place(frame_, link_, 0, line->bytes);
    stripped_ = directions->stripped_tags();
    if (!placed) return placed.error().text;
    type_ = placed->type;
    return std::string(placed->outbound ? "out " : "in ") + host.at(placed->interface).name + ": " +
           std::string(words(placed->evidence));
  }
  void ethernet(std::uint8_t source, std::uint8_t destination) {
    link_.facts.present = true;
    link_.facts.source = {2, 0, 0, 0, 0, source};
    link_.facts.destination = {2, 0, 0, 0, 0, destination};
  }
  io::Frame frame_{};
  io::LinkLayer link_{};
  std::vector<InterfaceOption> options_{};
  PacketType type_ = PacketType::host;
  std::uint64_t stripped_ = 0;
};

constexpr const char* kFromLan = "udp 10.0.0.5:1 > 8.8.8.8:53 len 0";
constexpr const char* kFromWan = "udp 8.8.8.8:53 > 10.0.0.5:1 len 0";
constexpr const char* kOwn = "udp 192.0.2.254:1 > 8.8.8.8:53 len 0";

TEST_F(DirectionsTest, TheCaptureComesFirst) {
  frame_.interface_name = "wan";
  frame_.direction = io::Direction::outbound;
  ethernet(9, 2);
  EXPECT_EQ(place(kFromLan), "out wan: the capture says so");
  EXPECT_EQ(type_, PacketType::outgoing);
  frame_.direction = io::Direction::inbound;
  EXPECT_EQ(place(kFromLan), "in wan: the capture says so")
      << "even though the route to its sender is by lan";
  EXPECT_EQ(type_, PacketType::other_host) << "its frame is not for wan's address";
}

TEST_F(DirectionsTest, CookedHeaderAndIndex) {
  link_.direction = io::Direction::inbound;
  link_.interface_index = 8;
  EXPECT_EQ(place(kFromWan), "in lan: its cooked header");
  link_.direction = io::Direction::outbound;
  EXPECT_EQ(place(kFromWan), "out lan: its cooked header");
  link_.interface_index = 99;
  EXPECT_EQ(place(kFromWan), "out lan: the route to the sender") << "an index that the box does not have";
}

TEST_F(DirectionsTest, EthernetAddresses) {
  ethernet(9, 1);
  EXPECT_EQ(place(kFromLan), "in wan: Ethernet addresses");
  EXPECT_EQ(type_, PacketType::host);
  ethernet(2, 9);
  EXPECT_EQ(place(kFromWan), "out lan: Ethernet addresses");
  ethernet(8, 9);
  EXPECT_EQ(place(kFromWan), "in wan: the route to the sender");
  EXPECT_EQ(type_, PacketType::other_host);
}

TEST_F(DirectionsTest, Options) {
  options_ = {*parse_interface_option("wan=8.0.0.0/8,10.0.0.0/30"),
              *parse_interface_option("lan=8.8.0.0/16")};
  EXPECT_EQ(place(kFromWan), "in lan: --iface") << "the longest prefix";
  EXPECT_EQ(place("udp 10.0.0.2:1 > 8.8.8.8:53 len 0"), "in wan: --iface");
  EXPECT_EQ(place(kFromLan), "in lan: the route to the sender");
  options_ = {*parse_interface_option("wan")};
  EXPECT_EQ(place(kFromWan), "in wan: the route to the sender")
      << "the interface is known, the way is told by the route";
  EXPECT_EQ(place(kFromLan), "out wan: the route to the sender");
  EXPECT_FALSE(parse_interface_option("=10.0.0.0/8"));
  EXPECT_FALSE(parse_interface_option("wan=10.0.0.0/40"));
  EXPECT_FALSE(Directions::create(box(), true, {*parse_interface_option("eth9")}, 1));
  EXPECT_FALSE(
      Directions::create(box(), true, {*parse_interface_option("wan"), *parse_interface_option("lan")}, 3));
}

TEST_F(DirectionsTest, AddressesAndRoutes) {
  EXPECT_EQ(place(kFromLan), "in lan: the route to the sender");
  EXPECT_EQ(place("udp 10.9.1.1:1 > 8.8.8.8:53 len 0"), "in lan: the route to the sender");
  EXPECT_EQ(place(kFromWan), "in wan: the route to the sender");
  EXPECT_EQ(place(kOwn), "out wan: the route to the sender");
}

TEST_F(DirectionsTest, NoWayToTell) {
  EXPECT_NE(
      place(kFromWan, false)
          .find("no way to tell which interface this packet came in by: no route to its sender 8.8.8.8"),
      std::string::npos);
}

TEST_F(DirectionsTest, TagsBelongToSubInterfaces) {
  link_.vlan_count = 1;
  link_.vlan_ids[0] = 5;
  ethernet(9, 2);
  EXPECT_EQ(place(kFromLan), "in lan.5: Ethernet addresses");
  EXPECT_EQ(stripped_, 0U);
  link_.vlan_ids[0] = 6;
  EXPECT_EQ(place(kFromLan), "in lan: Ethernet addresses") << "no such sub-interface: the tag is stripped";
  EXPECT_EQ(stripped_, 1U);
  link_.vlan_ids[0] = 0;
  EXPECT_EQ(place(kFromLan), "in lan: Ethernet addresses");
  EXPECT_EQ(stripped_, 0U) << "a priority tag names no network";
}

TEST_F(DirectionsTest, ABoxWithoutNetIpTakesEverythingInByIn) {
  const host::Host host = *host::build(BoxText{});
  auto directions = Directions::create(host, false, {}, 1);
  ASSERT_TRUE(directions);
  const auto line = packet::read_packet_line(kFromWan);
  const auto placed = directions->place(frame_, link_, 0, line->bytes);
  ASSERT_TRUE(placed) << placed.error().text;
  EXPECT_EQ(host.at(placed->interface).name, "in");
  EXPECT_FALSE(placed->outbound);
}

}  // namespace
}  // namespace utables::lab
