// R16: listings are read as well as written.
#include "conntrack/control/read_listing.h"

#include <gtest/gtest.h>

#include "conntrack/control/change.h"
#include "conntrack/listing.h"

namespace utables::conntrack {
namespace {

/// What the line says, listed again; an error's text if it cannot be read or made.
std::string again(const std::string& line) {
  const auto read = read_listing_line(line);
  if (!read) return read.error().text;
  Connection c;
  const Refusal refusal = make_connection(*read, {}, 0, c);
  return refusal == Refusal::none ? conntrack_line(c, 0, {true, false, false, 1}) : "refused";
}

std::string error_of(const std::string& line) {
  const auto read = read_listing_line(line);
  return read ? "read" : read.error().text;
}

struct Pair {
  std::string line, listed;
};

TEST(ReadListing, EveryFormR16) {
  const std::string tcp =
      "tcp      6 431998 ESTABLISHED src=10.0.0.2 dst=10.0.0.1 sport=59300 dport=21 src=10.0.0.1 "
      "dst=10.0.0.2 sport=21 "
      "dport=59300 [ASSURED] mark=0 use=1";
  const Pair pairs[] = {
      // conntrack -L, with counters, helper and delta-time
      {"tcp      6 431998 ESTABLISHED src=10.0.0.2 dst=10.0.0.1 sport=59300 dport=21 packets=5 bytes=274 "
       "src=10.0.0.1 "
       "dst=10.0.0.2 sport=21 dport=59300 packets=4 bytes=270 [ASSURED] mark=0 delta-time=1 helper=ftp use=1",
       "ipv4     2 " + tcp},
      // -o extended,id,ktimestamp
      {"ipv4     2 udp      17 28 src=10.0.0.2 dst=10.0.0.1 sport=50590 dport=6000 packets=1 bytes=29 "
       "[UNREPLIED] "
       "src=10.0.0.1 dst=10.0.0.2 sport=6000 dport=50590 packets=0 bytes=0 mark=42 zone=5 delta-time=1 "
       "[start=Sun Nov 22 "
       "00:51:11 2026] use=1 id=3080748864",
       "ipv4     2 udp      17 28 src=10.0.0.2 dst=10.0.0.1 sport=50590 dport=6000 [UNREPLIED] src=10.0.0.1 "
       "dst=10.0.0.2 "
       "sport=6000 dport=50590 mark=42 zone=5 use=1"},
      // /proc/net/nf_conntrack
      {"ipv4     2 gre      47 90 timeout=30, stream_timeout=180 src=9.9.9.9 dst=1.1.1.1 srckey=0x1 "
       "dstkey=0x2 "
       "[UNREPLIED] src=1.1.1.1 dst=9.9.9.9 srckey=0x2 dstkey=0x1 mark=0 zone=0 use=2",
       "ipv4     2 gre      47 90 src=9.9.9.9 dst=1.1.1.1 srckey=0x1 dstkey=0x2 [UNREPLIED] src=1.1.1.1 "
       "dst=9.9.9.9 "
       "srckey=0x2 dstkey=0x1 mark=0 use=1"},
      {"ipv6     10 udp      17 88 src=2001:0db8:0000:0000:0000:0000:0000:0001 "
       "dst=2001:0db8:0000:0000:0000:0000:0000:0002 sport=1 dport=2 [UNREPLIED] "
       "src=2001:0db8:0000:0000:0000:0000:0000:0002 dst=2001:0db8:0000:0000:0000:0000:0000:0001 sport=2 "
       "dport=1 mark=0 "
       "zone=0 use=2",
       "ipv6     10 udp      17 88 src=2001:db8::1 dst=2001:db8::2 sport=1 dport=2 [UNREPLIED] "
       "src=2001:db8::2 "
       "dst=2001:db8::1 sport=2 dport=1 mark=0 use=1"},
      // /proc/net/ip_conntrack
      {"tcp      6 117 LISTEN src=192.168.1.5 dst=192.168.1.35 sport=1031 dport=23 [UNREPLIED] "
       "src=192.168.1.35 "
       "dst=192.168.1.5 sport=23 dport=1031 use=1",
       "ipv4     2 tcp      6 117 SYN_SENT2 src=192.168.1.5 dst=192.168.1.35 sport=1031 dport=23 [UNREPLIED] "
       "src=192.168.1.35 dst=192.168.1.5 sport=23 dport=1031 mark=0 use=1"},
      {"icmp     1 25 src=192.168.1.6 dst=192.168.1.10 type=8 code=0 id=33029 [UNREPLIED] src=192.168.1.10 "
       "dst=192.168.1.6 type=0 code=0 id=33029 use=1",
       "ipv4     2 icmp     1 25 src=192.168.1.6 dst=192.168.1.10 type=8 code=0 id=33029 [UNREPLIED] "
       "src=192.168.1.10 "
       "dst=192.168.1.6 type=0 code=0 id=33029 mark=0 use=1"},
      {"unknown  89 590 src=9.9.9.9 dst=1.1.1.1 [UNREPLIED] src=1.1.1.1 dst=9.9.9.9 use=1",
       "ipv4     2 unknown  89 590 src=9.9.9.9 dst=1.1.1.1 [UNREPLIED] src=1.1.1.1 dst=9.9.9.9 mark=0 "
       "use=1"}};
  for (const Pair& pair : pairs) EXPECT_EQ(again(pair.line), pair.listed);
}

TEST(ReadListing, AReplyThatIsNotTheInverseIsATranslation) {
  const auto read = read_listing_line(
      "udp      17 28 src=10.0.0.2 dst=8.8.8.8 sport=5 dport=53 src=192.168.0.1 dst=203.0.113.1 sport=53 "
      "dport=6 mark=0 "
      "use=1");
  ASSERT_TRUE(read);
  Connection c;
  ASSERT_EQ(make_connection(*read, {}, 0, c), Refusal::none);
  EXPECT_TRUE(c.is(kSourceNat) && c.is(kDestinationNat));
  EXPECT_EQ(to_string(c.reply()), "src=192.168.0.1 dst=203.0.113.1 sport=53 dport=6");
  EXPECT_TRUE(c.is(kSeenReply));
}

TEST(ReadListing, WhatIsWrongIsNamed) {
  const std::string rest = "src=1.1.1.1 dst=2.2.2.2 sport=1 dport=2 src=2.2.2.2 dst=1.1.1.1 sport=2 dport=1";
  EXPECT_EQ(error_of("udp x 5 " + rest), "the protocol `x' is not a number from 0 to 255");
  EXPECT_EQ(error_of("udp 17 -5 " + rest), "the timeout `-5' is not a number from 0 to 4294967295");
  EXPECT_EQ(error_of("tcp 6 5 OPEN " + rest), "`OPEN' is no state of TCP");
  EXPECT_EQ(error_of("udp 17 5 src=1.1.1.1 dst=2.2.2.2 sport=1 dport=2"),
            "not both directions are there, with src= and dst=");
  EXPECT_EQ(error_of("udp 17 5 " + rest + " src=1.1.1.1"), "there are more than two `src='");
  EXPECT_EQ(error_of("udp 17 5 dst=1.1.1.1"), "`dst=' before any `src='");
  EXPECT_EQ(error_of("udp 17 5 " + rest + " mark=x"), "mark `x' is not a number from 0 to 4294967295");
  EXPECT_EQ(error_of("udp 17 5 " + rest + " zone=70000"), "zone `70000' is not a number from 0 to 65535");
  EXPECT_EQ(error_of("udp 17 5 " + rest + " colour=red"), "the field `colour=' is not known in a listing");
  EXPECT_EQ(error_of("udp 17 5 " + rest + " [RED]"), "`[RED]' is not known in a listing");
  EXPECT_NE(error_of("udp 17 5 src=1.1.1.300 dst=2.2.2.2"), "read");
  EXPECT_NE(error_of("udp 17 5 src=1.1.1.1 dst=::1"), "read");
  EXPECT_NE(error_of(""), "read");
}

/// Every damage of one place: a byte cut out, doubled or another, the end cut off.
TEST(ReadListing, DamagedLinesAreReadOrRefused) {
  const std::string line =
      "ipv4     2 icmp     1 25 src=192.168.1.6 dst=192.168.1.10 type=8 code=0 id=33029 [UNREPLIED] "
      "src=192.168.1.10 "
      "dst=192.168.1.6 type=0 code=0 id=33029 mark=0 zone=5 [start=Sun Nov 22 00:51:11 2026] use=1 id=7";
  ASSERT_NE(again(line), "refused");
  std::size_t refused = 0;
  const auto damaged = [&](const std::string& text) {
    const auto read = read_listing_line(text);
    if (read) return (void)again(text);
    EXPECT_FALSE(read.error().text.empty()) << text;
    ++refused;
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    damaged(line.substr(0, i));
    damaged(line.substr(i));
    damaged(line.substr(0, i) + line.substr(i + 1));
    damaged(line.substr(0, i) + line[i] + line.substr(i));
    for (const char c : {'\0', ' ', '=', '[', ']', '9', 'x', '\xff'}) {
      std::string other = line;
      other[i] = c;
      damaged(other);
    }
  }
  EXPECT_GT(refused, line.size());
  EXPECT_EQ(error_of(std::string(5000, 'x')), "a line of 5000 bytes, where at most 4096 are read");
}

TEST(ReadListing, WhatLooksLikeOne) {
  EXPECT_TRUE(looks_like_listing("  tcp 6 5 CLOSE src=1.1.1.1 dst=2.2.2.2"));
  EXPECT_FALSE(looks_like_listing("-A -p tcp --comment  src=1"));
  EXPECT_FALSE(looks_like_listing("# src"));
  EXPECT_FALSE(looks_like_listing(""));
}

}  // namespace
}  // namespace utables::conntrack
