// CT on a packet's way: which rule has its say, zones by number and by mark, policies of timeouts that rules
// name. What zones do is conntrack/zone_test.cc's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conntrack/listing.h"
#include "engine/testing/scene.h"

namespace utables::engine {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

std::string raw(std::string_view rules) {
  return "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n" + std::string(rules) + "COMMIT\n";
}

std::string table(Scene& scene) { return conntrack::proc_listing(*scene.engine.parts().tracker, scene.now); }

packet::Bytes answer() { return udp("198.51.100.7", "10.0.0.5", 8, 64, 53, 4000); }

TEST(TrackAs, AZoneForAllThatComesInByAnInterface) {
  const std::string rules = raw("-A PREROUTING -i lan -j CT --zone 5\n-A PREROUTING -i lan -j CT --zone 6\n");
  Scene scene({rules});
  EXPECT_EQ(scene.in("lan", udp("10.0.0.5", "198.51.100.7")).info(), CtInfo::new_);
  EXPECT_THAT(table(scene), HasSubstr(" zone=5 "));
  EXPECT_EQ(scene.in("wan", answer()).info(), CtInfo::new_) << "another zone";
  EXPECT_EQ(scene.in("lan", udp("10.0.0.5", "198.51.100.7")).info(), CtInfo::new_);
}

TEST(TrackAs, AZoneOfOneDirectionNeedsNoRuleForAnswers) {
  const std::string rules = raw("-A PREROUTING -i lan -j CT --zone-orig 5\n");
  Scene scene({rules});
  EXPECT_EQ(scene.in("lan", udp("10.0.0.5", "198.51.100.7")).info(), CtInfo::new_);
  EXPECT_EQ(scene.in("wan", answer()).info(), CtInfo::established_reply);
  EXPECT_THAT(table(scene), HasSubstr("dport=53 zone-orig=5 src="));
}

TEST(TrackAs, TheMarkIsTheZoneCutToItsHalf) {
  const std::string rules =
      raw("-A PREROUTING -j MARK --set-mark 0x10007\n-A PREROUTING -j CT --zone mark\n");
  Scene scene({rules});
  scene.in("lan", udp("10.0.0.5", "198.51.100.7"));
  EXPECT_THAT(table(scene), HasSubstr(" zone=7 "));
}

// REJECT's answer to an exempted packet of the box itself: no rule exempts it or gives it a zone, there or
// where the box hears it.
TEST(TrackAs, TheAnswerToAnExemptedPacketIsInNoZone) {
  Scene scene({"*filter\n-A OUTPUT -p udp -j REJECT\nCOMMIT\n" +
               raw("-A OUTPUT -j NOTRACK\n-A PREROUTING -j CT --zone 4\n")});
  scene.in("wan", udp("198.51.100.7", "192.0.2.254", 8, 64, 53, 4000));
  scene.out(udp("192.0.2.254", "198.51.100.7", 8, 64, 4000, 53));
  EXPECT_EQ(scene.engine.parts().tracker->statistics().error, 2U) << "about no connection of zone 0";
}

TEST(TrackAs, ReportsOfABoxInBatchesSeeTheSameZones) {
  const std::string rules = raw("-A PREROUTING -i lan -j CT --zone-orig 5\n");
  Scene scene({rules});
  std::array<packet::Bytes, 2> bytes{udp("10.0.0.5", "198.51.100.7"), answer()};
  std::array<Packet, 2> batch{};
  for (std::size_t i = 0; i < 2; ++i) {
    const auto size = static_cast<std::uint32_t>(bytes[i].size());
    bytes[i].resize(size + 64);
    batch[i].bytes = bytes[i].data();
    batch[i].size = batch[i].wire_size = size;
    batch[i].room = size + 64;
    batch[i].interface = scene.engine.parts().host.find(i == 0 ? "lan" : "wan").value_or(kNoInterface);
  }
  scene.worker.process(batch, scene.now, scene.recorder);
  ASSERT_EQ(scene.recorder.told.size(), 2U);
  EXPECT_EQ(scene.recorder.told[1].info(), CtInfo::established_reply);
}

TEST(TrackAs, OnlyNamedEventsAreTold) {
  const std::string rules = raw("-A PREROUTING -p udp -j CT --ctevents destroy\n");
  Scene scene({rules});
  scene.in("lan", udp("10.0.0.5", "198.51.100.7"));
  EXPECT_TRUE(scene.recorder.events.empty());
  scene.pass(31 * kSecond);
  ASSERT_EQ(scene.recorder.events.size(), 1U);
  EXPECT_THAT(scene.recorder.events.front(), HasSubstr("[DESTROY]"));
}

TEST(TrackAs, APolicyOfTimeouts) {
  const std::string rules = raw("-A PREROUTING -p udp -j CT --timeout slower\n");
  Scene scene({.rules = rules, .nfct = "add timeout slower inet udp unreplied 500\n"});
  scene.in("lan", udp("10.0.0.5", "198.51.100.7"));
  EXPECT_THAT(table(scene), HasSubstr("udp      17 499 "));
  EXPECT_THAT(scene.saved(), HasSubstr("-p udp -j CT --timeout slower\n"));
}

std::string error_of(std::string_view rule, std::string_view nfct) {
  BoxText box;
  box.has_rules_v4 = true;
  box.rules_v4 = raw(rule);
  box.nfct_conf = nfct;
  const auto engine = Engine::create(box);
  return engine ? std::string() : engine.error().front().str();
}

TEST(TrackAs, APolicyThatIsNotThereOrDoesNotFit) {
  constexpr std::string_view kSlow = "add timeout slow inet udp unreplied 500\n";
  EXPECT_EQ(error_of("-A PREROUTING -p udp -j CT --timeout slow\n", kSlow), "");
  EXPECT_EQ(error_of("-A PREROUTING -p udp -j CT --timeout quick\n", kSlow),
            "rules.v4:4: No chain/target/match by that name.");
  EXPECT_EQ(error_of("-A PREROUTING -p tcp -j CT --timeout slow\n", kSlow),
            "rules.v4:4: Invalid argument: the policy of timeouts is of another protocol");
  EXPECT_THAT(error_of("-A PREROUTING -j CT --timeout slow\n", kSlow),
              HasSubstr("rules.v4:4: Invalid argument"));
  EXPECT_EQ(error_of("-A PREROUTING -p udp -j CT --notrack --timeout quick\n", kSlow), "");
  EXPECT_EQ(error_of("", "add timeout slow inet udp unreplied\n"),
            "nfct.conf:1: missing value for this timeout");
}

}  // namespace
}  // namespace utables::engine
