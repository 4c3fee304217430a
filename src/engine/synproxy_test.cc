// SYNPROXY on a packet's way: what is answered to whom, and the numbers of both ends from then on. What
// the kernel makes of the same is compared in tests/kernel (kernel_compare --synproxy).
#include <gtest/gtest.h>

#include "conntrack/synproxy/options.h"
#include "conntrack/synproxy/proxied.h"
#include "engine/testing/scene.h"
#include "packet/checksum.h"
#include "packet/headers.h"

namespace utables::engine {
namespace {

using namespace testing;
using namespace packet::tcp;

constexpr std::string_view kRules = R"(*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j CT --notrack
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -p tcp -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460
COMMIT
)";
constexpr std::string_view kStrict = "net.netfilter.nf_conntrack_tcp_loose = 0\n";
constexpr std::uint32_t kClient = 1000, kServer = 500000;

struct Say {
  std::uint8_t flags = 0;
  std::uint32_t seq = 0, ack = 0;
  conntrack::ProxyOptions options{};
  std::uint16_t window = 5000;
};

packet::Bytes segment(bool from_client, const Say& say, std::string_view text = {}) {
  packet::IpPart ip;
  ip.source = Address::from_v4(from_client ? 0x0a000005 : 0xc6336407);
  ip.destination = Address::from_v4(from_client ? 0xc6336407 : 0x0a000005);
  packet::TcpPart tcp;
  tcp.source_port = from_client ? 4000 : 80;
  tcp.destination_port = from_client ? 80 : 4000;
  tcp.seq = say.seq;
  tcp.ack = say.ack;
  tcp.flags = say.flags;
  tcp.window = say.window;
  tcp.options = conntrack::write_options(say.options);
  return packet::build_tcp(ip, tcp, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

conntrack::ProxyOptions clock_at(std::uint32_t value, std::uint32_t echo) {
  conntrack::ProxyOptions options;
  options.has_timestamp = true;
  options.value = value;
  options.echo = echo;
  return options;
}

/// What left, once its checksums were found right; its options.
conntrack::ProxyOptions options_of(const SentPacket& sent) {
  packet::Bytes bytes = sent.bytes;
  const packet::Facts facts = sent.facts();
  EXPECT_EQ(packet::transport_checksum(bytes, facts), packet::ChecksumState::good);
  const auto size = static_cast<std::uint32_t>(bytes.size());
  return conntrack::read_options({bytes.data(), size, size, facts}).value();
}

TEST(Synproxy, TheWholeExchange) {
  Scene scene{{.rules = kRules, .sysctl = kStrict}};
  conntrack::ProxyOptions offered = clock_at(77, 0);
  offered.has_mss = offered.has_scale = offered.sack_permitted = true;
  offered.mss = 1400;
  offered.scale = 3;
  const Told first = scene.in("lan", segment(true, {kSyn, kClient, 0, offered}));
  EXPECT_EQ(first.fate(), Fate::proxied);
  ASSERT_EQ(first.sent.size(), 1U);
  const packet::Facts cookie = first.sent[0].facts();
  EXPECT_EQ(first.sent[0].interface, "lan");
  EXPECT_EQ(cookie.tcp_flags, kSyn | kAck);
  EXPECT_EQ(cookie.tcp_ack, kClient + 1);
  EXPECT_EQ(cookie.tcp_window, 0);
  const auto told = options_of(first.sent[0]);
  EXPECT_EQ(told.mss, 1460);
  EXPECT_EQ(told.scale, 7);
  EXPECT_EQ(told.echo, 77U);
  EXPECT_EQ(told.value & 0x3f, 0x13U);

  const Told wrong =
      scene.in("lan", segment(true, {kAck, kClient + 1, cookie.tcp_seq + 9, clock_at(78, told.value)}));
  EXPECT_EQ(wrong.fate(), Fate::dropped);
  EXPECT_TRUE(wrong.sent.empty());

  const Told right =
      scene.in("lan", segment(true, {kAck, kClient + 1, cookie.tcp_seq + 1, clock_at(78, told.value)}));
  EXPECT_EQ(right.fate(), Fate::proxied);
  ASSERT_EQ(right.sent.size(), 1U);
  const packet::Facts open = right.sent[0].facts();
  EXPECT_EQ(right.sent[0].interface, "wan");
  EXPECT_EQ(open.tcp_flags, kSyn);
  EXPECT_EQ(open.tcp_seq, kClient);
  EXPECT_EQ(open.tcp_ack, cookie.tcp_seq);
  EXPECT_EQ(open.tcp_window, 5000);
  EXPECT_EQ(options_of(right.sent[0]).mss, 1300);
  EXPECT_EQ(options_of(right.sent[0]).scale, 3);
  EXPECT_TRUE(options_of(right.sent[0]).sack_permitted);

  conntrack::ProxyOptions servers = clock_at(900, 78);
  servers.has_scale = true;
  servers.scale = 2;
  const Told met = scene.in("wan", segment(false, {kSyn | kAck, kServer, kClient + 1, servers, 8000}));
  EXPECT_EQ(met.fate(), Fate::proxied);
  ASSERT_EQ(met.sent.size(), 2U);
  EXPECT_EQ(met.sent[0].interface, "wan");
  EXPECT_EQ(met.sent[0].facts().tcp_ack, kServer + 1);
  EXPECT_EQ(met.sent[1].interface, "lan");
  EXPECT_EQ(met.sent[1].facts().tcp_seq, cookie.tcp_seq + 1);
  EXPECT_EQ(met.sent[1].facts().tcp_window, 2000);
  EXPECT_EQ(options_of(met.sent[1]).value, told.value);

  const Told question = scene.in(
      "lan",
      segment(true, {kAck | kPsh, kClient + 1, cookie.tcp_seq + 1, clock_at(90, told.value)}, "hello"));
  ASSERT_EQ(question.sent.size(), 1U);
  EXPECT_EQ(question.sent[0].facts().tcp_ack, kServer + 1);
  EXPECT_EQ(options_of(question.sent[0]).echo, 900U);
  const Told answer =
      scene.in("wan", segment(false, {kAck | kPsh, kServer + 1, kClient + 6, clock_at(910, 90)}, "world"));
  ASSERT_EQ(answer.sent.size(), 1U);
  EXPECT_EQ(answer.sent[0].facts().tcp_seq, cookie.tcp_seq + 1);
  EXPECT_EQ(options_of(answer.sent[0]).value, told.value + 10);

  const conntrack::ProxyStatistics counted{1, 1, 1, 0, 0};
  EXPECT_EQ(scene.engine.parts().tracker->proxy_statistics(), counted);
}

TEST(Synproxy, TheClientAsksForLifeBeforeTheServerAnswers) {
  Scene scene{{.rules = kRules, .sysctl = kStrict}};
  const Told first = scene.in("lan", segment(true, {kSyn, kClient, 0, {}}));
  ASSERT_EQ(first.sent.size(), 1U);
  const std::uint32_t cookie = first.sent[0].facts().tcp_seq;
  (void)scene.in("lan", segment(true, {kAck, kClient + 1, cookie + 1, {}}));
  const Told again = scene.in("lan", segment(true, {kAck, kClient, cookie + 1, {}}));
  EXPECT_EQ(again.fate(), Fate::proxied);
  ASSERT_EQ(again.sent.size(), 1U);
  EXPECT_EQ(again.sent[0].facts().tcp_seq, kClient);
  // A number one lower is the next MSS.
  EXPECT_EQ(options_of(again.sent[0]).mss, 1300);
  const Told wrong = scene.in("lan", segment(true, {kAck, kClient, cookie + 9, {}}));
  EXPECT_EQ(wrong.reason(), DropReason::cookie_wrong);
  EXPECT_EQ(scene.engine.parts().tracker->proxy_statistics().cookie_retrans, 1U);
}

TEST(Synproxy, AResetOfTheSynFollowsTheCookie) {
  Scene scene{{.rules = kRules, .sysctl = kStrict}};
  const std::uint32_t cookie =
      scene.in("lan", segment(true, {kSyn, kClient, 0, {}})).sent.at(0).facts().tcp_seq;
  (void)scene.in("lan", segment(true, {kAck, kClient + 1, cookie + 1, {}}));
  const Told reset = scene.in("wan", segment(false, {kRst | kAck, 0, kClient + 1, {}}));
  ASSERT_EQ(reset.sent.size(), 1U);
  EXPECT_EQ(reset.sent[0].facts().tcp_seq, cookie + 1);
  EXPECT_EQ(scene.engine.parts().tracker->size(), 0U);
}

}  // namespace
}  // namespace utables::engine
