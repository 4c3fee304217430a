#include "lab/report/text.h"

#include <gtest/gtest.h>

namespace utables::lab {
namespace {

TEST(Text, Numbers) {
  EXPECT_EQ(thousands(0), "0");
  EXPECT_EQ(thousands(999), "999");
  EXPECT_EQ(thousands(1234567), "1,234,567");
  EXPECT_EQ(counted(1, "packet"), "1 packet");
  EXPECT_EQ(counted(1000, "packet"), "1,000 packets");
  EXPECT_EQ(ranges({1, 3, 4, 5, 9, 10}), "1, 3-5, 9, 10");
}

TEST(Text, Times) {
  EXPECT_EQ(date_and_time(1795308671 * kSecond), "2026-11-22 00:51:11");
  EXPECT_EQ(seconds_text(1795308671749686000), "1795308671.749686000");
  EXPECT_EQ(span_of_time(871 * kSecond), "14 min 31 s");
  EXPECT_EQ(span_of_time(2500 * kMillisecond), "2.5 s");
  EXPECT_EQ(span_of_time(3 * kMillisecond), "3 ms");
  EXPECT_EQ(span_of_time(7200 * kSecond), "2 h");
}

TEST(Text, Spans) {
  EXPECT_EQ(parse_span("+3s"), 3 * kSecond);
  EXPECT_EQ(parse_span("3"), 3 * kSecond);
  EXPECT_EQ(parse_span("+1.5s"), 1500 * kMillisecond);
  EXPECT_EQ(parse_span("+200ms"), 200 * kMillisecond);
  EXPECT_EQ(parse_span("+2m"), 120 * kSecond);
  EXPECT_EQ(parse_span("+1d"), 86400 * kSecond);
  for (const char* bad : {"", "+", "s", "+s", "1.", ".5", "1..5", "-3s", "+3x", "99999999999999d", "+3 s"})
    EXPECT_FALSE(parse_span(bad)) << bad;
}

TEST(Text, ColumnsAndCuts) {
  EXPECT_EQ(shortened("abcdef", 6), "abcdef");
  EXPECT_EQ(shortened("abcdefg", 6), "abcde…");
  EXPECT_EQ(columns_of("a…ü"), 3U);
  Columns table({false, true});
  table.add({"a", "10"});
  table.add({"bbb", "2"});
  EXPECT_EQ(table.lines(), (std::vector<std::string>{"a    10", "bbb   2"}));
}

}  // namespace
}  // namespace utables::lab
