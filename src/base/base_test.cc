#include <gtest/gtest.h>

#include <algorithm>

#include "base/address.h"
#include "base/jiffies.h"
#include "base/pages.h"
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
                           "::ffff:1.2.3.4", "::1.2.3.4", "::0.1.0.2", "::0.1.0.0", "::2", "::ffff:0:102:304",
                           "1::102:304", "1:0:2:3:4:5:6:7", "0:1::"})
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

// The ticks at which reassembly timers of Linux 6.18 were set, and those at which they went off.
TEST(Jiffies, TimersGoOffAtTheNextGrain) {
  struct Row {
    std::int64_t set;
    Duration delay;
    std::int64_t off;
  };
  for (const Row& row :
       {Row{354106, 1, 354360}, Row{354108, 1, 354360}, Row{354114, 1, 354368}, Row{354122, 1, 354376},
        Row{354128, 1, 354384}, Row{354143, 1, 354400}, Row{354449, 2, 354952}, Row{354458, 2, 354960},
        Row{354472, 2, 354976}, Row{355049, 3, 355840}, Row{355087, 3, 355840}, Row{355918, 5, 357184},
        Row{355926, 5, 357184}, Row{355940, 5, 357248}})
    EXPECT_EQ(timer_goes_off(row.set * kTick, row.delay * kSecond), row.off * kTick)
        << row.set << " " << row.delay;
  EXPECT_EQ(timer_goes_off(kTick - 1, 0), kTick);
  EXPECT_EQ(timer_goes_off(kTick, 0), 2 * kTick);
  for (const Duration delay : {Duration{0}, kTick, 62 * kTick, 63 * kTick, 503 * kTick, 504 * kTick,
                               30 * kSecond, 1'000'000 * kSecond}) {
    const Time off = timer_goes_off(123'456'789, delay);
    EXPECT_GT(off, 123'456'789 / kTick * kTick + delay);
    EXPECT_LE(off, 123'456'789 + delay + std::max(kTick, delay / 7)) << delay;
  }
}

TEST(Pages, ZeroedAndAligned) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{64}, std::size_t{100'000}, kHugePage - 1,
                                 kHugePage, kHugePage + 1, 3 * kHugePage + 4096}) {
    const Pages pages = allocate_pages(size);
    auto* const bytes = static_cast<unsigned char*>(pages.get());
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(bytes) % 64, 0U) << size;
    EXPECT_EQ(std::count(bytes, bytes + size, 0), static_cast<std::ptrdiff_t>(size));
    std::fill(bytes, bytes + size, 0xff);
  }
}

}  // namespace
}  // namespace utables
