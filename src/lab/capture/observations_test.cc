#include "lab/capture/observations.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "lab/capture/checksums.h"
#include "packet/checksum.h"
#include "packet/describe.h"

namespace utables::lab {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(const std::string& text) {
  const auto line = packet::read_packet_line(text);
  EXPECT_TRUE(line) << text;
  return line->bytes;
}

SeenPacket packet(const Bytes& bytes, Time time, std::uint64_t order, InterfaceId interface = 1,
                  bool made_here = false) {
  return {bytes, interface, time, order, made_here};
}

const Bytes kUdp = bytes_of("udp 10.0.0.5:1000 > 192.0.2.9:53 len 20");

TEST(Predictions, ConsumedOnce) {
  Predictions p;
  p.add(packet(kUdp, 100, 1));
  EXPECT_FALSE(p.consume(packet(kUdp, 100, 2, 2))) << "another interface";
  EXPECT_TRUE(p.consume(packet(kUdp, 100, 2)));
  EXPECT_FALSE(p.consume(packet(kUdp, 100, 3)));
}

TEST(Predictions, WithinOneSecondAndNeverBefore) {
  Predictions p;
  p.add(packet(kUdp, 100, 5));
  EXPECT_FALSE(p.consume(packet(kUdp, 100, 4))) << "seen before it was sent";
  EXPECT_FALSE(p.consume(packet(kUdp, 100 + kSecond + 1, 6)));
  p.add(packet(kUdp, 5 * kSecond, 7));
  EXPECT_TRUE(p.consume(packet(kUdp, 6 * kSecond, 8)));
}

TEST(Predictions, OtherBytesAreAnotherPacket) {
  Predictions p;
  p.add(packet(kUdp, 0, 1));
  Bytes other = kUdp;
  other.back() ^= 1;
  EXPECT_FALSE(p.consume(packet(other, 0, 2)));
  const Bytes cut(kUdp.begin(), kUdp.begin() + 30);
  EXPECT_TRUE(p.consume(packet(cut, 0, 2))) << "a cut frame is compared as far as it goes";
}

TEST(Predictions, AnswersMayBearAnotherIdentification) {
  Bytes answer = bytes_of("icmp 192.0.2.254 > 10.0.0.5 echo reply id 1 seq 1 len 8");
  Bytes seen = answer;
  store16(seen.data() + 4, 4711);
  packet::write_ip_checksum(std::span(seen).first(20));
  Predictions p;
  p.add(packet(answer, 0, 1, 1, false));
  EXPECT_FALSE(p.consume(packet(seen, 0, 2)));
  p.add(packet(answer, 0, 1, 1, true));
  EXPECT_TRUE(p.consume(packet(seen, 0, 2)));
}

TEST(Predictions, AChecksumLeftToOffloadingIsAsGood) {
  Bytes seen = kUdp;
  packet::Facts facts;
  ASSERT_EQ(packet::parse(seen, static_cast<std::uint32_t>(seen.size()), facts), DropReason::none);
  store16(seen.data() + 26, static_cast<std::uint16_t>(~packet::finish(
                                packet::pseudo_header_sum(facts, facts.protocol, facts.transport_length()))));
  ASSERT_TRUE(left_to_offloading(seen, facts));
  EXPECT_FALSE(left_to_offloading(kUdp, facts));
  Predictions p;
  p.add(packet(kUdp, 0, 1));
  EXPECT_TRUE(p.consume(packet(seen, 0, 2)));
}

TEST(Predictions, ManyAreKeptAndTheOldestForgotten) {
  Predictions p;
  Bytes big(1400, 0);
  std::copy(kUdp.begin(), kUdp.begin() + 20, big.begin());
  store16(big.data() + 2, 1400);
  constexpr std::uint32_t kMany = 100'000;  // more than the ring of bytes holds
  for (std::uint32_t i = 0; i < kMany; ++i) {
    store32(big.data() + 20, i);
    p.add(packet(big, 0, i + 1));
  }
  EXPECT_TRUE(p.consume(packet(big, 0, kMany + 1)));
  store32(big.data() + 20, kMany / 2 + 20'000);
  EXPECT_TRUE(p.consume(packet(big, 0, kMany + 1)));
  store32(big.data() + 20, 0);
  EXPECT_FALSE(p.consume(packet(big, 0, kMany + 1))) << "memory is bounded";
}

TEST(Predictions, SavedAndRestored) {
  Predictions p;
  p.add(packet(kUdp, 10, 1, 3, true));
  Predictions q;
  q.restore(p.save(20));
  EXPECT_TRUE(q.consume(packet(kUdp, 30, 1, 3)));
  EXPECT_TRUE(p.save(2 * kSecond).empty());
}

TEST(FlowMap, BoundedAndTheSameBothWays) {
  FlowMap map(100);
  for (std::uint64_t i = 0; i < 200; ++i) map.insert(mix(1, i), static_cast<std::uint32_t>(i));
  EXPECT_EQ(map.size(), 100U);
  EXPECT_TRUE(map.full());
  ASSERT_NE(map.find(mix(1, 7)), nullptr);
  EXPECT_EQ(*map.find(mix(1, 7)), 7U);
  EXPECT_EQ(map.find(mix(1, 150)), nullptr);
  packet::Facts there, back;
  const Bytes a = bytes_of("tcp 10.0.0.5:4000 > 192.0.2.9:443 S"),
              b = bytes_of("tcp 192.0.2.9:443 > 10.0.0.5:4000 S.");
  ASSERT_EQ(packet::parse(a, static_cast<std::uint32_t>(a.size()), there), DropReason::none);
  ASSERT_EQ(packet::parse(b, static_cast<std::uint32_t>(b.size()), back), DropReason::none);
  EXPECT_EQ(flow_hash(there), flow_hash(back));
}

}  // namespace
}  // namespace utables::lab
