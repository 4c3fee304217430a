// The way of packets through the box: routing, forwarding, answers, fragments, order of hooks.
#include <gmock/gmock.h>

#include "base/bytes.h"
#include "engine/testing/scene.h"
#include "packet/checksum.h"
#include "packet/headers.h"

namespace utables::engine {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
namespace icmp = packet::icmp;

constexpr std::string_view kAccept =
    "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n";

struct ErrorSeen {
  std::string interface, source, destination;
  int type, code;
  std::uint32_t info;
  friend bool operator==(const ErrorSeen&, const ErrorSeen&) = default;
  friend std::ostream& operator<<(std::ostream& out, const ErrorSeen& e) {
    return out << e.interface << " " << e.source << ">" << e.destination << " " << e.type << "/" << e.code
               << " " << e.info;
  }
};

ErrorSeen error_of(const SentPacket& sent) {
  const packet::Facts f = sent.facts();
  EXPECT_EQ(f.protocol, packet::kIcmp);
  EXPECT_TRUE(packet::ip_checksum_good({sent.bytes.data(), f.header_size}));
  EXPECT_EQ(packet::transport_checksum(sent.bytes, f), packet::ChecksumState::good);
  EXPECT_TRUE(sent.made_here);
  return {sent.interface,
          to_string(f.source, f.family),
          to_string(f.destination, f.family),
          f.icmp_type,
          f.icmp_code,
          load32(sent.bytes.data() + f.header_size + 4)};
}

TEST(Receive, WhatIpRcvRefuses) {
  Scene scene{{.rules = kAccept}};
  const auto reason = [&](packet::Bytes bytes) { return scene.in("lan", std::move(bytes)).reason(); };
  packet::Bytes good = udp("10.0.0.5", "203.0.113.9");
  EXPECT_EQ(reason(good), DropReason::none);
  EXPECT_EQ(reason(packet::Bytes(good.begin(), good.begin() + 19)), DropReason::header_truncated);
  packet::Bytes bad = good;
  bad[10] ^= 1;
  EXPECT_EQ(reason(bad), DropReason::bad_header_checksum);
  bad = good;
  bad[0] = 0x44;
  EXPECT_EQ(reason(bad), DropReason::bad_header_length);
  bad = good;
  bad[0] = 0x55;
  EXPECT_EQ(reason(bad), DropReason::bad_version);
  bad.assign(good.begin(), good.end() - 1);
  EXPECT_EQ(reason(bad), DropReason::total_length_beyond_packet);
  bad = good;
  bad[3] = 19;
  packet::write_ip_checksum({bad.data(), 20});
  EXPECT_EQ(reason(bad), DropReason::total_length_too_small);
  bad = good;
  bad[0] = 0x60;
  const Told v6 = scene.in("lan", bad);
  EXPECT_EQ(v6.reason(), DropReason::header_truncated) << "40 bytes it would be";

  Packet other = scene.packet_of(good);
  other.interface = *scene.engine.parts().host.find("lan");
  other.type = PacketType::other_host;
  EXPECT_EQ(scene.play(other).reason(), DropReason::not_for_us);
}

TEST(Receive, PaddingIsCutOff) {
  Scene scene{{.rules = kAccept}};
  packet::Bytes padded = udp("10.0.0.5", "203.0.113.9", 2);
  const std::size_t size = padded.size();
  padded.resize(46);
  const Told told = scene.in("lan", padded);
  ASSERT_EQ(told.sent.size(), 1U);
  EXPECT_EQ(told.sent[0].bytes.size(), size);
  EXPECT_NE(scene.saved().find(":FORWARD ACCEPT [1:30]"), std::string::npos);
}

TEST(Forward, DecrementsTtlAndKeepsTheChecksumRight) {
  Scene scene{{.rules = kAccept}};
  const packet::Bytes sent = udp("10.0.0.5", "203.0.113.9");
  const Told told = scene.in("lan", sent);
  EXPECT_EQ(told.fate(), Fate::forwarded);
  ASSERT_EQ(told.sent.size(), 1U);
  EXPECT_EQ(told.sent[0].interface, "wan");
  packet::Bytes expected = sent;
  expected[8] = 63;
  packet::write_ip_checksum({expected.data(), 20});
  EXPECT_EQ(told.sent[0].bytes, expected);
  EXPECT_FALSE(told.sent[0].made_here);
}

TEST(Forward, EveryHeaderChecksumSurvivesTheTtl) {
  Scene scene{{.rules = kAccept}};
  for (int id = 0; id < 65536; id += 7) {
    packet::IpPart part = ip("10.0.0.5", "203.0.113.9");
    part.identification = static_cast<std::uint16_t>(id);
    const Told told = scene.in("lan", packet::build_udp(part, 1, 2));
    ASSERT_TRUE(packet::ip_checksum_good({told.sent.at(0).bytes.data(), 20})) << id;
  }
}

TEST(Forward, TimeExceeded) {
  Scene scene{{.rules = kAccept}};
  const packet::Bytes dead = udp("10.0.0.5", "203.0.113.9", 8, 1);
  const Told told = scene.in("lan", dead);
  EXPECT_EQ(told.reason(), DropReason::ttl_exceeded);
  ASSERT_EQ(told.sent.size(), 1U);
  EXPECT_EQ(error_of(told.sent[0]), (ErrorSeen{"lan", "10.0.0.254", "10.0.0.5", 11, 0, 0}));
  const packet::Facts f = told.sent[0].facts();
  EXPECT_EQ(f.tos, 0xc0);
  EXPECT_EQ(f.ttl, 64);
  EXPECT_FALSE(f.dont_fragment);
  EXPECT_EQ(packet::Bytes(told.sent[0].bytes.begin() + 28, told.sent[0].bytes.end()), dead)
      << "quoted as it came";
}

TEST(Forward, FragmentationNeeded) {
  Scene scene{{.rules = kAccept}};
  packet::IpPart part = ip("10.0.0.5", "172.16.0.9");
  part.dont_fragment = true;
  const Told told = scene.in("lan", packet::build_udp(part, 1, 2, packet::Bytes(600)));
  EXPECT_EQ(told.reason(), DropReason::fragmentation_needed);
  ASSERT_EQ(told.sent.size(), 1U);
  EXPECT_EQ(error_of(told.sent[0]), (ErrorSeen{"lan", "10.0.0.254", "10.0.0.5", 3, 4, 600}));
  EXPECT_EQ(told.sent[0].bytes.size(), 576U);
}

TEST(Forward, CutForAThinLinkWithoutDf) {
  Scene scene{{.rules = kAccept}};
  const Told told = scene.in("lan", udp("10.0.0.5", "172.16.0.9", 1000));
  EXPECT_EQ(told.fate(), Fate::forwarded);
  ASSERT_EQ(told.sent.size(), 2U);
  EXPECT_EQ(told.sent[0].facts().total_length, 596U);
  EXPECT_TRUE(told.sent[0].facts().more_fragments);
  EXPECT_EQ(told.sent[1].facts().fragment_offset, 576U);
  EXPECT_EQ(told.sent[1].facts().total_length, 20U + 1008U - 576U);
}

TEST(Route, RefusedRoutesAnswerByTheirKind) {
  Scene scene{{.rules = kAccept,
               .net = "addr add 10.0.0.254/24 dev lan\nroute add unreachable 198.51.100.64/26\n"
                      "route add prohibit 198.51.100.128/26\nroute add blackhole 198.51.100.192/26\n"}};
  const auto ask = [&](std::string_view to) {
    const Told told = scene.in("lan", udp("10.0.0.5", to));
    EXPECT_EQ(told.fate(), Fate::refused);
    return std::pair(told.reason(), told.sent.empty() ? -1 : error_of(told.sent[0]).code);
  };
  EXPECT_EQ(ask("203.0.113.9"), std::pair(DropReason::no_route, 0));
  EXPECT_EQ(ask("198.51.100.65"), std::pair(DropReason::unreachable_route, 1));
  EXPECT_EQ(ask("198.51.100.129"), std::pair(DropReason::prohibited_route, 13));
  EXPECT_EQ(ask("198.51.100.193"), std::pair(DropReason::blackhole_route, -1));
}

TEST(Route, NoRouteIsToldFiveTimesThenOnceASecond) {
  Scene scene{{.rules = kAccept, .net = "addr add 10.0.0.254/24 dev lan\n"}};
  int answers = 0;
  for (int i = 0; i < 20; ++i)
    answers += scene.in("lan", udp("10.0.0.5", "203.0.113.9")).sent.empty() ? 0 : 1;
  EXPECT_EQ(answers, 5);
  EXPECT_EQ(scene.in("lan", udp("10.0.0.6", "203.0.113.9")).sent.size(), 1U)
      << "another source has its own burst";
  scene.pass(kSecond);
  EXPECT_EQ(scene.in("lan", udp("10.0.0.5", "203.0.113.9")).sent.size(), 1U);
  EXPECT_EQ(scene.in("lan", udp("10.0.0.5", "203.0.113.9")).sent.size(), 0U);
}

TEST(Route, MartiansAndWhatIsNotOne) {
  Scene scene{{.rules = kAccept}};
  struct Row {
    std::string_view source, destination;
    Fate fate;
    DropReason reason;
  };
  for (const Row& row : std::initializer_list<Row>{
           {"0.0.0.0", "203.0.113.9", Fate::refused, DropReason::martian_source},
           {"127.0.0.1", "203.0.113.9", Fate::refused, DropReason::martian_source},
           {"224.1.1.1", "203.0.113.9", Fate::refused, DropReason::martian_source},
           {"255.255.255.255", "203.0.113.9", Fate::refused, DropReason::martian_source},
           {"10.0.0.254", "203.0.113.9", Fate::refused, DropReason::martian_source},
           {"192.0.2.254", "203.0.113.9", Fate::refused, DropReason::martian_source},
           {"10.0.0.5", "0.0.0.0", Fate::refused, DropReason::martian_destination},
           {"10.0.0.5", "127.0.0.1", Fate::refused, DropReason::martian_destination},
           {"10.0.0.5", "239.1.1.1", Fate::refused, DropReason::multicast_not_member},
           {"0.1.2.3", "203.0.113.9", Fate::forwarded, DropReason::none},
           {"240.0.0.1", "203.0.113.9", Fate::forwarded, DropReason::none},
           {"169.254.1.1", "203.0.113.9", Fate::forwarded, DropReason::none},
           {"10.0.0.0", "203.0.113.9", Fate::forwarded, DropReason::none},
           {"10.0.0.255", "203.0.113.9", Fate::forwarded, DropReason::none},
           {"10.0.0.5", "0.1.2.3", Fate::forwarded, DropReason::none},
           {"10.0.0.5", "240.0.0.1", Fate::forwarded, DropReason::none},
           {"10.0.0.5", "10.0.0.254", Fate::delivered, DropReason::none},
           {"10.0.0.5", "192.0.2.254", Fate::delivered, DropReason::none},
           {"10.0.0.5", "10.0.0.255", Fate::delivered, DropReason::none},
           {"10.0.0.5", "255.255.255.255", Fate::delivered, DropReason::none},
           {"0.0.0.0", "255.255.255.255", Fate::delivered, DropReason::none},
           {"10.0.0.5", "224.0.0.1", Fate::delivered, DropReason::none},
       }) {
    const Told told = scene.in("lan", udp(row.source, row.destination));
    EXPECT_EQ(told.fate(), row.fate) << row.source << " > " << row.destination << " " << name(told.reason());
    EXPECT_EQ(told.reason(), row.reason)
        << row.source << " > " << row.destination << " " << name(told.reason());
  }
}

TEST(Route, ReversePathFilter) {
  Scene strict{{.rules = kAccept, .sysctl = "net.ipv4.conf.all.rp_filter=1\n"}};
  EXPECT_EQ(strict.in("lan", udp("10.0.0.5", "203.0.113.9")).fate(), Fate::forwarded);
  EXPECT_EQ(strict.in("wan", udp("10.0.0.5", "172.16.0.1")).reason(), DropReason::reverse_path);
  EXPECT_EQ(strict.in("lan", udp("203.0.113.9", "172.16.0.1")).reason(), DropReason::reverse_path);
  Scene loose{{.rules = kAccept, .sysctl = "net.ipv4.conf.all.rp_filter=2\n"}};
  EXPECT_EQ(loose.in("lan", udp("203.0.113.9", "172.16.0.1")).fate(), Fate::forwarded);
  EXPECT_EQ(loose.in("lan", udp("198.51.100.193", "172.16.0.1")).reason(), DropReason::reverse_path);
}

TEST(Route, ForwardingOffOnAnInterface) {
  Scene scene{{.rules = kAccept, .sysctl = "net.ipv4.conf.lan.forwarding=0\n"}};
  const Told told = scene.in("lan", udp("10.0.0.5", "203.0.113.9"));
  EXPECT_EQ(told.reason(), DropReason::not_forwarding);
  EXPECT_THAT(told.sent, IsEmpty());
  EXPECT_EQ(scene.in("wan", udp("203.0.113.9", "172.16.0.1")).fate(), Fate::forwarded);
}

TEST(Forward, RedirectsGoBeforeThePacketAndGetRarer) {
  Scene scene{{.rules = kAccept,
               .net = "addr add 10.0.0.254/24 dev lan\nroute add default via 10.0.0.1 dev lan\n",
               .sysctl = "net.ipv4.conf.all.send_redirects=1\nnet.ipv4.conf.lan.send_redirects=1\n"}};
  Told told = scene.in("lan", udp("10.0.0.5", "203.0.113.9"));
  ASSERT_EQ(told.sent.size(), 2U);
  EXPECT_EQ(error_of(told.sent[0]), (ErrorSeen{"lan", "10.0.0.254", "10.0.0.5", 5, 1, 0x0a000001}));
  EXPECT_EQ(told.sent[0].bytes[28 + 8], 63) << "the quoted TTL is already less";
  EXPECT_EQ(scene.in("lan", udp("10.0.0.5", "203.0.113.9")).sent.size(), 1U);
  scene.pass(kSecond);
  EXPECT_EQ(scene.in("lan", udp("10.0.0.5", "203.0.113.9")).sent.size(), 2U);
}

TEST(Answer, NeverAboutErrorsFragmentsOrBroadcasts) {
  Scene scene{{.rules = kAccept}};
  packet::IpPart dead = ip("10.0.0.5", "203.0.113.9", 1);
  const packet::Bytes about = udp("203.0.113.9", "10.0.0.5");
  EXPECT_THAT(scene.in("lan", packet::build_icmp(dead, {.type = icmp::kUnreachable}, about)).sent, IsEmpty());
  EXPECT_THAT(scene.in("lan", packet::build_icmp(dead, {.type = 42}, about)).sent, IsEmpty());
  EXPECT_EQ(scene.in("lan", packet::build_icmp(dead, {.type = icmp::kEcho}, about)).sent.size(), 1U);
  dead.fragment_offset = 64;
  EXPECT_THAT(scene.in("lan", packet::build_ip(dead, packet::kUdp, packet::Bytes(16))).sent, IsEmpty());
}

TEST(Answer, ABoxWithoutAddressesAnswersFromTheDummy) {
  Scene scene{{.rules = kAccept, .net = {}}};
  const Told told = scene.in("in", udp("10.0.0.5", "203.0.113.9", 8, 1));
  ASSERT_EQ(told.sent.size(), 1U);
  EXPECT_EQ(error_of(told.sent[0]).source, "192.0.0.8");
  EXPECT_EQ(told.sent[0].interface, "out");
}

// R12: reassembled before tracking, cut again as it came when it leaves.
TEST(Fragments, R12ReassembledAndCutAgain) {
  Scene scene;
  packet::Bytes whole = udp("10.0.0.5", "203.0.113.9", 2000);
  const auto part = [&](std::size_t from, std::size_t to, bool more) {
    packet::IpPart p = ip("10.0.0.5", "203.0.113.9");
    p.more_fragments = more;
    p.fragment_offset = static_cast<std::uint16_t>(from);
    return packet::build_ip(p, packet::kUdp, std::span(whole).subspan(20 + from, to - from));
  };
  EXPECT_EQ(scene.in("lan", part(1600, 2008, false)).fate(), Fate::held);
  EXPECT_EQ(scene.in("lan", part(800, 1600, true)).fate(), Fate::held);
  const Told told = scene.in("lan", part(0, 800, true));
  EXPECT_EQ(told.fate(), Fate::forwarded);
  EXPECT_EQ(told.info(), CtInfo::new_);
  ASSERT_EQ(told.sent.size(), 3U);
  EXPECT_EQ(told.sent[0].facts().total_length, 820U);
  EXPECT_EQ(told.sent[1].facts().fragment_offset, 800U);
  EXPECT_EQ(told.sent[2].facts().total_length, 428U);
  EXPECT_EQ(told.sent[2].facts().ttl, 63);
}

// R12: without a rule that needs tracking fragments pass one by one.
TEST(Fragments, R12PassAloneWithoutTracking) {
  Scene scene{{.rules = kAccept}};
  packet::IpPart p = ip("10.0.0.5", "203.0.113.9");
  p.fragment_offset = 800;
  const Told told = scene.in("lan", packet::build_ip(p, packet::kUdp, packet::Bytes(100)));
  EXPECT_EQ(told.fate(), Fate::forwarded);
  EXPECT_EQ(told.info(), CtInfo::none);
  EXPECT_EQ(told.sent.size(), 1U);
}

TEST(Fragments, TimeOutIsToldWhenTheyWereForTheBox) {
  Scene scene;
  packet::IpPart p = ip("10.0.0.5", "10.0.0.254");
  p.more_fragments = true;
  EXPECT_EQ(scene.in("lan", packet::build_ip(p, packet::kUdp, packet::Bytes(64))).fate(), Fate::held);
  p.destination = v4("203.0.113.9");
  EXPECT_EQ(scene.in("lan", packet::build_ip(p, packet::kUdp, packet::Bytes(64))).fate(), Fate::held);
  scene.pass(31 * kSecond);
  const Told told = scene.recorder.take_waiting();
  ASSERT_EQ(told.sent.size(), 1U);
  EXPECT_EQ(error_of(told.sent[0]), (ErrorSeen{"lan", "10.0.0.254", "10.0.0.5", 11, 1, 0}));
}

constexpr std::string_view kOneSecond = "net.ipv4.ipfrag_time=1\nnet.netfilter.nf_conntrack_udp_timeout=1\n";

packet::Bytes beginning_for_the_box() {
  const packet::Bytes whole = udp("10.0.0.5", "10.0.0.254");
  packet::IpPart p = ip("10.0.0.5", "10.0.0.254");
  p.more_fragments = true;
  return packet::build_ip(p, packet::kUdp, std::span(whole).subspan(20, 8));
}

TEST(Fragments, TimeOutIsNotToldOfWhatCameAsABroadcast) {
  Scene scene{{.sysctl = kOneSecond}};
  Packet packet = scene.packet_of(beginning_for_the_box());
  packet.interface = *scene.engine.parts().host.find("lan");
  packet.type = PacketType::broadcast;
  EXPECT_EQ(scene.play(packet).fate(), Fate::held);
  scene.pass(2 * kSecond);
  EXPECT_THAT(scene.recorder.take_waiting().sent, IsEmpty());
}

// The error is about a connection that ends 100 ms after the reassembly, however late one looks.
TEST(Fragments, TimeOutComesAtItsOwnMoment) {
  Scene scene{{.sysctl = kOneSecond}};
  EXPECT_EQ(scene.in("lan", beginning_for_the_box()).fate(), Fate::held);
  scene.pass(100 * kMillisecond);
  EXPECT_EQ(scene.in("lan", udp("10.0.0.5", "10.0.0.254")).fate(), Fate::delivered);
  scene.pass(5 * kSecond);
  const Told told = scene.recorder.take_waiting();
  ASSERT_EQ(told.sent.size(), 1U);
  EXPECT_EQ(told.sent[0].ctinfo, CtInfo::related_reply);
}

// It takes what its receiver had gathered for answers about no route, which then gathers anew from there.
TEST(Fragments, TimeOutEmptiesTheBucketAtItsOwnMoment) {
  for (const auto& [after, answers] : {std::pair{1900 * kMillisecond, 0U}, {2100 * kMillisecond, 1U}}) {
    Scene scene{{.net = "addr add 10.0.0.254/24 dev lan\n", .sysctl = kOneSecond}};
    EXPECT_EQ(scene.in("lan", beginning_for_the_box()).fate(), Fate::held);
    scene.pass(after);
    (void)scene.recorder.take_waiting();
    EXPECT_EQ(scene.in("lan", udp("10.0.0.5", "203.0.113.9")).sent.size(), answers);
    EXPECT_EQ(scene.in("lan", udp("10.0.0.5", "203.0.113.9")).sent.size(), 0U);
  }
}

// Filling in a timestamp spoils the header's sum, which REJECT adds up unless tracking had found the packet
// right before: that is so when it was INVALID on its way out, and tracked as one that came in when it was
// back.
TEST(Reject, WhatCameBackOverLo) {
  constexpr std::string_view kRules =
      "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
      "-A INPUT -p tcp -j REJECT\n-A INPUT -m conntrack --ctstate INVALID\nCOMMIT\n";
  for (const auto& [loose, packets] : {std::pair{0, 2}, {1, 1}}) {
    const std::string sysctl = "net.netfilter.nf_conntrack_tcp_loose=" + std::to_string(loose) + "\n";
    Scene scene{{.rules = kRules, .sysctl = sysctl}};
    const packet::Bytes plain = tcp("10.0.0.254", "10.0.0.254", packet::tcp::kAck);
    packet::Bytes bytes(plain.begin(), plain.begin() + 20);
    bytes.insert(bytes.end(), {0x44, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0});
    bytes.insert(bytes.end(), plain.begin() + 20, plain.end());
    bytes[0] = 0x48;
    store16(&bytes[2], static_cast<std::uint16_t>(bytes.size()));
    packet::write_ip_checksum({bytes.data(), 32});
    EXPECT_EQ(scene.out(bytes).fate(), Fate::rejected);
    const std::string counted = ":OUTPUT ACCEPT [" + std::to_string(packets) + ":";
    EXPECT_NE(scene.saved().find(counted), std::string::npos) << scene.saved();
  }
}

// Each row was seen of the kernel; without the rule each packet leaves by the way of its destination alone.
TEST(Output, RoutedAgainWithItsSourceAfterMangle) {
  constexpr std::string_view kChanges =
      "*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT "
      "[0:0]\n:POSTROUTING ACCEPT [0:0]\n-A OUTPUT -j TOS --set-tos 0x10/0x3f\nCOMMIT\n";
  struct Row {
    std::string_view source, destination, sent, localnet;  // by what it leaves; with route_localnet
  };
  constexpr Row kRows[] = {
      {"127.0.0.1", "203.0.113.9", "-", "wan"},    {"127.0.0.1", "10.0.0.3", "-", "lan"},
      {"127.0.0.1", "10.0.0.255", "-", "lan"},     {"127.0.0.1", "10.0.0.254", "lo", "lo"},
      {"127.0.0.1", "224.0.0.1", "lo", "lo"},      {"127.0.0.1", "255.255.255.255", "lo", "lo"},
      {"127.0.0.1", "239.1.1.1", "-", "-"},        {"10.0.0.254", "203.0.113.9", "wan", "wan"},
      {"10.0.0.254", "224.0.0.1", "lan", "lan"},   {"10.0.0.254", "239.1.1.1", "lan", "lan"},
      {"10.0.0.254", "192.0.2.255", "wan", "wan"}, {"10.0.0.254", "255.255.255.255", "lan", "lan"},
      {"8.8.8.8", "203.0.113.9", "wan", "wan"},    {"8.8.8.8", "224.0.0.1", "-", "-"},
      {"8.8.8.8", "255.255.255.255", "-", "-"},    {"8.8.8.8", "10.0.0.255", "lan", "lan"},
      {"10.0.0.255", "224.0.0.1", "wan", "wan"},   {"10.0.0.255", "255.255.255.255", "wan", "wan"},
      {"224.0.0.5", "239.1.1.1", "wan", "wan"},    {"255.255.255.255", "224.0.0.1", "wan", "wan"},
      {"0.1.2.3", "224.0.0.1", "-", "-"},          {"0.1.2.3", "203.0.113.9", "wan", "wan"},
      {"240.0.0.1", "255.255.255.255", "-", "-"},
  };
  for (const bool localnet : {false, true}) {
    Scene scene{{.rules = kChanges,
                 .sysctl = localnet ? "net.ipv4.conf.all.route_localnet=1\n" : std::string_view{}}};
    for (const Row& row : kRows) {
      const Told told = scene.out(udp(row.source, row.destination));
      const std::string by = !told.sent.empty() ? told.sent.back().interface
                             : told.fate() == Fate::looped ? "lo" : "-";
      EXPECT_EQ(by, localnet ? row.localnet : row.sent) << row.source << " > " << row.destination;
    }
  }
}

TEST(Output, ProgramsPacketsAreCompletedAndSent) {
  Scene scene{{.rules = kAccept}};
  packet::Bytes bytes = udp("0.0.0.0", "203.0.113.9");
  bytes[10] = bytes[11] = 0;
  const Told told = scene.out(bytes);
  EXPECT_EQ(told.fate(), Fate::sent);
  ASSERT_EQ(told.sent.size(), 1U);
  EXPECT_EQ(told.sent[0].interface, "wan");
  EXPECT_EQ(to_string(told.sent[0].facts().source, Family::ipv4), "192.0.2.254");
  EXPECT_TRUE(packet::ip_checksum_good({told.sent[0].bytes.data(), 20}));
  EXPECT_EQ(told.sent[0].facts().ttl, 64);
  EXPECT_FALSE(told.sent[0].made_here);
}

TEST(Output, ToAnOwnAddressOverLo) {
  Scene scene{
      {.rules =
           "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -i lo -j "
           "ACCEPT\n"
           "-A OUTPUT -o lo -j ACCEPT\nCOMMIT\n*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n"
           ":FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-A PREROUTING -i lo\n"
           "-A POSTROUTING -o lo\nCOMMIT\n"}};
  const Told told = scene.out(udp("10.0.0.254", "192.0.2.254"));
  EXPECT_EQ(told.fate(), Fate::looped);
  EXPECT_THAT(told.sent, IsEmpty());
  EXPECT_EQ(scene.saved(),
            "*mangle\n:PREROUTING ACCEPT [1:36]\n:INPUT ACCEPT [1:36]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT "
            "[1:36]\n"
            ":POSTROUTING ACCEPT [1:36]\n[1:36] -A PREROUTING -i lo\n[1:36] -A POSTROUTING -o lo\nCOMMIT\n"
            "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n[1:36] -A INPUT -i "
            "lo -j ACCEPT\n"
            "[1:36] -A OUTPUT -o lo -j ACCEPT\nCOMMIT\n");
}

// R13: tracking in PREROUTING and OUTPUT; an entry only once its first packet has passed every chain.
TEST(Tracking, R13EnteredWhenEveryChainWasPassed) {
  Scene scene{{.rules = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
                        "-A FORWARD -m state --state NEW -p udp --dport 99 -j DROP\nCOMMIT\n"}};
  conntrack::Tracker& tracker = *scene.engine.parts().tracker;
  Told told = scene.in("lan", udp("10.0.0.5", "203.0.113.9", 8, 64, 4000, 99));
  EXPECT_EQ(told.fate(), Fate::dropped);
  EXPECT_EQ(told.by, "filter FORWARD 1");
  EXPECT_EQ(told.info(), CtInfo::new_);
  EXPECT_EQ(tracker.size(), 0U);
  told = scene.in("lan", udp("10.0.0.5", "203.0.113.9"));
  EXPECT_EQ(told.info(), CtInfo::new_);
  EXPECT_EQ(tracker.size(), 1U);
  told = scene.in("wan", udp("203.0.113.9", "10.0.0.5", 8, 64, 53, 4000));
  EXPECT_EQ(told.info(), CtInfo::established_reply);
  told = scene.out(udp("192.0.2.254", "203.0.113.9"));
  EXPECT_EQ(told.info(), CtInfo::new_);
  EXPECT_EQ(tracker.size(), 2U);
}

// R10, R13: an error made here goes through OUTPUT as RELATED to the packet that it is about.
TEST(Tracking, R10ErrorsMadeHereAreRelatedEvenToWhatIsNotConfirmed) {
  Scene scene{{.rules = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
                        "-A FORWARD -p udp --dport 99 -j REJECT\n-A OUTPUT -m conntrack --ctstate RELATED -j "
                        "ACCEPT\nCOMMIT\n"}};
  const Told told = scene.in("lan", udp("10.0.0.5", "203.0.113.9", 8, 64, 4000, 99));
  EXPECT_EQ(told.fate(), Fate::rejected);
  ASSERT_EQ(told.sent.size(), 1U);
  EXPECT_EQ(told.sent[0].ctinfo, CtInfo::related_reply);
  EXPECT_EQ(error_of(told.sent[0]), (ErrorSeen{"lan", "10.0.0.254", "10.0.0.5", 3, 3, 0}));
  EXPECT_EQ(told.sent[0].bytes[28 + 8], 63) << "FORWARD comes after the TTL";
  EXPECT_NE(scene.saved().find("[1:64] -A OUTPUT -m conntrack --ctstate RELATED -j ACCEPT"),
            std::string::npos)
      << scene.saved();
  EXPECT_EQ(scene.engine.parts().tracker->size(), 0U);
}

struct RejectRow {
  std::string_view with;
  int code;
};
class RejectTypes : public ::testing::TestWithParam<RejectRow> {};
// R23: REJECT answers with the type asked for.
TEST_P(RejectTypes, R23Answers) {
  const std::string rules =
      "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -j REJECT "
      "--reject-with " +
      std::string(GetParam().with) + "\nCOMMIT\n";
  Scene scene{{.rules = rules}};
  const Told told = scene.in("lan", udp("10.0.0.5", "10.0.0.254"));
  EXPECT_EQ(told.fate(), Fate::rejected);
  ASSERT_EQ(told.sent.size(), 1U);
  EXPECT_EQ(error_of(told.sent[0]).code, GetParam().code);
}
INSTANTIATE_TEST_SUITE_P(
    All, RejectTypes,
    ::testing::Values(RejectRow{"icmp-net-unreachable", 0}, RejectRow{"icmp-host-unreachable", 1},
                      RejectRow{"icmp-proto-unreachable", 2}, RejectRow{"icmp-port-unreachable", 3},
                      RejectRow{"icmp-net-prohibited", 9}, RejectRow{"icmp-host-prohibited", 10},
                      RejectRow{"icmp-admin-prohibited", 13}));

// Seen by rules in POSTROUTING: a source route's next hop is the packet's destination by then.
TEST(Forward, ASourceRoutesNextHopIsTheDestination) {
  Scene scene{{.rules =
                   "*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n"
                   ":OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -d 10.0.0.7\nCOMMIT\n",
               .sysctl = "net.ipv4.conf.all.accept_source_route = 1\n"}};
  packet::IpPart part = ip("10.0.0.5", "10.0.0.254");
  part.options = {0x89, 7, 4, 10, 0, 0, 7, 0};  // strict: next 10.0.0.7
  const Told told = scene.in("lan", packet::build_udp(part, 4000, 53, packet::Bytes(8, 0x61)));
  EXPECT_EQ(told.fate(), Fate::forwarded);
  EXPECT_NE(scene.saved().find("[1:44] -A POSTROUTING -d 10.0.0.7/32"), std::string::npos) << scene.saved();
}

TEST(Reject, TcpReset) {
  Scene scene{{.rules = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
                        "-A FORWARD -p tcp -j REJECT --reject-with tcp-reset\nCOMMIT\n"}};
  Told told = scene.in("lan", tcp("10.0.0.5", "203.0.113.9", packet::tcp::kSyn));
  EXPECT_EQ(told.fate(), Fate::rejected);
  ASSERT_EQ(told.sent.size(), 1U);
  const packet::Facts f = told.sent[0].facts();
  EXPECT_EQ(to_string(f.source, f.family), "203.0.113.9");
  EXPECT_EQ(f.tcp_flags, packet::tcp::kRst | packet::tcp::kAck);
  EXPECT_EQ(f.tcp_ack, 1001U);
  EXPECT_EQ(f.identification, 0);
  EXPECT_TRUE(f.dont_fragment);
  EXPECT_EQ(f.ttl, 64);
  EXPECT_EQ(f.tos, 0);
  EXPECT_EQ(packet::transport_checksum(told.sent[0].bytes, f), packet::ChecksumState::good);
  told = scene.in("lan", tcp("10.0.0.5", "203.0.113.9", packet::tcp::kRst));
  EXPECT_EQ(told.fate(), Fate::rejected);
  EXPECT_THAT(told.sent, IsEmpty()) << "none in answer to a reset";
}

TEST(Reject, SilentAboutABadChecksumThoughTheRuleCounts) {
  Scene scene{{.rules = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A "
                        "FORWARD -j REJECT\nCOMMIT\n"}};
  packet::Bytes bad = udp("10.0.0.5", "203.0.113.9");
  bad.back() ^= 1;
  EXPECT_THAT(scene.in("lan", bad).sent, IsEmpty());
  EXPECT_NE(scene.saved().find("[1:36] -A FORWARD -j REJECT"), std::string::npos);
}

}  // namespace
}  // namespace utables::engine
