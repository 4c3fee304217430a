// SCTP and UDP-Lite by hand: what each rule does, in the words of listings and events. The machine itself is
// held to Linux by recorded sequences (vectors_test.cc).
#include "packet/sctp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "conntrack/script_test.h"

namespace utables::conntrack::test {
namespace {

namespace c = packet::sctp;
constexpr Time S = kSecond;
constexpr std::uint32_t kClient = 0x11, kServer = 0x22;  // the initiate tags of the two ends
const Ends kForth{}, kBack = Ends{}.back();

Tracked forth(Wire& w, std::uint32_t tag, const Bytes& chunks, Time now = 0) {
  return w.send(sctp(kForth, tag, chunks), now);
}
Tracked back(Wire& w, std::uint32_t tag, const Bytes& chunks, Time now = 0) {
  return w.send(sctp(kBack, tag, chunks, 3868, 5000), now);
}
Bytes together(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

void handshake(Wire& w, Time now = 0) {
  forth(w, 0, init_chunk(kClient), now);
  back(w, kClient, init_chunk(kServer, c::kInitAck), now);
  forth(w, kServer, chunk(c::kCookieEcho), now);
  back(w, kClient, chunk(c::kCookieAck), now);
}

TEST(Sctp, AnAssociationFromInitToShutdownComplete) {
  Wire w;
  handshake(w);
  forth(w, kServer, chunk(c::kData, 3, Bytes(16)), S);
  EXPECT_EQ(w.list(S),
            "ipv4     2 sctp     132 210 ESTABLISHED src=10.0.0.1 dst=10.0.1.1 sport=5000 dport=3868 "
            "src=10.0.1.1 dst=10.0.0.1 sport=3868 dport=5000 [ASSURED] mark=0 zone=0 use=2\n");
  forth(w, kServer, chunk(c::kShutdown, 0, Bytes(4)), S);
  back(w, kClient, chunk(c::kShutdownAck), S);
  forth(w, kServer, chunk(c::kShutdownComplete), S);
  w.tracker.advance(12 * S);
  const std::string ends =
      " src=10.0.0.1 dst=10.0.1.1 sport=5000 dport=3868 src=10.0.1.1 dst=10.0.0.1 sport=3868 dport=5000";
  EXPECT_THAT(
      w.events.lines,
      testing::ElementsAre(testing::HasSubstr("    [NEW] sctp     132 10 CLOSED src="),
                           "[0.000000]\t [UPDATE] sctp     132 3 COOKIE_WAIT" + ends,
                           "[0.000000]\t [UPDATE] sctp     132 3 COOKIE_ECHOED" + ends,
                           "[0.000000]\t [UPDATE] sctp     132 210 ESTABLISHED" + ends + " [ASSURED]",
                           "[1.000000]\t [UPDATE] sctp     132 3 SHUTDOWN_SENT" + ends + " [ASSURED]",
                           "[1.000000]\t [UPDATE] sctp     132 3 SHUTDOWN_ACK_SENT" + ends + " [ASSURED]",
                           "[1.000000]\t [UPDATE] sctp     132 10 CLOSED" + ends + " [ASSURED]",
                           "[11.000000]\t[DESTROY] sctp     132 CLOSED" + ends + " [ASSURED]"));
}

TEST(Sctp, LinesOfConntrackL) {
  Wire w;
  handshake(w);
  w.tracker.for_each(S, [](const Connection& connection) {
    EXPECT_EQ(conntrack_line(connection, S),
              "sctp     132 209 ESTABLISHED src=10.0.0.1 dst=10.0.1.1 sport=5000 dport=3868 src=10.0.1.1 "
              "dst=10.0.0.1 sport=3868 dport=5000 [ASSURED] mark=0 use=1");
  });
}

TEST(Sctp, EachReasonToBeInvalid) {
  struct Case {
    std::uint32_t tag;
    Bytes chunks;
    InvalidReason reason;
  };
  Bytes zero = chunk(c::kSack), cut = init_chunk(kClient);
  store16(&zero[2], 0);
  cut.resize(12);
  using R = InvalidReason;
  const Case kNew[] = {{0, {}, R::sctp_bad_chunks},
                       {0, zero, R::sctp_bad_chunks},
                       {0, together(init_chunk(kClient), chunk(c::kSack)), R::sctp_bad_bundle},
                       {0, together(chunk(c::kSack), chunk(c::kCookieEcho)), R::sctp_bad_bundle},
                       {0, chunk(c::kData), R::sctp_not_an_opener},
                       {0, chunk(c::kAbort), R::sctp_not_an_opener},
                       {0, together(chunk(c::kCookieEcho), chunk(c::kData)), R::sctp_not_an_opener},
                       {5, init_chunk(kClient), R::sctp_init_tag},
                       {0, cut, R::sctp_short_init}};
  for (const Case& one : kNew) {
    Wire w;
    EXPECT_EQ(forth(w, one.tag, one.chunks).invalid, one.reason) << sentence(one.reason);
    EXPECT_EQ(w.tracker.size(), 0U);
  }
  const Case kKnown[] = {{kServer + 1, chunk(c::kData), R::sctp_wrong_tag},
                         {kServer + 1, chunk(c::kAbort), R::sctp_wrong_tag},
                         {kServer, chunk(c::kAbort, c::kTagReflected), R::sctp_wrong_tag},
                         {kServer, init_chunk(kClient), R::sctp_init_tag},
                         {kServer, init_chunk(kClient + 1, c::kInitAck), R::sctp_wrong_initiate_tag}};
  for (const Case& one : kKnown) {
    Wire w;
    handshake(w);
    EXPECT_EQ(forth(w, one.tag, one.chunks).invalid, one.reason) << sentence(one.reason);
  }
  Wire w;
  forth(w, 5, chunk(c::kHeartbeat));
  EXPECT_EQ(back(w, 6, chunk(c::kShutdownAck)).invalid, R::sctp_invalid_state);
}

TEST(Sctp, ABadChecksumIsInvalidUnlessChecksumsAreNotJudged) {
  Bytes bad = sctp(kForth, 0, init_chunk(kClient));
  bad[28] ^= 1;
  Wire w;
  EXPECT_EQ(w.send(bad, 0).invalid, InvalidReason::bad_checksum);
  Settings settings = defaults(Profile::modern);
  settings.checksum = false;
  Wire lenient(settings);
  EXPECT_EQ(lenient.send(bad, 0).info, CtInfo::new_);
}

TEST(Sctp, WhatChunksBeforeAnInvalidOneDidStays) {
  Wire w;
  handshake(w);
  const Bytes chunks = together(chunk(c::kShutdown, 0, Bytes(4)), chunk(c::kAbort, c::kTagReflected));
  EXPECT_EQ(forth(w, kServer, chunks, 10 * S).invalid, InvalidReason::sctp_wrong_tag);
  EXPECT_THAT(w.list(10 * S), testing::HasSubstr("132 200 SHUTDOWN_SENT"));
}

TEST(Sctp, AnInitAgainKeepsTheTimeoutAndIsNotCounted) {
  Settings settings = defaults(Profile::modern);
  settings.accounting = true;
  Wire w(settings);
  forth(w, 0, init_chunk(kClient));
  EXPECT_EQ(forth(w, 0, init_chunk(kClient), 4 * S).info, CtInfo::new_);
  EXPECT_THAT(w.list(4 * S), testing::AllOf(testing::HasSubstr("132 6 CLOSED"),
                                            testing::HasSubstr("packets=1 bytes=52 [UNREPLIED]")));
}

TEST(Sctp, AHeartbeatWithAnotherTagPassesAndItsAnswerMayBringIt) {
  Wire w;
  handshake(w);
  EXPECT_EQ(forth(w, 0x77, chunk(c::kHeartbeat), 9 * S).info, CtInfo::established);
  EXPECT_THAT(w.list(9 * S), testing::HasSubstr("132 201 ESTABLISHED"));
  EXPECT_EQ(back(w, 0x88, chunk(c::kData), 9 * S).invalid, InvalidReason::sctp_wrong_tag);
  EXPECT_EQ(back(w, 0x88, chunk(c::kHeartbeatAck), 9 * S).info, CtInfo::established_reply);
  EXPECT_EQ(back(w, 0x88, chunk(c::kData), 9 * S).info, CtInfo::established_reply);
}

// Found by a generated scenario: in a collision the tag of the INIT holds, be it 0.
TEST(Sctp, InACollisionAnInitAckBringsNoOtherTagThanAnInitWithTag0) {
  Wire w;
  forth(w, 0, init_chunk(0));
  back(w, 0, init_chunk(kServer));
  EXPECT_EQ(forth(w, kServer, init_chunk(kClient, c::kInitAck)).invalid,
            InvalidReason::sctp_wrong_initiate_tag);
}

TEST(Sctp, TimeoutsUnderTheirNames) {
  std::map<std::string, std::string, std::less<>> sysctls;
  constexpr std::array<std::string_view, 8> kNames{
      "closed",        "cookie_wait",   "cookie_echoed",     "established",
      "shutdown_sent", "shutdown_recd", "shutdown_ack_sent", "heartbeat_sent"};
  for (std::size_t i = 0; i < kNames.size(); ++i)
    sysctls["net.netfilter.nf_conntrack_sctp_timeout_" + std::string(kNames[i])] = std::to_string(100 + i);
  sysctls["net.netfilter.nf_conntrack_sctp_timeout_heartbeat_acked"] = "7";
  const auto settings = settings_from(sysctls, Profile::modern);
  ASSERT_TRUE(settings);
  for (std::size_t i = 0; i < kNames.size(); ++i)
    EXPECT_EQ(settings->sctp_timeout[i + 1], static_cast<Duration>(100 + i) * S) << kNames[i];
  sysctls["net.netfilter.nf_conntrack_sctp_timeout_closed"] = "x";
  EXPECT_FALSE(settings_from(sysctls, Profile::modern));
}

TEST(Sctp, TheExplanationNamesChunksAndTags) {
  Wire w;
  handshake(w);
  Bytes bytes = sctp(kForth, kServer, together(chunk(c::kSack), chunk(c::kShutdown, 0, Bytes(4))));
  packet::Buffer buffer;
  buffer.bytes = bytes.data();
  buffer.size = buffer.room = static_cast<std::uint32_t>(bytes.size());
  ASSERT_EQ(packet::parse(bytes, buffer.size, buffer.facts), DropReason::none);
  Judgement judgement;
  (void)w.tracker.track(buffer, 0, true, &judgement);
  const SctpJudgement& j = judgement.sctp;
  ASSERT_TRUE(j.judged);
  EXPECT_EQ(j.expected_tag, (std::array<std::uint32_t, 2>{kServer, kClient}));
  ASSERT_EQ(j.count, 2U);
  EXPECT_EQ(c::name(j.steps[1].type), "SHUTDOWN");
  EXPECT_EQ(j.steps[1].state_after, SctpState::shutdown_sent);
  EXPECT_EQ(j.steps[1].why, "the opening end closes");
}

TEST(Udplite, UdpsTimeoutsAndListing) {
  Wire w;
  w.send(udplite(kForth, 5000, 5004), 0);
  w.send(udplite(kBack, 5004, 5000), S);
  EXPECT_EQ(w.list(S),
            "ipv4     2 udplite  136 30 src=10.0.0.1 dst=10.0.1.1 sport=5000 dport=5004 src=10.0.1.1 "
            "dst=10.0.0.1 sport=5004 dport=5000 mark=0 zone=0 use=2\n");
  w.send(udplite(kForth, 5000, 5004, 8), S);  // unlike UDP's, at once
  EXPECT_THAT(w.list(S), testing::HasSubstr("136 120 "));
  EXPECT_THAT(w.list(S), testing::HasSubstr("[ASSURED]"));
}

TEST(Udplite, CoverageAndChecksum) {
  for (const bool judged : {true, false}) {
    Settings settings = defaults(Profile::modern);
    settings.checksum = judged;
    for (const std::uint16_t coverage : std::array<std::uint16_t, 6>{0, 8, 12, 7, 1, 13}) {
      Wire w(settings);
      const bool possible = coverage == 0 || (coverage >= 8 && coverage <= 12);
      EXPECT_EQ(w.send(udplite(kForth, 5, 6, coverage), 0).invalid,
                possible ? InvalidReason::none : InvalidReason::udplite_bad_coverage)
          << coverage;
    }
    Wire w(settings);
    EXPECT_EQ(w.send(udplite(kForth, 5, 6, 8, 300), 0).invalid, InvalidReason::none);
    Bytes outside = udplite(kForth, 5, 6, 8), inside = udplite(kForth, 5, 6), none = inside;
    outside.back() ^= 1;
    inside.back() ^= 1;
    store16(&none[26], 0);
    EXPECT_EQ(w.send(outside, 0).info, CtInfo::new_);
    EXPECT_EQ(w.send(inside, 0).invalid, judged ? InvalidReason::bad_checksum : InvalidReason::none);
    EXPECT_EQ(w.send(none, 0).invalid, InvalidReason::udplite_bad_coverage);
  }
}

}  // namespace
}  // namespace utables::conntrack::test
