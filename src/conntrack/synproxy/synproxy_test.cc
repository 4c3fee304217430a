#include <gtest/gtest.h>

#include "base/bytes.h"
#include "conntrack/synproxy/cookies.h"
#include "conntrack/synproxy/options.h"
#include "conntrack/synproxy/proxied.h"

namespace utables::conntrack {
namespace {

constexpr Time kNow = 1'795'308'671 * kSecond;

Tuple ends(std::uint16_t port) {
  return {Address::from_v4(0x0a000002), Address::from_v4(0x0a010002), port, 80, 6, Family::ipv4};
}

TEST(Cookies, TellTheMssForOneToTwoMinutes) {
  SecretCookies cookies(1);
  EXPECT_EQ(cookie_place(Family::ipv4, 0), 0U);
  EXPECT_EQ(cookie_place(Family::ipv4, 1299), 0U);
  EXPECT_EQ(cookie_place(Family::ipv4, 1300), 1U);
  EXPECT_EQ(cookie_place(Family::ipv4, 9000), 3U);
  EXPECT_EQ(cookie_place(Family::ipv6, 1440), 2U);
  for (std::uint32_t place = 0; place < 4; ++place) {
    const std::uint32_t cookie = cookies.make(ends(4000), 1000, place, kNow);
    EXPECT_EQ(cookies.place_of(ends(4000), 1000, cookie, kNow), place);
    EXPECT_EQ(cookies.place_of(ends(4000), 1000, cookie, kNow + 60 * kSecond), place);
    EXPECT_FALSE(cookies.place_of(ends(4000), 1000, cookie, kNow + 120 * kSecond));
    // Linux knows no more than a sum: a number one lower is the next place.
    EXPECT_EQ(cookies.place_of(ends(4000), 999, cookie, kNow), place + 1);
    EXPECT_GE(cookies.place_of(ends(4001), 1000, cookie, kNow).value_or(99), 4U);
    EXPECT_GE(cookies.place_of(ends(4000), 5000, cookie, kNow).value_or(99), 4U);
  }
  EXPECT_NE(SecretCookies(2).make(ends(4000), 1000, 0, kNow), cookies.make(ends(4000), 1000, 0, kNow));
}

TEST(Cookies, AClockTellsTheRest) {
  ProxyOptions offered;
  offered.has_scale = offered.sack_permitted = offered.ecn = true;
  offered.scale = 9;
  ProxyOptions answer;
  answer.echo = timestamp_of(offered, 0x12345678);
  EXPECT_EQ(answer.echo, 0x12345640U | 0x39);
  take_timestamp(answer);
  EXPECT_TRUE(answer.has_scale && answer.sack_permitted && answer.ecn);
  EXPECT_EQ(answer.scale, 9);
  answer = {};
  answer.echo = timestamp_of({}, 0xffffffff);
  take_timestamp(answer);
  EXPECT_FALSE(answer.has_scale || answer.sack_permitted || answer.ecn);
}

TEST(Proxied, StatisticsAsProcHasThem) {
  EXPECT_EQ(proc_proxy_statistics({1, 2, 3, 4, 16}),
            "entries\t\tsyn_received\tcookie_invalid\tcookie_valid\tcookie_retrans\tconn_reopened\n"
            "00000000\t00000001\t00000002\t00000003\t00000004\t00000010\n");
}

}  // namespace
}  // namespace utables::conntrack
