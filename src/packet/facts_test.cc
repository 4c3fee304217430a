#include "packet/facts.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/bytes.h"

namespace utables::packet {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// 10.0.0.1:1000 > 10.0.0.2:80, SYN; 40 bytes.
Bytes syn() {
  return {0x45, 0x10, 0, 40, 0x12, 0x34, 0x40, 0, 64, 6, 0, 0, 10,   0,    0,    1, 10, 0, 0, 2,
          0x03, 0xe8, 0, 80, 0,    0,    0,    7, 0,  0, 0, 9, 0x50, 0x02, 0x20, 0, 0,  0, 0, 0};
}

DropReason judge(const Bytes& bytes, std::uint32_t wire = 0) {
  Facts facts;
  return parse(bytes, wire != 0 ? wire : static_cast<std::uint32_t>(bytes.size()), facts);
}

TEST(Facts, ReadsEveryField) {
  Facts f;
  const Bytes bytes = syn();
  ASSERT_EQ(parse(bytes, 40, f), DropReason::none);
  EXPECT_EQ(to_string(f.source, f.family), "10.0.0.1");
  EXPECT_EQ(to_string(f.destination, f.family), "10.0.0.2");
  EXPECT_EQ(f.protocol, kTcp);
  EXPECT_EQ(f.ttl, 64);
  EXPECT_EQ(f.tos, 0x10);
  EXPECT_EQ(f.header_size, 20);
  EXPECT_EQ(f.total_length, 40U);
  EXPECT_EQ(f.size, 40U);
  EXPECT_EQ(f.identification, 0x1234);
  EXPECT_TRUE(f.dont_fragment);
  EXPECT_FALSE(f.is_fragment());
  EXPECT_TRUE(f.has_ports);
  EXPECT_TRUE(f.has_transport_header);
  EXPECT_EQ(f.source_port, 1000);
  EXPECT_EQ(f.destination_port, 80);
  EXPECT_EQ(f.tcp_seq, 7U);
  EXPECT_EQ(f.tcp_ack, 9U);
  EXPECT_EQ(f.tcp_flags, tcp::kSyn);
  EXPECT_EQ(f.tcp_header_size, 20);
  EXPECT_EQ(f.tcp_window, 0x2000);
  EXPECT_EQ(f.transport_length(), 20U);
}

TEST(Facts, RefusesAsIpRcv) {
  EXPECT_EQ(judge({}), DropReason::header_truncated);
  Bytes b = syn();
  b[0] = 0x35;
  EXPECT_EQ(judge(b), DropReason::bad_version);
  b[0] = 0x65;
  EXPECT_EQ(judge(b), DropReason::total_length_beyond_packet) << "IPv6, of another length";
  b[0] = 0x44;
  EXPECT_EQ(judge(b), DropReason::bad_header_length);
  b = syn();
  b[3] = 41;
  EXPECT_EQ(judge(b), DropReason::total_length_beyond_packet);
  b[3] = 19;
  EXPECT_EQ(judge(b), DropReason::total_length_too_small);
  b[0] = 0x46;
  b[3] = 20;
  EXPECT_EQ(judge(b), DropReason::total_length_too_small);
  b.resize(20);
  EXPECT_EQ(judge(b), DropReason::header_truncated);
  b.resize(19);
  EXPECT_EQ(judge(b), DropReason::header_truncated);
}

TEST(Facts, PaddingIsCutOff) {
  Bytes b = syn();
  b.resize(60);
  Facts f;
  ASSERT_EQ(parse(b, 60, f), DropReason::none);
  EXPECT_EQ(f.size, 40U);
  EXPECT_EQ(f.total_length, 40U);
}

TEST(Facts, ACutCaptureIsJudgedByWhatItsHeadersClaim) {
  Bytes b = syn();
  store16(&b[2], 1500);
  EXPECT_EQ(judge(b, 1499), DropReason::total_length_beyond_packet);
  Facts f;
  ASSERT_EQ(parse(b, 1500, f), DropReason::none);
  EXPECT_EQ(f.size, 40U);
  EXPECT_EQ(f.total_length, 1500U);
  EXPECT_EQ(f.transport_length(), 1480U);
}

TEST(Facts, ATransportHeaderCutAtEveryByte) {
  for (unsigned size = 20; size <= 40; ++size) {
    Bytes b = syn();
    b.resize(size);
    store16(&b[2], static_cast<std::uint16_t>(size));
    Facts f;
    ASSERT_EQ(parse(b, size, f), DropReason::none);
    EXPECT_EQ(f.has_ports, size >= 24) << size;
    EXPECT_EQ(f.has_transport_header, size == 40) << size;
    EXPECT_EQ(f.source_port, size >= 24 ? 1000 : 0);
    EXPECT_EQ(f.tcp_flags, size == 40 ? tcp::kSyn : 0);
  }
}

TEST(Facts, BytesPastTheTotalLengthAreNoTransportHeader) {
  Bytes b = syn();
  b[3] = 30;
  Facts f;
  ASSERT_EQ(parse(b, 40, f), DropReason::none);
  EXPECT_TRUE(f.has_ports);
  EXPECT_FALSE(f.has_transport_header);
}

TEST(Facts, LaterFragmentsHaveNoTransportHeader) {
  Bytes b = syn();
  store16(&b[6], ip::kMoreFragments | 3);
  Facts f;
  ASSERT_EQ(parse(b, 40, f), DropReason::none);
  EXPECT_TRUE(f.is_fragment());
  EXPECT_TRUE(f.is_later_fragment());
  EXPECT_EQ(f.fragment_offset, 24);
  EXPECT_FALSE(f.has_ports);
  store16(&b[6], ip::kMoreFragments);
  ASSERT_EQ(parse(b, 40, f), DropReason::none);
  EXPECT_TRUE(f.is_fragment());
  EXPECT_TRUE(f.has_transport_header);
}

TEST(Facts, TheTransportHeaderIsReadAgain) {
  Bytes b = syn();
  Facts f;
  ASSERT_EQ(parse(b, 40, f), DropReason::none);
  store16(&b[22], 8080);
  parse_transport(b, f);
  EXPECT_EQ(f.destination_port, 8080);
}

TEST(Facts, Icmp) {
  const Bytes b{0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 8, 3, 0, 0, 0x81, 5, 0, 1};
  Facts f;
  ASSERT_EQ(parse(b, 28, f), DropReason::none);
  EXPECT_EQ(f.icmp_type, 8);
  EXPECT_EQ(f.icmp_code, 3);
  EXPECT_EQ(f.icmp_id, 0x8105);
  EXPECT_FALSE(f.has_ports);
}

TEST(Facts, PortsOfEveryProtocolThatHasThem) {
  for (const std::uint8_t protocol : {kTcp, kUdp, kUdplite, kSctp, kDccp, kGre, kEsp}) {
    Bytes b = syn();
    b[9] = protocol;
    Facts f;
    ASSERT_EQ(parse(b, 40, f), DropReason::none);
    EXPECT_EQ(f.has_ports, protocol != kGre && protocol != kEsp);
    EXPECT_TRUE(f.has_transport_header);
  }
}

}  // namespace
}  // namespace utables::packet
