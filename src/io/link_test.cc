// Every link layer, every way in which one can be cut, and the packets of real captures.
#include "io/link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "io/format/capture_bytes.h"

namespace utables::io {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;

using Mac = std::array<std::uint8_t, 6>;
constexpr Mac kTo{0x02, 0, 0, 0, 0, 0xaa}, kFrom{0x02, 0, 0, 0, 0, 0xbb};

Bytes network_order() { return Bytes{{}, true}; }

Bytes ethernet(std::uint16_t type, const Mac& to = kTo) {
  Bytes b = network_order();
  return b.bytes({to.begin(), to.end()}).bytes({kFrom.begin(), kFrom.end()}).u16(type);
}

/// Twenty bytes that begin as IPv4 does.
std::vector<std::uint8_t> ip4() {
  std::vector<std::uint8_t> v(20, 0);
  v[0] = 0x45;
  return v;
}

struct Parsed {
  LinkLayer link{};
  LinkProblem problem = LinkProblem::none;
};

Parsed parse(std::uint16_t link_type, const Bytes& b, std::uint32_t wire = 0) {
  Frame frame;
  frame.link_type = link_type;
  frame.bytes = b.data;
  frame.wire_size = wire == 0 ? static_cast<std::uint32_t>(b.data.size()) : wire;
  Parsed p;
  p.problem = parse_link(frame, p.link);
  return p;
}

TEST(Link, Ethernet) {
  const Parsed p = parse(linktype::kEthernet, ethernet(0x0800).bytes(ip4()), 100);
  EXPECT_EQ(p.problem, LinkProblem::none);
  EXPECT_EQ(p.link.offset, 14u);
  EXPECT_EQ(p.link.size, 20u);
  EXPECT_EQ(p.link.wire_size, 86u);
  EXPECT_EQ(p.link.ether_type, ethertype::kIpv4);
  EXPECT_TRUE(p.link.facts.present);
  EXPECT_EQ(p.link.facts.destination, kTo);
  EXPECT_EQ(p.link.facts.source, kFrom);
  EXPECT_EQ(p.link.facts.type, 0x0800);
  EXPECT_EQ(p.link.type, PacketType::host);
  EXPECT_EQ(p.link.direction, Direction::unknown);
  EXPECT_EQ(p.link.vlan_count, 0);
}

TEST(Link, EthernetDestinations) {
  constexpr Mac kAll{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, kGroup{0x01, 0x00, 0x5e, 0, 0, 1};
  EXPECT_EQ(parse(1, ethernet(0x0806, kAll)).link.type, PacketType::broadcast);
  EXPECT_EQ(parse(1, ethernet(0x0806, kGroup)).link.type, PacketType::multicast);
}

TEST(Link, OtherProtocolsAreNoProblem) {
  for (const unsigned type : {0x0806u, 0x88ccu, 0x8863u, 0x86ddu, 0x0600u, 0xffffu}) {
    const Parsed p = parse(1, ethernet(static_cast<std::uint16_t>(type)));
    EXPECT_EQ(p.problem, LinkProblem::none);
    EXPECT_EQ(p.link.ether_type, type);
    EXPECT_EQ(p.link.size, 0u);
  }
}

TEST(Link, VlanTagsOutermostFirst) {
  const Parsed one = parse(1, ethernet(0x8100).u16(0xe005).u16(0x0800).bytes(ip4()));
  EXPECT_EQ(one.problem, LinkProblem::none);
  EXPECT_EQ(one.link.vlan_count, 1);
  EXPECT_EQ(one.link.vlan_ids[0], 5);  // without priority
  EXPECT_EQ(one.link.offset, 18u);
  EXPECT_EQ(one.link.ether_type, 0x0800);
  EXPECT_EQ(one.link.facts.type, 0x0800);
  const Parsed two = parse(1, ethernet(0x88a8).u16(100).u16(0x8100).u16(4'095).u16(0x0800).bytes(ip4()));
  EXPECT_EQ(two.link.vlan_count, 2);
  EXPECT_THAT(two.link.vlan_ids, ElementsAre(100, 4'095, 0, 0));
  EXPECT_EQ(two.link.offset, 22u);
  const Parsed old = parse(1, ethernet(0x9100).u16(1).u16(0x9100).u16(2).u16(0x8100).u16(3).u16(0x0806));
  EXPECT_EQ(old.link.vlan_count, 3);
  EXPECT_EQ(old.link.ether_type, 0x0806);
}

TEST(Link, VlanTagsAreBounded) {
  Bytes b = ethernet(0x8100);
  for (unsigned i = 0; i < kMaxVlanTags; ++i) b.u16(1).u16(0x8100);
  EXPECT_EQ(parse(1, b).problem, LinkProblem::truncated);
  b.u16(1).u16(0x0800);
  EXPECT_EQ(parse(1, b).problem, LinkProblem::too_many_tags);
}

TEST(Link, PppoeSession) {
  const Parsed p =
      parse(1, ethernet(0x8864).u8(0x11).u8(0).u16(0xabcd).u16(22).u16(0x0021).bytes(ip4()).text("padding"));
  EXPECT_EQ(p.problem, LinkProblem::none);
  EXPECT_EQ(p.link.pppoe_session, 0xabcd);
  EXPECT_EQ(p.link.ppp_protocol, 0x0021);
  EXPECT_EQ(p.link.ether_type, ethertype::kIpv4);
  EXPECT_EQ(p.link.offset, 22u);
  EXPECT_EQ(p.link.size, 20u);  // the padding is behind what PPPoE counts
  EXPECT_EQ(p.link.wire_size, 20u);
  EXPECT_FALSE(p.link.facts.present);  // a PPP device has no Ethernet header
  EXPECT_EQ(p.link.facts.source, kFrom);
  const Parsed control = parse(1, ethernet(0x8864).u8(0x11).u8(0).u16(1).u16(10).u16(0xc021).u64(0));
  EXPECT_EQ(control.link.ether_type, ethertype::kPpp);
  EXPECT_EQ(control.link.ppp_protocol, 0xc021);
  const Parsed six = parse(1, ethernet(0x8864).u8(0x11).u8(0).u16(1).u16(10).u16(0x0057).u64(0));
  EXPECT_EQ(six.link.ether_type, ethertype::kIpv6);
}

TEST(Link, PppoeCutByTheSnapLengthClaimsMore) {
  const Parsed p =
      parse(1, ethernet(0x8864).u8(0x11).u8(0).u16(1).u16(1'402).u16(0x0021).bytes(ip4()), 1'422);
  EXPECT_EQ(p.problem, LinkProblem::none);
  EXPECT_EQ(p.link.size, 20u);
  EXPECT_EQ(p.link.wire_size, 1'400u);
}

TEST(Link, PppoeProblems) {
  EXPECT_EQ(parse(1, ethernet(0x8864).u8(0x21).u8(0).u16(1).u16(2).u16(0x21)).problem,
            LinkProblem::bad_pppoe_header);
  EXPECT_EQ(parse(1, ethernet(0x8864).u8(0x11).u8(9).u16(1).u16(2).u16(0x21)).problem,
            LinkProblem::bad_pppoe_header);
  EXPECT_EQ(parse(1, ethernet(0x8864).u8(0x11).u8(0).u16(1).u16(1).u16(0x21)).problem,
            LinkProblem::bad_pppoe_length);
  EXPECT_EQ(parse(1, ethernet(0x8864).u8(0x11).u8(0).u16(1).u16(3).u16(0x21)).problem,
            LinkProblem::bad_pppoe_length);
}

TEST(Link, PppoeWithinQinq) {
  const Parsed p = parse(
      1,
      ethernet(0x88a8).u16(7).u16(0x8100).u16(8).u16(0x8864).u8(0x11).u8(0).u16(9).u16(22).u16(0x0021).bytes(
          ip4()));
  EXPECT_EQ(p.link.vlan_count, 2);
  EXPECT_EQ(p.link.pppoe_session, 9);
  EXPECT_EQ(p.link.ether_type, 0x0800);
}

TEST(Link, Ethernet8023) {
  const Parsed snap =
      parse(1, ethernet(28).u8(0xaa).u8(0xaa).u8(3).u8(0).u16(0).u16(0x0800).bytes(ip4()).u64(0));
  EXPECT_EQ(snap.problem, LinkProblem::none);
  EXPECT_TRUE(snap.link.snap);
  EXPECT_EQ(snap.link.ether_type, 0x0800);
  EXPECT_EQ(snap.link.offset, 22u);
  EXPECT_EQ(snap.link.size, 20u);  // padding cut off
  const Parsed spanning_tree =
      parse(1, ethernet(38).u8(0x42).u8(0x42).u8(3).bytes(std::vector<std::uint8_t>(43, 0)));
  EXPECT_EQ(spanning_tree.problem, LinkProblem::none);
  EXPECT_EQ(spanning_tree.link.ether_type, 0);
  const Parsed cisco = parse(1, ethernet(8).u8(0xaa).u8(0xaa).u8(3).u8(0).u16(0x000c).u16(0x2000));
  EXPECT_EQ(cisco.link.ether_type, 0);
  EXPECT_FALSE(cisco.link.snap);
  EXPECT_EQ(parse(1, ethernet(4).u8(0x42).u8(0x42).u8(3)).problem, LinkProblem::bad_llc_length);
  EXPECT_EQ(parse(1, ethernet(2).u8(0x42).u8(0x42).u8(3)).problem, LinkProblem::truncated);
}

TEST(Link, RawIp) {
  for (const std::uint16_t type : {linktype::kRaw, linktype::kRawBsd, linktype::kRawOpenBsd}) {
    EXPECT_EQ(parse(type, Bytes{ip4()}).link.ether_type, ethertype::kIpv4);
    EXPECT_EQ(parse(type, Bytes{{0x60, 0, 0}}).link.ether_type, ethertype::kIpv6);
    EXPECT_EQ(parse(type, Bytes{{0x50}}).link.ether_type, 0);
    EXPECT_EQ(parse(type, Bytes{ip4()}).link.offset, 0u);
    EXPECT_FALSE(parse(type, Bytes{ip4()}).link.facts.present);
  }
  EXPECT_EQ(parse(linktype::kIpv4, Bytes{{0x60}}).link.ether_type, ethertype::kIpv4);
  EXPECT_EQ(parse(linktype::kIpv6, Bytes{{0x60}}).link.ether_type, ethertype::kIpv6);
}

Bytes cooked1(std::uint16_t packet_type, std::uint16_t protocol, std::uint16_t hardware = 1) {
  Bytes b = network_order();
  b.u16(packet_type).u16(hardware).u16(6).bytes({kFrom.begin(), kFrom.end()}).u16(0);
  return b.u16(protocol);
}

Bytes cooked2(std::uint8_t packet_type, std::uint16_t protocol, std::uint32_t index) {
  Bytes b = network_order();
  return b.u16(protocol)
      .u16(0)
      .u32(index)
      .u16(1)
      .u8(packet_type)
      .u8(6)
      .bytes({kFrom.begin(), kFrom.end()})
      .u16(0);
}

TEST(Link, LinuxCooked1) {
  const Parsed in = parse(linktype::kLinuxSll, cooked1(0, 0x0800).bytes(ip4()));
  EXPECT_EQ(in.problem, LinkProblem::none);
  EXPECT_EQ(in.link.offset, 16u);
  EXPECT_EQ(in.link.ether_type, 0x0800);
  EXPECT_EQ(in.link.direction, Direction::inbound);
  EXPECT_EQ(in.link.type, PacketType::host);
  EXPECT_TRUE(in.link.facts.present);
  EXPECT_EQ(in.link.facts.source, kFrom);
  const Parsed out = parse(linktype::kLinuxSll, cooked1(4, 0x0800).bytes(ip4()));
  EXPECT_EQ(out.link.direction, Direction::outbound);
  EXPECT_EQ(out.link.type, PacketType::outgoing);
  EXPECT_EQ(parse(113, cooked1(1, 0x0806)).link.type, PacketType::broadcast);
  EXPECT_EQ(parse(113, cooked1(2, 0x0806)).link.type, PacketType::multicast);
  EXPECT_EQ(parse(113, cooked1(3, 0x0806)).link.type, PacketType::other_host);
  const Parsed tagged = parse(113, cooked1(0, 0x8100).u16(12).u16(0x0800).bytes(ip4()));
  EXPECT_EQ(tagged.link.vlan_ids[0], 12);
  EXPECT_EQ(tagged.link.offset, 20u);
  EXPECT_EQ(parse(113, cooked1(0, 16, 824)).link.ether_type, 0);  // netlink: the protocol is no EtherType
  EXPECT_FALSE(parse(113, cooked1(0, 0x0800, 65'534)).link.facts.present);  // a tunnel
  const Parsed llc = parse(113, cooked1(0, 4).u8(0xaa).u8(0xaa).u8(3).u8(0).u16(0).u16(0x0800).bytes(ip4()));
  EXPECT_EQ(llc.link.ether_type, 0x0800);
  EXPECT_TRUE(llc.link.snap);
}

TEST(Link, LinuxCooked2) {
  const Parsed p = parse(linktype::kLinuxSll2, cooked2(4, 0x86dd, 70'000).u8(0x60));
  EXPECT_EQ(p.problem, LinkProblem::none);
  EXPECT_EQ(p.link.offset, 20u);
  EXPECT_EQ(p.link.interface_index, 70'000u);
  EXPECT_EQ(p.link.direction, Direction::outbound);
  EXPECT_EQ(p.link.ether_type, ethertype::kIpv6);
  EXPECT_EQ(p.link.facts.source, kFrom);
}

TEST(Link, FlagsOfTheCaptureTakePrecedence) {
  const Bytes b = cooked1(4, 0x0800);
  Frame frame;
  frame.link_type = linktype::kLinuxSll;
  frame.bytes = b.data;
  frame.wire_size = 16;
  frame.direction = Direction::inbound;
  frame.type = PacketType::multicast;
  LinkLayer link;
  EXPECT_EQ(parse_link(frame, link), LinkProblem::none);
  EXPECT_EQ(link.direction, Direction::inbound);
  EXPECT_EQ(link.type, PacketType::multicast);
}

struct PppRow {
  std::uint16_t link_type;
  std::vector<std::uint8_t> header;
  std::uint16_t ether_type;
  Direction direction;
};

TEST(Link, PppInItsForms) {
  const Direction none = Direction::unknown, in = Direction::inbound, out = Direction::outbound;
  const PppRow rows[] = {
      {9, {0xff, 0x03, 0x00, 0x21}, 0x0800, none},
      {9, {0x00, 0x21}, 0x0800, none},
      {9, {0x21}, 0x0800, none},  // the protocol compressed
      {9, {0xff, 0x03, 0x57}, 0x86dd, none},
      {9, {0xc0, 0x21}, 0x880b, none},
      {50, {0xff, 0x03, 0x00, 0x21}, 0x0800, none},
      {50, {0x0f, 0x00, 0x08, 0x00}, 0x0800, none},  // Cisco
      {50, {0x8f, 0x00, 0x20, 0x00}, 0x2000, none},
      {51, {0x11, 0x00, 0x00, 0x07, 0x00, 0x16, 0x00, 0x21}, 0x0800, none},
      {166, {0x00, 0x00, 0x21}, 0x0800, in},
      {204, {0x00, 0xff, 0x03, 0x00, 0x21}, 0x0800, in},
      {204, {0x01, 0xff, 0x03, 0x00, 0x21}, 0x0800, out},
  };
  for (const PppRow& row : rows) {
    const Parsed p = parse(row.link_type, Bytes{row.header}.bytes(ip4()));
    EXPECT_EQ(p.problem, LinkProblem::none) << row.link_type;
    EXPECT_EQ(p.link.offset, row.header.size()) << row.link_type;
    EXPECT_EQ(p.link.ether_type, row.ether_type) << row.link_type;
    EXPECT_EQ(p.link.direction, row.direction) << row.link_type;
    EXPECT_EQ(p.link.size, 20u);
  }
}

TEST(Link, BsdLoopback) {
  for (const std::uint32_t family : {2u, 10u, 24u, 28u, 30u, 7u}) {
    const std::uint16_t type = family == 2 ? 0x0800 : family == 7 ? 0 : 0x86dd;
    EXPECT_EQ(parse(linktype::kNull, Bytes{}.u32(family)).link.ether_type, type);
    EXPECT_EQ(parse(linktype::kNull, network_order().u32(family)).link.ether_type, type);
    EXPECT_EQ(parse(linktype::kLoop, network_order().u32(family)).link.ether_type, type);
  }
  EXPECT_EQ(parse(linktype::kLoop, network_order().u32(2).bytes(ip4())).link.offset, 4u);
}

// A header cut anywhere is `truncated`, and never more than that.
TEST(Link, TruncatedAnywhere) {
  struct Whole {
    std::uint16_t link_type;
    Bytes bytes;  ///< the link header alone
  };
  const Whole wholes[] = {
      {1, ethernet(0x88a8).u16(1).u16(0x8100).u16(2).u16(0x0800)},
      {1, ethernet(0x8864).u8(0x11).u8(0).u16(1).u16(30).u16(0x0021)},
      {1, ethernet(40).u8(0xaa).u8(0xaa).u8(3).u8(0).u16(0).u16(0x0800)},
      {113, cooked1(0, 0x8100).u16(1).u16(0x0800)},
      {276, cooked2(0, 0x8100, 1).u16(1).u16(0x0800)},
      {0, Bytes{}.u32(2)},
      {108, Bytes{}.u32(2)},
      {9, Bytes{{0xff, 0x03, 0x00, 0x21}}},
      {50, Bytes{{0x0f, 0x00, 0x08, 0x00}}},
      {51, Bytes{{0x11, 0x00, 0x00, 0x07, 0x00, 0x16, 0x00, 0x21}}},
      {204, Bytes{{0x00, 0xff, 0x03, 0x00, 0x21}}},
      {101, Bytes{{0x45}}},
  };
  for (const Whole& whole : wholes) {
    EXPECT_EQ(parse(whole.link_type, whole.bytes, 100).problem, LinkProblem::none) << whole.link_type;
    for (std::size_t n = 0; n < whole.bytes.data.size(); ++n) {
      Bytes cut = whole.bytes;
      cut.data.resize(n);
      EXPECT_EQ(parse(whole.link_type, cut, 100).problem, LinkProblem::truncated)
          << whole.link_type << " at " << n;
    }
  }
  EXPECT_EQ(name(LinkProblem::truncated), "link-truncated");
}

TEST(Link, UnknownTypesAreNamed) {
  EXPECT_TRUE(check_link_type(1));
  EXPECT_TRUE(check_link_type(276));
  EXPECT_THAT(check_link_type(105).error().text,
              HasSubstr("link type 105, IEEE802_11 (wireless), is not understood"));
  EXPECT_THAT(check_link_type(9'999).error().text, HasSubstr("link type 9999 is not understood"));
  EXPECT_EQ(parse(105, Bytes{{0}}).problem, LinkProblem::unknown_link_type);
  EXPECT_EQ(link_type_name(1), "EN10MB");
  EXPECT_EQ(link_type_name(9'999), "link type 9999");
  std::set<std::string_view> names;
  for (unsigned i = 0; i < static_cast<unsigned>(LinkProblem::count_); ++i)
    names.insert(name(static_cast<LinkProblem>(i)));
  EXPECT_EQ(names.size(), static_cast<std::size_t>(LinkProblem::count_));
}

TEST(RealMaterial, EveryIpPacketBeginsWithItsVersion) {
  const char* set = std::getenv("UTABLES_DATA");
  const std::filesystem::path data =
      (set != nullptr ? std::filesystem::path(set)
                      : std::filesystem::path(UTABLES_SOURCE_DIR) / "../shared") /
      "pcaps";
  if (!std::filesystem::exists(data))
    GTEST_SKIP() << "no real captures: " << data << " is not there (UTABLES_DATA)";
  int packets = 0;
  for (const auto& entry : std::filesystem::directory_iterator(data)) {
    if (entry.path().extension() != ".pcap" && entry.path().extension() != ".pcapng") continue;
    for (const Kept& kept : read_file(entry.path()).frames) {
      Frame frame = kept.frame;
      frame.bytes = kept.bytes;
      LinkLayer link;
      EXPECT_TRUE(check_link_type(frame.link_type));
      EXPECT_EQ(parse_link(frame, link), LinkProblem::none) << entry.path() << ":" << frame.number;
      if ((link.ether_type != 0x0800 && link.ether_type != 0x86dd) || link.size == 0) continue;
      ++packets;
      EXPECT_EQ(kept.bytes[link.offset] >> 4, link.ether_type == 0x0800 ? 4 : 6)
          << entry.path() << ":" << frame.number;
    }
  }
  EXPECT_GT(packets, 1'000);
}

}  // namespace
}  // namespace utables::io
