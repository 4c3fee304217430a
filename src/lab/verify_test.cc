// What verify reads: a kept scenario as it was, a router's capture without what the box itself sent.
#include "lab/verify.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "io/file_writer.h"
#include "io/link.h"
#include "io/pcapng_writer.h"
#include "lab/generate/generate.h"
#include "lab/kernel/run.h"
#include "packet/describe.h"

namespace utables::lab {
namespace {

std::string scratch(const std::string& name) {
  return (std::filesystem::path(testing::TempDir()) / ("verify-" + name)).string();
}

Result<VerifyInput, Errors> read_kept(const generate::Scenario& scenario, const std::string& name) {
  const std::string folder = scratch(name);
  std::filesystem::remove_all(folder);
  if (auto saved = generate::save(scenario, folder); !saved)
    return tl::unexpected<Errors>(Errors{saved.error()});
  auto box = read_box(folder);
  if (!box) return tl::unexpected<Errors>(std::move(box.error()));
  VerifyOptions options;
  options.replay.captures = {folder + "/traffic.pcapng"};
  options.paced = scenario.paced;
  return read_for_verify(*box, options);
}

/// A frame that a capture of raw IP cannot tell from one of another protocol.
bool is_ipv4(const generate::ScenarioPacket& packet) {
  return !packet.bytes.empty() && packet.bytes[0] >> 4 == 4;
}

class Kept : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Kept, ScenarioIsReadAsItWas) {
  const bool paced = GetParam() % 5 == 0;
  const auto scenario = generate::generate({GetParam(), paced});
  const auto input = read_kept(scenario, std::to_string(GetParam()));
  ASSERT_TRUE(input) << input.error().front().str();
  std::size_t next = 0;
  for (std::size_t i = 0; i < scenario.packets.size(); ++i) {
    const auto& was = scenario.packets[i];
    if (!is_ipv4(was)) continue;
    while (next < input->scenario.packets.size() && !is_ipv4(input->scenario.packets[next])) ++next;
    ASSERT_LT(next, input->scenario.packets.size()) << "packet " << i << " was not played";
    const auto& is = input->scenario.packets[next];
    EXPECT_EQ(input->frames[next].number, i + 1);
    EXPECT_EQ(is.bytes, was.bytes) << i;
    EXPECT_EQ(is.outbound, was.outbound) << i;
    EXPECT_EQ(is.at - input->scenario.packets[0].at, was.at - scenario.packets[0].at) << i;
    if (!was.outbound) {
      EXPECT_EQ(input->scenario.interfaces[is.interface].name, scenario.interfaces[was.interface].name) << i;
      EXPECT_EQ(is.type, was.type) << i;
      EXPECT_EQ(is.link.present, was.link.present) << i;
      EXPECT_EQ(is.link.source, was.link.source) << i;
    }
    if (HasFailure()) return;
    ++next;
  }
  EXPECT_FALSE(input->scenario.track_always);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Kept, testing::Range<std::uint64_t>(1, 21));

TEST(Verify, ReadsACutFrameAsTheBytesThatAreThere) {
  generate::Scenario scenario;
  scenario.interfaces = {{"in", false}, {"out", false}};
  scenario.box.sysctl_conf = "net.ipv4.ip_forward = 1\n";
  generate::ScenarioPacket packet;
  packet.bytes = {0x45, 0, 0, 40, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 1};
  scenario.packets = {packet};
  const auto input = read_kept(scenario, "cut");
  ASSERT_TRUE(input) << input.error().front().str();
  ASSERT_EQ(input->scenario.packets.size(), 1U);
  EXPECT_EQ(input->scenario.packets[0].bytes, packet.bytes);
  EXPECT_TRUE(input->scenario.track_always);  // a box without rules tracks
}

TEST(Verify, SaysWhatDiffersFirstByFrame) {
  generate::Scenario scenario;
  scenario.interfaces = {{"in", false}, {"out", false}};
  scenario.box.sysctl_conf = "net.ipv4.ip_forward = 1\n";
  generate::ScenarioPacket packet;
  packet.bytes = {0x45, 0, 0, 20, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2};
  scenario.packets = {packet};
  auto input = read_kept(scenario, "differs");
  ASSERT_TRUE(input) << input.error().front().str();
  Verification verification{std::move(*input), {}, 1};
  EXPECT_NE(verification_text(verification, false).find("did the same"), std::string::npos);
  compare::Difference difference{
      compare::Difference::Kind::sent, 0, "in words", "packet 1", "out", "dropped"};
  difference.kernel.push_back(packet.bytes);
  verification.comparison.differences.push_back(difference);
  const std::string text = verification_text(verification, false);
  EXPECT_NE(text.find("traffic.pcapng:1: in in\n"), std::string::npos) << text;
  EXPECT_NE(text.find("sent on out: kernel 1, utables 0"), std::string::npos) << text;
  EXPECT_NE(text.find("0000  45 00 00 14"), std::string::npos) << text;
  const std::string json = verification_json(verification);
  EXPECT_NE(json.find(R"("equal":false)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("frame":"traffic.pcapng:1")"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("bytes":"4500001400)"), std::string::npos) << json;
}

/// An Ethernet frame to the router; VLAN 0: without a tag.
std::vector<std::uint8_t> frame_of(std::uint16_t vlan, const packet::Bytes& packet) {
  std::vector<std::uint8_t> frame{2, 0, 0, 0, 1, 0, 2, 0, 0, 0, 2, 5};
  if (vlan != 0) frame.insert(frame.end(), {0x81, 0, 0, static_cast<std::uint8_t>(vlan)});
  frame.insert(frame.end(), {8, 0});
  frame.insert(frame.end(), packet.begin(), packet.end());
  return frame;
}

TEST(Verify, PlaysSubInterfacesOfVlans) {
  const std::string folder = scratch("vlan");
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/net.ip") << "link set dev lan address 02:00:00:00:01:00 mtu 1400\n"
                                       "link add link lan name lan.10 type vlan id 10\n"
                                       "link add lan.20 link lan type vlan id 20\n"
                                       "addr add 10.0.0.254/24 dev lan\naddr add 10.0.10.254/24 dev lan.10\n"
                                       "addr add 10.0.20.254/24 dev lan.20\naddr add 192.0.2.254/24 dev wan\n"
                                       "route add default via 192.0.2.1 dev wan\n";
  std::ofstream(folder + "/rules.v4")
      << "*filter\n-A FORWARD -i lan.10 -o wan -m mac --mac-source 02:00:00:00:02:05 -j ACCEPT\n"
         "-A FORWARD -i lan.20 -o lan.10 -j REJECT\n-A FORWARD -i lan -m conntrack --ctstate NEW -j "
         "DROP\nCOMMIT\n";
  auto file = io::FileWriter::create(folder + "/tagged.pcapng");
  ASSERT_TRUE(file);
  io::PcapngWriter writer(*file);
  ASSERT_TRUE(writer.begin("utables") && writer.add_interface("lan", io::linktype::kEthernet));
  struct Sent {
    std::uint16_t vlan;
    std::string_view packet, in;
  };
  const std::vector<Sent> all{{10, "udp 10.0.10.5:4000 > 198.51.100.7:53 len 8 ip-id 7", "lan.10"},
                              {20, "udp 10.0.20.5:4000 > 10.0.10.5:53 len 8 ip-id 8", "lan.20"},
                              {0, "udp 10.0.0.5:4000 > 198.51.100.7:53 len 8 ip-id 9", "lan"},
                              {20, "udp 10.0.20.5:4000 > 198.51.100.7:53 len 1380 df ip-id 9", "lan.20"}};
  std::vector<std::vector<std::uint8_t>> frames;
  for (const Sent& one : all)
    frames.push_back(frame_of(one.vlan, packet::read_packet_line(one.packet)->bytes));
  for (const auto& bytes : frames) {
    io::FrameToWrite frame;
    frame.time = 1767225600 * kSecond;
    frame.direction = io::Direction::inbound;
    frame.bytes = bytes;
    ASSERT_TRUE(writer.write(frame));
  }
  ASSERT_TRUE(file->commit());
  const auto box = read_box(folder);
  ASSERT_TRUE(box) << box.error().front().str();
  VerifyOptions options;
  options.replay.captures = {folder + "/tagged.pcapng"};
  const auto input = read_for_verify(*box, options);
  ASSERT_TRUE(input) << input.error().front().str();
  ASSERT_EQ(input->scenario.packets.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(input->scenario.interfaces[input->scenario.packets[i].interface].name, all[i].in) << i;
  if (!kernel::why_no_kernel().empty()) {
    if (std::getenv("UTABLES_REQUIRE_KERNEL") != nullptr) FAIL() << kernel::why_no_kernel();
    GTEST_SKIP() << "no kernel to compare with: " << kernel::why_no_kernel();
  }
  const auto result = verify(*box, options);
  ASSERT_TRUE(result) << result.error().front().str();
  EXPECT_TRUE(result->equal()) << verification_text(*result, true);
  EXPECT_EQ(result->comparison.sent, 3U);  // one forwarded, one rejected, one told of the MTU or forwarded
}

}  // namespace
}  // namespace utables::lab
