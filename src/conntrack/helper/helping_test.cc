#include "conntrack/helper/helping.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "conntrack/helper/wire_test.h"
#include "conntrack/tracker_memory.h"

namespace utables::conntrack {
namespace {

constexpr const char* kAwaited =
    "src=10.1.0.2 dst=10.0.0.2 sport=0 dport=1025 mask-src=255.255.255.255 "
    "mask-dst=255.255.255.255 sport=0 dport=65535 master-src=10.0.0.2 "
    "master-dst=10.1.0.2 sport=4000 dport=21 class=0 helper=ftp";

TEST(Helping, AConnectionMeetsWhatAwaitsItAndIsRelated) {
  Wire w;
  w.mark = 7;
  w.control();
  w.mark = 0;
  EXPECT_TRUE(w.says(1001, "PORT 10,0,0,2,4,1\r\n").passed);
  EXPECT_EQ(w.awaited(), "300 l3proto = 2 proto=6 src=10.1.0.2 dst=10.0.0.2 sport=0 dport=1025 ftp\n");
  const auto data = w.tcp("10.1.0.2", 20, "10.0.0.2", 1025, packet::tcp::kSyn, 77, 0);
  EXPECT_EQ(data.info, CtInfo::related);
  EXPECT_EQ(data.mark, 7U);
  EXPECT_EQ(data.master_helper, static_cast<std::uint8_t>(HelperId::ftp));
  EXPECT_EQ(w.awaited(), "") << "met once";
  const std::vector<std::string> expected{
      std::string("    [NEW] 300 proto=6 ") + kAwaited, std::string("[DESTROY] 300 proto=6 ") + kAwaited,
      "    [NEW] tcp      6 120 SYN_SENT src=10.1.0.2 dst=10.0.0.2 sport=20 dport=1025 [UNREPLIED] "
      "src=10.0.0.2 dst=10.1.0.2 sport=1025 dport=20 mark=7"};
  EXPECT_EQ(w.told.lines, expected);
  EXPECT_EQ(w.tcp("10.1.0.2", 20, "10.0.0.2", 1025, packet::tcp::kSyn, 77, 0).info, CtInfo::related);
  const auto answer = w.tcp("10.0.0.2", 1025, "10.1.0.2", 20, packet::tcp::kSyn | packet::tcp::kAck, 99, 78);
  EXPECT_EQ(answer.info, CtInfo::established_reply);
}

TEST(Helping, WhatIsAwaitedEndsWithItsMaster) {
  Wire w;
  w.udp("10.0.0.2", 5000, "10.1.0.2", 69, std::string_view("\0\1a\0", 4));
  w.told.lines.clear();
  w.now += 30 * kSecond;
  w.tracker.advance(w.now);
  ASSERT_EQ(w.told.lines.size(), 2U);
  EXPECT_TRUE(w.told.lines[0].starts_with("[DESTROY] udp"));
  EXPECT_TRUE(w.told.lines[1].starts_with("[DESTROY] 270 proto=17")) << w.told.lines[1];
  EXPECT_EQ(w.awaited(), "");
}

TEST(Helping, WhatExpiresDoesSoBeforeItsMaster) {
  Wire w;
  w.control();
  w.says(1001, "PORT 10,0,0,2,4,1\r\n");
  w.told.lines.clear();
  w.now += 432000 * kSecond;  // both: the expectation has its own end long before
  w.tracker.advance(w.now);
  ASSERT_EQ(w.told.lines.size(), 2U);
  EXPECT_EQ(w.told.lines[0], std::string("[DESTROY] 0 proto=6 ") + kAwaited);
  EXPECT_TRUE(w.told.lines[1].starts_with("[DESTROY] tcp"));
}

TEST(Helping, WhatNobodyMeetsExpires) {
  Wire w;
  w.control();
  w.says(1001, "PORT 10,0,0,2,4,1\r\n");
  w.now += 300 * kSecond;
  EXPECT_EQ(w.tcp("10.1.0.2", 20, "10.0.0.2", 1025, packet::tcp::kSyn, 77, 0).info, CtInfo::new_);
}

TEST(Helping, AFullTableRefusesAndTheFullPacketIsDropped) {
  Settings settings = defaults(Profile::modern);
  settings.expect_max = 1;
  Wire w(settings);
  w.control();
  EXPECT_TRUE(w.says(1001, "PORT 10,0,0,2,4,1\r\n").passed);
  const auto request = w.udp("10.0.0.2", 5000, "10.1.0.2", 69, std::string_view("\0\1a\0", 4));
  EXPECT_FALSE(request.passed);
  EXPECT_EQ(w.tracker.size(), 1U) << "the new connection goes with its packet";
}

TEST(Helping, TftpAwaitsTheServerFromAnyPort) {
  Wire w;
  EXPECT_TRUE(w.udp("10.0.0.2", 5000, "10.1.0.2", 69, std::string_view("\0\1a\0", 4)).passed);
  ASSERT_EQ(w.told.lines.size(), 2U);
  EXPECT_TRUE(w.told.lines[0].starts_with("    [NEW] 300 proto=17")) << "before its master is told of";
  EXPECT_TRUE(w.told.lines[1].ends_with("helper=tftp"));
  EXPECT_EQ(w.udp("10.1.0.2", 3456, "10.0.0.2", 5000, "data").info, CtInfo::related);
  EXPECT_EQ(w.udp("10.1.0.2", 3457, "10.0.0.2", 5000, "data").info, CtInfo::new_) << "met once";
}

TEST(Helping, ClassicGivesHelpersByPortWhereAsked) {
  Settings settings = defaults(Profile::classic);
  for (const bool automatic : {false, true}) {
    settings.automatic_helpers = automatic;
    Wire w(settings);
    w.give = false;
    w.control();
    w.says(1001, "PORT 10,0,0,2,4,1\r\n");
    EXPECT_EQ(!w.awaited().empty(), automatic);
  }
}

TEST(Helping, UnderNatWhatIsAwaitedGoesToTheAnnouncer) {
  Wire w;
  w.source = box_address();
  w.tcp("10.0.0.2", 4000, "10.1.0.2", 21, packet::tcp::kSyn, 993, 0);
  w.source.reset();
  w.tcp("10.1.0.2", 21, "10.1.0.77", 4000, packet::tcp::kSyn | packet::tcp::kAck, 5000, 994);
  w.tcp("10.0.0.2", 4000, "10.1.0.2", 21, packet::tcp::kAck, 994, 5001, "USER x\n");
  EXPECT_TRUE(w.says(1001, "PORT 10,0,0,2,4,1\r\n").passed);
  EXPECT_NE(w.last.find("PORT 10,1,0,77,4,1\r\n"), std::string::npos);
  EXPECT_EQ(w.awaited(), "300 l3proto = 2 proto=6 src=10.1.0.2 dst=10.1.0.77 sport=0 dport=1025 ftp\n");
  // The acknowledgement of what the server saw is inside the window, though the client never sent so much.
  EXPECT_EQ(w.tcp("10.1.0.2", 21, "10.1.0.77", 4000, packet::tcp::kAck, 5001, 1021).info,
            CtInfo::established_reply);
  EXPECT_EQ(w.tcp("10.1.0.2", 20, "10.1.0.77", 1025, packet::tcp::kSyn, 77, 0).info, CtInfo::related);
  EXPECT_TRUE(
      w.told.lines.back().ends_with("src=10.1.0.2 dst=10.1.0.77 sport=20 dport=1025 [UNREPLIED] src=10.0.0.2 "
                                    "dst=10.1.0.2 sport=1025 dport=20"))
      << w.told.lines.back();
}

TEST(Helping, AmandaAnnouncesEachPortAnewUnderNat) {
  Wire w;
  w.source = box_address();
  w.udp("10.0.0.2", 4000, "10.1.0.2", 10080, "ask");
  w.source.reset();
  w.told.lines.clear();
  EXPECT_TRUE(
      w.udp("10.1.0.2", 10080, "10.1.0.77", 4000, "CONNECT DATA 01234 MESG 1235 INDEX 1236\n").passed);
  EXPECT_TRUE(w.last.ends_with("CONNECT DATA 1234 MESG 1235 INDEX 1236\n"));
  EXPECT_EQ(w.last.size(), 28U + 39U);
  EXPECT_EQ(load16(reinterpret_cast<const std::uint8_t*>(w.last.data()) + 24), 8U + 39U) << "UDP's length";
  ASSERT_EQ(w.told.lines.size(), 4U);
  for (const std::size_t i : {0U, 1U, 2U}) EXPECT_TRUE(w.told.lines[i].starts_with("    [NEW] 180 proto=6"));
  EXPECT_TRUE(w.told.lines[3].starts_with(" [UPDATE] udp      17 300")) << w.told.lines[3];
  EXPECT_EQ(w.tcp("10.0.0.2", 50000, "10.1.0.2", 1236, packet::tcp::kSyn, 7, 0).info, CtInfo::related);
}

TEST(Helping, WhoAsksByBroadcastMayBeAnsweredByMany) {
  Wire w;
  const Prefix network{Family::ipv4, 24, parse_address("10.1.0.0", Family::ipv4).value()};
  w.udp("10.1.0.1", 4444, "10.1.0.255", 137, "who");
  EXPECT_EQ(w.awaited(), "") << "it was not a program of the box";
  w.broadcast = &network;
  w.udp("10.1.0.1", 4444, "10.1.0.255", 137, "who");
  w.broadcast = nullptr;
  EXPECT_EQ(w.awaited(),
            "3 l3proto = 2 proto=17 src=10.1.0.255 dst=10.1.0.1 sport=137 dport=4444 PERMANENT netbios-ns\n");
  EXPECT_EQ(w.udp("10.1.0.9", 137, "10.1.0.1", 4444, "me").info, CtInfo::related);
  EXPECT_EQ(w.udp("10.1.0.8", 137, "10.1.0.1", 4444, "me too").info, CtInfo::related);
  EXPECT_EQ(w.udp("10.1.0.7", 138, "10.1.0.1", 4444, "another port").info, CtInfo::new_);
  w.now += 3 * kSecond;
  w.tracker.advance(w.now);
  EXPECT_EQ(w.udp("10.1.0.6", 137, "10.1.0.1", 4444, "too late").info, CtInfo::new_);
}

TEST(Helping, MemoryIsSavedAndTakenUp) {
  Wire w;
  w.control();
  w.says(1001, "PORT 10,0,0,2,4,1\r\n");
  Wire again;
  w.tracker.for_each(w.now, [&](const Connection& c) { ASSERT_TRUE(again.tracker.restore(c)); });
  ASSERT_TRUE(again.tracker.restore(w.tracker.memory()));
  EXPECT_EQ(again.awaited(), w.awaited());
  EXPECT_TRUE(again.says(1020, "PORT 10,0,0,2,4,2\r\n").passed);
  EXPECT_NE(again.awaited().find("dport=1026"), std::string::npos) << "it knows where the line begins";
  TrackerMemory stray = w.tracker.memory();
  stray.awaited.front().master = 99;
  EXPECT_FALSE(again.tracker.restore(stray));
}

}  // namespace
}  // namespace utables::conntrack
