// Expectations and labels by hand; each as Linux 6.18 and conntrack(8) 1.4.7 did it (tests/conntrack asks
// them again).
#include <gtest/gtest.h>

#include "conntrack/control/changes.h"
#include "conntrack/control/select.h"
#include "conntrack/helper/helper.h"
#include "conntrack/listing.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

constexpr Time kNow = 100 * kSecond;

Address v4(const char* text) { return *parse_address(text, Family::ipv4); }

struct Box {
  Statistics statistics{};
  Entries entries;
  explicit Box(bool labels_used = true) : entries({}, {kNow, 1, labels_used}, statistics) {}

  static Parameters udp(std::uint16_t port) {
    Parameters p;
    p.family = Family::ipv4;
    p.protocol = packet::kUdp;
    p.tuple[0] = {v4("10.0.0.2"), v4("10.0.0.1"), 1000, port};
    p.timeout = 30;
    return p;
  }
  Connection& make(const Parameters& p, HelperId helper = HelperId::none) {
    EXPECT_EQ(entries.create(p), Refusal::none);
    Connection& made = *entries.all().back();
    made.helper = static_cast<std::uint8_t>(helper);
    return made;
  }
  static AwaitedParts awaited(std::uint16_t port) {
    return {{v4("10.0.0.2"), v4("10.0.0.1"), 0, port}, packet::kUdp, v4("255.255.255.255"), 0};
  }
  [[nodiscard]] std::string list() const {
    std::string out;
    for (const Expectation& e : entries.awaited()) out += std::to_string(e.tuple.destination_port) + " ";
    return out;
  }
};

LabelParts of(unsigned label) {
  LabelParts parts;
  parts.labels.set(label);
  return parts;
}

TEST(AwaitedByHand, AsTheMastersHelperWould) {
  Box box;
  box.make(Box::udp(69), HelperId::tftp);
  EXPECT_EQ(box.entries.expect(Box::udp(70), Box::awaited(5000)), Refusal::no_master);
  EXPECT_EQ(box.entries.expect(Box::udp(69), Box::awaited(5000)), Refusal::none);
  EXPECT_EQ(box.entries.expect(Box::udp(69), Box::awaited(5000)), Refusal::same);
  const Expectation& e = box.entries.awaited().front();
  EXPECT_EQ(expectation_line(e, box.entries.master_of(e), kNow),
            "300 proto=17 src=10.0.0.2 dst=10.0.0.1 sport=0 dport=5000 mask-src=255.255.255.255 "
            "mask-dst=255.255.255.255 sport=0 dport=65535 master-src=10.0.0.2 master-dst=10.0.0.1 sport=1000 "
            "dport=69 class=0 helper=tftp");
  EXPECT_EQ(box.statistics.expect_create, 1U);
}

TEST(AwaitedByHand, OfWhomAndWhat) {
  Box box;
  box.make(Box::udp(53));
  EXPECT_EQ(box.entries.expect(Box::udp(53), Box::awaited(1)), Refusal::unsupported) << "without a helper";
  AwaitedParts ping = Box::awaited(1);
  ping.protocol = packet::kIcmp;
  EXPECT_EQ(box.entries.expect(Box::udp(70), ping), Refusal::invalid);
}

TEST(AwaitedByHand, OneMoreThanTheHelperMayAwaitDrivesOutTheOldest) {
  Box box;
  box.make(Box::udp(69), HelperId::tftp);
  EXPECT_EQ(box.entries.expect(Box::udp(69), Box::awaited(1)), Refusal::none);
  EXPECT_EQ(box.entries.expect(Box::udp(69), Box::awaited(2)), Refusal::none);
  EXPECT_EQ(box.list(), "2 ");
  EXPECT_EQ(box.statistics.expect_delete, 1U);
}

TEST(AwaitedByHand, FoundByWhatMeetsItAndGoneWithItsMaster) {
  Box box;
  Connection& master = box.make(Box::udp(69), HelperId::tftp);
  ASSERT_EQ(box.entries.expect(Box::udp(69), Box::awaited(5000)), Refusal::none);
  EXPECT_EQ(box.entries.find_awaited(Box::udp(5001)), nullptr);
  ASSERT_NE(box.entries.find_awaited(Box::udp(5000)), nullptr) << "from any port";
  box.entries.remove(master);
  EXPECT_EQ(box.list(), "");
  EXPECT_EQ(box.statistics.expect_delete, 1U);
}

TEST(LabelsByHand, AddedAndTakenAway) {
  Box box;
  Parameters p = Box::udp(1);
  p.label_change = LabelChange{true, false, of(5)};
  Connection& c = box.make(p);
  EXPECT_TRUE(box.entries.labels_of(c).has(5));
  Parameters change;
  change.label_change = LabelChange{true, false, of(127)};
  EXPECT_EQ(box.entries.change(c, change), Refusal::none);
  EXPECT_TRUE(box.entries.labels_of(c).has(5) && box.entries.labels_of(c).has(127));
  change.label_change = LabelChange{false, true, {}};
  EXPECT_TRUE(would_change(c, box.entries.labels_of(c), change, kNow));
  EXPECT_EQ(box.entries.change(c, change), Refusal::none);
  EXPECT_EQ(box.entries.labels_of(c), Labels{});
  EXPECT_FALSE(would_change(c, {}, change, kNow)) << "there is nothing to take away";
}

TEST(LabelsByHand, ThatNoRuleAsksForAndThatCannotBe) {
  Box box(false);
  Parameters p = Box::udp(1);
  p.label_change = LabelChange{true, false, of(5)};
  Connection& c = box.make(p);
  EXPECT_EQ(box.entries.labels_of(c), Labels{});
  Parameters change;
  change.mark = 7;
  change.label_change = p.label_change;
  EXPECT_EQ(box.entries.change(c, change), Refusal::no_labels);
  EXPECT_EQ(c.mark, 7U) << "what comes before labels is changed";
  change.label_change->which.beyond = true;
  change.mark = 8;
  EXPECT_EQ(box.entries.change(c, change), Refusal::out_of_range);
  EXPECT_EQ(c.mark, 7U);
}

TEST(LabelsByHand, SelectWhatHasAllOfThem) {
  Box box;
  const Connection& c = box.make(Box::udp(1));
  Parameters wanted;
  wanted.labels = of(5);
  EXPECT_FALSE(selects(wanted, c));
  EXPECT_TRUE(selects(wanted, c, of(5).labels));
  wanted.labels->labels.set(64);
  EXPECT_FALSE(selects(wanted, c, of(5).labels));
  wanted.labels = LabelParts{{}, true};
  EXPECT_FALSE(selects(wanted, c, of(5).labels)) << "one that nothing can have";
}

std::string told(const Look& before, const Look& after) {
  std::string out;
  for (const Change& change : changes(before, after)) out += event_text(change.event, {}).substr(0, 9) + ";";
  for (const ExpectationEvent& event : awaited_changes(before, after))
    out += expectation_event_text(event).substr(0, 9) + " awaited;";
  return out;
}

TEST(Changes, WhatCameWentAndBecameAnother) {
  Box box;
  box.make(Box::udp(1));
  Connection& second = box.make(Box::udp(2));
  const Look first = look_at(box.entries);
  EXPECT_EQ(told(first, first), "");
  box.entries.remove(*box.entries.all().front());
  second.mark = 5;
  box.make(Box::udp(69), HelperId::tftp);
  ASSERT_EQ(box.entries.expect(Box::udp(69), Box::awaited(5000)), Refusal::none);
  const Look then = look_at(box.entries);
  EXPECT_EQ(told(first, then), "[DESTROY]; [UPDATE];    [NEW];    [NEW] awaited;");
  EXPECT_EQ(told(then, first), "    [NEW]; [UPDATE];[DESTROY];[DESTROY] awaited;");
}

TEST(Changes, WhereTimeWentOnATimeoutAloneIsNone) {
  Box box;
  Connection& c = box.make(Box::udp(1));
  const Look first = look_at(box.entries);
  c.deadline += kSecond;
  Look then = look_at(box.entries);
  EXPECT_EQ(told(first, then), " [UPDATE];");
  then.time += kSecond;
  EXPECT_EQ(told(first, then), "");
  c.counters[0].packets = 5;
  EXPECT_EQ(told(then, look_at(box.entries)), "") << "counters are not told";
}

TEST(Changes, WhoseTimeWasOverEndedThen) {
  Box box;
  box.make(Box::udp(1));
  const Look first = look_at(box.entries);
  Look then;
  then.time = kNow + 50 * kSecond;
  const auto all = changes(first, then);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(event_text(all.front().event, {}),
            "[DESTROY] udp      17 src=10.0.0.2 dst=10.0.0.1 sport=1000 dport=1 [UNREPLIED] src=10.0.0.1 "
            "dst=10.0.0.2 sport=1 dport=1000");
  EXPECT_EQ(all.front().event.when, kNow + 30 * kSecond);
}

TEST(Changes, AnotherOfTheSameSerialIsAnother) {
  Box one, other;
  one.make(Box::udp(1));
  other.make(Box::udp(2));
  const Look before = look_at(one.entries), after = look_at(other.entries);
  EXPECT_EQ(told(before, after), "[DESTROY];    [NEW];");
}

}  // namespace
}  // namespace utables::conntrack
