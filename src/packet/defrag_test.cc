// Reassembly: the limits of time, memory and distance, the ECN table, saving. What Linux 6.18 did in each
// case was asked over TUN devices; order, overlaps and duplicates: fragment_test.cc.
#include "packet/defrag.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/bytes.h"
#include "packet/checksum.h"

namespace utables::packet {
namespace {

using testing::ElementsAre;
using Kind = DefragOutcome::Kind;

/// When a timer of 30 s goes off that was set at the beginning of time.
constexpr Time kLinux30s = 30'720 * kMillisecond;

struct Piece {
  std::uint16_t begin = 0, end = 0;
  bool more = true;
  std::uint16_t identification = 1;
  std::uint32_t source = 0x0a000001;
  std::uint8_t tos = 0;
};

Bytes fragment(const Piece& piece, bool dont_fragment = false) {
  IpPart ip;
  ip.source = Address::from_v4(piece.source);
  ip.destination = Address::from_v4(0x0a000002);
  ip.identification = piece.identification;
  ip.fragment_offset = piece.begin;
  ip.more_fragments = piece.more;
  ip.dont_fragment = dont_fragment;
  ip.tos = piece.tos;
  Bytes payload(piece.end - piece.begin);
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<std::uint8_t>((piece.begin + i) % 251);
  return build_ip(ip, 253, payload);
}

struct Feed {
  Defragmenter defragmenter{};
  Reassembled out{};
  Time now = 0;

  DefragOutcome bytes(const Bytes& b, DefragUser user = DefragUser::conntrack_in, std::uint16_t zone = 0,
                      std::uint32_t wire = 0) {
    Facts f;
    EXPECT_EQ(parse(b, wire, f), DropReason::none);
    return defragmenter.add({b, f, user, zone, 3}, now, out);
  }
  DefragOutcome operator()(const Piece& piece) { return bytes(fragment(piece)); }
  /// Fragments of other packets of the same sender.
  void others(unsigned count, std::uint32_t source = 0x0a000001) {
    for (unsigned i = 0; i < count; ++i)
      (void)(*this)({0, 8, true, static_cast<std::uint16_t>(5000 + i), source});
  }
};

TEST(Defrag, R12TheWholeHasTheFirstFragmentsHeader) {
  Feed feed;
  EXPECT_EQ(feed({16, 40, true}).kind, Kind::held);
  EXPECT_EQ(feed({40, 45, false}).kind, Kind::held);
  Bytes first = fragment({0, 16, true});
  first[8] = 17;
  write_ip_checksum(std::span(first).first(20));
  ASSERT_EQ(feed.bytes(first).kind, Kind::complete);
  const Reassembled& whole = feed.out;
  EXPECT_EQ(whole.facts.total_length, 65U);
  EXPECT_EQ(whole.facts.ttl, 17);
  EXPECT_FALSE(whole.facts.is_fragment());
  EXPECT_FALSE(whole.facts.dont_fragment);
  EXPECT_TRUE(ip_checksum_good(std::span(whole.bytes).first(20)));
  for (std::size_t i = 0; i < 45; ++i) EXPECT_EQ(whole.bytes[20 + i], i);
  EXPECT_THAT(whole.geometry.sizes, ElementsAre(16, 24, 5));
  EXPECT_EQ(whole.geometry.max_size, 44U);
  EXPECT_EQ(feed.defragmenter.size(), 0U);
  EXPECT_EQ(feed.defragmenter.memory(), 0U);
}

TEST(Defrag, DontFragmentCountsInTheLargest) {
  for (const bool in_largest : {true, false}) {
    Feed feed;
    (void)feed.bytes(fragment({0, 16, true}, in_largest));
    ASSERT_EQ(feed.bytes(fragment({16, 24, false}, !in_largest)).kind, Kind::complete);
    EXPECT_EQ(feed.out.facts.dont_fragment, in_largest);
    EXPECT_EQ(feed.out.geometry.dont_fragment, in_largest);
  }
}

TEST(Defrag, EcnOfTheWhole) {
  constexpr int kNever = -1;
  constexpr int kExpected[4][4] = {
      {0, kNever, kNever, kNever}, {kNever, 1, 1, 3}, {kNever, 2, 2, 3}, {kNever, 3, 3, 3}};
  for (std::uint8_t first = 0; first < 4; ++first) {
    for (std::uint8_t last = 0; last < 4; ++last) {
      Feed feed;
      (void)feed({0, 8, true, 1, 0x0a000001, first});
      const DefragOutcome outcome = feed({8, 16, false, 1, 0x0a000001, last});
      const int expected = kExpected[first][last];
      EXPECT_EQ(outcome.kind, expected == kNever ? Kind::dropped : Kind::complete);
      EXPECT_TRUE(expected == kNever || feed.out.facts.tos == expected);
      EXPECT_EQ(feed.defragmenter.size(), 0U);
    }
  }
}

TEST(Defrag, WhatEndsAQueue) {
  struct Case {
    const char* what;
    std::vector<Piece> before;
    Piece last;
    DropReason reason;
    std::size_t queues;
  };
  for (const Case& c : {
           Case{"partial overlap", {{0, 16, true}}, {8, 24, true}, DropReason::fragment_overlap, 0},
           {"overlap in front", {{8, 24, true}}, {0, 16, true}, DropReason::fragment_overlap, 0},
           {"a duplicate across two runs",
            {{8, 16, true}, {0, 8, true}},
            {0, 16, true},
            DropReason::fragment_overlap,
            0},
           {"a duplicate", {{0, 16, true}}, {0, 16, true}, DropReason::fragment_duplicate, 1},
           {"contained", {{0, 16, true}}, {8, 16, true}, DropReason::fragment_duplicate, 1},
           {"contained in a run",
            {{0, 8, true}, {8, 16, true}, {16, 24, true}},
            {0, 16, true},
            DropReason::fragment_duplicate,
            1},
           {"empty last", {{0, 16, true}}, {16, 16, false}, DropReason::fragment_malformed, 0},
           {"empty after trimming", {}, {8, 15, true}, DropReason::fragment_malformed, 0},
           {"another end", {{16, 24, false}}, {8, 32, false}, DropReason::fragment_malformed, 0},
           {"beyond the end", {{16, 24, false}}, {24, 32, true}, DropReason::fragment_malformed, 0},
           {"an end before what is there",
            {{16, 24, true}},
            {8, 16, false},
            DropReason::fragment_malformed,
            0},
       }) {
    Feed feed;
    for (const Piece& piece : c.before) ASSERT_EQ(feed(piece).kind, Kind::held) << c.what;
    const DefragOutcome outcome = feed(c.last);
    EXPECT_EQ(outcome.kind, Kind::dropped) << c.what;
    EXPECT_EQ(outcome.reason, c.reason) << c.what << ": " << name(outcome.reason);
    EXPECT_EQ(feed.defragmenter.size(), c.queues) << c.what;
    EXPECT_EQ(feed.defragmenter.memory() == 0, c.queues == 0) << c.what;
  }
}

TEST(Defrag, AMiddleLengthIsCutDownToAMultipleOf8) {
  Feed feed;
  (void)feed({0, 23, true});
  ASSERT_EQ(feed({16, 24, false}).kind, Kind::complete);
  EXPECT_THAT(feed.out.geometry.sizes, ElementsAre(16, 8));
}

TEST(Defrag, TheLargestWhole) {
  for (const int last : {3, 4}) {
    Feed feed;
    (void)feed({0, 60000, true});
    (void)feed({60000, 65512, true});
    const DefragOutcome outcome = feed({65512, static_cast<std::uint16_t>(65512 + last), false});
    EXPECT_EQ(outcome.kind, last == 3 ? Kind::complete : Kind::dropped);
    EXPECT_EQ(feed.defragmenter.size(), 0U);
  }
}

TEST(Defrag, DifferentPacketsNeverMeet) {
  Feed feed;
  (void)feed({0, 8, true});
  EXPECT_EQ(feed({8, 16, false, 2}).kind, Kind::held);
  EXPECT_EQ(feed({8, 16, false, 1, 0x0a000003}).kind, Kind::held);
  const Bytes last = fragment({8, 16, false});
  EXPECT_EQ(feed.bytes(last, DefragUser::conntrack_out).kind, Kind::held);
  EXPECT_EQ(feed.bytes(last, DefragUser::conntrack_in, 1).kind, Kind::held);
  Bytes other_protocol = last;
  other_protocol[9] = 17;
  EXPECT_EQ(feed.bytes(other_protocol).kind, Kind::held);
  EXPECT_EQ(feed.bytes(last).kind, Kind::complete);
}

TEST(Defrag, TimeEndsAQueueAndTellsTheFirstFragment) {
  Feed feed;
  (void)feed({0, 9, true, 1});
  feed.now = 1;
  (void)feed({8, 16, true, 2});
  feed.now = 29 * kSecond;
  (void)feed({8, 16, true, 1});  // does not renew the deadline
  EXPECT_EQ(feed.defragmenter.next_deadline(), kLinux30s);
  std::vector<std::pair<Time, std::size_t>> told;
  const auto tell = [&](const ExpiredQueue& q) {
    told.emplace_back(q.deadline, q.first.size());
    EXPECT_EQ(q.interface, 3);
  };
  feed.defragmenter.expire(kLinux30s - 1, tell);
  EXPECT_TRUE(told.empty());
  feed.defragmenter.expire(60 * kSecond, tell);
  EXPECT_THAT(told, ElementsAre(std::pair<Time, std::size_t>{kLinux30s, 28},
                                std::pair<Time, std::size_t>{kLinux30s, 0}));
  EXPECT_EQ(feed.defragmenter.memory(), 0U);
  EXPECT_EQ(feed.defragmenter.next_deadline(), std::numeric_limits<Time>::max());
}

TEST(Defrag, WhatIsPastItsDeadlineIsNotFound) {
  Feed feed;
  (void)feed({0, 8, true});
  feed.now = kLinux30s;
  EXPECT_EQ(feed({8, 16, false}).kind, Kind::held);
}

TEST(Defrag, UntilTheTimerGoesOffAPacketCanBecomeWhole) {
  Feed feed;
  (void)feed({0, 8, true});
  feed.now = kLinux30s - 1;
  EXPECT_EQ(feed({8, 16, false}).kind, Kind::complete);
}

TEST(Defrag, WhatTimeEndedSaysHowItsBeginningCame) {
  Feed feed;
  const auto as = [&](PacketType type, const Piece& piece) {
    const Bytes b = fragment(piece);
    Facts f;
    ASSERT_EQ(parse(b, 0, f), DropReason::none);
    (void)feed.defragmenter.add({b, f, DefragUser::conntrack_in, 0, 3, type}, feed.now, feed.out);
  };
  as(PacketType::host, {8, 16, true});
  as(PacketType::broadcast, {0, 8, true});
  feed.defragmenter.expire(60 * kSecond,
                           [](const ExpiredQueue& q) { EXPECT_EQ(q.type, PacketType::broadcast); });
}

TEST(Defrag, TooManyOthersOfTheSenderBetween) {
  Feed near;
  (void)near({0, 8, true});
  near.others(63);
  EXPECT_EQ(near({8, 16, false}).kind, Kind::complete);
  Feed far;
  (void)far({0, 8, true});
  far.others(64);
  far.now = 20 * kSecond;
  EXPECT_EQ(far({8, 16, false}).kind, Kind::held) << "started over";
  far.now = 40 * kSecond;
  EXPECT_EQ(far({0, 8, true}).kind, Kind::complete) << "with a new deadline";
  Feed foreign;
  (void)foreign({0, 8, true});
  foreign.others(200, 0x0a000009);
  EXPECT_EQ(foreign({8, 16, false}).kind, Kind::complete);
  Feed off;
  off.defragmenter.change_settings({30 * kSecond, 4 << 20, 0});
  (void)off({0, 8, true});
  off.others(200);
  EXPECT_EQ(off({8, 16, false}).kind, Kind::complete);
}

/// FRAG memory of /proc/net/sockstat after one fragment of each size.
TEST(Defrag, MemoryIsCountedAsLinuxDoes) {
  for (const auto& [size, memory] : {std::pair{28, 1032},
                                     {188, 1032},
                                     {196, 1480},
                                     {636, 1480},
                                     {644, 2504},
                                     {1660, 2504},
                                     {1668, 4552},
                                     {3708, 4552},
                                     {3716, 8648},
                                     {8220, 12744},
                                     {12220, 16840},
                                     {29220, 33224},
                                     {61220, 65992}}) {
    Feed feed;
    (void)feed({0, static_cast<std::uint16_t>((size - 20) & ~7), true});
    EXPECT_EQ(feed.defragmenter.memory(), static_cast<std::uint64_t>(memory)) << size;
  }
}

TEST(Defrag, MemoryIsBounded) {
  Feed feed;
  feed.defragmenter.change_settings({30 * kSecond, 10000, 64});
  for (std::uint16_t id = 0; id < 10; ++id)
    EXPECT_EQ(feed({0, 8, true, id, 0x0a000001U + id}).kind, Kind::held);
  EXPECT_EQ(feed.defragmenter.memory(), 10320U);
  EXPECT_EQ(feed({0, 8, true, 77}).reason, DropReason::fragment_memory);
  EXPECT_EQ(feed({8, 16, false, 0}).reason, DropReason::fragment_memory)
      << "also what would complete a packet";
  feed.defragmenter.expire(kLinux30s, {});
  EXPECT_EQ(feed({0, 8, true, 77}).kind, Kind::held);
  feed.defragmenter.change_settings({30 * kSecond, 0, 64});
  EXPECT_EQ(feed({8, 16, false, 77}).reason, DropReason::fragment_memory);
}

TEST(Defrag, ACutCaptureGivesWhatIsThere) {
  Feed feed;
  Bytes first = fragment({0, 80, true});
  first.resize(60);
  (void)feed.bytes(first, DefragUser::conntrack_in, 0, 100);
  ASSERT_EQ(feed({80, 100, false}).kind, Kind::complete);
  EXPECT_EQ(feed.out.bytes.size(), 60U);
  EXPECT_EQ(feed.out.facts.size, 60U);
  EXPECT_EQ(feed.out.facts.total_length, 120U);
  EXPECT_THAT(feed.out.geometry.sizes, ElementsAre(80, 20));
}

TEST(Defrag, SavedAndRestoredGoesOnAsIfNothingHappened) {
  Feed feed;
  (void)feed({8, 16, true});
  (void)feed({0, 8, true});
  (void)feed({32, 40, false});
  feed.others(60);
  Feed again;
  ASSERT_TRUE(again.defragmenter.restore(feed.defragmenter.save()));
  EXPECT_EQ(again.defragmenter.memory(), feed.defragmenter.memory());
  EXPECT_EQ(again.defragmenter.size(), 61U);
  for (Feed* f : {&feed, &again}) {
    EXPECT_EQ((*f)({8, 16, true}).reason, DropReason::fragment_duplicate);
    f->others(5);  // more distance than one of them alone has seen
    ASSERT_EQ((*f)({16, 32, true}).kind, Kind::complete);
    EXPECT_THAT(f->out.geometry.sizes, ElementsAre(8, 8, 16, 8));
  }
  EXPECT_EQ(again.out.bytes, feed.out.bytes);
}

TEST(Defrag, RestoreRefusesWhatCannotBe) {
  Feed feed;
  (void)feed({0, 8, true});
  (void)feed({8, 16, true});
  const std::vector<WaitingQueue> good = feed.defragmenter.save();
  const auto refused = [&](const std::function<void(std::vector<WaitingQueue>&)>& damage) {
    std::vector<WaitingQueue> queues = good;
    damage(queues);
    Defragmenter fresh;
    const auto result = fresh.restore(queues);
    EXPECT_EQ(fresh.size(), 0U);
    return result ? std::string() : result.error().text;
  };
  EXPECT_THAT(refused([](auto& q) { q[0].fragments[0].bytes.clear(); }),
              testing::HasSubstr("no good IP header"));
  EXPECT_THAT(refused([](auto& q) { q[0].fragments[1].offset = 9; }), testing::HasSubstr("offset"));
  EXPECT_THAT(refused([](auto& q) { q[0].fragments[0].length = 0; }), testing::HasSubstr("empty"));
  EXPECT_THAT(refused([](auto& q) { q[0].fragments[0].length = 4; }),
              testing::HasSubstr("longer than its length"));
  EXPECT_THAT(refused([](auto& q) { q[0].fragments[0].length = 16; }), testing::HasSubstr("not disjoint"));
  EXPECT_THAT(refused([](auto& q) { std::swap(q[0].fragments[0], q[0].fragments[1]); }),
              testing::HasSubstr("not disjoint"));
  EXPECT_THAT(refused([](auto& q) { q[0].total = 8; }), testing::HasSubstr("beyond the total length"));
  EXPECT_THAT(refused([](auto& q) { q.push_back(q[0]); }), testing::HasSubstr("waiting already"));
  EXPECT_TRUE(Defragmenter().restore(good));
}

}  // namespace
}  // namespace utables::packet
