// What an observer is told of routes and of changes.
#include "engine/observer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/testing/scene.h"

namespace utables::engine {
namespace {

using testing::Scene;

/// Keeps what it is told, in short.
class Listener final : public Observer {
 public:
  void routed(const RouteStep& step) override {
    const bool source = step.question == RouteStep::Question::source;
    std::string text = (source ? "source " : "to ") + to_string(step.asked, step.family);
    if (step.found != nullptr)
      text += " by " + (step.found->route != nullptr ? to_string(step.found->route->destination) : "none");
    if (!step.why.empty()) text += " (" + std::string(step.why) + ")";
    if (step.refused != DropReason::none) text += ": " + std::string(name(step.refused));
    told.push_back(text);
  }
  void changed(std::span<const Change> changes) override {
    for (const Change& change : changes)
      told.push_back(std::string(change.field) + " " + change.before + " -> " + change.after);
  }
  std::vector<std::string> told;
};

std::vector<std::string> told_of(const testing::SceneText& text, std::string_view in,
                                 const packet::Bytes& packet) {
  Scene scene(text);
  Listener listener;
  scene.engine.parts().observer = &listener;
  if (in.empty())
    scene.out(packet);
  else
    scene.in(in, packet);
  return listener.told;
}

using Lines = std::vector<std::string>;

TEST(Observer, IsToldOfTheRouteAndOfTheTtl) {
  EXPECT_EQ(told_of({}, "lan", testing::udp("10.0.0.5", "198.51.100.7")),
            (Lines{"to 198.51.100.7 by 0.0.0.0/0", "ttl 64 -> 63"}));
}

TEST(Observer, IsToldWhySendersAreNotBelieved) {
  const testing::SceneText filtered{.sysctl = "net.ipv4.conf.all.rp_filter = 1\n"};
  EXPECT_EQ(told_of(filtered, "wan", testing::udp("10.0.0.5", "172.16.0.9")),
            (Lines{"to 172.16.0.9 by 172.16.0.0/24",
                   "source 10.0.0.5 by 10.0.0.0/24 (rp_filter is 1): reverse-path"}));
  EXPECT_EQ(
      told_of({}, "wan", testing::udp("10.0.0.254", "172.16.0.9")),
      (Lines{"to 172.16.0.9 by 172.16.0.0/24",
             "source 10.0.0.254 (an address of this box itself, and accept_local is 0): martian-source"}));
  EXPECT_EQ(
      told_of({}, "wan", testing::udp("127.0.0.1", "172.16.0.9")),
      (Lines{"source 127.0.0.1 (127.0.0.0/8 is on lo alone, and route_localnet is 0): martian-source"}));
  EXPECT_EQ(told_of({}, "lan", testing::udp("10.0.0.5", "239.1.1.1")),
            (Lines{"to 239.1.1.1 (a group that this box has not joined): multicast-not-member"}));
}

TEST(Observer, IsToldOfWhatTargetsChange) {
  const testing::SceneText rules{
      .rules =
          "*mangle\n-A FORWARD -j TTL --ttl-set 9\n-A FORWARD -j MARK --set-mark 5\n"
          "-A FORWARD -j DSCP --set-dscp 46\n-A FORWARD -j TTL --ttl-set 9\nCOMMIT\n"};
  EXPECT_EQ(told_of(rules, "lan", testing::udp("10.0.0.5", "198.51.100.7")),
            (Lines{"to 198.51.100.7 by 0.0.0.0/0", "ttl 64 -> 63", "ttl 63 -> 9", "mark 0x0 -> 0x5",
                   "tos 0x00 -> 0xb8"}));
}

TEST(Observer, IsToldOfTranslation) {
  const testing::SceneText rules{.rules =
                                     "*nat\n-A POSTROUTING -o wan -j SNAT --to-source 192.0.2.254\nCOMMIT\n"};
  EXPECT_EQ(told_of(rules, "lan", testing::udp("10.0.0.5", "198.51.100.7")),
            (Lines{"to 198.51.100.7 by 0.0.0.0/0", "ttl 64 -> 63", "source 10.0.0.5 -> 192.0.2.254"}));
}

}  // namespace
}  // namespace utables::engine
