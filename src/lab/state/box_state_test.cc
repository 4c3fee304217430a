#include "lab/state/box_state.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "conntrack/listing.h"
#include "packet/headers.h"

namespace utables::lab {
namespace {

namespace fs = std::filesystem;
using Access = BoxState::Access;

/// A directory that goes with its owner.
struct Directory {
  Directory() {
    std::string pattern = (fs::temp_directory_path() / "utables-box-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~Directory() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path + "/" + name) << text;
  }
  std::string path{};
};

conntrack::Parameters udp(std::uint16_t port) {
  conntrack::Parameters p;
  p.family = Family::ipv4;
  p.protocol = packet::kUdp;
  p.tuple[0] = {Address::from_v4(0x0a000001), Address::from_v4(0x0a000002), port, 53};
  p.timeout = 30;
  return p;
}

TEST(BoxState, AChangeIsKept) {
  const Directory box;
  box.write("sysctl.conf", "net.netfilter.nf_conntrack_acct=1\n");
  {
    auto state = BoxState::open(box.path, Access::change);
    ASSERT_TRUE(state);
    EXPECT_EQ(state->state().time, 0) << "a box without a state has no moment yet";
    EXPECT_EQ(state->entries().create(udp(1)), conntrack::Refusal::none);
    ASSERT_TRUE(state->commit());
  }
  auto state = BoxState::open(box.path, Access::look);
  ASSERT_TRUE(state);
  ASSERT_EQ(state->entries().size(), 1U);
  EXPECT_TRUE(state->entries().all()[0]->is(conntrack::kAccounted));
  EXPECT_EQ(state->entries().next_serial(), 2U);
}

TEST(BoxState, WhatElseTheStateHoldsStays) {
  const Directory box;
  const std::string others =
      R"({"v":1,"kind":"state","profile":"modern","time":5,"next_serial":9,"tables":["raw","filter"],"tracker_random":[0,0,0,0],"random":[1,2,3,4]})"
      "\n"
      R"({"kind":"rule","table":"filter","chain":"INPUT","rule":3,"extension":0,"name":"limit","state":"credit=1"})"
      "\n"
      R"({"kind":"senders","keys":[1,2]})"
      "\n";
  box.write("state.jsonl", others);
  auto state = BoxState::open(box.path, Access::change);
  ASSERT_TRUE(state);
  ASSERT_TRUE(state->commit());
  EXPECT_EQ(*read_text(box.path + "/state.jsonl"), others);
}

TEST(BoxState, WithoutACommitNothingChanges) {
  const Directory box;
  box.write("sysctl.conf", "");
  {
    auto state = BoxState::open(box.path, Access::change);
    ASSERT_TRUE(state);
    EXPECT_EQ(state->entries().create(udp(1)), conntrack::Refusal::none);
  }
  EXPECT_FALSE(fs::exists(box.path + "/state.jsonl"));
}

TEST(BoxState, CommandsAtOnceLoseNothing) {
  const Directory box;
  box.write("sysctl.conf", "");
  constexpr std::uint16_t kThreads = 4, kEach = 10;
  std::vector<std::thread> threads;
  for (std::uint16_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      for (std::uint16_t i = 0; i < kEach; ++i) {
        auto state = BoxState::open(box.path, Access::change);
        ASSERT_TRUE(state);
        EXPECT_EQ(state->entries().create(udp(static_cast<std::uint16_t>(1 + t * kEach + i))),
                  conntrack::Refusal::none);
        ASSERT_TRUE(state->commit());
      }
    });
  for (std::thread& thread : threads) thread.join();
  auto state = BoxState::open(box.path, Access::look);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->entries().size(), kThreads * kEach);
}

TEST(BoxState, WhatCannotBeOpened) {
  const Directory box;
  EXPECT_FALSE(BoxState::open(box.path, Access::look)) << "nothing of a box in it";
  EXPECT_FALSE(BoxState::open(box.path + "/nowhere", Access::change));
  box.write("rules", "*filter\nCOMMIT\n");
  EXPECT_TRUE(BoxState::open(box.path + "/rules", Access::look)) << "rules alone: no connections";
  EXPECT_FALSE(BoxState::open(box.path + "/rules", Access::change));
  box.write("state.jsonl", "nonsense\n");
  const auto damaged = BoxState::open(box.path, Access::change);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error()[0].line, 1U);
}

}  // namespace
}  // namespace utables::lab
