// Real rulesets over real captures, all of them, from $UTABLES_DATA: each ruleset that uses only what is here
// plays each capture to its end, and each packet that is played has one outcome.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "lab/box_directory.h"
#include "lab/replay.h"

namespace utables::lab {
namespace {

namespace fs = std::filesystem;

fs::path data() {
  if (const char* given = std::getenv("UTABLES_DATA")) return given;
  return fs::path(UTABLES_SOURCE_DIR) / "../shared";
}

std::vector<std::string> files_in(const fs::path& folder, const std::vector<std::string>& extensions) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (std::find(extensions.begin(), extensions.end(), entry.path().extension()) != extensions.end())
      files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

struct Outcomes final : ReplayListener {
  std::uint64_t count = 0;
  void outcome(const Outcome&, const InputPacket&) override { ++count; }
};

/// Plays one capture; returns how many packets.
std::uint64_t play(const Box& box, const std::string& capture) {
  ReplayOptions options;
  options.captures = {capture};
  auto replay = Replay::create(box, options);
  if (!replay) {
    ADD_FAILURE() << box.shown << " with " << capture << ": " << replay.error().front().str();
    return 0;
  }
  Outcomes outcomes;
  replay->add(outcomes);
  const auto run = replay->run();
  EXPECT_TRUE(run) << box.shown << " with " << capture << ": " << run.error().str();
  EXPECT_EQ(outcomes.count, replay->counts().inputs) << box.shown << " with " << capture;
  return outcomes.count;
}

TEST(Rulesets, R20PlayEveryCapture) {
  const auto captures = files_in(data() / "pcaps", {".pcap", ".pcapng"});
  const auto rulesets = files_in(data() / "rulesets", {".rules"});
  if (captures.empty() || rulesets.empty())
    GTEST_SKIP() << "no captures or rulesets in " << data() << " (UTABLES_DATA)";
  unsigned played = 0, refused = 0;
  std::uint64_t packets = 0;
  for (const auto& file : rulesets) {
    const auto box = read_box(file);
    if (!box || !Engine::create(box->text)) {
      ++refused;
      continue;
    }
    ++played;
    for (const auto& capture : captures) packets += play(*box, capture);
  }
  std::cout << played << " rulesets over " << captures.size() << " captures (" << packets << " packets), "
            << refused << " rulesets refused\n";
  EXPECT_GE(played, 40U);
  EXPECT_GT(packets, 100'000U);
}

}  // namespace
}  // namespace utables::lab
