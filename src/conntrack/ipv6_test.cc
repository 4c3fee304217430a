// Tracking over IPv6: ICMPv6 queries and errors, what is exempt, what is INVALID, and how it is listed.
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "conntrack/script_test.h"
#include "packet/checksum.h"
#include "packet/describe.h"

namespace utables::conntrack::test {
namespace {

constexpr Time S = kSecond;

Bytes line(const std::string& text) {
  auto read = packet::read_packet_line(text);
  EXPECT_TRUE(read) << text << ": " << (read ? "" : read.error().text);
  return read ? read->bytes : Bytes(40);
}
constexpr const char* kThere = "2001:db8::1 > 2001:db8:2::1";
constexpr const char* kBack = "2001:db8:2::1 > 2001:db8::1";
Bytes icmp6(const char* ends, const std::string& rest) {
  return line(std::string("icmpv6 ") + ends + " " + rest);
}

TEST(Ipv6Tracking, R31EchoOpensAConnection) {
  Wire w;
  EXPECT_EQ(w.send(icmp6(kThere, "echo request id 5 seq 1"), 0).info, CtInfo::new_);
  EXPECT_EQ(w.send(icmp6(kBack, "echo reply id 5 seq 1"), 1 * S).info, CtInfo::established_reply);
  EXPECT_EQ(proc_listing(w.tracker, 1 * S),
            "ipv6     10 icmpv6   58 30 src=2001:0db8:0000:0000:0000:0000:0000:0001 "
            "dst=2001:0db8:0002:0000:0000:0000:0000:0001 type=128 code=0 id=5 "
            "src=2001:0db8:0002:0000:0000:0000:0000:0001 dst=2001:0db8:0000:0000:0000:0000:0000:0001 "
            "type=129 code=0 id=5 mark=0 zone=0 use=2\n");
  EXPECT_EQ(w.send(icmp6(kBack, "echo reply id 6 seq 1"), 1 * S).invalid, InvalidReason::icmp_not_a_query);
}

TEST(Ipv6Tracking, R31ErrorsAreRelatedToWhatTheyQuote) {
  Wire w;
  const std::string query = "(udp [2001:db8::1]:1000 > [2001:db8:2::1]:53 len 4)";
  w.send(line("udp [2001:db8::1]:1000 > [2001:db8:2::1]:53 len 4"), 0);
  EXPECT_EQ(w.send(icmp6(kBack, "port unreachable " + query), 0).info, CtInfo::related_reply);
  EXPECT_EQ(w.send(icmp6(kBack, "packet too big mtu 1280 " + query), 0).info, CtInfo::related_reply);
  EXPECT_EQ(w.send(icmp6("2001:db8:9::1 > 2001:db8::9", "hop limit exceeded " + query), 0).invalid,
            InvalidReason::icmp_inner_mismatch);
  EXPECT_EQ(w.send(icmp6(kBack, "port unreachable (udp [2001:db8::1]:9 > [2001:db8:2::1]:53)"), 0).invalid,
            InvalidReason::icmp_no_connection);
}

TEST(Ipv6Tracking, NeighboursAndListenersAreExempt) {
  Wire w;
  for (const char* message :
       {"listener query", "listener report", "listener done", "router solicitation", "router advertisement",
        "neighbour solicitation", "neighbour advertisement", "listener report v2"}) {
    const Tracked tracked = w.send(icmp6(kThere, message), 0);
    EXPECT_EQ(tracked.info, CtInfo::untracked) << message;
    EXPECT_EQ(tracked.connection, nullptr);
  }
  EXPECT_EQ(w.send(icmp6(kThere, "type 200 code 0"), 0).invalid, InvalidReason::icmp_opens_nothing);
}

/// A redirect (RFC 4861, 4.5) to the sender of `about`.
struct Redirect {
  std::string source = "fe80::1";
  std::uint8_t hop_limit = 255, code = 0, option = 4;
  std::size_t size = 1000;  ///< of the ICMP message, at most
  [[nodiscard]] Bytes about(const Bytes& quoted) const {
    Bytes b = icmp6((source + " > 2001:db8::1").c_str(), "redirect");
    b.resize(40 + 40);
    b[7] = hop_limit;
    b[41] = code;
    b.insert(b.end(), {option, static_cast<std::uint8_t>((quoted.size() + 15) / 8), 0, 0, 0, 0, 0, 0});
    b.insert(b.end(), quoted.begin(), quoted.end());
    b.resize(std::min(b.size(), 40 + size));
    store16(&b[4], static_cast<std::uint16_t>(b.size() - 40));
    packet::Facts facts;
    EXPECT_EQ(packet::parse(b, 0, facts), DropReason::none);
    packet::write_transport_checksum(b, facts);
    return b;
  }
};

TEST(Ipv6Tracking, R10_ARedirectIsRelatedIfItComesStraightFromARouter) {
  Wire w;
  const Bytes query = line("udp [2001:db8::1]:1000 > [2001:db8:2::1]:53 len 4");
  w.send(query, 0);
  const auto reason = [&](const Redirect& redirect, const Bytes& about) {
    const Tracked tracked = w.send(redirect.about(about), 0);
    EXPECT_EQ(tracked.invalid == InvalidReason::none, tracked.info == CtInfo::related_reply);
    return tracked.invalid;
  };
  EXPECT_EQ(reason({}, query), InvalidReason::none);
  EXPECT_EQ(reason({.source = "2001:db8::9"}, query), InvalidReason::icmp_strange_redirect);
  EXPECT_EQ(reason({.hop_limit = 254}, query), InvalidReason::icmp_strange_redirect);
  EXPECT_EQ(reason({.size = 39}, query), InvalidReason::icmp_redirect_truncated);
  EXPECT_EQ(reason({.size = 40}, query), InvalidReason::icmp_redirect_truncated);
  EXPECT_EQ(reason({.size = 50}, query), InvalidReason::icmp_inner_truncated);
  EXPECT_EQ(reason({}, line("udp [2001:db8::1]:9 > [2001:db8:2::1]:53 len 4")),
            InvalidReason::icmp_no_connection);
  EXPECT_EQ(w.tracker.statistics().error, 6U);
  EXPECT_EQ(w.tracker.statistics().invalid, 0U);
  EXPECT_EQ(reason({.code = 1}, query), InvalidReason::icmp_opens_nothing);
  EXPECT_EQ(reason({.option = 2}, query), InvalidReason::icmp_opens_nothing) << "a link-layer address first";
  EXPECT_EQ(w.tracker.statistics().invalid, 2U);
}

TEST(Ipv6Tracking, WhatAQuoteLacksIsMissedOnlyWhereItIsNeeded) {
  Wire w;
  w.send(line("ip-proto-69 2001:db8::1 > 2001:db8:2::1 len 4 ext <hbh 0104000000000104000000000100>"), 0);
  const std::string quoted =
      "(ip-proto-69 2001:db8::1 > 2001:db8:2::1 len 4 ext <hbh 0104000000000104000000000100>)";
  Bytes error = icmp6(kBack, "port unreachable " + quoted);
  packet::Facts facts;
  error.resize(40 + 8 + 40 + 8);  // half of the options
  store16(&error[4], static_cast<std::uint16_t>(error.size() - 40));
  ASSERT_EQ(packet::parse(error, 0, facts), DropReason::none);
  packet::write_transport_checksum(error, facts);
  EXPECT_EQ(w.send(error, 0).info, CtInfo::related_reply);
}

TEST(Ipv6Tracking, WhatCannotBePutTogetherIsJudgedAsIfItWereWhole) {
  Wire w;
  const Bytes first = line("udp [2001:db8::1]:1 > [2001:db8::2]:2 len 8 frag 9 more");
  EXPECT_EQ(w.send(first, 0).info, CtInfo::new_) << "its checksum is right so far";
  Bytes wrong = first;
  wrong.back() ^= 1;
  EXPECT_EQ(w.send(wrong, 0).invalid, InvalidReason::bad_checksum);
}

TEST(Ipv6Tracking, WithoutAnUpperLayerAPacketIsInvalid) {
  Wire w;
  EXPECT_EQ(w.send(line("ip-proto-59 2001:db8::1 > 2001:db8::2 len 4"), 0).invalid,
            InvalidReason::no_next_header);
  Bytes cut = line("udp [2001:db8::1]:1 > [2001:db8::2]:2 ext <hbh 050200000100>");
  cut.resize(41);
  store16(&cut[4], 1);
  EXPECT_EQ(w.send(cut, 0).invalid, InvalidReason::extensions_cut);
  EXPECT_EQ(w.send(line("icmp 2001:db8::1 > 2001:db8::2 len 12"), 0).invalid, InvalidReason::wrong_family);
  EXPECT_EQ(w.send(line("udp [2001:db8::1]:1 > [2001:db8::2]:2 ext <dst 010400000000>"), 0).info,
            CtInfo::new_);
}

}  // namespace
}  // namespace utables::conntrack::test
