// Vectors: what Linux 6.18 made of packets from 10.0.0.1 to 203.0.113.9 that came in at 10.0.0.254/24 and
// left by 192.0.2.254. Times stand as 00000001.
#include "packet/ip_options.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "packet/checksum.h"
#include "packet/hex_for_tests.h"

namespace utables::packet {
namespace {

const Address kIncoming = Address::from_v4(0x0a0000fe), kOutgoing = Address::from_v4(0xc00002fe);

Bytes packet_with(std::string_view options, std::uint32_t destination = 0xcb007109) {
  IpPart ip;
  ip.source = Address::from_v4(0x0a000001);
  ip.destination = Address::from_v4(destination);
  ip.options = bytes_of(options);
  return build_udp(ip, 1000, 2000, Bytes(30, 7));
}
std::span<std::uint8_t> header_of(Bytes& b) { return std::span(b).first((b[0] & 15U) * 4U); }
std::string options_of(Bytes& b) { return hex_of(header_of(b).subspan(20)); }

/// Own addresses, broadcast and multicast are not unicast, nor is 0.0.0.0.
bool is_unicast(const Address& a) { return a.v4() == 0x0a000021; }
IpOptions receive(Bytes& b) { return receive_options(header_of(b), {kIncoming, 1, is_unicast}); }

TEST(IpOptions, FilledInOnTheWay) {
  struct Case {
    const char *before, *received, *forwarded;
  };
  for (const Case& c : {
           Case{"070f04000000000000000000000000", "070f080a0000fe000000000000000000",
                "070f08c00002fe000000000000000000"},
           {"0707080102030401", "0707080102030401", "0707080102030401"},
           {"440c05000000000000000000", "440c09000000000100000000", "440c09000000000100000000"},
           {"4414050100000000000000000000000000000000", "44140d010a0000fe000000010000000000000000",
            "44140d010a0000fe000000010000000000000000"},
           {"441405030a0000fe000000000000000000000000", "44140d030a0000fe000000010000000000000000",
            "44140d030a0000fe000000010000000000000000"},
           {"441405030a000021000000000000000000000000", "441405030a000021000000000000000000000000",
            "441405030a000021000000000000000000000000"},
           {"4414050300000000000000000000000000000000", "44140d0300000000000000010000000000000000",
            "44140d0300000000000000010000000000000000"},
           {"440c05020000000000000000", "440c05020000000000000000", "440c05020000000000000000"},
           {"44040500", "44040510", "44040510"},
           {"440405f3", "440405f3", "440405f3"},
           {"63040102", "63040102", "63040102"},
           {"00010203", "00000000", "00000000"},
           {"94040000", "94040000", "94040000"},
           {"94040001", "94040001", "94040001"},
       }) {
    Bytes b = packet_with(c.before);
    const std::uint16_t checksum = load16(&b[10]);
    IpOptions options = receive(b);
    EXPECT_FALSE(options.malformed) << c.before;
    EXPECT_EQ(options_of(b), c.received);
    EXPECT_EQ(load16(&b[10]), checksum) << "the checksum is left alone until it is forwarded";
    forward_options(header_of(b), options, kOutgoing);
    EXPECT_EQ(options_of(b), c.forwarded);
    EXPECT_TRUE(ip_checksum_good(header_of(b)));
  }
}

TEST(IpOptions, MalformedOnesAndTheirPointer) {
  struct Case {
    const char* options;
    unsigned fault;
    const char* echoed;
  };
  for (const Case& c : {
           Case{"0707030102030401", 0x16, ""},
           {"0707060102030401", 0x16, ""},
           {"440405f0", 0x17, ""},
           {"440c04000000000000000000", 0x16, ""},
           {"44030500", 0x15, ""},
           {"440c09010000000000000000", 0x16, ""},
           {"83020400", 0x15, ""},
           {"8307030102030401", 0x16, ""},
           {"83070401020304018307040102030401", 0x1c, ""},
           {"07070400000000010707040000000001", 0x1c, "0707080a0000fe00"},
           {"01016300", 0x16, ""},
           {"63050000", 0x14, ""},
           {"01010163", 0x17, ""},
           {"94030000", 0x15, ""},
           {"860a0000000501040001", 0x16, "860a00000005010400010000"},
           {"860a0000000001040001", 0x16, "860a00000000010400010000"},
           {"86070000000101"
            "04",
            0x15, "8607000000010100"},
           {"070704000000006300", 0x1b, "0707080a0000fe00"},
       }) {
    Bytes b = packet_with(c.options);
    const IpOptions options = receive(b);
    EXPECT_TRUE(options.malformed) << c.options;
    EXPECT_EQ(unsigned{options.fault}, c.fault) << c.options;
    EXPECT_EQ(hex_of(echo_options(header_of(b), options, {kIncoming, 1, is_unicast}).bytes), c.echoed)
        << c.options;
  }
}

TEST(IpOptions, EchoedInErrors) {
  struct Case {
    const char *options, *echoed;
    std::uint32_t first_hop;
  };
  for (const Case& c : {
           Case{"070f04000000000000000000000000", "070f0c0a0000fe0a0000fe0000000000", 0},
           {"0707080102030401", "0707080102030400", 0},
           {"070b040000000000000000", "070b0c0a0000fe0a0000fe00", 0},
           {"4414050100000000000000000000000000000000", "441415010a0000fe000000010a0000fe00000001", 0},
           {"441405030a0000fe000000000000000000000000", "441415030a0000fe000000010000000000000001", 0},
           {"9404000007070400000000", "0707080a0000fe00", 0},
           {"94040000", "", 0},
           {"830b080a090909c633640100", "8307040a00000100", 0x0a090909},
           {"830b0c0a0909090a08080800", "830b040a0909090a00000100", 0x0a080808},
           {"830b0c0a0000010a08080800", "8307040a00000100", 0x0a080808},
           {"830b080a0000010a08080800", "", 0},
           {"8307040a08080800", "", 0},
       }) {
    Bytes b = packet_with(c.options);
    const IpOptions options = receive(b);
    ASSERT_FALSE(options.malformed) << c.options;
    const EchoedOptions echoed = echo_options(header_of(b), options, {kIncoming, 1, is_unicast});
    EXPECT_TRUE(echoed.possible);
    EXPECT_EQ(hex_of(echoed.bytes), c.echoed) << c.options;
    EXPECT_EQ(echoed.has_first_hop, c.first_hop != 0);
    EXPECT_EQ(echoed.first_hop.v4(), c.first_hop);
  }
}

TEST(IpOptions, NothingIsEchoedOfAPacketWhoseOptionsWereNeverRead) {
  Bytes b = packet_with("0707080102030401");
  EXPECT_TRUE(echo_options(header_of(b), IpOptions{}, {kIncoming, 1, is_unicast}).bytes.empty());
}

/// 198.51.100.1 and 192.0.2.77 are elsewhere, 192.0.2.254 is local, 10.0.0.255 a broadcast.
HopKind kind_of(const Address& a) {
  if (a.v4() == 0xc00002fe) return HopKind::local;
  return a.v4() == 0x0a0000ff ? HopKind::other : HopKind::unicast;
}

TEST(IpOptions, SourceRoutes) {
  struct Case {
    const char* options;
    HopKind destination;
    SourceRouteStep step;
    const char* forwarded;
    std::uint32_t goes_to;
  };
  for (const Case& c : {
           Case{"830b04c6336401cb00710900", HopKind::local, SourceRouteStep::hop, "830b08c00002fecb00710900",
                0xc6336401},
           {"830b04c00002fec633640100", HopKind::local, SourceRouteStep::hop, "830b0cc00002fec00002fe00",
            0xc6336401},
           {"830b0cc00002fec633640100", HopKind::local, SourceRouteStep::pass, "830b0cc00002fec633640100",
            0x0a0000fe},
           {"830704c633640100", HopKind::unicast, SourceRouteStep::pass, "830704c633640100", 0x0a0000fe},
           {"890704c633640100", HopKind::unicast, SourceRouteStep::not_strict, nullptr, 0},
           {"890704c000024d00", HopKind::local, SourceRouteStep::hop, "890708c00002fe00", 0xc000024d},
           {"830706c633640100", HopKind::local, SourceRouteStep::bad_pointer, nullptr, 0},
           {"8307040a0000ff00", HopKind::local, SourceRouteStep::drop, nullptr, 0},
           {"830704c633640100", HopKind::other, SourceRouteStep::drop, nullptr, 0},
       }) {
    Bytes b = packet_with(c.options, 0x0a0000fe);
    IpOptions options = receive(b);
    ASSERT_NE(options.source_route, 0);
    EXPECT_EQ(step_source_route(header_of(b), options, c.destination, kind_of), c.step) << c.options;
    EXPECT_EQ(options.fault, c.step == SourceRouteStep::bad_pointer ? 0x16 : 0);
    if (c.forwarded == nullptr) continue;
    forward_options(header_of(b), options, kOutgoing);
    EXPECT_EQ(options_of(b), c.forwarded);
    EXPECT_EQ(load32(&b[16]), c.goes_to);
    EXPECT_TRUE(ip_checksum_good(header_of(b)));
  }
}

TEST(IpOptions, LaterFragmentsKeepTheCopiedOnes) {
  Bytes b = packet_with("0163040102e3040304940400000707040000000000");
  thin_options(header_of(b));
  EXPECT_EQ(options_of(b),
            "0101010101e30403049404000001010101010101"
            "00000000");
}

TEST(IpOptions, MillisecondsOfDay) {
  EXPECT_EQ(milliseconds_of_day(0), 0U);
  EXPECT_EQ(milliseconds_of_day(86400 * kSecond + 5 * kMillisecond + 1), 5U);
  EXPECT_EQ(milliseconds_of_day(-kMillisecond), 86399999U);
}

}  // namespace
}  // namespace utables::packet
