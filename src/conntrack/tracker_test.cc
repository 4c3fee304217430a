#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "conntrack/script_test.h"
#include "conntrack/tracker_memory.h"

namespace utables::conntrack::test {
namespace {

constexpr Time S = kSecond;

TEST(TrackerClassic, R01_Handshake) {
  Wire w(Profile::classic);
  const Ends ends{"140.208.5.62", "207.46.230.218"};
  w.send(tcp(ends, {.flags = "S", .seq = 1, .sport = 1311, .dport = 80}), 0);
  EXPECT_EQ(w.list(1 * S),
            "tcp      6 119 SYN_SENT src=140.208.5.62 dst=207.46.230.218 sport=1311 dport=80 [UNREPLIED] "
            "src=207.46.230.218 dst=140.208.5.62 sport=80 dport=1311 use=1\n");
  w.send(tcp(ends.back(), {.flags = "SA", .seq = 10, .ack = 2, .sport = 80, .dport = 1311}), 0);
  EXPECT_EQ(
      w.list(3 * S),
      "tcp      6 57 SYN_RECV src=140.208.5.62 dst=207.46.230.218 sport=1311 dport=80 src=207.46.230.218 "
      "dst=140.208.5.62 sport=80 dport=1311 use=1\n");
  w.send(tcp(ends, {.flags = "A", .seq = 2, .ack = 11, .sport = 1311, .dport = 80}), 0);
  EXPECT_EQ(w.list(5 * S),
            "tcp      6 431995 ESTABLISHED src=140.208.5.62 dst=207.46.230.218 sport=1311 dport=80 "
            "src=207.46.230.218 dst=140.208.5.62 sport=80 dport=1311 [ASSURED] use=1\n");
}

void handshake(Wire& w, const Ends& ends, Time at, std::uint16_t sport = 1000, std::uint16_t dport = 80) {
  w.send(tcp(ends, {.flags = "S", .seq = 1, .sport = sport, .dport = dport}), at);
  w.send(tcp(ends.back(), {.flags = "SA", .seq = 10, .ack = 2, .sport = dport, .dport = sport}), at);
  w.send(tcp(ends, {.flags = "A", .seq = 2, .ack = 11, .sport = sport, .dport = dport}), at);
}

TEST(TrackerClassic, R16_Listings) {
  Wire w(Profile::classic);
  const Ends ends{"192.168.1.5", "192.168.1.35"};
  w.send(tcp(ends, {.flags = "S", .seq = 1, .sport = 1031, .dport = 23}), 0);
  EXPECT_EQ(w.list(3 * S),
            "tcp      6 117 SYN_SENT src=192.168.1.5 dst=192.168.1.35 sport=1031 dport=23 [UNREPLIED] "
            "src=192.168.1.35 dst=192.168.1.5 sport=23 dport=1031 use=1\n");
  w.send(tcp(ends.back(), {.flags = "SA", .seq = 10, .ack = 2, .sport = 23, .dport = 1031}), 3 * S);
  EXPECT_EQ(w.list(6 * S),
            "tcp      6 57 SYN_RECV src=192.168.1.5 dst=192.168.1.35 sport=1031 dport=23 src=192.168.1.35 "
            "dst=192.168.1.5 sport=23 dport=1031 use=1\n");
  w.send(tcp(ends, {.flags = "A", .seq = 2, .ack = 11, .sport = 1031, .dport = 23}), 6 * S);
  EXPECT_EQ(w.list(7 * S),
            "tcp      6 431999 ESTABLISHED src=192.168.1.5 dst=192.168.1.35 sport=1031 dport=23 "
            "src=192.168.1.35 dst=192.168.1.5 sport=23 dport=1031 [ASSURED] use=1\n");
}

TEST(TrackerClassic, R08_Udp) {
  Wire w(Profile::classic);
  const Ends ends{"192.168.1.2", "192.168.1.5"};
  w.send(udp(ends, 137, 1025), 0);
  EXPECT_EQ(w.list(10 * S),
            "udp      17 20 src=192.168.1.2 dst=192.168.1.5 sport=137 dport=1025 [UNREPLIED] src=192.168.1.5 "
            "dst=192.168.1.2 sport=1025 dport=137 use=1\n");
  w.send(udp(ends.back(), 1025, 137), 10 * S);
  EXPECT_THAT(w.list(10 * S), testing::HasSubstr("udp      17 180 src=192.168.1.2"));
  EXPECT_THAT(w.list(10 * S), testing::Not(testing::HasSubstr("[")));
  w.send(udp(ends, 137, 1025), 11 * S);
  EXPECT_EQ(w.list(21 * S),
            "udp      17 170 src=192.168.1.2 dst=192.168.1.5 sport=137 dport=1025 src=192.168.1.5 "
            "dst=192.168.1.2 sport=1025 dport=137 [ASSURED] use=1\n");
}

TEST(TrackerClassic, R09_IcmpEntryGoesWithTheReply) {
  Wire w(Profile::classic);
  const Ends ends{"192.168.1.6", "192.168.1.10"};
  w.send(icmp(ends, 8, 0, 33029), 0);
  EXPECT_EQ(w.list(5 * S),
            "icmp     1 25 src=192.168.1.6 dst=192.168.1.10 type=8 code=0 id=33029 [UNREPLIED] "
            "src=192.168.1.10 dst=192.168.1.6 type=0 code=0 id=33029 use=1\n");
  EXPECT_EQ(w.send(icmp(ends.back(), 0, 0, 33029), 5 * S).info, CtInfo::established_reply);
  EXPECT_EQ(w.list(5 * S), "");
}

TEST(TrackerClassic, R10_AnErrorEndsItsConnection) {
  Wire w(Profile::classic);
  const Bytes query = udp({}, 5, 53);
  w.send(query, 0);
  EXPECT_EQ(w.send(icmp(Ends{}.back(), 3, 3, 0, query), 0).info, CtInfo::related_reply);
  EXPECT_EQ(w.tracker.size(), 0U);
}

TEST(Tracker, R04_WhatOpens) {
  const auto first = [](Profile profile, std::string_view flags, bool loose) {
    Settings settings = defaults(profile);
    settings.tcp_loose = loose;
    Wire w(settings);
    return w.send(tcp({}, {.flags = flags, .seq = 5, .ack = 6}), 0);
  };
  for (const char* opener : {"S", "SP", "SU", "A", "AP"})
    EXPECT_EQ(first(Profile::modern, opener, true).info, CtInfo::new_) << opener;
  for (const char* other : {"", "FA", "R", "SA"})
    EXPECT_EQ(first(Profile::modern, other, true).info, CtInfo::invalid) << other;
  EXPECT_EQ(first(Profile::modern, "A", false).invalid, InvalidReason::tcp_not_loose);
  EXPECT_EQ(first(Profile::modern, "S", false).info, CtInfo::new_);
  EXPECT_EQ(first(Profile::classic, "", true).info, CtInfo::new_);
  EXPECT_EQ(first(Profile::classic, "FA", true).info, CtInfo::invalid);
}

TEST(Tracker, R03_R13_UnconfirmedIsForgotten) {
  Wire w;
  EXPECT_EQ(w.send(tcp({}, {.flags = "S"}), 0, false).info, CtInfo::new_);
  EXPECT_EQ(w.tracker.size(), 0U);
  EXPECT_EQ(w.send(tcp({}, {.flags = "S"}), 0).info, CtInfo::new_);
  EXPECT_EQ(w.tracker.size(), 1U);
  EXPECT_EQ(w.events.lines.size(), 1U);
}

TEST(Tracker, R05_WindowUnlessLiberal) {
  for (const bool liberal : {false, true}) {
    Settings settings = defaults(Profile::modern);
    settings.tcp_be_liberal = liberal;
    Wire w(settings);
    handshake(w, {}, 0);
    const Tracked far = w.send(tcp({}, {.flags = "A", .seq = 1000000, .ack = 11, .data = 5}), 0);
    EXPECT_EQ(far.info, liberal ? CtInfo::established : CtInfo::invalid);
    EXPECT_EQ(far.invalid, liberal ? InvalidReason::none : InvalidReason::tcp_seq_beyond);
  }
}

TEST(Tracker, R06_Closing) {
  Wire w;
  handshake(w, {}, 0);
  w.send(tcp({}, {.flags = "FA", .seq = 2, .ack = 11}), 0);
  EXPECT_THAT(w.list(0), testing::HasSubstr(" 120 FIN_WAIT "));
  w.send(tcp(Ends{}.back(), {.flags = "FA", .seq = 11, .ack = 3, .sport = 80, .dport = 1000}), 0);
  EXPECT_THAT(w.list(0), testing::HasSubstr(" 30 LAST_ACK "));
  w.send(tcp({}, {.flags = "A", .seq = 3, .ack = 12}), 0);
  EXPECT_THAT(w.list(0), testing::HasSubstr(" 120 TIME_WAIT "));
}

TEST(Tracker, R07_TimeoutsOfBothProfilesAndTheirSysctls) {
  const Settings classic = defaults(Profile::classic);
  const std::array<int, 10> seconds{1800, 120, 60, 432000, 120, 43200, 30, 120, 10, 120};
  for (std::size_t i = 0; i < seconds.size(); ++i) EXPECT_EQ(classic.tcp_timeout[i], seconds[i] * S) << i;
  const auto changed = settings_from({{"net.netfilter.nf_conntrack_tcp_timeout_established", "100"},
                                      {"net.netfilter.nf_conntrack_udp_timeout_stream", "7"},
                                      {"net.ipv4.ip_forward", "1"}},
                                     Profile::modern);
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->tcp_timeout[static_cast<std::size_t>(TcpState::established)], 100 * S);
  EXPECT_EQ(changed->udp_timeout_stream, 7 * S);
  const auto bad = settings_from({{"net.netfilter.nf_conntrack_tcp_loose", "x"}}, Profile::modern);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().text, "net.netfilter.nf_conntrack_tcp_loose = \"x\": must be a number from 0 to 1");
}

TEST(Tracker, R08_UdpStreamAfterTwoSeconds) {
  Wire w;
  w.send(udp({}, 5, 53), 0);
  w.send(udp(Ends{}.back(), 53, 5), 3 * S);
  EXPECT_THAT(w.list(3 * S), testing::HasSubstr("udp      17 30 "));
  EXPECT_THAT(w.list(3 * S), testing::Not(testing::HasSubstr("ASSURED")));
  w.send(udp({}, 5, 53), 3 * S);
  EXPECT_THAT(w.list(3 * S), testing::HasSubstr("udp      17 120 "));
  EXPECT_THAT(w.list(3 * S), testing::HasSubstr("[ASSURED]"));
}

TEST(Tracker, R10_ErrorsAreRelatedInBothDirections) {
  Wire w;
  const Bytes query = udp({}, 5, 53), answer = udp(Ends{}.back(), 53, 5);
  w.send(query, 0);
  EXPECT_EQ(w.send(icmp(Ends{"9.9.9.9", "10.0.0.1"}, 11, 0, 0, query), 0).info, CtInfo::related_reply);
  EXPECT_EQ(w.send(icmp({}, 3, 3, 0, answer), 0).info, CtInfo::related);
  EXPECT_EQ(w.send(icmp(Ends{"10.0.0.1", "10.0.1.9"}, 3, 3, 0, answer), 0).invalid,
            InvalidReason::icmp_inner_mismatch);
  EXPECT_EQ(w.send(icmp({}, 3, 3, 0, icmp({}, 3, 3, 0, answer)), 0).invalid,
            InvalidReason::icmp_error_about_error);
  EXPECT_EQ(w.tracker.size(), 1U);
}

TEST(Tracker, R11_AnythingElseByItsAddresses) {
  Wire w;
  EXPECT_EQ(w.send(ip({}, 99, {}), 0).info, CtInfo::new_);
  EXPECT_EQ(w.send(ip(Ends{}.back(), 99, {1, 2, 3}), 0).info, CtInfo::established_reply);
  EXPECT_EQ(
      w.list(0),
      "ipv4     2 unknown  99 600 src=10.0.0.1 dst=10.0.1.1 src=10.0.1.1 dst=10.0.0.1 mark=0 zone=0 use=2\n");
}

TEST(Tracker, R11_OfTwoTuplesThatAreTheSameTheReplyIsFound) {
  Wire w;
  const Bytes packet = ip({"10.0.0.1", "10.0.0.1"}, 253, {});
  EXPECT_EQ(w.send(packet, 0).info, CtInfo::new_);
  EXPECT_EQ(w.send(packet, 0).info, CtInfo::established_reply);
}

TEST(Tracker, R15_FullTable) {
  Settings settings = defaults(Profile::modern);
  settings.max = 4;
  settings.buckets = 4;  // eight buckets are all of them
  Wire w(settings);
  handshake(w, {}, 0, 1);
  handshake(w, {}, 0, 2);
  handshake(w, {}, 0, 3);
  w.send(tcp({}, {.flags = "S", .sport = 4}), 0);
  EXPECT_EQ(w.send(tcp({}, {.flags = "S", .sport = 5}), 0).drop, DropReason::none);
  EXPECT_EQ(w.tracker.statistics().early_drop, 1U);
  EXPECT_THAT(w.list(0), testing::Not(testing::HasSubstr("sport=4 ")));
  w.send(tcp(Ends{}.back(), {.flags = "SA", .seq = 10, .ack = 1, .sport = 80, .dport = 5}), 0);
  w.send(tcp({}, {.flags = "A", .seq = 1, .ack = 11, .sport = 5}), 0);  // now all four are ASSURED
  EXPECT_EQ(w.send(tcp({}, {.flags = "S", .sport = 6}), 0).drop, DropReason::table_full);
  EXPECT_EQ(w.tracker.size(), 4U);
  EXPECT_EQ(classic_buckets(std::uint64_t{128} << 20) * 8, 8192U);
  EXPECT_EQ(defaults(Profile::classic).max, 16376U);
  EXPECT_EQ(settings_from({{"net.netfilter.nf_conntrack_buckets", "4096"}}, Profile::classic)->max, 32768U);
}

TEST(Tracker, R16_EventsAsConntrackTellsThem) {
  Wire w;
  handshake(w, {}, 0);
  w.send(tcp({}, {.flags = "AP", .seq = 2, .ack = 11, .data = 3}), 0);
  w.send(tcp({}, {.flags = "S", .sport = 1001}), 0);
  w.send(tcp(Ends{}.back(), {.flags = "A", .seq = 7, .ack = 9, .sport = 80, .dport = 1001}), 0);
  w.send(udp({}, 5, 6), 1 * S);
  w.tracker.advance(31 * S);
  const std::string tail = " src=10.0.0.1 dst=10.0.1.1 sport=1000 dport=80";
  const std::string back = " src=10.0.1.1 dst=10.0.0.1 sport=80 dport=1000";
  EXPECT_THAT(w.events.lines,
              testing::ElementsAre(
                  "[0.000000]\t    [NEW] tcp      6 120 SYN_SENT" + tail + " [UNREPLIED]" + back,
                  "[0.000000]\t [UPDATE] tcp      6 60 SYN_RECV" + tail + back,
                  "[0.000000]\t [UPDATE] tcp      6 432000 ESTABLISHED" + tail + back + " [ASSURED]",
                  testing::HasSubstr("[NEW] tcp      6 120 SYN_SENT"),
                  testing::HasSubstr("[UPDATE] tcp      6 120 src=10.0.0.1 dst=10.0.1.1 sport=1001"),
                  testing::HasSubstr("[NEW] udp      17 30 src"),
                  "[31.000000]\t[DESTROY] udp      17 src=10.0.0.1 dst=10.0.1.1 sport=5 dport=6 [UNREPLIED] "
                  "src=10.0.1.1 dst=10.0.0.1 sport=6 dport=5"));
}

TEST(Tracker, R16_LinesOfConntrackL) {
  Wire w;
  handshake(w, {}, 0);
  w.send(udp({}, 5, 53), 0);
  std::vector<std::string> lines;
  w.tracker.for_each(1 * S, [&](const Connection& c) { lines.push_back(conntrack_line(c, 1 * S)); });
  EXPECT_THAT(lines, testing::ElementsAre(
                         "tcp      6 431999 ESTABLISHED src=10.0.0.1 dst=10.0.1.1 sport=1000 dport=80 "
                         "src=10.0.1.1 dst=10.0.0.1 sport=80 dport=1000 [ASSURED] mark=0 use=1",
                         "udp      17 29 src=10.0.0.1 dst=10.0.1.1 sport=5 dport=53 [UNREPLIED] "
                         "src=10.0.1.1 dst=10.0.0.1 sport=53 dport=5 mark=0 use=1"));
}

TEST(Tracker, ExpiryIsExactAndInOrder) {
  Wire w;
  for (std::uint16_t port = 100; port < 200; ++port) w.send(udp({}, port, 6), (port * 7 % 100) * S / 10);
  w.events.lines.clear();
  w.tracker.advance(30 * S - 1);
  EXPECT_TRUE(w.events.lines.empty());
  w.tracker.advance(30 * S);
  EXPECT_EQ(w.events.lines.size(), 1U);
  w.tracker.advance(1000 * S);
  ASSERT_EQ(w.events.lines.size(), 100U);
  EXPECT_TRUE(std::is_sorted(w.events.lines.begin(), w.events.lines.end()));
  EXPECT_EQ(w.tracker.size(), 0U);
}

TEST(Tracker, ManyConnectionsAreFoundWhileTheIndexGrows) {
  Wire w;
  const auto ends = [](unsigned i) {
    return Ends{"10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250)};
  };
  for (unsigned i = 0; i < 24000; ++i) w.send(udp(ends(i), 5, 6), S);
  ASSERT_EQ(w.tracker.size(), 24000U);
  for (unsigned i = 0; i < 24000; ++i)
    ASSERT_EQ(w.send(udp(ends(i).back(), 6, 5), S).info, CtInfo::established_reply) << i;
  EXPECT_LE(w.tracker.table_bytes() / 24000, 320U);  // slabs come eight at a time: 24,576
}

TEST(Tracker, SavedAndRestored) {
  Wire w, again;
  handshake(w, {}, 0);
  w.send(udp({}, 5, 6), 0);
  w.tracker.for_each(0, [&](const Connection& c) { EXPECT_TRUE(again.tracker.restore(c)); });
  ASSERT_TRUE(again.tracker.restore(w.tracker.memory()));
  EXPECT_EQ(again.list(S), w.list(S));
  w.tracker.for_each(0, [&](const Connection& c) { EXPECT_FALSE(again.tracker.restore(c)); });
}

TEST(Tracker, MarkIsToldWithTheNextPacket) {
  Wire w;
  Tracked first = w.send(udp({}, 5, 6), 0);
  set_mark(*first.connection, 5);
  w.send(udp({}, 5, 6), 0);
  EXPECT_THAT(w.events.lines.back(), testing::EndsWith("sport=6 dport=5 mark=5"));
}

}  // namespace
}  // namespace utables::conntrack::test
