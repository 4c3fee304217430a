#include "lab/capture/recorded_cookies.h"

#include <gtest/gtest.h>

namespace utables::lab {
namespace {

constexpr Time kNow = 1'795'308'671 * kSecond;
const conntrack::Tuple kEnds{
    Address::from_v4(0x0a000002), Address::from_v4(0x0a010002), 4000, 80, 6, Family::ipv4};

TEST(RecordedCookies, TheFirstAnswerToASynIsRight) {
  conntrack::SecretCookies own(1);
  RecordedCookies cookies(own);
  EXPECT_FALSE(cookies.place_of(kEnds, 1000, 77777, kNow));  // no SYN was answered
  EXPECT_EQ(cookies.make(kEnds, 1000, 2, kNow), own.make(kEnds, 1000, 2, kNow));
  EXPECT_FALSE(cookies.place_of(kEnds, 1001, 77777, kNow));
  EXPECT_EQ(cookies.place_of(kEnds, 1000, 77777, kNow), 2U);
  EXPECT_EQ(cookies.place_of(kEnds, 1000, 77777, kNow), 2U);
  EXPECT_EQ(cookies.place_of(kEnds, 999, 77777, kNow), 3U);  // a keep-alive, as a cookie tells it
  EXPECT_FALSE(cookies.place_of(kEnds, 1000, 77778, kNow));
  EXPECT_EQ(cookies.place_of(kEnds, 1000, own.make(kEnds, 1000, 1, kNow), kNow), 1U);
  EXPECT_FALSE(cookies.place_of(kEnds, 1000, 77777, kNow + 120 * kSecond));
}

TEST(RecordedCookies, TheBoxsOwnAnswerTellsTheCookie) {
  conntrack::SecretCookies own(1);
  RecordedCookies cookies(own);
  (void)cookies.make(kEnds, 1000, 2, kNow);
  packet::Facts facts;
  facts.source = kEnds.destination;
  facts.destination = kEnds.source;
  facts.source_port = 80;
  facts.destination_port = 4000;
  facts.protocol = 6;
  facts.has_transport_header = true;
  facts.tcp_flags = packet::tcp::kSyn | packet::tcp::kAck;
  facts.tcp_seq = 77777;
  facts.tcp_ack = 1000;
  EXPECT_FALSE(cookies.learn(facts));
  facts.tcp_ack = 1001;
  EXPECT_TRUE(cookies.learn(facts));
  EXPECT_FALSE(cookies.place_of(kEnds, 1000, 77778, kNow));
  EXPECT_EQ(cookies.place_of(kEnds, 1000, 77777, kNow), 2U);

  RecordedCookies resumed(own);
  resumed.restore(cookies.save(kNow));
  EXPECT_EQ(resumed.place_of(kEnds, 1000, 77777, kNow), 2U);
  EXPECT_TRUE(cookies.save(kNow + 120 * kSecond).empty());
}

}  // namespace
}  // namespace utables::lab
