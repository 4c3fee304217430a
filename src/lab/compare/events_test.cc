#include "lab/compare/events.h"

#include <gtest/gtest.h>

namespace utables::lab::compare {
namespace {

using Lines = std::vector<std::string>;

const std::string kAwaited = " 3 proto=17 src=10.0.0.255 dst=10.0.0.254 PERMANENT class=0 helper=netbios-ns";
const std::string kGone = "[DESTROY]" + kAwaited, kAnew = "    [NEW]" + kAwaited;
const std::string kOther = "    [NEW] udp      17 30 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 [UNREPLIED]";

TEST(EventComparison, ANetbiosQuestionMayNotBeRenewed) {
  EventComparison events;
  EXPECT_EQ(events.compare({kGone, kAnew}, {kGone, kAnew}), "");
  EXPECT_EQ(events.not_renewed(), 0U);
  EXPECT_EQ(events.compare({}, {kGone, kAnew}), "");
  EXPECT_EQ(events.compare({kOther}, {kGone, kAnew, kOther}), "");
  EXPECT_EQ(events.compare({kOther}, {kOther, kGone, kAnew}), "");
  EXPECT_EQ(events.not_renewed(), 3U);
  EXPECT_NE(events.compare({kGone}, {kGone, kAnew}), "") << "half of it";
  EXPECT_NE(events.compare({}, {kAnew}), "");
  EXPECT_NE(events.compare({kGone, kAnew}, {}), "");
  EXPECT_EQ(events.not_renewed(), 3U);
}

TEST(EventComparison, WhatExpiredIsToldWhenLinuxLikes) {
  EventComparison events;
  const std::string gone = "[DESTROY] udp      17 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2";
  EXPECT_EQ(events.expire({gone, kOther}), Lines{kOther});
  EXPECT_EQ(events.owed(), 1U);
  EXPECT_EQ(events.compare({gone, kGone, kAnew}, {kGone, kAnew}), "") << "before what has its place";
  EXPECT_EQ(events.owed(), 0U);
  EXPECT_NE(events.compare({gone}, {}), "") << "once";
}

}  // namespace
}  // namespace utables::lab::compare
