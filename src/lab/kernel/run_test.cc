// What the runner itself promises, asked of the kernel.
#include "lab/kernel/run.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/bytes.h"
#include "lab/kernel/setup.h"

namespace utables::lab::kernel {
namespace {

/// An IPv4 packet with a right header checksum.
std::vector<std::uint8_t> packet(std::uint8_t protocol, std::uint32_t source, std::uint32_t destination,
                                 const std::vector<std::uint8_t>& payload) {
  std::vector<std::uint8_t> bytes(20, 0);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  bytes[0] = 0x45;
  bytes[8] = 64;
  bytes[9] = protocol;
  store16(bytes.data() + 2, static_cast<std::uint16_t>(bytes.size()));
  store16(bytes.data() + 4, 77);
  store32(bytes.data() + 12, source);
  store32(bytes.data() + 16, destination);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < 20; i += 2) sum += load16(bytes.data() + i);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  store16(bytes.data() + 10, static_cast<std::uint16_t>(~sum));
  return bytes;
}

const std::vector<std::uint8_t> kUdp{0x10, 0, 0, 53, 0, 8, 0, 0};     // 4096 > 53
const std::vector<std::uint8_t> kEcho{8, 0, 0xf7, 0xfd, 0, 1, 0, 1};  // echo request, id 1
const std::vector<std::uint8_t> kSyn{0x10, 0, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0};

constexpr std::uint32_t kClient = 0x0a000001, kLan = 0x0a0000fe, kServer = 0xc6336401;

class KernelRunTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (why_no_kernel().empty()) return;
    if (std::getenv("UTABLES_REQUIRE_KERNEL") != nullptr) FAIL() << why_no_kernel();
    GTEST_SKIP() << "no kernel to compare with: " << why_no_kernel();
  }
  static NamespaceSetup router(const std::string& rules) {
    BoxText box;
    box.has_net_ip = box.has_rules_v4 = true;
    box.net_ip =
        "link add dev lan index 7 mtu 1400\naddr add 10.0.0.254/24 dev lan\naddr add 192.0.2.2/24 dev "
        "wan\nroute add default via 192.0.2.1 dev wan\n";
    box.rules_v4 =
        "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n" + rules + "COMMIT\n";
    auto setup = setup_from(box);
    EXPECT_TRUE(setup.has_value());
    return *setup;
  }
  static Injection arriving(std::vector<std::uint8_t> bytes) {
    Injection injection;
    injection.bytes = std::move(bytes);
    return injection;
  }
};

TEST_F(KernelRunTest, ForwardsAndTracks) {
  const NamespaceSetup setup = router("-A FORWARD -m conntrack --ctstate NEW\n");
  const auto report = run_in_kernel(setup, {arriving(packet(17, kClient, kServer, kUdp))});
  ASSERT_TRUE(report) << report.error().text;
  ASSERT_EQ(report->packets.size(), 1U);
  ASSERT_EQ(report->packets[0].sent.size(), 1U);
  EXPECT_EQ(setup.devices[report->packets[0].sent[0].device].name, "wan");
  EXPECT_EQ(report->packets[0].sent[0].bytes[8], 63);
  ASSERT_EQ(report->table.size(), 1U);
  EXPECT_NE(report->table[0].find("udp      17 "), std::string::npos) << report->table[0];
  EXPECT_NE(report->saved_rules.find("[1:28] -A FORWARD"), std::string::npos) << report->saved_rules;
}

TEST_F(KernelRunTest, StackIsSilentAboutWhatItIsGivenAndConfirmsIt) {
  std::vector<Injection> packets;
  packets.push_back(arriving(packet(17, kClient, kLan, kUdp)));
  packets.push_back(arriving(packet(1, kClient, kLan, kEcho)));
  packets.push_back(arriving(packet(6, kClient, kLan, kSyn)));
  packets.push_back(arriving(packet(132, kClient, kLan, kUdp)));
  packets.push_back(arriving(packet(4, kClient, kLan, kUdp)));
  packets.push_back(arriving(packet(99, kClient, kLan, kUdp)));
  const auto report = run_in_kernel(router("-A INPUT -m conntrack --ctstate NEW\n"), packets);
  ASSERT_TRUE(report) << report.error().text;
  for (const auto& played : report->packets) EXPECT_TRUE(played.sent.empty());
  EXPECT_EQ(report->table.size(), 4U);  // the TCP and SCTP headers are not good enough to be tracked
}

TEST_F(KernelRunTest, RejectIsNotSilenced) {
  const auto report =
      run_in_kernel(router("-A INPUT -p udp -j REJECT\n"), {arriving(packet(17, kClient, kLan, kUdp))});
  ASSERT_TRUE(report) << report.error().text;
  ASSERT_EQ(report->packets[0].sent.size(), 1U);
  EXPECT_EQ(report->packets[0].sent[0].bytes[20], 3);
}

TEST_F(KernelRunTest, OutboundGoesThroughOutput) {
  Injection injection;
  injection.outbound = true;
  injection.bytes = packet(17, kLan, kServer, kUdp);
  const auto report = run_in_kernel(router("-A OUTPUT -m conntrack --ctstate NEW\n"), {injection});
  ASSERT_TRUE(report) << report.error().text;
  EXPECT_EQ(report->packets[0].refused, 0);
  ASSERT_EQ(report->packets[0].sent.size(), 1U);
  EXPECT_EQ(report->packets[0].sent[0].bytes, injection.bytes);
  EXPECT_EQ(report->table.size(), 1U);
}

TEST_F(KernelRunTest, EthernetDeviceKeepsPacketType) {
  NamespaceSetup setup = router(
      "-A FORWARD -m pkttype --pkt-type unicast -m mac --mac-source 02:00:00:00:00:09\n-A INPUT -m pkttype "
      "--pkt-type broadcast\n");
  setup.devices[0].ethernet = true;
  Injection injection = arriving(packet(17, kClient, kServer, kUdp));
  injection.link.present = true;
  injection.link.source = {2, 0, 0, 0, 0, 9};
  Injection broadcast = arriving(packet(17, kClient, 0xffffffff, kUdp));
  broadcast.type = PacketType::broadcast;
  const auto report = run_in_kernel(setup, {injection, broadcast});
  ASSERT_TRUE(report) << report.error().text;
  EXPECT_NE(report->saved_rules.find("[1:28] -A FORWARD"), std::string::npos) << report->saved_rules;
  EXPECT_NE(report->saved_rules.find("[1:28] -A INPUT"), std::string::npos) << report->saved_rules;
}

TEST_F(KernelRunTest, RefusedBoxIsToldInTheToolsWords) {
  const auto report = run_in_kernel(router("-A FORWARD -m nosuch\n"), {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().exit_code, 2);
  EXPECT_NE(report.error().text.find("nosuch"), std::string::npos) << report.error().text;
}

TEST_F(KernelRunTest, SysctlThatIsNotTakenIsAnError) {
  NamespaceSetup setup = router("");
  setup.sysctls.emplace_back("net.netfilter.nf_conntrack_max", "17");
  const auto report = run_in_kernel(setup, {});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().exit_code, 3);
}

TEST_F(KernelRunTest, PacedRunKeepsThePauses) {
  std::vector<Injection> packets(2, arriving(packet(17, kClient, kServer, kUdp)));
  packets[1].at = 120 * kMillisecond;
  RunOptions options;
  options.paced = true;
  const auto report = run_in_kernel(router(""), packets, options);
  ASSERT_TRUE(report) << report.error().text;
  EXPECT_GE(report->packets[1].when - report->packets[0].when, 120 * kMillisecond);
}

/// Without its time.
std::string bare(const std::string& line) { return line.substr(line.find('\t') + 1); }

TEST_F(KernelRunTest, TellsEventsAsTheProgramConntrackPrintsThem) {
  NamespaceSetup setup =
      router("-A FORWARD -m conntrack --ctstate NEW\n-A FORWARD -p icmp -j CONNMARK --set-mark 5\n");
  setup.sysctls = {{"net.netfilter.nf_conntrack_acct", "1"},
                   {"net.netfilter.nf_conntrack_checksum", "0"},
                   {"net.netfilter.nf_conntrack_timestamp", "1"},
                   {"net.netfilter.nf_conntrack_udp_timeout", "1"}};
  const std::vector<std::uint8_t> rst{0x10, 0, 0, 80, 0, 0, 0, 2, 0, 0, 0, 0, 0x50, 4, 0, 0, 0, 0, 0, 0};
  const std::vector<std::uint8_t> gre{0, 0, 8, 0}, sctp(32, 1), esp(16, 1);
  std::vector<Injection> packets;
  for (const auto& [protocol, payload] :
       std::vector<std::pair<std::uint8_t, std::vector<std::uint8_t>>>{{17, kUdp},
                                                                       {1, kEcho},
                                                                       {6, kSyn},
                                                                       {6, rst},
                                                                       {47, gre},
                                                                       {132, sctp},
                                                                       {136, kUdp},
                                                                       {50, esp},
                                                                       {33, sctp}})
    packets.push_back(arriving(packet(protocol, kClient, kServer, payload)));
  RunOptions options;
  options.conntrack_program = true;
  options.linger = 2500 * kMillisecond;
  const auto report = run_in_kernel(setup, packets, options);
  if (!report && report.error().text.find("conntrack is not installed") != std::string::npos)
    GTEST_SKIP() << report.error().text;
  ASSERT_TRUE(report) << report.error().text;
  std::vector<std::string> told, printed;
  for (const auto& played : report->packets) {
    told.insert(told.end(), played.events_before.begin(), played.events_before.end());
    told.insert(told.end(), played.events.begin(), played.events.end());
  }
  told.insert(told.end(), report->events_after.begin(), report->events_after.end());
  for (const auto& line : report->printed_events) printed.push_back(bare(line));
  EXPECT_EQ(told, printed);
  EXPECT_GE(told.size(), 8U) << ::testing::PrintToString(told);
}

}  // namespace
}  // namespace utables::lab::kernel
