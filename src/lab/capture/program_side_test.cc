// Programs of the box to which NAT leads: their answers are in the capture as they left, and are played as
// they were written. One replay a behaviour, with batches of one packet and of many.
#include "lab/capture/program_side.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <sstream>
#include <vector>

#include "conntrack/listing.h"
#include "io/pcapng_writer.h"
#include "lab/replay.h"
#include "packet/describe.h"

namespace utables::lab {
namespace {

/// A frame of the capture: by which interface, which way, which packet.
struct Line {
  std::uint32_t interface;  // 0: wan, 1: lan
  io::Direction direction;
  std::string packet;
};
constexpr io::Direction kIn = io::Direction::inbound, kOut = io::Direction::outbound;

class ProgramSideTest : public testing::TestWithParam<unsigned> {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "utables-side-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  /// Replays the frames, a millisecond apart, and keeps what is left of the connections.
  ReadCounts play(const std::string& nat, const std::vector<Line>& lines) {
    Box box;
    box.text.has_net_ip = box.text.has_rules_v4 = true;
    box.text.net_ip =
        "addr add 192.0.2.254/24 dev wan\naddr add 10.0.0.254/24 dev lan\n"
        "route add default via 192.0.2.1 dev wan\n";
    box.text.rules_v4 = nat.empty() ? "" : "*nat\n" + nat + "\nCOMMIT\n";
    ReplayOptions options;
    options.batch = GetParam();
    options.engine.track_always = true;
    options.captures = {write(lines)};
    auto replay = Replay::create(box, options);
    if (!replay) {
      ADD_FAILURE() << replay.error().front().str();
      return {};
    }
    const auto done = replay->run();
    EXPECT_TRUE(done) << done.error().str();
    connections_.clear();
    replay->parts().tracker->for_each(replay->end(), [&](const conntrack::Connection& c) {
      connections_.push_back(to_string(c.original()) + (c.is(conntrack::kSeenReply) ? "" : " [UNREPLIED]") +
                             " " + to_string(c.reply()));
    });
    return replay->counts();
  }
  std::vector<std::string> connections_{};

 private:
  [[nodiscard]] std::string write(const std::vector<Line>& lines) const {
    std::string path = directory_ + "/capture.pcapng";
    auto file = io::FileWriter::create(path);
    EXPECT_TRUE(file);
    io::PcapngWriter writer(*file);
    EXPECT_TRUE(writer.begin("test") && writer.add_interface("wan") && writer.add_interface("lan"));
    Time time = 1'700'000'000 * kSecond;
    for (const Line& line : lines) {
      const auto packet = packet::read_packet_line(line.packet);
      EXPECT_TRUE(packet) << line.packet;
      if (!packet) continue;
      io::FrameToWrite frame;
      frame.time = time += kMillisecond;
      frame.interface = line.interface;
      frame.direction = line.direction;
      frame.bytes = packet->bytes;
      EXPECT_TRUE(writer.write(frame));
    }
    EXPECT_TRUE(file->commit());
    return path;
  }
  std::string directory_{};
};

TEST_P(ProgramSideTest, ARedirectedProgramAnswersFromItsOwnAddress) {
  const auto counts = play("-A PREROUTING -i lan -p udp --dport 123 -j REDIRECT --to-ports 1123",
                           {{1, kIn, "udp 10.0.0.5:4000 > 198.51.100.9:123 len 48"},
                            {1, kOut, "udp 198.51.100.9:123 > 10.0.0.5:4000 len 48"}});
  EXPECT_EQ(counts.observations.played, 1U);
  EXPECT_EQ(counts.observations.unpredicted, 0U);
  EXPECT_EQ(connections_, std::vector<std::string>{"src=10.0.0.5 dst=198.51.100.9 sport=4000 dport=123 "
                                                   "src=10.0.0.254 dst=10.0.0.5 sport=1123 dport=4000"});
}

TEST_P(ProgramSideTest, AnAddressThatIsSomebodysElsewhereToo) {
  const auto counts = play("-A PREROUTING -i lan -p tcp --dport 80 -j REDIRECT --to-ports 3128",
                           {{0, kIn, "udp 198.51.100.9:53 > 192.0.2.254:9999 len 8"},
                            {1, kIn, "tcp 10.0.0.5:4000 > 198.51.100.9:80 S seq 100 win 1000"},
                            {1, kOut, "tcp 198.51.100.9:80 > 10.0.0.5:4000 S. seq 500 ack 101 win 1000"},
                            {1, kIn, "tcp 10.0.0.5:4000 > 198.51.100.9:80 . seq 101 ack 501 win 1000"},
                            {1, kOut, "tcp 198.51.100.9:80 > 10.0.0.5:4000 P. seq 501 ack 101 len 9"}});
  EXPECT_EQ(counts.observations.played, 2U);
  EXPECT_EQ(counts.observations.unpredicted, 0U);
  ASSERT_EQ(connections_.size(), 2U);
  EXPECT_EQ(connections_[1],
            "src=10.0.0.5 dst=198.51.100.9 sport=4000 dport=80 "
            "src=10.0.0.254 dst=10.0.0.5 sport=3128 dport=4000");
}

TEST_P(ProgramSideTest, WhatWasForwardedIsAnObservationAsEver) {
  const auto counts = play("-A PREROUTING -i lan -p udp --dport 123 -j DNAT --to-destination 192.0.2.9",
                           {{1, kIn, "udp 10.0.0.5:4000 > 198.51.100.9:123 len 48 ttl 64"},
                            {0, kOut, "udp 10.0.0.5:4000 > 192.0.2.9:123 len 48 ttl 63"},
                            {0, kIn, "udp 192.0.2.9:123 > 10.0.0.5:4000 len 48 ttl 64"},
                            {1, kOut, "udp 198.51.100.9:123 > 10.0.0.5:4000 len 48 ttl 63"}});
  EXPECT_EQ(counts.observations.predicted, 2U);
  EXPECT_EQ(counts.observations.played + counts.observations.unpredicted, 0U);
}

TEST_P(ProgramSideTest, WithoutANatTableAStrangersAddressIsNotAProgram) {
  const auto counts = play("", {{0, kIn, "udp 198.51.100.9:53 > 192.0.2.254:9999 len 8"},
                                {1, kIn, "udp 10.0.0.5:4000 > 10.0.0.254:123 len 48"},
                                {1, kOut, "udp 198.51.100.9:123 > 10.0.0.5:4000 len 48"}});
  EXPECT_EQ(counts.observations.played, 0U);
  EXPECT_EQ(counts.observations.unpredicted, 1U);
}

INSTANTIATE_TEST_SUITE_P(Batches, ProgramSideTest, testing::Values(1U, 256U));

}  // namespace
}  // namespace utables::lab
