// Scenarios made by hand, held against this machine's kernel: what generated ones reach too rarely.
#include "lab/compare/compare.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "lab/generate/packets.h"
#include "packet/headers.h"

namespace utables::lab::compare {
namespace {

using generate::Bytes;

constexpr std::string_view kTracked =
    "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -m conntrack "
    "--ctstate "
    "RELATED\n-A OUTPUT -m conntrack --ctstate INVALID\nCOMMIT\n";
constexpr std::string_view kMangled =
    "*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT "
    "[0:0]\n:POSTROUTING ACCEPT [0:0]\n-A OUTPUT -j TOS --set-tos 0x10/0x3f\n-A PREROUTING -i lo\nCOMMIT\n";

constexpr std::uint32_t kLan = 0x0a0000fe, kHost = 0x0a000005, kElsewhere = 0x08080808;

class CompareTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (kernel::why_no_kernel().empty()) return;
    if (std::getenv("UTABLES_REQUIRE_KERNEL") != nullptr) FAIL() << kernel::why_no_kernel();
    GTEST_SKIP() << "no kernel to compare with: " << kernel::why_no_kernel();
  }

  /// A box with two interfaces, and a default route by the second if `way_out`.
  static generate::Scenario router(std::string_view rules, std::string_view sysctl, bool way_out) {
    generate::Scenario scenario;
    scenario.box.has_net_ip = scenario.box.has_rules_v4 = true;
    scenario.box.net_ip =
        "link add dev lan address 02:00:00:00:01:00\nlink add dev wan\naddr add 10.0.0.254/24 dev lan\naddr "
        "add "
        "192.0.2.254/24 dev wan\n";
    if (way_out) scenario.box.net_ip += "route add default via 192.0.2.1 dev wan\n";
    scenario.box.rules_v4 = rules;
    scenario.box.sysctl_conf = sysctl;
    scenario.interfaces = {{"lan", true}, {"wan", false}};
    return scenario;
  }

  static generate::IpFields between(std::uint32_t source, std::uint32_t destination) {
    generate::IpFields ip;
    ip.source = source;
    ip.destination = destination;
    ip.protocol = packet::kUdp;
    ip.identification = 7;
    return ip;
  }
  static Bytes udp(const generate::IpFields& ip) {
    return generate::ip_packet(ip, generate::udp_datagram(ip, 4000, 53, Bytes(8, 'x')));
  }
  /// The first eight bytes of such a packet, as a first fragment.
  static Bytes beginning(generate::IpFields ip, std::uint16_t identification) {
    const Bytes whole = generate::udp_datagram(ip, 4000, 53, Bytes(8, 'x'));
    ip.identification = identification;
    ip.more_fragments = true;
    return generate::ip_packet(ip, std::span(whole).first(8));
  }

  static void add(generate::Scenario& scenario, Duration at, Bytes bytes,
                  PacketType type = PacketType::host) {
    auto& packet = scenario.packets.emplace_back();
    packet.bytes = std::move(bytes);
    packet.at = at;
    packet.type = type;
    packet.link.present = true;
    packet.link.type = 0x0800;
    packet.link.source = {2, 0, 0, 0, 2, 1};
  }

  static void same(const generate::Scenario& scenario, std::uint64_t sent) {
    auto result = play_and_compare(scenario);
    for (int again = 0; again < 8 && result && result->held_up() && !result->differences.empty(); ++again)
      result = play_and_compare(scenario);
    ASSERT_TRUE(result) << result.error().text;
    for (const auto& difference : result->differences) ADD_FAILURE() << difference.text;
    EXPECT_EQ(result->sent, sent);
  }
};

TEST_F(CompareTest, RoutedAgainWithItsSourceAfterMangle) {
  constexpr std::uint32_t kSources[] = {0x7f000001, 0x7f000009, kLan,       0xc00002fe, kElsewhere,
                                        0x0a0000ff, 0xe0000005, 0xffffffff, 0x00010203, 0xf0000001};
  constexpr std::uint32_t kDestinations[] = {0xc0000203, 0x0a000003, kLan,       0x7f000001,
                                             0x7f000009, 0xe0000001, 0xef010101, 0xffffffff,
                                             0x0a0000ff, 0xc00002ff, 0xc6336407};
  for (const auto& [sysctl, sent] : {std::pair{"", 55U}, {"net.ipv4.conf.all.route_localnet = 1\n", 65U}}) {
    generate::Scenario scenario = router(kMangled, sysctl, true);
    for (const std::uint32_t source : kSources)
      for (const std::uint32_t destination : kDestinations) {
        add(scenario, 0, udp(between(source, destination)));
        scenario.packets.back().outbound = true;
      }
    same(scenario, sent);
  }
}

TEST_F(CompareTest, RejectedAfterItCameBackOverLo) {
  constexpr std::string_view kRules =
      "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -p tcp -j "
      "REJECT\n-A "
      "INPUT -m conntrack --ctstate INVALID\nCOMMIT\n";
  for (const char* loose : {"0", "1"}) {
    const std::string sysctl = std::string("net.netfilter.nf_conntrack_tcp_loose = ") + loose + "\n";
    generate::Scenario scenario = router(kRules, sysctl, true);
    for (const bool stamped : {false, true}) {
      generate::IpFields ip = between(kLan, kLan);
      ip.protocol = packet::kTcp;
      if (stamped) ip.options = {0x44, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0};
      generate::TcpFields tcp;
      tcp.source_port = stamped ? 4000 : 4001;
      tcp.destination_port = 80;
      tcp.flags = packet::tcp::kAck;
      add(scenario, 0, generate::ip_packet(ip, generate::tcp_segment(ip, tcp, {})));
      scenario.packets.back().outbound = true;
    }
    same(scenario, 0);
  }
}

// A reassembly that timed out: told if its beginning came to the box alone; as of the connection if that
// still lives at that moment (a hundred milliseconds more); and what its receiver had gathered for answers
// about no route is gone from that moment on.
TEST_F(CompareTest, ReassembliesThatTimeOut) {
  constexpr std::string_view kSeconds =
      "net.ipv4.ipfrag_time = 1\nnet.netfilter.nf_conntrack_udp_timeout = 1\n";
  for (const Duration later : {1900 * kMillisecond, 2150 * kMillisecond}) {
    generate::Scenario scenario = router(kTracked, kSeconds, false);
    scenario.paced = true;
    add(scenario, 0, beginning(between(kHost, kLan), 1));
    add(scenario, 0, beginning(between(kHost + 1, kLan), 2), PacketType::broadcast);
    add(scenario, 0, beginning(between(kHost + 2, kLan), 3));
    add(scenario, 0, beginning(between(kHost, kElsewhere), 4));
    add(scenario, 150 * kMillisecond, udp(between(kHost, kLan)));
    for (int i = 0; i < 3; ++i) add(scenario, later, udp(between(kHost, kElsewhere)));
    same(scenario, later < 2000 * kMillisecond ? 2 : 3);
  }
}

}  // namespace
}  // namespace utables::lab::compare
