// Making, changing and selecting entries by hand; each as Linux 6.18 and conntrack(8) 1.4.7 did it
// (tests/conntrack asks them again).
#include <gtest/gtest.h>

#include "conntrack/control/entries.h"
#include "conntrack/control/select.h"
#include "conntrack/listing.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

constexpr Time kNow = 100 * kSecond;

Address v4(const char* text) { return *parse_address(text, Family::ipv4); }

Parameters udp(std::uint16_t source_port) {
  Parameters p;
  p.family = Family::ipv4;
  p.protocol = packet::kUdp;
  p.tuple[0] = {v4("10.0.0.1"), v4("10.0.0.2"), source_port, 53};
  p.timeout = 30;
  return p;
}

Connection made(const Parameters& wanted) {
  Connection c;
  EXPECT_EQ(make_connection(wanted, {}, kNow, c), Refusal::none);
  return c;
}

TEST(MakeConnection, TheReplyIsTheInverseUnlessItIsGiven) {
  EXPECT_EQ(conntrack_line(made(udp(1)), kNow),
            "udp      17 30 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=53 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 "
            "sport=53 "
            "dport=1 mark=0 use=1");
  Parameters given = udp(1);
  given.tuple[1] = {v4("10.0.0.9"), std::nullopt, 7, std::nullopt};
  EXPECT_EQ(to_string(made(given).reply()), "src=10.0.0.9 dst=0.0.0.0 sport=7 dport=0");
}

TEST(MakeConnection, FromTheReplyAlone) {
  Parameters p = udp(1);
  p.tuple = {TupleParts{}, TupleParts{v4("1.1.1.1"), v4("2.2.2.2"), 5, 6}};
  EXPECT_EQ(to_string(made(p).original()), "src=2.2.2.2 dst=1.1.1.1 sport=6 dport=5");
}

TEST(MakeConnection, WhatCannotBe) {
  const auto refusal = [](const Parameters& p) {
    Connection c;
    return make_connection(p, {}, kNow, c);
  };
  Parameters p = udp(1);
  p.tuple[1] = {v4("1.1.1.1"), v4("2.2.2.2"), std::nullopt, std::nullopt};
  EXPECT_EQ(refusal(p), Refusal::invalid) << "a reply without ports";
  p = udp(1);
  p.status = kExpected;
  EXPECT_EQ(refusal(p), Refusal::busy);
  p = udp(1);
  p.zone = 1;
  p.original_zone = 1;
  EXPECT_EQ(refusal(p), Refusal::invalid);
  p = udp(1);
  p.protocol = packet::kIcmp;
  p.icmp_type = 3;
  p.icmp_code = 0;
  EXPECT_EQ(refusal(p), Refusal::invalid) << "an ICMP type without an answer";
  p.icmp_type = 8;
  EXPECT_EQ(refusal(p), Refusal::none);
  p.family = Family::ipv6;
  EXPECT_EQ(refusal(p), Refusal::invalid);
}

TEST(MakeConnection, AZoneOfBothDirectionsOrOfOne) {
  const auto zone = [](std::optional<std::uint16_t> both, std::optional<std::uint16_t> original,
                       std::optional<std::uint16_t> reply) -> std::optional<Zone> {
    Parameters p = udp(1);
    p.zone = both;
    p.original_zone = original;
    p.reply_zone = reply;
    Connection c;
    if (make_connection(p, {}, kNow, c) != Refusal::none) return std::nullopt;
    return c.zone();
  };
  EXPECT_EQ(zone(5, {}, {}), (Zone{5, Zone::kBoth}));
  EXPECT_EQ(zone({}, 6, {}), (Zone{6, 1}));
  EXPECT_EQ(zone({}, {}, 7), (Zone{7, 2}));
  EXPECT_EQ(zone(0, 6, {}), (Zone{6, 1}));
  EXPECT_EQ(zone(5, 0, {}), std::nullopt);
  EXPECT_EQ(zone({}, 6, 0), std::nullopt);
}

TEST(SelectConnection, ByTheZoneThatListingsShow) {
  Connection c;
  ASSERT_EQ(make_connection(udp(1), {}, kNow, c), Refusal::none);
  const auto selected = [&](auto member, std::uint16_t number) {
    Parameters p;
    p.*member = number;
    return selects(p, c);
  };
  c.set_zone({6, 1});
  EXPECT_TRUE(selected(&Parameters::original_zone, 6));
  EXPECT_TRUE(selected(&Parameters::zone, 0));
  EXPECT_TRUE(selected(&Parameters::reply_zone, 0));
  EXPECT_FALSE(selected(&Parameters::zone, 6));
  EXPECT_FALSE(selected(&Parameters::original_zone, 0));
  c.set_zone({6, Zone::kBoth});
  EXPECT_TRUE(selected(&Parameters::zone, 6));
  EXPECT_FALSE(selected(&Parameters::original_zone, 6));
}

TEST(MakeConnection, TranslationChangesTheReply) {
  Parameters p = udp(1);
  p.source_nat = NatParts{v4("9.9.9.9"), 77};
  p.destination_nat = NatParts{v4("8.8.8.8"), std::nullopt};
  const Connection c = made(p);
  EXPECT_EQ(to_string(c.reply()), "src=8.8.8.8 dst=9.9.9.9 sport=53 dport=77");
  EXPECT_TRUE(c.is(kSourceNat) && c.is(kDestinationNat) && c.is(kSourceNatDone) && c.is(kDestinationNatDone));
  p = udp(1);
  p.source_nat = NatParts{v4("10.0.0.1"), std::nullopt};  // its own address: nothing to translate
  EXPECT_FALSE(made(p).is(kSourceNat));
}

TEST(MakeConnection, TimeoutsEndWhereTheKernelsDo) {
  Parameters p = udp(1);
  p.timeout = 4000000000U;
  EXPECT_EQ(seconds_left(made(p), kNow), 8589934);
}

TEST(ChangeConnection, InTheKernelsOrder) {
  Connection c = made(udp(1));
  Parameters change;
  change.mark = 8;
  change.mark_mask = 8;
  c.mark = 7;
  EXPECT_EQ(change_connection(c, change, kNow), Refusal::none);
  EXPECT_EQ(c.mark, 15U);
  change.timeout = 5;
  change.status = kExpected;
  change.mark = 1;
  EXPECT_EQ(change_connection(c, change, kNow), Refusal::busy);
  EXPECT_EQ(seconds_left(c, kNow), 5);
  EXPECT_EQ(c.mark, 15U);
  c.set(kFixedTimeout);
  EXPECT_EQ(change_connection(c, change, kNow), Refusal::not_allowed);
}

TEST(ChangeConnection, WhatIsAsWantedNeedsNoChange) {
  Connection c = made(udp(1));
  Parameters change;
  EXPECT_FALSE(would_change(c, {}, change, kNow));
  change.timeout = 30;
  change.mark = 0;
  change.status = 0;
  EXPECT_FALSE(would_change(c, {}, change, kNow));
  change.status = kAssured;
  EXPECT_TRUE(would_change(c, {}, change, kNow));
}

TEST(Select, MasksMarksAndTranslations) {
  Parameters p = udp(1);
  p.mark = 0xff12;
  p.source_nat = NatParts{v4("9.9.9.9"), std::nullopt};
  const Connection c = made(p);
  Parameters wanted;
  EXPECT_TRUE(selects(wanted, c));
  wanted.mark = 0x12;
  EXPECT_FALSE(selects(wanted, c));
  wanted.mark_mask = 0xff;
  EXPECT_TRUE(selects(wanted, c));
  wanted.tuple[0].source = v4("10.0.0.77");
  EXPECT_FALSE(selects(wanted, c));
  wanted.source_mask = mask_of(24, Family::ipv4);
  EXPECT_TRUE(selects(wanted, c));
  wanted.any_nat = NatParts{v4("9.9.9.9"), std::nullopt};
  EXPECT_TRUE(selects(wanted, c));
  wanted.any_nat->port = 2;
  EXPECT_FALSE(selects(wanted, c));
  wanted.any_nat.reset();
  wanted.destination_nat.emplace();
  EXPECT_FALSE(selects(wanted, c));
}

TEST(Entries, OneTupleOnce) {
  Statistics statistics;
  Entries entries({}, {kNow, 5}, statistics);
  EXPECT_EQ(entries.create(udp(1)), Refusal::none);
  EXPECT_EQ(entries.create(udp(1)), Refusal::exists);
  Parameters reply = udp(1);  // the other way round: the same connection
  reply.tuple[0] = {v4("10.0.0.2"), v4("10.0.0.1"), 53, 1};
  EXPECT_EQ(entries.create(reply), Refusal::exists);
  EXPECT_EQ(entries.create(udp(2)), Refusal::none);
  ASSERT_EQ(entries.all().size(), 2U);
  EXPECT_EQ(entries.all()[0]->serial, 5U);
  EXPECT_EQ(entries.next_serial(), 7U);
}

TEST(Entries, ATranslatedPortThatIsTakenIsAnotherOfItsClass) {
  Statistics statistics;
  Entries entries({}, {kNow, 1}, statistics);
  Parameters one = udp(700), two = udp(700);
  two.tuple[0].source = v4("10.0.0.7");
  one.source_nat = two.source_nat = NatParts{v4("9.9.9.9"), std::nullopt};
  EXPECT_EQ(entries.create(one), Refusal::none);
  EXPECT_EQ(entries.create(two), Refusal::none);
  const std::uint16_t port = entries.all()[1]->reply().destination_port;
  EXPECT_TRUE(port != 700 && port >= 512 && port <= 1023) << port;
}

TEST(Entries, ATimeOfZeroEndsAtOnce) {
  Statistics statistics;
  Entries entries({}, {kNow, 1}, statistics);
  Parameters p = udp(1);
  p.timeout = 0;
  EXPECT_EQ(entries.create(p), Refusal::none);
  EXPECT_EQ(entries.size(), 0U);
  EXPECT_EQ(entries.create(udp(1)), Refusal::none);
  EXPECT_EQ(entries.change(*entries.all()[0], p), Refusal::none);
  EXPECT_EQ(entries.size(), 0U);
}

TEST(Entries, NoMoreThanTheTableHolds) {
  Settings settings;
  settings.max = 1;
  Statistics statistics;
  Entries entries(settings, {kNow, 1}, statistics);
  EXPECT_EQ(entries.create(udp(1)), Refusal::none);
  EXPECT_EQ(entries.create(udp(2)), Refusal::full);
}

}  // namespace
}  // namespace utables::conntrack
