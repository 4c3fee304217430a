// IPv6 in the packet layer: chains of extension headers, fragments and what is cut again, packets as text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/bytes.h"
#include "packet/checksum.h"
#include "packet/defrag.h"
#include "packet/describe.h"
#include "packet/extensions.h"
#include "packet/fragment.h"

namespace utables::packet {
namespace {

using testing::ElementsAre;
using Kind = DefragOutcome::Kind;

Bytes bytes_of(const std::string& line) {
  auto read = read_packet_line(line);
  EXPECT_TRUE(read) << line << ": " << (read ? "" : read.error().text);
  return read ? read->bytes : Bytes(40);
}
Facts facts_of(const Bytes& bytes, DropReason wanted = DropReason::none) {
  Facts facts;
  EXPECT_EQ(parse(bytes, static_cast<std::uint32_t>(bytes.size()), facts), wanted);
  return facts;
}
std::string text_of(std::span<const std::uint8_t> bytes) {
  Facts facts;
  EXPECT_EQ(parse(bytes, static_cast<std::uint32_t>(bytes.size()), facts), DropReason::none);
  return describe(bytes, facts);
}

TEST(Ipv6, R31ReadsEveryField) {
  const Bytes bytes =
      bytes_of("tcp [2001:db8::1]:1000 > [2001:db8::2]:80 SW seq 7 win 512 ttl 9 tos 0x2d flow 0x12345");
  const Facts f = facts_of(bytes);
  EXPECT_EQ(f.family, Family::ipv6);
  EXPECT_EQ(to_string(f.source, f.family), "2001:db8::1");
  EXPECT_EQ(to_string(f.destination, f.family), "2001:db8::2");
  EXPECT_EQ(f.protocol, kTcp);
  EXPECT_EQ(f.ttl, 9);
  EXPECT_EQ(f.tos, 0x2d);
  EXPECT_EQ(f.header_size, 40);
  EXPECT_EQ(f.total_length, 60U);
  EXPECT_EQ(f.source_port, 1000);
  EXPECT_EQ(f.tcp_window, 512);
  EXPECT_EQ(transport_checksum(bytes, f), ChecksumState::good);
}

TEST(Ipv6, UdpLitesWholeLengthCounts) {
  Bytes bytes = bytes_of("udp [2001:db8::1]:1000 > [2001:db8::2]:80 len 300");
  bytes[6] = kUdplite;
  store16(&bytes[44], 0);  // all of it is covered
  store16(&bytes[46], 0);
  Facts f = facts_of(bytes);
  const auto transport = std::span(bytes).subspan(40);
  store16(&bytes[46], finish(sum(transport, pseudo_header_sum(f, kUdp, 308))));
  EXPECT_EQ(transport_checksum(bytes, f), ChecksumState::good);
  store16(&bytes[46], 0);
  store16(&bytes[46], finish(sum(transport, pseudo_header_sum(f, kUdp, 308 & 0xff))));
  EXPECT_EQ(transport_checksum(bytes, f), ChecksumState::bad) << "over IPv4 it would be good";
}

TEST(Ipv6, RefusesAsIp6Rcv) {
  Bytes bytes = bytes_of("udp [2001:db8::1]:1 > [2001:db8::2]:2 len 10");
  facts_of(Bytes(bytes.begin(), bytes.begin() + 39), DropReason::header_truncated);
  facts_of(Bytes(bytes.begin(), bytes.begin() + 57), DropReason::total_length_beyond_packet);
  bytes.push_back(0);  // padding
  EXPECT_EQ(facts_of(bytes).size, 58U);
  store16(&bytes[4], 0);
  EXPECT_EQ(facts_of(bytes).total_length, 40U) << "no payload, if nothing says jumbogram";
}

TEST(Ipv6, WalksTheChain) {
  const Facts f = facts_of(bytes_of(
      "udp [2001:db8::1]:1 > [2001:db8::2]:2 len 4 ext <hbh 050200000100,dst 010400000000,rt 0000,ah "
      "00000000000100000001>"));
  EXPECT_EQ(f.protocol, kUdp);
  EXPECT_EQ(f.header_size, 40 + 8 + 8 + 8 + 12);
  EXPECT_TRUE(f.has_ports);
  EXPECT_EQ(f.source_port, 1);
}

TEST(Ipv6, ABrokenChainHasNoUpperLayer) {
  Bytes bytes = bytes_of("udp [2001:db8::1]:1 > [2001:db8::2]:2 ext <hbh 050200000100>");
  bytes.resize(41);
  store16(&bytes[4], 1);
  EXPECT_TRUE(facts_of(bytes).chain_broken);
  // One that claims more than there is leads to an upper layer of which nothing is there.
  bytes = bytes_of("udp [2001:db8::1]:1 > [2001:db8::2]:2 ext <hbh 050200000100>");
  bytes[41] = 200;
  const Facts beyond = facts_of(bytes);
  EXPECT_FALSE(beyond.chain_broken);
  EXPECT_EQ(beyond.protocol, kUdp);
  EXPECT_FALSE(beyond.has_ports);
  EXPECT_EQ(beyond.transport_length(), 0U);
}

TEST(Ipv6, LaterFragmentsHaveNoTransportHeader) {
  const Facts later = facts_of(bytes_of("udp 2001:db8::1 > 2001:db8::2 frag 77777 offset 1448 len 8"));
  EXPECT_TRUE(later.is_later_fragment());
  EXPECT_EQ(later.identification, 77777U);
  EXPECT_EQ(later.protocol, kUdp);
  EXPECT_FALSE(later.has_ports);
  const Facts atomic = facts_of(bytes_of("udp [2001:db8::1]:1 > [2001:db8::2]:2 frag 5"));
  EXPECT_FALSE(atomic.is_fragment());
  EXPECT_EQ(atomic.fragment_header, 40);
  EXPECT_TRUE(atomic.has_ports);
}

TEST(Ipv6, TextThereAndBack) {
  for (const char* line :
       {"tcp [2001:db8::1]:1000 > [2001:db8::2]:80 S win 64240 <mss 1440>",
        "udp [fe80::1]:53 > [ff02::fb]:53 len 12 ext <hbh 050200000100>",
        "icmpv6 2001:db8::1 > 2001:db8::2 echo request id 7 seq 9 len 32",
        "icmpv6 2001:db8::1 > 2001:db8::2 packet too big mtu 1280 (udp [2001:db8::2]:1 > [2001:db8::3]:2 len "
        "4)",
        "icmpv6 2001:db8::1 > 2001:db8::2 unknown option pointer 48 (udp [2001:db8::2]:1 > [2001:db8::3]:2)",
        "udp 2001:db8::1 > 2001:db8::2 len 8 frag 9 offset 8 more",
        "udp [2001:db8::1]:1 > [2001:db8::2]:2 frag 9 ext <frag,dst 010400000000>",
        "esp 2001:db8::1 > 2001:db8::2 len 40 flow 0x00abc tos 0x20",
        "ip-proto-59 2001:db8::1 > 2001:db8::2 len 3"})
    EXPECT_EQ(text_of(bytes_of(line)), line);
  for (const auto& [line, error] : std::initializer_list<std::pair<const char*, const char*>>{
           {"tcp [::1]:80 > 5.6.7.8:1", "source and destination are not of one family"},
           {"udp [::1]:80 > [::2]:1 ext <hop>", "`hop' is not an extension header"},
           {"udp [::1:80 > [::2]:1", "not closed"}})
    EXPECT_THAT(read_packet_line(line).error().text, testing::HasSubstr(error)) << line;
}

struct Feed {
  Defragmenter defragmenter{{.max_distance = 0}};
  Reassembled out{};
  Kind operator()(const std::string& line) {
    const Bytes b = bytes_of(line);
    const Facts f = facts_of(b);
    return defragmenter.add({b, f, DefragUser::conntrack_in, 0, 3}, 0, out).kind;
  }
};
std::string piece(unsigned offset, unsigned length, bool more, const char* also = "") {
  return "gre 2001:db8::1 > 2001:db8::2 frag 5 offset " + std::to_string(offset) + " len " +
         std::to_string(length) + (more ? " more" : "") + also;
}

TEST(Ipv6, R31ReassemblyTakesTheFragmentHeaderOut) {
  Feed feed;
  EXPECT_EQ(feed(piece(16, 5, false)), Kind::held);
  EXPECT_EQ(feed(piece(0, 16, true, " ttl 3 ext <hbh 050200000100>")), Kind::complete);
  EXPECT_EQ(text_of(feed.out.bytes), "gre 2001:db8::1 > 2001:db8::2 len 21 ext <hbh 050200000100>");
  EXPECT_EQ(feed.out.facts.ttl, 3);
  EXPECT_THAT(feed.out.geometry.sizes, ElementsAre(16, 5));
  EXPECT_EQ(feed.out.geometry.max_size, 40U + 8 + 8 + 16);
}

TEST(Ipv6, OverlapsEndTheQueueAndDuplicatesPass) {
  Feed feed;
  EXPECT_EQ(feed(piece(0, 16, true)), Kind::held);
  EXPECT_EQ(feed(piece(0, 16, true)), Kind::dropped);  // a duplicate: taken in silence
  EXPECT_EQ(feed.defragmenter.size(), 1U);
  EXPECT_EQ(feed(piece(8, 16, true)), Kind::dropped);
  EXPECT_EQ(feed.defragmenter.size(), 0U);
}

TEST(Ipv6, ALengthThatIsNoMultipleOfEightGoesOnAsItIs) {
  Feed feed;
  EXPECT_EQ(feed(piece(16, 8, true)), Kind::held);
  EXPECT_EQ(feed(piece(0, 13, true)), Kind::passed);
  EXPECT_EQ(feed.defragmenter.size(), 0U);
}

TEST(Ipv6, WhatCameCutIsCutTheSameAgain) {
  Feed feed;
  (void)feed(piece(0, 1200, true));
  (void)feed(piece(1200, 1200, true));
  ASSERT_EQ(feed(piece(2400, 100, false)), Kind::complete);
  const Reassembled& whole = feed.out;
  EXPECT_EQ(judge_size(whole.facts, whole.geometry, 1500), Cutting::cut);
  EXPECT_EQ(judge_size(whole.facts, whole.geometry, 1247), Cutting::too_big);
  EXPECT_EQ(judge_size(whole.facts, {}, 1500), Cutting::too_big) << "nothing is cut that came whole";
  std::vector<std::string> out;
  EXPECT_TRUE(cut(whole.bytes, whole.facts, whole.geometry, 1500, {.identification = 99},
                  [&](auto part) { out.push_back(text_of(part)); }));
  EXPECT_THAT(out, ElementsAre("gre 2001:db8::1 > 2001:db8::2 len 1200 frag 99 offset 0 more",
                               "gre 2001:db8::1 > 2001:db8::2 len 1200 frag 99 offset 1200 more",
                               "gre 2001:db8::1 > 2001:db8::2 len 100 frag 99 offset 2400"));
}

TEST(Ipv6, MobileIpv6IsNotThere) {
  // Options behind a routing header are for the last node alone, a home address among them too.
  const Bytes bytes = bytes_of("gre 2001:db8::1 > 2001:db8::2 ext <rt 000000000000,dst c90201020100> len 8");
  EXPECT_EQ(fragment_place(bytes).offset, 48U);
  EXPECT_EQ(fragment_place(bytes).named_at, 40U);
}

TEST(Ipv6, HeadersBeyondThePacketAreNotCut) {
  Feed feed;
  (void)feed(piece(0, 1200, true));
  ASSERT_EQ(feed(piece(1200, 1200, false)), Kind::complete);
  Reassembled& whole = feed.out;
  whole.bytes[6] = kDestinationOptions;
  whole.bytes[41] = 0xff;  // 2,048 bytes, and as many again
  whole.bytes[40] = kDestinationOptions;
  whole.bytes[40 + 2048] = kGre;
  whole.bytes[41 + 2048] = 0xff;
  const Facts facts = facts_of(whole.bytes);
  bool emitted = false;
  EXPECT_FALSE(cut(whole.bytes, facts, whole.geometry, 1500, {}, [&](auto) { emitted = true; }));
  EXPECT_FALSE(emitted);
}

TEST(Ipv6, AnAtomicFragmentLosesItsHeader) {
  Feed feed;
  EXPECT_EQ(feed("gre 2001:db8::1 > 2001:db8::2 frag 5 len 8"), Kind::complete);
  EXPECT_EQ(text_of(feed.out.bytes), "gre 2001:db8::1 > 2001:db8::2 len 8");
  EXPECT_EQ(judge_size(feed.out.facts, feed.out.geometry, 1500), Cutting::whole);
}

TEST(Ipv6, WaitingFragmentsAreSavedAndTakenUp) {
  Feed feed, other;
  (void)feed(piece(0, 16, true));
  (void)feed(piece(32, 4, false));
  ASSERT_TRUE(other.defragmenter.restore(feed.defragmenter.save()));
  EXPECT_EQ(other.defragmenter.memory(), feed.defragmenter.memory());
  EXPECT_EQ(other(piece(16, 16, true)), Kind::complete);
}

TEST(Ipv6, ErrorsQuoteAsMuchAsFits) {
  const Bytes about = bytes_of("udp [2001:db8::2]:1 > [2001:db8::3]:2 len 1400");
  IcmpError error;
  error.icmp = {3, 0, 0};
  error.source.bytes[15] = 9;
  const Bytes made = build_icmp_error(about, facts_of(about), error);
  EXPECT_EQ(made.size(), 1280U);
  EXPECT_EQ(transport_checksum(made, facts_of(made)), ChecksumState::good);
  EXPECT_TRUE(icmp_error_allowed(bytes_of("icmpv6 ::1 > ::2 echo request"),
                                 facts_of(bytes_of("icmpv6 ::1 > ::2 echo request"))));
  EXPECT_FALSE(icmp_error_allowed(made, facts_of(made)));
}

}  // namespace
}  // namespace utables::packet
