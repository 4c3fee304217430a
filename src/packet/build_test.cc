// Vectors are what Linux 6.18 sent, over TUN devices; its identifications are passed in.
#include "packet/build.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "packet/checksum.h"
#include "packet/describe.h"
#include "packet/hex_for_tests.h"

namespace utables::packet {
namespace {

Facts facts_of(const Bytes& bytes) {
  Facts f;
  EXPECT_EQ(parse(bytes, 0, f), DropReason::none);
  return f;
}

Bytes line(const char* text) { return read_packet_line(text).value().bytes; }

/// The TCP segment that was rejected: 10.0.0.1:1000 > 203.0.113.9:80, 3 bytes of payload.
TEST(Build, TcpReset) {
  struct Case {
    const char* line;
    const char* transport;
  };
  for (const Case& c : {
           Case{"tcp 10.0.0.1:1000 > 203.0.113.9:80 S seq 100 ack 200 win 1000 len 3 tos 0x10",
                "005003e800000000000000685014000065260000"},
           {"tcp 10.0.0.1:1000 > 203.0.113.9:80 . seq 100 ack 200 win 1000 len 3",
            "005003e8000000c8000000005004000064d60000"},
           {"tcp 10.0.0.1:1000 > 203.0.113.9:80 . seq 100 ack 26014 win 1000 len 3",
            "005003e80000659e0000000050040000ffff0000"},  // a sum of zero
           {"tcp 10.0.0.1:1000 > 203.0.113.9:80 S seq 100 win 1000 <mss 1460> len 3",
            "005003e800000000000000685014000065260000"},
       }) {
    const Facts f = facts_of(line(c.line));
    ASSERT_TRUE(tcp_reset_allowed(f));
    const Bytes reset = build_tcp_reset(f);
    const Facts r = facts_of(reset);
    EXPECT_EQ(hex_of(std::span(reset).subspan(20)), c.transport);
    EXPECT_EQ(r.identification, 0);
    EXPECT_TRUE(r.dont_fragment);
    EXPECT_EQ(r.tos, 0);
    EXPECT_EQ(r.ttl, 64);
    EXPECT_EQ(describe_ends(r), "203.0.113.9:80 > 10.0.0.1:1000");
  }
}

TEST(Build, NoResetForResetsFragmentsAndHalfHeaders) {
  EXPECT_FALSE(tcp_reset_allowed(facts_of(line("tcp 10.0.0.1:1 > 10.0.0.2:2 R"))));
  EXPECT_FALSE(tcp_reset_allowed(facts_of(line("tcp 10.0.0.1 > 10.0.0.2 len 20 frag 1 offset 8"))));
  EXPECT_FALSE(tcp_reset_allowed(facts_of(line("udp 10.0.0.1:1 > 10.0.0.2:2 len 20"))));
  Bytes cut = line("tcp 10.0.0.1:1 > 10.0.0.2:2 S");
  store16(&cut[2], 39);
  EXPECT_FALSE(tcp_reset_allowed(facts_of(cut)));
}

TEST(Build, IcmpErrorsKeepPartOfTheTos) {
  for (const auto& [tos, expected] :
       {std::pair{0, 0xc0}, {0xfc, 0xdc}, {0xff, 0xde}, {0x1e, 0xde}, {0x15, 0xd4}}) {
    IpPart ip;
    ip.tos = static_cast<std::uint8_t>(tos);
    const Bytes about = build_udp(ip, 1, 2);
    EXPECT_EQ(build_icmp_error(about, facts_of(about), {})[1], expected) << tos;
  }
}

TEST(Build, IcmpErrorQuotesUpTo576Bytes) {
  const Bytes about = line("udp 10.0.0.1:1000 > 203.0.113.9:81 len 1400");
  IcmpError error;
  error.icmp = {3, 3, 0};
  error.source = Address::from_v4(0x0a0000fe);
  error.identification = 0x28c2;
  const Bytes answer = build_icmp_error(about, facts_of(about), error);
  ASSERT_EQ(answer.size(), 576U);
  EXPECT_EQ(load16(&answer[4]), 0x28c2);
  EXPECT_EQ(Bytes(answer.begin() + 28, answer.end()), Bytes(about.begin(), about.begin() + 548));
  EXPECT_EQ(transport_checksum(answer, facts_of(answer)), ChecksumState::good);
  EXPECT_EQ(describe_ends(facts_of(answer)), "10.0.0.254 > 10.0.0.1");
  const Bytes options(12, 1);
  error.options = options;
  const Bytes with_options = build_icmp_error(about, facts_of(about), error);
  ASSERT_EQ(with_options.size(), 576U);
  EXPECT_EQ(facts_of(with_options).header_size, 32);
  error.mtu = 60;
  EXPECT_EQ(build_icmp_error(about, facts_of(about), error).size(), 60U);
  error.mtu = 59;
  EXPECT_TRUE(build_icmp_error(about, facts_of(about), error).empty());
}

/// Types that Linux answered with time exceeded when their TTL ended.
TEST(Build, WhichIcmpTypesAreAnsweredWithErrors) {
  for (unsigned type = 0; type < 256; ++type) {
    const Bytes about = build_icmp({}, {static_cast<std::uint8_t>(type), 0, 0}, {});
    const bool allowed = type == 0 || type == 8 || (type >= 13 && type <= 18);
    EXPECT_EQ(icmp_error_allowed(about, facts_of(about)), allowed) << type;
  }
  const Bytes nothing = build_ip({}, kIcmp, {}), one = build_ip({}, kIcmp, Bytes{8});
  EXPECT_FALSE(icmp_error_allowed(nothing, facts_of(nothing)));
  EXPECT_TRUE(icmp_error_allowed(one, facts_of(one)));
  const Bytes later = line("udp 10.0.0.1 > 10.0.0.2 len 20 frag 1 offset 8");
  EXPECT_FALSE(icmp_error_allowed(later, facts_of(later)));
}

TEST(Build, EveryBuilderMakesGoodPackets) {
  IpPart ip;
  ip.options = {7, 3, 4};
  ip.source = Address::from_v4(0x01020304);
  const Bytes payload{1, 2, 3};
  for (const Bytes& b : {build_tcp(ip, {1, 2, 3, 4, tcp::kSyn, 5, {1}, 6}, payload),
                         build_udp(ip, 1, 2, payload), build_icmp(ip, {8, 0, 1}, payload)}) {
    const Facts f = facts_of(b);
    EXPECT_EQ(f.size, b.size());
    EXPECT_EQ(f.header_size, 24);
    EXPECT_TRUE(ip_checksum_good(std::span(b).first(24)));
    EXPECT_EQ(transport_checksum(b, f), ChecksumState::good);
  }
}

}  // namespace
}  // namespace utables::packet
