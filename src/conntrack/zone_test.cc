// Zones, what is told of a connection, and policies of timeouts: what CT says of a packet. That Linux does
// the same is compared with the kernel by generated scenarios.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conntrack/script_test.h"
#include "conntrack/timeout_policies.h"

namespace utables::conntrack::test {
namespace {

constexpr Time S = kSecond;
constexpr std::uint8_t kOriginal = 1, kReply = 2;

/// A wire whose packets CT says something of.
struct Zoned : Wire {
  using Wire::Wire;
  Tracked send_as(Bytes bytes, const Template& as, Time now = 0) {
    packet::Buffer buffer;
    buffer.bytes = bytes.data();
    buffer.size = buffer.room = static_cast<std::uint32_t>(bytes.size());
    EXPECT_EQ(packet::parse(bytes, buffer.size, buffer.facts), DropReason::none);
    Tracked tracked = tracker.track(buffer, now, true, nullptr, as);
    if (tracked.drop == DropReason::none) tracked.drop = tracker.confirm(tracked, buffer, now);
    return tracked;
  }
  Tracked send_in(const Bytes& bytes, const Zone& zone, Time now = 0) {
    return send_as(bytes, {.zone = zone}, now);
  }
};

TEST(Zone, EachZoneHasItsOwnConnections) {
  Zoned w;
  const Bytes query = udp({}, 5, 53), answer = udp(Ends{}.back(), 53, 5);
  EXPECT_EQ(w.send_in(query, {}).info, CtInfo::new_);
  EXPECT_EQ(w.send_in(query, {5}).info, CtInfo::new_);
  EXPECT_EQ(w.tracker.size(), 2U);
  EXPECT_EQ(w.send_in(answer, {6}).info, CtInfo::new_) << "an answer in a zone that asked nothing";
  EXPECT_EQ(w.send_in(answer, {5}).info, CtInfo::established_reply);
  EXPECT_EQ(w.send_in(query, {}).info, CtInfo::new_) << "zone 0 saw no answer";
  EXPECT_THAT(w.list(0), testing::HasSubstr("dport=5 mark=0 zone=5 use=2"));
}

TEST(Zone, OfOneDirectionTheOtherIsInZone0) {
  Zoned w;
  const Bytes query = udp({}, 5, 53), answer = udp(Ends{}.back(), 53, 5);
  EXPECT_EQ(w.send_in(query, {5, kOriginal}).info, CtInfo::new_);
  EXPECT_EQ(w.send_in(answer, {}).info, CtInfo::established_reply);
  EXPECT_EQ(w.send_in(query, {5, kOriginal}).info, CtInfo::established);
  EXPECT_EQ(w.send_in(query, {5}).info, CtInfo::established) << "the original direction is that of zone 5";
  EXPECT_THAT(w.list(0), testing::HasSubstr("sport=5 dport=53 zone-orig=5 src=10.0.1.1 dst=10.0.0.1 sport=53 "
                                            "dport=5 mark=0 use=2"));
  // The same in zone 0 would have the same answers: whoever is confirmed later loses.
  EXPECT_EQ(w.send_in(query, {}).drop, DropReason::confirm_clash);
  EXPECT_EQ(w.tracker.size(), 1U);
}

TEST(Zone, OfTheReplyTheAnswerMustBeInIt) {
  Zoned w;
  const Bytes query = udp({}, 5, 53), answer = udp(Ends{}.back(), 53, 5);
  EXPECT_EQ(w.send_in(query, {7, kReply}).info, CtInfo::new_);
  EXPECT_THAT(w.list(0), testing::HasSubstr("dport=5 zone-reply=7 mark=0 use=2"));
  EXPECT_EQ(w.send_in(answer, {7, kReply}).info, CtInfo::established_reply)
      << "looked for as an original in zone 0, then as a reply in zone 7";
  EXPECT_EQ(w.send_in(answer, {7}).info, CtInfo::established_reply);
  EXPECT_EQ(w.send_in(query, {}).info, CtInfo::established);
}

// Linux holds a tuple against those of its own direction alone where zones are those of one, so that two
// connections may have the same; it finds what was confirmed last.
TEST(Zone, OfTwoWithTheSameTupleTheNewerIsFound) {
  Zoned w;
  const Bytes query = udp({}, 5, 53), answer = udp(Ends{}.back(), 53, 5);
  EXPECT_EQ(w.send_in(query, {7, kReply}).info, CtInfo::new_);
  EXPECT_EQ(w.send_in(query, {}).info, CtInfo::new_) << "the same, without an answer yet";
  EXPECT_EQ(w.send_in(answer, {7, kOriginal}).info, CtInfo::new_) << "not what zone 7 awaits as a reply";
  EXPECT_EQ(w.tracker.size(), 2U);
  EXPECT_EQ(w.send_in(query, {}).info, CtInfo::established_reply) << "of the newer";
  EXPECT_EQ(w.send_in(answer, {7}).info, CtInfo::established) << "of the newer, not the reply of the older";
}

TEST(Zone, NumberZeroOfOneDirectionIsListedByProcAlone) {
  Zoned w;
  w.send_in(udp({}, 5, 53), {0, kOriginal});
  EXPECT_THAT(w.list(0), testing::HasSubstr("dport=53 zone-orig=0 [UNREPLIED]"));
  EXPECT_THAT(w.events.lines.front(), testing::Not(testing::HasSubstr("zone")));
  EXPECT_EQ(w.send_in(udp({}, 5, 53), {}).info, CtInfo::new_);
  EXPECT_EQ(w.tracker.size(), 1U) << "it is zone 0 all the same";
}

TEST(Zone, AnErrorIsAboutAConnectionOfItsOwnZone) {
  Zoned w;
  const Bytes query = udp({}, 5, 53);
  const Bytes error = icmp(Ends{"9.9.9.9", "10.0.0.1"}, 3, 3, 0, query);
  w.send_in(query, {5});
  EXPECT_EQ(w.send_in(error, {}).invalid, InvalidReason::icmp_no_connection);
  EXPECT_EQ(w.send_in(error, {5}).info, CtInfo::related_reply);
  Zoned of_one;
  of_one.send_in(query, {5, kOriginal});
  EXPECT_EQ(of_one.send_in(error, {}).info, CtInfo::related_reply);
  EXPECT_EQ(of_one.send_in(error, {5, kOriginal}).info, CtInfo::related_reply);
}

TEST(Zone, AnAddressTalkingToItselfInAZoneOfOneDirection) {
  Zoned w;
  const Bytes self = udp({"10.0.0.1", "10.0.0.1"}, 5, 5);
  EXPECT_EQ(w.send_in(self, {5, kOriginal}).info, CtInfo::new_);
  EXPECT_EQ(w.send_in(self, {5, kOriginal}).info, CtInfo::new_) << "its original direction again";
  EXPECT_EQ(w.send_in(self, {}).info, CtInfo::established_reply);
}

TEST(Zone, ListingsSaySoInTheirOwnPlaces) {
  Zoned w;
  w.send_in(udp({}, 1, 53), {5});
  w.send_in(udp({}, 2, 53), {6, kOriginal});
  w.send_in(udp({}, 3, 53), {7, kReply});
  std::vector<std::string> lines, saved, xml;
  w.tracker.for_each(S, [&](const Connection& c) {
    lines.push_back(conntrack_line(c, S));
    saved.push_back(save_line(c, S));
    xml.push_back(xml_flow(c, S));
  });
  EXPECT_THAT(lines, testing::ElementsAre(testing::HasSubstr("dport=1 mark=0 zone=5 use=1"),
                                          testing::HasSubstr("dport=53 zone-orig=6 [UNREPLIED]"),
                                          testing::HasSubstr("dport=3 zone-reply=7 mark=0 use=1")));
  EXPECT_THAT(saved, testing::ElementsAre(testing::HasSubstr("-u UNSET -w 5 -s"),
                                          testing::HasSubstr("-u UNSET --orig-zone 6 -s"),
                                          testing::HasSubstr("-u UNSET --reply-zone 7 -s")));
  EXPECT_THAT(
      xml, testing::ElementsAre(
               testing::HasSubstr("<mark>0</mark><zone>5</zone><use>"),
               testing::HasSubstr("<dport>53</dport></layer4><zone>6</zone></meta><meta direction=\"reply"),
               testing::HasSubstr("<dport>3</dport></layer4><zone>7</zone></meta><meta direction=\"ind")));
  EXPECT_THAT(w.events.lines.back(), testing::HasSubstr("dport=3 zone-reply=7"));
}

TEST(Zone, RestoredAsItWas) {
  Zoned w, again;
  w.send_in(udp({}, 1, 53), {5});
  w.send_in(udp({}, 1, 53), {6, kOriginal});
  w.tracker.for_each(0, [&](const Connection& c) { EXPECT_TRUE(again.tracker.restore(c)); });
  EXPECT_EQ(again.list(0), w.list(0));
  w.tracker.for_each(0, [&](const Connection& c) { EXPECT_FALSE(again.tracker.restore(c)); });
  EXPECT_EQ(again.send_in(udp(Ends{}.back(), 53, 1), {}).info, CtInfo::established_reply);
}

TEST(Told, OnlyWhatIsNamedAndThenWhole) {
  Zoned w;
  const Template as{.some_told = true, .events_told = kEventReply | kEventDestroy};
  w.send_as(udp({}, 5, 53), as);
  EXPECT_TRUE(w.events.lines.empty());
  w.send_as(udp(Ends{}.back(), 53, 5), {});
  ASSERT_EQ(w.events.lines.size(), 1U);
  EXPECT_THAT(w.events.lines.back(), testing::HasSubstr("[UPDATE]"));
  w.send_as(udp({}, 5, 53), {}, 3 * S);  // ASSURED is not named, and what was not told is not told later
  EXPECT_EQ(w.events.lines.size(), 1U);
  w.tracker.advance(1000 * S);
  EXPECT_EQ(w.events.lines.size(), 2U);
}

TEST(Told, EventsOfExpectationsAloneSilenceTheConnection) {
  Zoned w;
  w.send_as(udp({}, 5, 53), {.some_told = true, .expectations_told = 1});
  w.tracker.advance(1000 * S);
  EXPECT_TRUE(w.events.lines.empty());
}

constexpr const char* kPolicies =
    "nfct add timeout slow inet udp unreplied 500 replied 900  # for the archive\n"
    "timeout add tcp-a inet tcp ESTABLISHED 77 close 5\n\nadd timeout other inet generic timeout 9\n";

Settings with_policies() {
  Settings settings = defaults(Profile::modern);
  auto policies = read_timeout_policies(kPolicies, settings, "nfct.conf");
  EXPECT_TRUE(policies);
  settings.policies = *policies;
  return settings;
}

TEST(TimeoutPolicy, LastsAsLongAsItsPolicySays) {
  Zoned w(with_policies());
  const Template slow{.timeout_policy = policy_number(with_policies().policies, "slow")};
  w.send_as(udp({}, 5, 53), slow);
  EXPECT_THAT(w.list(0), testing::HasSubstr("udp      17 500 "));
  w.send_as(udp(Ends{}.back(), 53, 5), {});
  w.send_as(udp({}, 5, 53), {}, 3 * S);
  EXPECT_THAT(w.list(3 * S), testing::HasSubstr("udp      17 900 "));
  w.send_as(udp({}, 6, 53), {}, 3 * S);
  EXPECT_THAT(w.list(3 * S), testing::HasSubstr("udp      17 30 "));
  Connection unknown;
  w.tracker.for_each(3 * S, [&](const Connection& c) { unknown = c; });
  unknown.tuple[0].source_port = unknown.tuple[1].destination_port = 7;
  unknown.timeout_policy = 4;
  EXPECT_FALSE(w.tracker.restore(unknown));
}

TEST(TimeoutPolicy, StatesThatItDoesNotNameAreTheSysctls) {
  const Settings settings = with_policies();
  ASSERT_EQ(settings.policies.size(), 3U);
  const Timeouts& tcp = settings.policies[1].timeouts;
  EXPECT_EQ(tcp.tcp_timeout[static_cast<std::size_t>(TcpState::established)], 77 * S);
  EXPECT_EQ(tcp.tcp_timeout[static_cast<std::size_t>(TcpState::close)], 5 * S);
  EXPECT_EQ(tcp.tcp_timeout[static_cast<std::size_t>(TcpState::syn_sent)], 120 * S);
}

TEST(TimeoutPolicy, ARuleNamesOneOfItsFamilyAndProtocol) {
  const auto policies = with_policies().policies;
  EXPECT_EQ(why_no_policy(policies, "slow", Family::ipv4, packet::kUdp), "");
  EXPECT_EQ(why_no_policy(policies, "other", Family::ipv4, 99), "");
  EXPECT_EQ(why_no_policy(policies, "nosuch", Family::ipv4, packet::kUdp),
            "No chain/target/match by that name.");
  using Asked = std::tuple<const char*, Family, std::uint16_t>;
  for (const auto& [name, family, protocol] :
       {Asked{"slow", Family::ipv6, packet::kUdp}, Asked{"slow", Family::ipv4, packet::kTcp},
        Asked{"other", Family::ipv4, packet::kGre}, Asked{"slow", Family::ipv4, 0}})
    EXPECT_THAT(std::string(why_no_policy(policies, name, family, protocol)), testing::HasSubstr("polic"));
}

TEST(TimeoutPolicy, WhatIsWrongIsToldByLine) {
  const auto error = [](const std::string& text) {
    const auto read = read_timeout_policies(text, {}, "nfct.conf");
    return read ? std::string() : read.error().front().str();
  };
  EXPECT_EQ(error("\nadd timeout a inet tcp nosuch 5"),
            "nfct.conf:2: Wrong state name: `nosuch' for protocol `tcp'");
  EXPECT_EQ(error("add timeout a inet tcp established"), "nfct.conf:1: missing value for this timeout");
  EXPECT_EQ(error("add timeout a ipx tcp established 5"), "nfct.conf:1: unknown layer 3 protocol");
  EXPECT_EQ(error("add timeout a inet foo established 5"), "nfct.conf:1: unknown layer 4 protocol");
  EXPECT_THAT(error("add timeout a inet tcp"), testing::HasSubstr("missing parameters"));
  EXPECT_THAT(error("add timeout a inet tcp close x"), testing::HasSubstr("`x' is not a number of seconds"));
  EXPECT_THAT(error("add timeout a inet udp replied 5\nadd timeout a inet tcp close 5"),
              testing::HasSubstr("nfct.conf:2: there is a policy `a' already"));
  EXPECT_THAT(error("delete timeout a"), testing::HasSubstr("a line is `add timeout"));
}

}  // namespace
}  // namespace utables::conntrack::test
