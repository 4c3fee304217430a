// examples/office: monday.pcapng was recorded on a Linux router that ran this very box. Replayed, every
// frame that the router sent must have been predicted to the byte, and every counter of every rule must
// stand where the router's kernel had it at the end (monday.after.v4).
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/scan.h"
#include "lab/box_directory.h"
#include "lab/replay.h"
#include "rules/syntax/save.h"

namespace utables::lab {
namespace {

/// The lines of an iptables-save text but its comments, sorted by table: the order of tables is that of
/// loading.
std::map<std::string, std::string> tables(std::istream& in) {
  std::map<std::string, std::string> out;
  std::string line, table;
  while (std::getline(in, line)) {
    if (line.starts_with('*')) table = line;
    if (!line.starts_with('#')) out[table] += line + "\n";
  }
  return out;
}

/// Tells what the box sent that nothing predicted.
struct Unpredicted : ReplayListener {
  void unpredicted(const InputPacket& packet) override {
    frames += std::to_string(packet.frame.number) + " ";
  }
  std::string frames;
};

class Office : public testing::TestWithParam<unsigned> {};

TEST_P(Office, EveryFrameThatTheRouterSentIsPredictedAndEveryCounterIsTheKernels) {
  const std::string folder = UTABLES_OFFICE;
  auto box = read_box(folder);
  ASSERT_TRUE(box) << box.error().front().str();
  ReplayOptions options;
  options.batch = GetParam();
  options.captures = {folder + "/monday.pcapng"};
  auto replay = Replay::create(*box, options);
  ASSERT_TRUE(replay) << replay.error().front().str();
  Unpredicted listener;
  replay->add(listener);
  const auto done = replay->run();
  ASSERT_TRUE(done) << done.error().str();

  const ReadCounts& counts = replay->counts();
  EXPECT_GT(counts.frames, 2000U);
  EXPECT_EQ(counts.observations.unpredicted, 0U) << "frames " << listener.frames;
  EXPECT_GT(counts.observations.predicted, 800U);
  EXPECT_EQ(counts.observations.predicted + counts.observations.played, counts.observations.outbound);

  std::ifstream recorded(folder + "/monday.after.v4");
  std::istringstream ours(rules::save(current_rules(replay->parts()), {true, 0}));
  EXPECT_EQ(tables(ours), tables(recorded));
}

INSTANTIATE_TEST_SUITE_P(Batches, Office, testing::Values(1U, 7U, 256U));

}  // namespace
}  // namespace utables::lab
