#include "packet/checksum.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/bytes.h"
#include "base/random.h"

namespace utables::packet {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// RFC 1071 in the plainest way.
std::uint16_t plain(const Bytes& bytes) {
  std::uint32_t s = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2)
    s += static_cast<std::uint32_t>(bytes[i] << 8 | (i + 1 < bytes.size() ? bytes[i + 1] : 0));
  while (s >> 16) s = (s & 0xffff) + (s >> 16);
  return static_cast<std::uint16_t>(~s);
}

Bytes random_bytes(Random& random, std::size_t size) {
  Bytes b(size);
  for (auto& byte : b) byte = random.below(4) == 0 ? 0xff : static_cast<std::uint8_t>(random.next32());
  return b;
}

TEST(Checksum, Rfc1071Example) {
  const Bytes b{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  EXPECT_EQ(finish(sum(b)), static_cast<std::uint16_t>(~0xddf2U));
}

TEST(Checksum, FastSumIsThePlainOne) {
  Random random(1);
  for (std::size_t size = 0; size < 200; ++size) {
    const Bytes b = random_bytes(random, size);
    EXPECT_EQ(finish(sum(b)), plain(b)) << size;
    const std::size_t cut = size / 2 & ~std::size_t{1};
    const std::span all(b);
    EXPECT_EQ(finish(sum(all.subspan(cut), sum(all.first(cut)))), plain(b)) << size;
  }
  const Bytes ones(65535, 0xff), zeros(65535, 0);
  EXPECT_EQ(finish(sum(ones)), plain(ones));
  EXPECT_EQ(finish(sum(zeros)), 0xffff);
}

/// A real header: 172.16.10.99 > 172.16.10.12.
Bytes header() {
  return {0x45, 0, 0, 0x3c, 0x1c, 0x46, 0x40, 0, 0x40, 6, 0xb1, 0xe6, 172, 16, 10, 99, 172, 16, 10, 12};
}

TEST(Checksum, IpHeader) {
  Bytes b = header();
  EXPECT_TRUE(ip_checksum_good(b));
  b[10] = b[11] = 0x55;
  EXPECT_FALSE(ip_checksum_good(b));
  write_ip_checksum(b);
  EXPECT_EQ(b, header());
}

TEST(Checksum, AdjustingIsRecomputing) {
  Random random(2);
  for (int round = 0; round < 20000; ++round) {
    Bytes b = header();
    store32(&b[12], random.next32());
    store16(&b[4], random.below(3) == 0 ? 0xffff : static_cast<std::uint16_t>(random.next32()));
    write_ip_checksum(b);
    Bytes changed = b;
    const auto to = random.below(3) == 0 ? 0xffffffffU : random.next32();
    store32(&changed[16], to);
    adjust_checksum32(&changed[10], load32(&b[16]), to);
    const Bytes stepwise = changed;
    write_ip_checksum(changed);
    EXPECT_EQ(load16(&stepwise[10]), load16(&changed[10]));
    decrease_ttl(changed.data());
    EXPECT_TRUE(ip_checksum_good(changed));
    change_tos(changed.data(), static_cast<std::uint8_t>(to));
    EXPECT_TRUE(ip_checksum_good(changed));
  }
}

/// Linux lowers the TTL by adding 0x0100 and the carry, where 0xffff counts as a carry.
TEST(Checksum, DecreasingTheTtlForEveryChecksum) {
  for (std::uint32_t check = 0; check <= 0xffff; ++check) {
    Bytes b = header();
    store16(&b[10], static_cast<std::uint16_t>(check));
    const std::uint32_t raised = check + 0x0100;
    decrease_ttl(b.data());
    EXPECT_EQ(load16(&b[10]), static_cast<std::uint16_t>(raised + (raised >= 0xffff ? 1 : 0)));
    EXPECT_EQ(b[8], 63);
  }
}

TEST(Checksum, UdpZeroStaysAndIsNeverMade) {
  std::uint8_t field[2] = {0, 0};
  adjust_udp_checksum32(field, 1, 2);
  EXPECT_EQ(load16(field), 0);
  store16(field, 1);
  adjust_udp_checksum32(field, 1, 2);
  EXPECT_EQ(load16(field), 0xffff);
}

Bytes packet_of(std::uint8_t protocol, Bytes transport) {
  Bytes b{0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2};
  b.insert(b.end(), transport.begin(), transport.end());
  store16(&b[2], static_cast<std::uint16_t>(b.size()));
  write_ip_checksum(std::span(b).first(20));
  return b;
}

ChecksumState judge(const Bytes& b, std::uint32_t wire = 0) {
  Facts f;
  EXPECT_EQ(parse(b, wire, f), DropReason::none);
  return transport_checksum(b, f);
}

TEST(Checksum, EveryProtocolWrittenAndJudged) {
  Random random(3);
  for (const std::uint8_t protocol : {kTcp, kUdp, kIcmp, kSctp}) {
    for (std::size_t size = 20; size < 70; ++size) {
      Bytes b = packet_of(protocol, random_bytes(random, size));
      Facts f;
      ASSERT_EQ(parse(b, 0, f), DropReason::none);
      write_transport_checksum(b, f);
      EXPECT_EQ(judge(b), ChecksumState::good) << int{protocol} << " " << size;
      b[20] ^= 1;
      EXPECT_EQ(judge(b), ChecksumState::bad) << int{protocol} << " " << size;
    }
  }
}

/// As the kernel judged these packets from 10.0.0.1 to 203.0.113.9.
Bytes judged_by_linux(std::uint8_t protocol, std::uint8_t length, std::uint16_t checksum) {
  Bytes transport{0x03, 0xe8, 0x07, 0xd0, 0, length, 0, 0};
  store16(&transport[6], checksum);
  for (std::uint8_t i = 0; i < 20; ++i) transport.push_back(i);
  Bytes b = packet_of(protocol, transport);
  store32(&b[16], 0xcb007109);
  return b;
}

TEST(Checksum, UdpLiteIsJudgedWithUdpsNumber) {
  EXPECT_EQ(judge(judged_by_linux(kUdplite, 0, 0x53ab)), ChecksumState::good);
  EXPECT_EQ(judge(judged_by_linux(kUdplite, 10, 0xae04)), ChecksumState::good);
  EXPECT_EQ(judge(judged_by_linux(kUdplite, 10, 0xad8d)), ChecksumState::bad);  // right by RFC 3828
  EXPECT_EQ(judge(judged_by_linux(kUdplite, 10, 0)), ChecksumState::bad);
  EXPECT_EQ(judge(judged_by_linux(kUdplite, 4, 0x5330)), ChecksumState::bad);  // covers less than the header
  Bytes b = judged_by_linux(kUdplite, 10, 0);
  Facts f;
  ASSERT_EQ(parse(b, 0, f), DropReason::none);
  write_transport_checksum(b, f);
  EXPECT_EQ(load16(&b[26]), 0xad8d);
}

/// Recorded from Linux 6.18: of a length of 308 the pseudo-header has 52, whatever is covered.
TEST(Checksum, OfUdpLitesLengthTheLowByteCounts) {
  Bytes b(20 + 8 + 300);
  b[0] = 0x45;
  store16(&b[2], static_cast<std::uint16_t>(b.size()));
  b[8] = 64;
  b[9] = kUdplite;
  store32(&b[12], 0x0a000001);
  store32(&b[16], 0x0a000101);
  store16(&b[20], 3000);
  store16(&b[22], 80);
  for (std::size_t i = 0; i < 300; ++i) b[28 + i] = static_cast<std::uint8_t>(i * 7 + 3);
  struct Case {
    std::uint16_t coverage, accepted, by_rfc_with_udps_number;
  };
  for (const Case& c : {Case{8, 0xdea8, 0xdda8}, Case{0, 0xb168, 0xb068}}) {
    store16(&b[24], c.coverage);
    store16(&b[26], c.accepted);
    EXPECT_EQ(judge(b), ChecksumState::good);
    store16(&b[26], c.by_rfc_with_udps_number);
    EXPECT_EQ(judge(b), ChecksumState::bad);
  }
}

/// Conntrack sums all that the IP header delimits, and not what UDP's length field does.
TEST(Checksum, UdpLengthFieldDoesNotMatter) {
  EXPECT_EQ(judge(judged_by_linux(kUdp, 16, 0x539b)), ChecksumState::good);
  EXPECT_EQ(judge(judged_by_linux(kUdp, 16, 0xa1fb)), ChecksumState::bad);
}

TEST(Checksum, OthersAreGood) { EXPECT_EQ(judge(packet_of(kGre, Bytes(8, 1))), ChecksumState::good); }

TEST(Checksum, UdpWithout) {
  EXPECT_EQ(judge(packet_of(kUdp, {0, 1, 0, 2, 0, 9, 0, 0, 7})), ChecksumState::none);
}

TEST(Checksum, OffloadedIsThePseudoHeadersSum) {
  Bytes b = packet_of(kTcp, Bytes(33, 0x11));
  Facts f;
  ASSERT_EQ(parse(b, 0, f), DropReason::none);
  // 10.0.0.1 + 10.0.0.2 + protocol 6 + length 33
  store16(&b[36], 0x0a00 + 0x0001 + 0x0a00 + 0x0002 + 6 + 33);
  EXPECT_EQ(judge(b), ChecksumState::offloaded);
  b[36] ^= 1;
  EXPECT_EQ(judge(b), ChecksumState::bad);
}

TEST(Checksum, WhatIsNotThereIsUnknown) {
  Bytes b = packet_of(kTcp, Bytes(33, 0x11));
  b.resize(52);
  EXPECT_EQ(judge(b, 53), ChecksumState::unknown);
  EXPECT_EQ(judge(packet_of(kTcp, Bytes(19, 1))), ChecksumState::unknown);
  Bytes fragment = packet_of(kTcp, Bytes(40, 1));
  fragment[6] = 0x20;
  EXPECT_EQ(judge(fragment), ChecksumState::unknown);
}

TEST(Checksum, Crc32cCheckValue) {
  // The check value of CRC-32C is of "123456789"; here behind a 12-byte header of zeros, computed bit by bit.
  Bytes b(12, 0);
  const Bytes text{'1', '2', '3', '4', '5', '6', '7', '8', '9'};
  b.insert(b.end(), text.begin(), text.end());
  std::uint32_t crc = ~0U;
  for (const std::uint8_t byte : b) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? (crc >> 1) ^ 0x82f63b78U : crc >> 1;
  }
  EXPECT_EQ(sctp_checksum(b), byteswap32(~crc));
}

}  // namespace
}  // namespace utables::packet
