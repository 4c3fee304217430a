// What Linux does with ports and addresses under NAT, one behaviour a test; the choices themselves are
// compared with the kernel by generated scenarios.
#include <gtest/gtest.h>

#include <set>

#include "base/bytes.h"
#include "conntrack/nat/binding.h"
#include "conntrack/nat/translate.h"
#include "packet/build.h"
#include "packet/checksum.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

constexpr std::uint32_t kClient = 0x0a000002, kServer = 0xc6336407, kBox = 0xc0000201;

class FixedDraw final : public PortDraw {
 public:
  std::uint16_t value = 0;
  unsigned asked = 0;
  std::uint16_t draw(const Connection&, Manipulation, std::uint16_t, std::uint32_t) override {
    ++asked;
    return value;
  }
  std::uint16_t draw_announced(unsigned, std::uint16_t, std::uint32_t) override { return value; }
};

Tuple tuple(std::uint32_t source, std::uint16_t source_port, std::uint32_t destination,
            std::uint16_t destination_port, std::uint8_t protocol = packet::kUdp) {
  return {Address::from_v4(source),
          Address::from_v4(destination),
          source_port,
          destination_port,
          protocol,
          Family::ipv4};
}

NatRange to(std::uint32_t first, std::uint32_t last) {
  NatRange range;
  range.has_addresses = true;
  range.first = Address::from_v4(first);
  range.last = Address::from_v4(last);
  return range;
}
NatRange with_ports(NatRange range, std::uint16_t first, std::uint16_t last) {
  range.has_ports = true;
  range.first_port = first;
  range.last_port = last;
  return range;
}

class Nat : public ::testing::Test {
 protected:
  /// A connection that was bound and confirmed.
  Connection& known(const Tuple& original, Manipulation manipulation, const NatRange& range) {
    Connection& made = table.make();
    made.tuple = {original, *inverse(original)};
    made.tuple[1] = *inverse(choose(made, manipulation, range));
    table.enter(made);
    if (manipulation == Manipulation::source) sources.enter(made);
    return made;
  }
  Connection& fresh(const Tuple& original) {
    Connection& made = table.make();
    made.tuple = {original, *inverse(original)};
    return made;
  }
  Tuple choose(const Connection& c, Manipulation manipulation, const NatRange& range) {
    return Binder(table, sources, draw, {cases, found},
                  [this](Connection& closed) { evicted.push_back(closed.handle); })
        .choose(c, manipulation, range);
  }

  Table table{1};
  SourceIndex sources{table, 2};
  FixedDraw draw;
  NatCases cases{};
  std::uint64_t found = 0;
  std::vector<Handle> evicted;
};

TEST_F(Nat, APortStaysWhereItIsFree) {
  const Tuple chosen = choose(fresh(tuple(kClient, 5000, kServer, 53)), Manipulation::source, to(kBox, kBox));
  EXPECT_EQ(chosen, tuple(kBox, 5000, kServer, 53));
  EXPECT_EQ(draw.asked, 0U);
}

TEST_F(Nat, ATakenPortIsDrawnAnewInItsClass) {
  struct Case {
    std::uint16_t port, first, last;
  };
  for (const Case& c :
       {Case{80, 1, 511}, Case{512, 600, 1023}, Case{700, 600, 1023}, Case{2000, 1024, 65535}}) {
    known(tuple(kClient, c.port, kServer, 53), Manipulation::source, to(kBox, kBox));
    draw.value = 0;
    EXPECT_EQ(choose(fresh(tuple(kClient + 1, c.port, kServer, 53)), Manipulation::source, to(kBox, kBox)),
              tuple(kBox, c.first, kServer, 53));
    draw.value = static_cast<std::uint16_t>(c.last - c.first);
    EXPECT_EQ(choose(fresh(tuple(kClient + 1, c.port, kServer, 53)), Manipulation::source, to(kBox, kBox)),
              tuple(kBox, c.last, kServer, 53));
  }
}

TEST_F(Nat, ASourceKeepsItsMappingTowardsOthers) {
  known(tuple(kClient, 5000, kServer, 53), Manipulation::source, with_ports(to(kBox, kBox), 700, 710));
  const Tuple chosen = choose(fresh(tuple(kClient, 5000, kServer + 1, 53)), Manipulation::source,
                              with_ports(to(kBox, kBox), 700, 720));
  EXPECT_EQ(chosen, tuple(kBox, 700, kServer + 1, 53));
  EXPECT_EQ(cases[static_cast<std::size_t>(NatCase::mapped_before)], 1U);
}

TEST_F(Nat, MappingsAreForgottenWithTheirConnections) {
  Connection& first = known(tuple(kClient, 5000, kServer, 53), Manipulation::source, to(kBox, kBox));
  Connection& second = known(tuple(kClient, 5000, kServer + 1, 53), Manipulation::source, to(kBox, kBox));
  Connection& third = known(tuple(kClient, 5000, kServer + 2, 53), Manipulation::source, to(kBox, kBox));
  const auto latest = [&] { return sources.find(first, [](const Connection&) { return true; }); };
  EXPECT_EQ(latest(), &third);
  sources.leave(second);
  sources.leave(third);
  EXPECT_EQ(latest(), &first);
  sources.leave(first);
  EXPECT_EQ(latest(), nullptr);
  sources.leave(first);
}

TEST_F(Nat, APortIsTakenInTheZoneOfTheRepliesAlone) {
  known(tuple(kClient, 5000, kServer, 53), Manipulation::source, to(kBox, kBox));
  Connection& elsewhere = fresh(tuple(kClient + 1, 5000, kServer, 53));
  elsewhere.set_zone({5, Zone::kBoth});
  EXPECT_EQ(choose(elsewhere, Manipulation::source, to(kBox, kBox)).source_port, 5000);
  EXPECT_EQ(found, 0U);
  Connection& of_one = fresh(tuple(kClient + 1, 5000, kServer, 53));
  of_one.set_zone({5, 1});
  draw.value = 7;
  EXPECT_EQ(choose(of_one, Manipulation::source, to(kBox, kBox)).source_port, 1031)
      << "its replies are in zone 0";
  EXPECT_GT(found, 0U);
}

// The same two ends in both directions, in zones that do not see each other: neither is translated, and
// confirmation drops the later one.
TEST_F(Nat, APortThatTheOtherEndOfTheSameConnectionHasIsLeftToConfirmation) {
  for (const std::uint8_t protocol : {packet::kUdp, packet::kTcp}) {
    Tuple there = tuple(kServer, 53, kClient, 5000), back = tuple(kClient, 5000, kServer, 53);
    there.protocol = back.protocol = protocol;
    Connection& earlier = fresh(there);
    earlier.set_zone({4, 2});
    table.enter(earlier);
    draw.value = 7;
    EXPECT_EQ(choose(fresh(back), Manipulation::source, {}).source_port,
              protocol == packet::kUdp ? 5000 : 1031);
  }
}

TEST_F(Nat, ASinglePortIsTakenWhetherOrNotItIsFree) {
  known(tuple(kClient, 5000, kBox, 8080), Manipulation::destination,
        with_ports(to(kServer, kServer), 80, 80));
  EXPECT_EQ(choose(fresh(tuple(kClient, 5000, kBox, 8081)), Manipulation::destination,
                   with_ports(to(kServer, kServer), 80, 80)),
            tuple(kClient, 5000, kServer, 80));
}

TEST_F(Nat, AShiftedPortKeepsItsDistance) {
  NatRange range = with_ports(to(kServer, kServer), 8000, 8009);
  range.shifted = true;
  range.base_port = 5000;
  EXPECT_EQ(choose(fresh(tuple(kClient, 1, kBox, 5003)), Manipulation::destination, range),
            tuple(kClient, 1, kServer, 8003));
  EXPECT_EQ(choose(fresh(tuple(kClient, 2, kBox, 5013)), Manipulation::destination, range),
            tuple(kClient, 2, kServer, 8003));
}

TEST_F(Nat, WhenEveryPortIsTakenTheOneDrawnIsUsed) {
  const NatRange range = with_ports(to(kBox, kBox), 700, 701);
  for (std::uint32_t i = 0; i < 2; ++i)
    known(tuple(kClient + i, 5000, kServer, 53), Manipulation::source, range);
  for (const std::uint16_t drawn : {std::uint16_t{0}, std::uint16_t{1}}) {
    draw.value = drawn;
    EXPECT_EQ(choose(fresh(tuple(kClient + 9, 5000, kServer, 53)), Manipulation::source, range),
              tuple(kBox, static_cast<std::uint16_t>(700 + drawn), kServer, 53));
  }
  EXPECT_EQ(cases[static_cast<std::size_t>(NatCase::exhausted)], 2U);
}

TEST_F(Nat, WhenEveryPortIsTakenAndNoneDrawnTheLastOneTriedIsUsed) {
  const NatRange range = with_ports(to(kBox, kBox), 700, 701);
  for (std::uint16_t i = 0; i < 2; ++i)
    known(tuple(kClient, 5000, kServer + i, 53), Manipulation::destination, range);
  EXPECT_EQ(choose(fresh(tuple(kClient, 5000, kServer + 9, 53)), Manipulation::destination, range),
            tuple(kClient, 5000, kBox, 701));
  EXPECT_EQ(draw.asked, 0U);
}

TEST_F(Nat, AClosedConnectionMakesRoomForASynThatIsNewer) {
  const NatRange range = with_ports(to(kBox, kBox), 700, 701);
  for (std::uint32_t i = 0; i < 2; ++i) {
    Connection& old = known(tuple(kClient + i, 5000, kServer, 80, packet::kTcp), Manipulation::source, range);
    old.set(kSourceNat);
    old.tcp.state = i == 0 ? TcpState::established : TcpState::time_wait;
    old.tcp.end[0].end = 1000;
  }
  Connection& opening = fresh(tuple(kClient + 9, 5000, kServer, 80, packet::kTcp));
  opening.tcp.state = TcpState::syn_sent;
  opening.tcp.end[0].end = 999;
  EXPECT_EQ(choose(opening, Manipulation::source, range).source_port, 700);
  EXPECT_TRUE(evicted.empty());
  opening.tcp.end[0].end = 1001;
  EXPECT_EQ(choose(opening, Manipulation::source, range).source_port, 701);
  EXPECT_EQ(evicted, std::vector<Handle>{1});
}

TEST_F(Nat, AnAddressOfARangeDependsOnTheEnds) {
  const NatRange range = to(kBox, kBox + 7);
  const Tuple one = choose(fresh(tuple(kClient, 5000, kServer, 53)), Manipulation::source, range);
  EXPECT_EQ(one, choose(fresh(tuple(kClient, 5000, kServer, 53)), Manipulation::source, range));
  std::set<std::uint32_t> chosen, persistent;
  NatRange same = range;
  same.persistent = true;
  for (std::uint32_t i = 0; i < 64; ++i) {
    const Connection& c = fresh(tuple(kClient, 5000, kServer + i, 53));
    chosen.insert(choose(c, Manipulation::source, range).source.v4());
    persistent.insert(choose(c, Manipulation::source, same).source.v4());
  }
  EXPECT_GT(chosen.size(), 4U);
  EXPECT_EQ(persistent.size(), 1U);
}

/// As Linux 6.18 chose them.
TEST_F(Nat, ARangeOfIpv6IsChosenWordByWord) {
  const auto address = [](const char* text) { return parse_address(text, Family::ipv6).value_or(Address{}); };
  struct Row {
    const char *source, *destination, *chosen;
    bool persistent;
  };
  constexpr Row kRows[] = {
      {"2001:db8:a::5", "2001:db8:9::1", "2001:db8:0:3:66af:7301:66af:7301", false},
      {"2001:db8:a::9f", "2001:db8:9::7", "2001:db8::820:66d9:820:66d9", false},
      {"2001:db8:a::5", "2001:db8:9::1", "2001:db8:0:2:4e8e:b2c4:4e8e:b2c4", true},
      {"2001:db8:a::ec", "2001:db8:9::a", "2001:db8:0:7:7:ab7b:f56f:45f3", true},
  };
  for (const Row& row : kRows) {
    NatRange range;
    range.has_addresses = true;
    range.first = address("2001:db8::5");
    range.last = address("2001:db8:0:7:8::9");
    range.persistent = row.persistent;
    const Tuple original{address(row.source), address(row.destination), 4000, 53, packet::kUdp, Family::ipv6};
    EXPECT_EQ(to_string(choose(fresh(original), Manipulation::source, range).source, Family::ipv6),
              row.chosen);
  }
}

TEST_F(Nat, ARangeOfIpv6DestinationsIsChosenByItsOwnWords) {
  const auto address = [](const char* text) { return parse_address(text, Family::ipv6).value_or(Address{}); };
  struct Row {
    const char *source, *destination, *first, *last, *chosen;
  };
  constexpr Row kRows[] = {
      {"2001:db8::a00:e", "2001:db8::c000:204", "2001:db8::ac10:503", "2001:db8:0:3:a930::9",
       "2001:db8::1d8a:5bc7:dad1:d1d4"},
      {"2001:db8::c000:203", "ff02::2", "2001:db8::a00:fe", "2001:db8::a00:102", "2001:db8::a00:101"},
  };
  for (const Row& row : kRows) {
    NatRange range;
    range.has_addresses = true;
    range.first = address(row.first);
    range.last = address(row.last);
    const Tuple original{address(row.source), address(row.destination), 4000, 53, packet::kUdp, Family::ipv6};
    EXPECT_EQ(to_string(choose(fresh(original), Manipulation::destination, range).destination, Family::ipv6),
              row.chosen);
  }
}

/// A packet of a connection: translated, it is what the other side sees; back, what it was.
TEST(Translate, UntranslateUndoesIt) {
  using packet::Bytes;
  const packet::IpPart answer{Address::from_v4(kBox), Address::from_v4(kClient)};
  const std::vector<std::uint8_t> payload{1, 2, 3};
  struct Case {
    Bytes packet;
    Tuple original, reply;
  };
  const Case cases[] = {
      {packet::build_udp(answer, 1123, 5000, payload), tuple(kClient, 5000, kServer, 123),
       tuple(kBox, 1123, kClient, 5000)},
      {packet::build_tcp(answer, {.source_port = 3128, .destination_port = 5000}, payload),
       tuple(kClient, 5000, kServer, 80, packet::kTcp), tuple(kBox, 3128, kClient, 5000, packet::kTcp)},
      {packet::build_icmp(answer, {.type = 0, .rest = 9U << 16 | 1}, payload),
       tuple(kClient, 7, kServer, 8U << 8, packet::kIcmp), tuple(kBox, 9, kClient, 0, packet::kIcmp)},
  };
  for (const Case& c : cases) {
    Connection connection;
    connection.tuple = {c.original, c.reply};
    connection.set(kDestinationNat);
    Bytes bytes = c.packet;
    packet::Buffer buffer;
    buffer.bytes = bytes.data();
    buffer.size = buffer.room = static_cast<std::uint32_t>(bytes.size());
    ASSERT_EQ(packet::parse(buffer.view(), buffer.size, buffer.facts), DropReason::none);
    ASSERT_TRUE(translate(buffer, connection, Direction::reply, Manipulation::source));
    EXPECT_EQ(buffer.facts.source, Address::from_v4(kServer));
    EXPECT_NE(bytes, c.packet);
    untranslate(buffer, connection, Direction::reply);
    EXPECT_EQ(bytes, c.packet) << "its checksums too";
    EXPECT_EQ(tuple_of(buffer.facts), c.reply);
  }
}

}  // namespace
}  // namespace utables::conntrack
