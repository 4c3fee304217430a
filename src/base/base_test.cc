#include <gtest/gtest.h>

#include "base/address.h"
#include "base/random.h"
#include "base/scan.h"

namespace utables {
namespace {

TEST(Scan, NumbersAreWhole) {
  EXPECT_EQ(scan_unsigned("0", 10, 255), 0U);
  EXPECT_EQ(scan_unsigned("255", 10, 255), 255U);
  for (const char* bad : {"256", "", " 1", "1 ", "-1", "+1", "1x", "99999999999999999999999"})
    EXPECT_FALSE(scan_unsigned(bad, 10, 255)) << bad;
  EXPECT_EQ(scan_unsigned("0x10", 0, 255), 16U);
  EXPECT_EQ(scan_unsigned("010", 0, 255), 8U);
  EXPECT_FALSE(scan_unsigned("0x", 0, 255));
}

TEST(Address, TextBothWays) {
  for (const char* text : {"0.0.0.0", "255.255.255.255", "10.0.0.254"})
    EXPECT_EQ(to_string(parse_address(text, Family::ipv4).value(), Family::ipv4), text);
  for (const char* text : {"::", "::1", "2001:db8::1", "1:2:3:4:5:6:7:8", "fe80::", "1::4:0:0:7:8",
                           "::ffff:1.2.3.4", "1:0:2:3:4:5:6:7", "0:1::"})
    EXPECT_EQ(to_string(parse_address(text, Family::ipv6).value(), Family::ipv6), text);
  for (const char* bad : {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1..2.3", "a.b.c.d", "1.2.3.4 "})
    EXPECT_FALSE(parse_address(bad, Family::ipv4)) << bad;
  for (const char* bad :
       {"", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::1::", "12345::", "1:", ":1", "1.2.3.4"})
    EXPECT_FALSE(parse_address(bad, Family::ipv6)) << bad;
}

TEST(Address, Prefixes) {
  const Prefix p = parse_prefix("10.1.0.0/12", Family::ipv4).value();
  EXPECT_TRUE(p.contains(parse_address("10.15.255.255", Family::ipv4).value()));
  EXPECT_FALSE(p.contains(parse_address("10.16.0.0", Family::ipv4).value()));
  EXPECT_EQ(to_string(p), "10.1.0.0/12");
  EXPECT_FALSE(parse_prefix("10.0.0.0/33", Family::ipv4));
  EXPECT_FALSE(parse_prefix("10.0.0.0/", Family::ipv4));
  for (unsigned n = 0; n <= 128; ++n)
    EXPECT_EQ(length_of(mask_of(n, Family::ipv6), Family::ipv6), static_cast<int>(n));
  Address holes = mask_of(24, Family::ipv4);
  holes.bytes[1] = 0;
  EXPECT_EQ(length_of(holes, Family::ipv4), -1);
}

TEST(Random, SameSeedSameStream) {
  Random a(7), b(7), c(8);
  EXPECT_EQ(a.next(), b.next());
  EXPECT_NE(a.next(), c.next());
  for (int i = 0; i < 1000; ++i) EXPECT_LT(a.below(10), 10U);
}

}  // namespace
}  // namespace utables
