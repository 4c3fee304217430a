// What verify reads: a kept scenario as it was, a router's capture without what the box itself sent.
#include "lab/verify.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "lab/generate/generate.h"

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

}  // namespace
}  // namespace utables::lab
