#include "conntrack/helper/sequences.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "conntrack/helper/rewrite.h"
#include "packet/build.h"
#include "packet/checksum.h"

namespace utables::conntrack {
namespace {

struct Segment {
  packet::Bytes bytes;
  packet::Buffer buffer{};
  Segment(std::uint32_t seq, std::uint32_t ack, std::string_view text, packet::Bytes options = {})
      : bytes(packet::build_tcp({.source = parse_address("10.0.0.2", Family::ipv4).value(),
                                 .destination = parse_address("10.1.0.2", Family::ipv4).value()},
                                {.source_port = 4000,
                                 .destination_port = 21,
                                 .seq = seq,
                                 .ack = ack,
                                 .flags = packet::tcp::kAck,
                                 .options = std::move(options)},
                                {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()})) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    bytes.resize(size + 64);
    buffer = {bytes.data(), size, size + 64};
    EXPECT_EQ(packet::parse(buffer.view(), size, buffer.facts), DropReason::none);
  }
  [[nodiscard]] bool good() const {
    return packet::transport_checksum(buffer.view(), buffer.facts) == packet::ChecksumState::good &&
           packet::ip_checksum_good(buffer.view().first(20));
  }
  [[nodiscard]] std::string text() const {
    const std::size_t at = buffer.facts.header_size + buffer.facts.tcp_header_size;
    return {reinterpret_cast<const char*>(buffer.bytes) + at, buffer.size - at};
  }
};

TEST(Rewrite, PutsOtherWordsIntoAPayload) {
  for (const std::string_view words : {"10,1,0,77,4,1", "1,2", "192,168,100,200,255,255"}) {
    Segment segment(1000, 1, "PORT 10,0,0,2,4,1\r\n");
    ASSERT_TRUE(rewrite_payload(segment.buffer, 5, 12, words));
    EXPECT_EQ(segment.text(), "PORT " + std::string(words) + "\r\n");
    EXPECT_TRUE(segment.good());
    EXPECT_EQ(segment.buffer.facts.total_length, segment.buffer.size);
  }
  Segment segment(1000, 1, "PORT 10,0,0,2,4,1\r\n");
  EXPECT_FALSE(rewrite_payload(segment.buffer, 5, 12, std::string(100, '1'))) << "there is no room";
  EXPECT_EQ(segment.text(), "PORT 10,0,0,2,4,1\r\n");
}

TEST(Sequences, AreRaisedBehindThePlaceAndLoweredInAnswers) {
  Sequences sequences{};
  sequences[0].change(1000, 2);
  sequences[0].change(1000, 2);  // a retransmission
  for (const auto& [seq, raised] : {std::pair{999U, 999U}, {1000U, 1000U}, {1001U, 1003U}}) {
    Segment segment(seq, 1, "x");
    ASSERT_TRUE(shift_sequences(segment.buffer, sequences, Direction::original));
    EXPECT_EQ(segment.buffer.facts.tcp_seq, raised);
    EXPECT_TRUE(segment.good());
  }
  Segment answer(1, 1022, "", {1, 1, 5, 10, 0, 0, 3, 0xe0, 0, 0, 4, 0x10});  // SACK 992 to 1040
  ASSERT_TRUE(shift_sequences(answer.buffer, sequences, Direction::reply));
  EXPECT_EQ(answer.buffer.facts.tcp_ack, 1020U);
  EXPECT_EQ(load32(answer.buffer.transport() + 24), 992U);
  EXPECT_EQ(load32(answer.buffer.transport() + 28), 1038U);
  EXPECT_TRUE(answer.good());
  sequences[0].change(2000, 0U - 5);
  EXPECT_EQ(sequences[0].at(1500), 2U);
  EXPECT_EQ(sequences[0].at(2001), 0U - 3);
}

TEST(Sequences, CutOptionsAreRefused) {
  Sequences sequences{};
  sequences[1].change(1000, 2);
  Segment cut(1, 2000, "", {1, 1, 1, 5});
  EXPECT_FALSE(shift_sequences(cut.buffer, sequences, Direction::original));
}

}  // namespace
}  // namespace utables::conntrack
