#include "lab/generate/generate.h"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>

#include "io/capture.h"
#include "lab/kernel/run.h"
#include "lab/kernel/setup.h"

namespace utables::lab::generate {
namespace {

TEST(Generate, SameSeedSameScenario) {
  const Scenario a = generate({7, false}), b = generate({7, false}), c = generate({8, false});
  EXPECT_EQ(a.box.rules_v4, b.box.rules_v4);
  ASSERT_EQ(a.packets.size(), b.packets.size());
  for (std::size_t i = 0; i < a.packets.size(); ++i) ASSERT_EQ(a.packets[i].bytes, b.packets[i].bytes) << i;
  EXPECT_NE(a.box.rules_v4, c.box.rules_v4);
}

TEST(Generate, EachKindOccursTwentyTimesInTwoHundred) {
  std::array<unsigned, kKindCount> counts{};
  for (std::uint64_t seed = 1; seed <= 200; ++seed)
    for (const auto& packet :
         generate({.seed = seed, .helpers = seed % 4 == 0, .proxies = seed % 4 == 1}).packets)
      for (std::size_t kind = 0; kind < kKindCount; ++kind) counts[kind] += packet.kinds[kind] ? 1 : 0;
  for (std::size_t kind = 0; kind < kKindCount; ++kind)
    EXPECT_GE(counts[kind], 20U) << name(static_cast<Kind>(kind));
}

TEST(Generate, HasTheSizeThatWasAskedFor) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const auto packets = generate({seed, false}).packets.size();
    EXPECT_LE(packets, 600U);
    EXPECT_GE(packets, 300U);
  }
}

// No pause, nor any sum of pauses, is near a timeout of 1, 2 or 3 s.
TEST(Generate, PacedPacketsKeepAwayFromDeadlines) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const Scenario scenario = generate({seed, true});
    for (const auto& a : scenario.packets)
      for (const auto& b : scenario.packets)
        for (const Duration limit : {kSecond, 2 * kSecond, 3 * kSecond}) {
          const Duration off = b.at - a.at - limit;
          ASSERT_TRUE(off <= -90 * kMillisecond || off >= 90 * kMillisecond) << seed;
        }
  }
}

TEST(Generate, SavedTrafficReadsBack) {
  const Scenario scenario = generate({3, false});
  const std::string directory = ::testing::TempDir() + "/utables-generate-test";
  ASSERT_TRUE(save(scenario, directory).has_value());
  auto reader = io::CaptureReader::open(directory + "/traffic.pcapng");
  ASSERT_TRUE(reader.has_value()) << reader.error().text;
  std::size_t frames = 0;
  for (;;) {
    const auto frame = reader->next();
    ASSERT_TRUE(frame.has_value());
    if (!*frame) break;
    EXPECT_EQ((*frame)->direction == io::Direction::outbound, scenario.packets[frames].outbound);
    ++frames;
  }
  EXPECT_EQ(frames, scenario.packets.size());
  std::filesystem::remove_all(directory);
}

TEST(Generate, KernelTakesEveryBox) {
  if (!kernel::why_no_kernel().empty()) {
    if (std::getenv("UTABLES_REQUIRE_KERNEL") != nullptr) FAIL() << kernel::why_no_kernel();
    GTEST_SKIP() << "no kernel to ask: " << kernel::why_no_kernel();
  }
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Scenario scenario = generate({seed, seed % 10 == 0});
    const auto setup = kernel::setup_from(scenario.box);
    ASSERT_TRUE(setup.has_value()) << setup.error().text;
    const auto report = kernel::run_in_kernel(*setup, {});
    EXPECT_TRUE(report.has_value()) << "seed " << seed << ": " << report.error().text << "\n"
                                    << scenario.box.rules_v4;
  }
}

}  // namespace
}  // namespace utables::lab::generate
