// NAT on a packet's way: both directions, errors outside and inside, the box's own packets, and that every
// packet leaves with right checksums. Which port or address is chosen: conntrack/nat/nat_test.cc.
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "engine/testing/scene.h"
#include "packet/checksum.h"
#include "packet/headers.h"

namespace utables::engine {
namespace {

using namespace testing;

constexpr std::string_view kGateway = R"(*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -d 192.0.2.254/32 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.0.0.80:80
-A PREROUTING -i lan -p udp -m udp --dport 53 -d 198.51.100.53/32 -j REDIRECT --to-ports 5353
-A OUTPUT -d 203.0.113.77/32 -j DNAT --to-destination 203.0.113.9
-A POSTROUTING -s 10.0.0.0/24 -d 10.0.0.0/24 -j MASQUERADE
-A POSTROUTING -o wan -j MASQUERADE
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -p tcp -m tcp --dport 25 -j REJECT --reject-with tcp-reset
-A FORWARD -p udp -m udp --dport 99 -j REJECT
COMMIT
)";

std::string ends(const packet::Facts& f) { return packet::describe_ends(f); }

/// What left, with its ends, once its checksums were found right.
std::string left(const Told& told) {
  std::string text;
  for (const SentPacket& sent : told.sent) {
    const packet::Facts f = sent.facts();
    EXPECT_TRUE(packet::ip_checksum_good({sent.bytes.data(), f.header_size}));
    EXPECT_NE(packet::transport_checksum(sent.bytes, f), packet::ChecksumState::bad);
    text += (text.empty() ? "" : ", ") + sent.interface + " " + ends(f);
  }
  return text;
}

/// The ends of the packet that an ICMP error quotes.
std::string quoted(const SentPacket& error) {
  const packet::Bytes inner(error.bytes.begin() + error.facts().header_size + 8, error.bytes.end());
  packet::Facts f;
  EXPECT_EQ(packet::parse(inner, load16(&inner[2]), f), DropReason::none);
  EXPECT_TRUE(packet::ip_checksum_good({inner.data(), 20}));
  return ends(f);
}

packet::Bytes error_about(const packet::Bytes& about, std::string_view from, std::string_view to) {
  return packet::build_icmp(ip(from, to), {.type = packet::icmp::kUnreachable, .code = 1, .rest = 0},
                            packet::Bytes(about.begin(), about.begin() + 28));
}

TEST(Nat, MasqueradeBothWays) {
  Scene scene{{.rules = kGateway}};
  const Told asked = scene.in("lan", udp("10.0.0.5", "203.0.113.9"));
  EXPECT_EQ(left(asked), "wan 192.0.2.254:4000 > 203.0.113.9:53");
  EXPECT_EQ(left(scene.in("wan", udp("203.0.113.9", "192.0.2.254", 8, 64, 53, 4000))),
            "lan 203.0.113.9:53 > 10.0.0.5:4000");
  EXPECT_EQ(left(scene.in("lan", echo("10.0.0.5", "203.0.113.9"))), "wan 192.0.2.254 > 203.0.113.9");
  EXPECT_EQ(left(scene.in("wan", echo("203.0.113.9", "192.0.2.254", 0))), "lan 203.0.113.9 > 10.0.0.5");
}

TEST(Nat, ADatagramWithoutAChecksumStaysWithout) {
  Scene scene{{.rules = kGateway}};
  packet::Bytes bytes = udp("10.0.0.5", "203.0.113.9");
  store16(&bytes[26], 0);
  const Told told = scene.in("lan", bytes);
  EXPECT_EQ(load16(&told.sent.at(0).bytes[26]), 0);
}

TEST(Nat, DestinationAndItsAnswer) {
  Scene scene{{.rules = kGateway}};
  using namespace packet::tcp;
  EXPECT_EQ(left(scene.in("wan", tcp("203.0.113.9", "192.0.2.254", kSyn, 4000, 8080))),
            "lan 203.0.113.9:4000 > 10.0.0.80:80");
  EXPECT_EQ(left(scene.in("lan", tcp("10.0.0.80", "203.0.113.9", kSyn | kAck, 80, 4000, 1, 1001))),
            "wan 192.0.2.254:8080 > 203.0.113.9:4000");
}

TEST(Nat, AHairpinIsTranslatedAtBothEnds) {
  Scene scene{{.rules = kGateway}};
  using namespace packet::tcp;
  EXPECT_EQ(left(scene.in("lan", tcp("10.0.0.5", "192.0.2.254", kSyn, 4000, 8080))),
            "lan 10.0.0.254:4000 > 10.0.0.80:80");
  EXPECT_EQ(left(scene.in("lan", tcp("10.0.0.80", "10.0.0.254", kSyn | kAck, 80, 4000, 1, 1001))),
            "lan 192.0.2.254:8080 > 10.0.0.5:4000");
}

TEST(Nat, ErrorsAreTranslatedOutsideAndInside) {
  Scene scene{{.rules = kGateway}};
  const Told asked = scene.in("lan", udp("10.0.0.5", "203.0.113.9"));
  const Told told = scene.in("wan", error_about(asked.sent.at(0).bytes, "198.51.100.1", "192.0.2.254"));
  EXPECT_EQ(left(told), "lan 198.51.100.1 > 10.0.0.5");
  EXPECT_EQ(quoted(told.sent.at(0)), "10.0.0.5:4000 > 203.0.113.9:53");
}

TEST(Nat, WhatTheBoxAnswersIsAboutWhatTheSenderSent) {
  Scene scene{{.rules = kGateway}};
  using namespace packet::tcp;
  // Its TTL ends here: the error quotes the port that the sender asked for, and comes from the address.
  packet::Bytes last = tcp("203.0.113.9", "192.0.2.254", kSyn, 4000, 8080);
  last[8] = 1;
  packet::write_ip_checksum({last.data(), 20});
  const Told told = scene.in("wan", last);
  EXPECT_EQ(left(told), "wan 192.0.2.254 > 203.0.113.9");
  EXPECT_EQ(quoted(told.sent.at(0)), "203.0.113.9:4000 > 192.0.2.254:8080");
}

TEST(Nat, RedirectIsDeliveredAndAnsweredInItsName) {
  Scene scene{{.rules = kGateway}};
  EXPECT_EQ(scene.in("lan", udp("10.0.0.5", "198.51.100.53")).fate(), Fate::delivered);
  EXPECT_EQ(left(scene.out(udp("10.0.0.254", "10.0.0.5", 8, 64, 5353, 4000))),
            "lan 198.51.100.53:53 > 10.0.0.5:4000");
}

TEST(Nat, TheBoxsOwnPacketsAreRoutedByWhatTheyBecome) {
  Scene scene{{.rules = kGateway}};
  EXPECT_EQ(left(scene.out(udp("192.0.2.254", "203.0.113.77"))), "wan 192.0.2.254:4000 > 203.0.113.9:53");
}

TEST(Nat, ARedirectAboutATranslatedConnectionIsDropped) {
  Scene scene{{.rules = kGateway}};
  const Told asked = scene.in("lan", udp("10.0.0.5", "203.0.113.9"));
  const packet::Bytes& sent = asked.sent.at(0).bytes;
  const Told told =
      scene.in("wan", packet::build_icmp(ip("192.0.2.1", "192.0.2.254"),
                                         {.type = packet::icmp::kRedirect, .code = 1, .rest = 0xc0000207},
                                         packet::Bytes(sent.begin(), sent.begin() + 28)));
  EXPECT_EQ(told.reason(), DropReason::error_untranslatable);
}

}  // namespace
}  // namespace utables::engine
