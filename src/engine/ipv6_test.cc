// IPv6 through the router: arrival, routes, forwarding, errors and their sources, reassembly, rules.
#include <gmock/gmock.h>

#include "base/bytes.h"
#include "engine/testing/scene.h"
#include "packet/extensions.h"

namespace utables::engine::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kNet = R"(addr add 2001:db8:1::fe/64 dev lan
addr add 2001:db8:2::fe/64 dev wan
link set dev thin mtu 1280
addr add 2001:db8:3::fe/64 dev thin
route add default via 2001:db8:2::1 dev wan
route add unreachable 2001:db8:a::/48
route add prohibit 2001:db8:b::/48
route add blackhole 2001:db8:c::/48
)";
constexpr std::string_view kHead =
    "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n";

packet::Bytes line(const std::string& text) {
  auto read = packet::read_packet_line(text);
  EXPECT_TRUE(read) << text << ": " << (read ? "" : read.error().text);
  return read ? read->bytes : packet::Bytes(40);
}
packet::Bytes to(const std::string& destination, const std::string& more = "") {
  return line("udp [2001:db8:1::5]:4000 > [" + destination + "]:53 len 8" + more);
}

struct Box6 : Scene {
  explicit Box6(const std::string& rules = {}, std::string_view sysctl = {})
      : Scene({.rules = {}, .net = kNet, .sysctl = sysctl, .rules_v6 = rules}) {}
};

TEST(Ipv6Router, R31ForwardsWithOneHopLess) {
  Box6 box;
  const Told told = box.in("lan", to("2001:db8:9::1", " ttl 9"));
  EXPECT_EQ(told.fate(), Fate::forwarded);
  EXPECT_EQ(told.info(), CtInfo::new_);
  EXPECT_THAT(told.texts(), ElementsAre("wan: udp [2001:db8:1::5]:4000 > [2001:db8:9::1]:53 len 8"));
  EXPECT_EQ(told.sent[0].facts().ttl, 8);
}

TEST(Ipv6Router, R31TheHopLimitEndsHere) {
  Box6 box;
  const Told told = box.in("lan", to("2001:db8:9::1", " ttl 1"));
  EXPECT_EQ(told.reason(), DropReason::ttl_exceeded);
  EXPECT_THAT(told.texts(), ElementsAre("lan: icmpv6 2001:db8:1::fe > 2001:db8:1::5 hop limit exceeded (udp "
                                        "[2001:db8:1::5]:4000 > [2001:db8:9::1]:53 len 8)"));
}

TEST(Ipv6Router, R31WhatDoesNotFitIsToldOfAndNeverCut) {
  Box6 box;
  const packet::Bytes large = line("udp [2001:db8:1::5]:4000 > [2001:db8:3::9]:53 len 1300");
  const Told told = box.in("lan", large);
  EXPECT_EQ(told.reason(), DropReason::fragmentation_needed);
  ASSERT_EQ(told.sent.size(), 1U);
  EXPECT_EQ(told.sent[0].bytes.size(), 1280U);
  EXPECT_TRUE(
      told.texts()[0].starts_with("lan: icmpv6 2001:db8:1::fe > 2001:db8:1::5 packet too big mtu 1280 (udp "))
      << told.texts()[0];
}

TEST(Ipv6Router, RoutesThatRefuse) {
  Box6 box;
  const auto answer = [&](const std::string& destination) {
    const auto texts = box.in("lan", to(destination)).texts();
    return texts.empty() ? std::string() : texts[0].substr(0, texts[0].find(" ("));
  };
  EXPECT_EQ(answer("2001:db8:a::1"), "lan: icmpv6 2001:db8:1::fe > 2001:db8:1::5 no route");
  EXPECT_EQ(answer("2001:db8:b::1"),
            "lan: icmpv6 2001:db8:1::fe > 2001:db8:1::5 administratively prohibited");
  EXPECT_EQ(answer("2001:db8:c::1"), "");
}

TEST(Ipv6Router, AddressesThatComeFromNoOtherNode) {
  Box6 box;
  const auto reason = [&](const char* source, const char* destination) {
    return box.in("lan", line(std::string("udp [") + source + "]:1 > [" + destination + "]:2")).reason();
  };
  EXPECT_EQ(reason("::1", "2001:db8:9::1"), DropReason::martian_source);
  EXPECT_EQ(reason("2001:db8:1::5", "::1"), DropReason::martian_destination);
  EXPECT_EQ(reason("ff02::1", "2001:db8:9::1"), DropReason::martian_source);
  EXPECT_EQ(reason("::", "2001:db8:9::1"), DropReason::martian_source);
  EXPECT_EQ(reason("fe80::1", "2001:db8:9::1"), DropReason::martian_source);
  EXPECT_EQ(reason("2001:db8:1::5", "ff02::99"), DropReason::multicast_not_member);
  EXPECT_EQ(reason("2001:db8:1::5", "ff02::1"), DropReason::none);
  EXPECT_EQ(reason("2001:db8:1::5", "ff02::1:ff00:fe"), DropReason::none) << "the group of its own address";
  EXPECT_EQ(reason("2001:db8:1::5", "2001:db8:1::"), DropReason::none) << "every router's address";
}

TEST(Ipv6Router, HopByHopOptionsAreReadFirst) {
  Box6 box;
  EXPECT_EQ(box.in("lan", to("2001:db8:9::1", " ext <hbh 050200000100>")).fate(), Fate::forwarded);
  EXPECT_EQ(box.in("lan", to("2001:db8:9::1", " ext <hbh 010201000000>")).reason(), DropReason::bad_options);
  const Told told = box.in("lan", to("2001:db8:9::1", " ext <hbh 9e0400000000>"));
  EXPECT_EQ(told.reason(), DropReason::bad_options);
  ASSERT_EQ(told.sent.size(), 1U);
  EXPECT_TRUE(told.texts()[0].starts_with(
      "lan: icmpv6 2001:db8:1::fe > 2001:db8:1::5 unknown option pointer 42 (udp "))
      << told.texts()[0];
}

TEST(Ipv6Router, OptionsThatLinuxKnowsAreHeldToTheirForm) {
  Box6 box;
  const auto fate = [&](const std::string& options) {
    return box.in("lan", to("2001:db8:9::1", " ext <hbh " + options + ">")).fate();
  };
  EXPECT_EQ(fate("010031020000"), Fate::forwarded) << "IOAM at a multiple of four bytes";
  EXPECT_EQ(fate("310200000100"), Fate::refused);
  EXPECT_EQ(fate("07080000000000000000010200000000"), Fate::refused)
      << "CALIPSO of a domain that nobody knows";
}

TEST(Ipv6Router, OfWhatCameToManyOnlyOptionsThatAskForItAreToldOf) {
  Box6 box;
  const auto answers = [&](const std::string& options) {
    packet::Bytes bytes = to("2001:db8:9::1", " ext <hbh " + options + ">");
    Packet p = box.packet_of(bytes);
    p.interface = box.engine.parts().host.find("lan").value_or(kNoInterface);
    p.type = PacketType::broadcast;
    return box.play(p).sent.size();
  };
  EXPECT_EQ(answers("890400000000"), 1U);
  EXPECT_EQ(answers("c90400000000"), 0U);
}

TEST(Ipv6Router, NobodyIsToldByARoutersSharedAddress) {
  Box6 box;
  const auto answers = [&](const std::string& source) {
    return box.in("lan", line("udp [" + source + "]:4000 > [2001:db8:a::1]:53")).sent.size();
  };
  EXPECT_EQ(answers("2001:db8:1::5"), 1U);
  EXPECT_EQ(answers("2001:db8:1::"), 0U);
}

TEST(Ipv6Router, ErrorsComeFromWhereAPacketsBeginningCameIn) {
  Box6 box;
  const std::string ends = "gre 2001:db8:7::5 > 2001:db8:a::1 frag 5 ";
  EXPECT_EQ(box.in("wan", line(ends + "offset 0 len 8 more")).fate(), Fate::held);
  const Told told = box.in("lan", line(ends + "offset 8 len 8"));
  ASSERT_EQ(told.sent.size(), 1U);
  EXPECT_TRUE(told.texts()[0].starts_with("wan: icmpv6 2001:db8:2::fe > 2001:db8:7::5 no route"))
      << told.texts()[0];
}

TEST(Ipv6Router, SoDoThoseAboutARestThatNeverCame) {
  Box6 box;
  const std::string ends = "gre 2001:db8:7::5 > 2001:db8:9::1 frag 5 ";
  EXPECT_EQ(box.in("wan", line(ends + "offset 16 len 8 more")).fate(), Fate::held);
  EXPECT_EQ(box.in("lan", line(ends + "offset 0 len 8 more")).fate(), Fate::held);
  EXPECT_EQ(box.in("wan", line(ends + "offset 32 len 8 more")).fate(), Fate::held);
  box.pass(63 * kSecond);
  const Told told = box.recorder.take_waiting();
  ASSERT_EQ(told.sent.size(), 1U);
  EXPECT_TRUE(
      told.texts()[0].starts_with("wan: icmpv6 2001:db8:1::fe > 2001:db8:7::5 reassembly time exceeded"))
      << told.texts()[0];
}

TEST(Ipv6Router, R31FragmentsAreJoinedAndCutAgain) {
  Box6 box;
  const std::string ends = "gre 2001:db8:1::5 > 2001:db8:9::1 frag 5 ";
  EXPECT_EQ(box.in("lan", line(ends + "offset 0 len 1208 more")).fate(), Fate::held);
  const Told told = box.in("lan", line(ends + "offset 1208 len 100"));
  EXPECT_EQ(told.fate(), Fate::forwarded);
  ASSERT_EQ(told.sent.size(), 2U);
  EXPECT_EQ(told.sent[0].facts().transport_length(), 1208U);
  EXPECT_TRUE(told.sent[0].facts().more_fragments);
  EXPECT_EQ(told.sent[1].facts().transport_length(), 100U);
  EXPECT_EQ(told.sent[0].facts().identification, told.sent[1].facts().identification);
}

// What names a fragment header and ends before its eighth byte is no packet to reassembly.
TEST(Ipv6Router, R31AFragmentHeaderIsAllThereOrRefused) {
  for (std::size_t there = 0; there <= 7; ++there) {
    Box6 box;
    packet::Bytes bytes = to("2001:db8:9::1");
    bytes.resize(packet::kIpv6Header + there);
    store16(&bytes[4], static_cast<std::uint16_t>(there));
    bytes[6] = packet::kFragment;
    const Told told = box.in("lan", bytes);
    if (there == 0)  // to Linux a jumbogram, which cannot be cut
      EXPECT_EQ(told.fate(), Fate::forwarded);
    else
      EXPECT_EQ(told.reason(), DropReason::fragment_malformed) << there;
  }
}

TEST(Ipv6Router, R31RulesOfItsOwn) {
  Box6 box(std::string(kHead) +
           "-A FORWARD -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j DROP\n"
           "-A FORWARD -s 2001:db8:1::5/128 -p udp -m udp --dport 53 -j REJECT --reject-with "
           "icmp6-adm-prohibited\n-A FORWARD -p tcp -j REJECT --reject-with tcp-reset\nCOMMIT\n");
  EXPECT_EQ(box.in("lan", line("icmpv6 2001:db8:1::5 > 2001:db8:9::1 echo request")).by, "filter FORWARD 1");
  EXPECT_THAT(box.in("lan", to("2001:db8:9::1")).texts(),
              ElementsAre("lan: icmpv6 2001:db8:1::fe > 2001:db8:1::5 administratively prohibited (udp "
                          "[2001:db8:1::5]:4000 > [2001:db8:9::1]:53 len 8)"));
  EXPECT_THAT(box.in("lan", line("tcp [2001:db8:1::5]:7 > [2001:db8:9::1]:80 S seq 9")).texts(),
              ElementsAre("lan: tcp [2001:db8:9::1]:80 > [2001:db8:1::5]:7 R. ack 10 win 0"));
  EXPECT_EQ(box.in("lan", to("2001:db8:9::2")).info(), CtInfo::none) << "no rule needs tracking";
}

TEST(Ipv6Router, TrackingIsOnForTheFamilyWhoseRulesNeedIt) {
  Scene both({.rules = "*filter\n-A FORWARD -m state --state NEW\nCOMMIT\n",
              .net = kNet,
              .rules_v6 = "*filter\nCOMMIT\n"});
  EXPECT_EQ(both.in("lan", to("2001:db8:9::1")).info(), CtInfo::none);
}

TEST(Ipv6Router, WithoutForwardingNothingIsSaid) {
  Box6 box({}, "net.ipv6.conf.all.forwarding = 0\n");
  const Told told = box.in("lan", to("2001:db8:9::1"));
  EXPECT_EQ(told.reason(), DropReason::not_forwarding);
  EXPECT_THAT(told.sent, IsEmpty());
  EXPECT_EQ(box.in("lan", to("2001:db8:1::fe")).fate(), Fate::delivered);
}

}  // namespace
}  // namespace utables::engine::testing
