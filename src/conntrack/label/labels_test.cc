// Labels of connections, and what is counted of tracking.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conntrack/script_test.h"
#include "conntrack/tracker_memory.h"

namespace utables::conntrack::test {
namespace {

constexpr Time S = kSecond;

TEST(Labels, AreToldOnceAndEndWithTheirConnection) {
  Wire w;
  Tracked first = w.send(udp({}, 5, 53), 0);
  EXPECT_FALSE(w.tracker.labels_of(*first.connection).has(127));
  w.tracker.set_label(*first.connection, 127);
  w.tracker.set_label(*first.connection, 0);
  EXPECT_TRUE(w.tracker.labels_of(*first.connection).has(127));
  EXPECT_TRUE(w.tracker.labels_of(*first.connection).has(0));
  EXPECT_FALSE(w.tracker.labels_of(*first.connection).has(64));
  w.send(udp({}, 5, 53), 0);
  ASSERT_EQ(w.events.lines.size(), 2U);
  EXPECT_THAT(w.events.lines.back(), testing::HasSubstr("[UPDATE] udp      17 30 src=10.0.0.1"));
  w.tracker.set_label(*first.connection, 0);
  w.send(udp({}, 5, 53), 0);
  EXPECT_EQ(w.events.lines.size(), 2U) << "it has it already";
  w.tracker.advance(40 * S);
  Tracked later = w.send(udp({}, 5, 53), 40 * S);
  EXPECT_EQ(w.tracker.labels_of(*later.connection), Labels{});
}

TEST(Labels, ThePacketThatEndsAConnectionStillSeesThem) {
  Wire w;
  Tracked opens = w.send(tcp({}, {.flags = "S", .seq = 1}), 0);
  w.tracker.set_label(*opens.connection, 3);
  const Tracked ends = w.send(tcp(Ends{}.back(), {.flags = "RA", .ack = 2, .sport = 80, .dport = 1000}), 0);
  ASSERT_NE(ends.connection, nullptr);
  EXPECT_EQ(w.tracker.size(), 0U);
  EXPECT_TRUE(w.tracker.labels_of(*ends.connection).has(3));
  EXPECT_EQ(w.send(tcp({}, {.flags = "S", .seq = 9}), 0).info, CtInfo::new_);
  w.tracker.for_each(0, [&](const Connection& c) { EXPECT_EQ(w.tracker.labels_of(c), Labels{}); });
}

TEST(Labels, SavedAndRestored) {
  Wire w, again;
  Tracked first = w.send(udp({}, 5, 53), 0);
  w.send(udp({}, 6, 53), 0);
  w.tracker.set_label(*first.connection, 70);
  w.tracker.for_each(0, [&](const Connection& c) { EXPECT_TRUE(again.tracker.restore(c)); });
  ASSERT_TRUE(again.tracker.restore(w.tracker.memory()));
  std::vector<bool> labelled;
  again.tracker.for_each(
      0, [&](const Connection& c) { labelled.push_back(again.tracker.labels_of(c).has(70)); });
  EXPECT_EQ(labelled, (std::vector<bool>{true, false}));
  TrackerMemory lost = w.tracker.memory();
  lost.labelled.front().connection = 77;
  EXPECT_FALSE(again.tracker.restore(lost));
}

TEST(Labels, NamesOfAFile) {
  const auto names = read_label_names(
      "0 eth0-in\n# 3 no\n1\teth0-out\n\n1024 too-large\nx y\n  127 \tlast one \n4 a_b\n5 c#d\n6 e\tf\n"
      "1 again\n7 eth0-in\n0x10 hex\n010 octal\n128 beyond\n9\n10 \n");
  std::string all;
  for (const LabelName& row : names) all += std::to_string(row.number) + "=" + row.name + ";";
  EXPECT_EQ(all, "0=eth0-in;1=eth0-out;127=last one;16=hex;8=octal;128=beyond;");
}

TEST(Statistics, CountedWhereLinuxCounts) {
  Wire w;
  const Bytes query = udp({}, 5, 53);
  w.send(query, 0);
  w.send(tcp({}, {.flags = "SA"}), 0);
  w.send(icmp({}, 3, 3, 0, udp({}, 7, 7)), 0);
  w.send(icmp({}, 0, 0, 9), 0);
  const Statistics& s = w.tracker.statistics();
  EXPECT_EQ(s.invalid, 2U) << "what opens nothing";
  EXPECT_EQ(s.error, 1U) << "an ICMP error about nothing";
  EXPECT_EQ(s.insert, 0U) << "by hand alone";
  EXPECT_EQ(
      statistics_line({.found = 1, .drop = 2, .clash_resolve = 3}),
      "cpu=0   \tfound=1 invalid=0 insert=0 insert_failed=0 drop=2 early_drop=0 error=0 search_restart=0 "
      "clash_resolve=3 chaintoolong=0 ");
  EXPECT_EQ(expectation_statistics_line({.expect_create = 4}),
            "cpu=0   \texpect_new=0 expect_create=4 expect_delete=0 ");
  EXPECT_EQ(
      proc_statistics({.found = 1, .error = 16}, 2),
      "entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop "
      "icmp_error  expect_new expect_create expect_delete search_restart\n"
      "00000002  00000000 00000001 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 "
      "00000000 00000010  00000000 00000000 00000000 00000000\n");
}

}  // namespace
}  // namespace utables::conntrack::test
