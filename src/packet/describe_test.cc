#include "packet/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "packet/checksum.h"
#include "packet/ip_options.h"

namespace utables::packet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string text_of(const Bytes& bytes, std::uint32_t wire = 0) {
  Facts facts;
  EXPECT_EQ(parse(bytes, wire, facts), DropReason::none);
  return describe(bytes, facts);
}

/// Each line is read, is a good packet, and is described by itself.
TEST(Describe, EveryKindOfLineBothWays) {
  for (const char* line : {
           "tcp 203.0.113.9:4000 > 192.0.2.254:8443 S win 64240 <mss 1460>",
           "tcp 1.2.3.4:1 > 5.6.7.8:2 S. seq 4294967295 ack 1 win 1 <mss 1460,sackOK,TS val 1 ecr "
           "2,nop,wscale 7>",
           "tcp 1.2.3.4:1 > 5.6.7.8:2 . seq 5 ack 6 win 100 <nop,nop,sack 1:2 3:4> len 9",
           "tcp 1.2.3.4:1 > 5.6.7.8:2 FP. seq 5 ack 0 win 100 len 1400",
           "tcp 1.2.3.4:1 > 5.6.7.8:2 R seq 5 win 0",
           "tcp 1.2.3.4:1 > 5.6.7.8:2 none win 0 <opt-99 0a0b,opt-98>",
           "tcp 1.2.3.4:1 > 5.6.7.8:2 SFRPUEW. ack 7 win 0 tos 0x10",
           "udp 10.0.0.1:53 > 10.0.0.2:40000 len 100",
           "udp 10.0.0.1:53 > 10.0.0.2:40000",
           "udp 10.0.0.1:53 > 10.0.0.2:40000 len 1472 frag 7 offset 0 more",
           "udp 10.0.0.1 > 10.0.0.2 len 28 frag 7 offset 1480",
           "udplite 10.0.0.1:53 > 10.0.0.2:40000 len 3",
           "dccp 10.0.0.1:53 > 10.0.0.2:40000",
           "dccp 10.0.0.1:53 > 10.0.0.2:40000 len 3",
           "sctp 10.0.0.1:53 > 10.0.0.2:40000 len 3",
           "sctp 10.0.0.1:53 > 10.0.0.2:40000 <INIT tag 0x22 len 6>",
           "sctp 10.0.0.1:53 > 10.0.0.2:40000 tag 0x22 <SACK len 12,DATA flags 0x3 len 17,chunk 77>",
           "sctp 10.0.0.1:53 > 10.0.0.2:40000 tag 0xffffffff <SHUTDOWN ACK>",
           "gre 10.0.0.1 > 10.0.0.2 len 3",
           "ip-proto-253 10.0.0.1 > 10.0.0.2",
           "icmp 10.0.0.1 > 10.0.0.2 echo request id 1 seq 2 len 56",
           "icmp 10.0.0.1 > 10.0.0.2 address mask reply id 0 seq 0",
           "icmp 10.0.0.1 > 10.0.0.2 type 42 code 3 len 4",
           "icmp 10.0.0.1 > 10.0.0.2 port unreachable (udp 10.0.0.2:1 > 8.8.8.8:53 len 20)",
           "icmp 10.0.0.1 > 10.0.0.2 fragmentation needed mtu 1400 (tcp 10.0.0.2:1 > 8.8.8.8:53 . seq 1 ack "
           "2 win 3 len 9)",
           "icmp 10.0.0.1 > 10.0.0.2 redirect host gateway 10.0.0.9 (icmp 10.0.0.2 > 8.8.8.8 echo request id "
           "1 seq 1)",
           "icmp 10.0.0.1 > 10.0.0.2 parameter problem pointer 20 (gre 10.0.0.2 > 8.8.8.8 ip-options <ra>) "
           "tos 0xc0",
           "icmp 10.0.0.1 > 10.0.0.2 ttl exceeded len 3",
           "udp 10.0.0.1:1 > 10.0.0.2:2 ip-options <rr,ra,opt-99,nop>",
       }) {
    const auto read = read_packet_line(line);
    ASSERT_TRUE(read) << line << ": " << read.error().text;
    EXPECT_EQ(text_of(read->bytes), line);
    Facts f;
    ASSERT_EQ(parse(read->bytes, 0, f), DropReason::none);
    EXPECT_TRUE(ip_checksum_good(std::span(read->bytes).first(f.header_size)));
    const bool judged = !f.is_fragment() && f.protocol != kUdplite;
    EXPECT_TRUE(!judged || transport_checksum(read->bytes, f) == ChecksumState::good) << line;
  }
}

TEST(Describe, WhatCannotBeReadBackStandsInBrackets) {
  Bytes b = read_packet_line("tcp 1.2.3.4:1 > 5.6.7.8:2 S len 100")->bytes;
  EXPECT_EQ(text_of(Bytes(b.begin(), b.begin() + 60), 140),
            "tcp 1.2.3.4:1 > 5.6.7.8:2 S win 64240 len 100 [60 of 140 bytes captured]");
  store16(&b[2], 36);
  EXPECT_EQ(text_of(b), "tcp 1.2.3.4:1 > 5.6.7.8:2 [transport header cut at 16 bytes]");
  store16(&b[2], 140);
  b[32] = 0x40;
  EXPECT_THAT(text_of(b), HasSubstr("[bad header length 16]"));
  b[32] = 0x60;
  b[40] = 2, b[41] = 9;
  EXPECT_THAT(text_of(b), HasSubstr("[bad options]"));
  b[0] = 0x46, b[20] = 7, b[21] = 9;
  EXPECT_THAT(text_of(b), HasSubstr("[bad ip options]"));
}

TEST(PacketLine, SaysWhatItAssumed) {
  const auto tcp = read_packet_line("tcp 1.2.3.4 > 5.6.7.8:80").value();
  EXPECT_EQ(text_of(tcp.bytes), "tcp 1.2.3.4:40000 > 5.6.7.8:80 S win 64240");
  EXPECT_THAT(tcp.assumed, ElementsAre("ttl 64", "source port 40000", "flags S", "seq 0", "win 64240"));
  const auto ping = read_packet_line("icmp 1.2.3.4 > 5.6.7.8 ttl 3").value();
  EXPECT_EQ(text_of(ping.bytes), "icmp 1.2.3.4 > 5.6.7.8 echo request id 1 seq 1");
  EXPECT_THAT(ping.assumed, ElementsAre("echo request", "id 1", "seq 1"));
  EXPECT_EQ(ping.bytes[8], 3);
  const auto error =
      read_packet_line("icmp 1.2.3.4 > 5.6.7.8 host unreachable (udp 5.6.7.8 > 9.9.9.9:53 ttl 1) ttl 5")
          .value();
  EXPECT_THAT(error.assumed, ElementsAre("inner source port 40000"));
}

TEST(PacketLine, RemarksAreSkipped) {
  EXPECT_EQ(read_packet_line("udp 1.2.3.4:1 > 5.6.7.8:2 [60 of 140 bytes captured] len 4")->bytes.size(),
            32U);
}

TEST(PacketLine, RefusesAndSaysWhy) {
  struct Case {
    const char* line;
    const char* text;
  };
  for (const Case& c : {
           Case{"", "not a protocol"},
           {"tpc 1.2.3.4 > 5.6.7.8:1", "`tpc' is not a protocol"},
           {"ip-proto-256 1.2.3.4 > 5.6.7.8", "not a protocol"},
           {"tcp", "the source address is missing"},
           {"tcp 1.2.3:80 > 5.6.7.8:1", "`1.2.3' is not an IPv4 address"},
           {"tcp 1.2.3.4:80 5.6.7.8:1", "`>' is missing"},
           {"tcp 1.2.3.4:80 >", "the destination address is missing"},
           {"tcp 1.2.3.4:80 > 5.6.7.8:65536", "port `65536' is not a number from 0 to 65535"},
           {"tcp 1.2.3.4:80 > 5.6.7.8:", "port `' is not"},
           {"tcp 1.2.3.4:80 > 5.6.7.8", "tcp needs a destination port"},
           {"icmp 1.2.3.4:8 > 5.6.7.8", "has no ports"},
           {"tcp 1.2.3.4:1 > 5.6.7.8:2 S S", "`S' is not a word"},
           {"tcp 1.2.3.4:1 > 5.6.7.8:2 SS", "`SS' is not a word"},
           {"tcp 1.2.3.4:1 > 5.6.7.8:2 S win 65536", "win `65536' is not"},
           {"tcp 1.2.3.4:1 > 5.6.7.8:2 S win", "win `' is not"},
           {"tcp 1.2.3.4:1 > 5.6.7.8:2 S win 1 win 1", "`win' is said twice"},
           {"tcp 1.2.3.4:1 > 5.6.7.8:2 S <mss>", "`mss' is not a TCP option"},
           {"tcp 1.2.3.4:1 > 5.6.7.8:2 S <opt-300>", "`opt-300' is not a TCP option"},
           {"tcp 1.2.3.4:1 > 5.6.7.8:2 S <mss 1460", "is not closed"},
           {"tcp 1.2.3.4:1 > 5.6.7.8:2 S <TS val 1 ecr 1,TS val 1 ecr 1,TS val 1 ecr 1,TS val 1 ecr 1,nop>",
            "more than 40 bytes"},
           {"udp 1.2.3.4:1 > 5.6.7.8:2 <mss 3>", "only TCP has options"},
           {"udp 1.2.3.4:1 > 5.6.7.8:2 (udp 1.1.1.1:1 > 2.2.2.2:2)", "only an ICMP error quotes"},
           {"udp 1.2.3.4:1 > 5.6.7.8:2 seq 3", "`seq' is not a word of packet text here"},
           {"udp 1.2.3.4:1 > 5.6.7.8:2 len 65500", "above 65535 bytes"},
           {"udp 1.2.3.4 > 5.6.7.8 frag 1 offset 4 len 2", "not a multiple of 8"},
           {"udp 1.2.3.4:1 > 5.6.7.8:2 ip-options ra", "need a list"},
           {"udp 1.2.3.4:1 > 5.6.7.8:2 ip-options <xx>", "`xx' is not an IP option"},
           {"udp 1.2.3.4:1 > 5.6.7.8:2 ip-options <rr,rr,rr,rr>", "more than 40 bytes"},
           {"icmp 1.2.3.4 > 5.6.7.8 port unreachable", "needs the packet that it is about"},
           {"icmp 1.2.3.4 > 5.6.7.8 port unreachable (udp 1.1.1.1:1 > 2.2.2.2)",
            "udp needs a destination port"},
           {"icmp 1.2.3.4 > 5.6.7.8 host unreachable (icmp 1.1.1.1 > 2.2.2.2 ttl exceeded (udp 1.1.1.1:1 > "
            "2.2.2.2:2))",
            "quotes none itself"},
           {"icmp 1.2.3.4 > 5.6.7.8 redirect net gateway 1.2", "`1.2' is not an IPv4 address"},
       }) {
    const auto read = read_packet_line(c.line);
    ASSERT_FALSE(read) << c.line;
    EXPECT_THAT(read.error().text, HasSubstr(c.text)) << c.line;
  }
  EXPECT_FALSE(read_packet_line(std::string(5000, 'a')));
}

}  // namespace
}  // namespace utables::packet
