// sysctl.conf: names of every age, how settings combine, and fifty ways to damage it.
#include "host/sysctl.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "host/net_ip.h"

namespace utables::host {
namespace {

struct Damage {
  const char* text;   // `@` stands for a NUL byte
  const char* error;  // the first one
};
constexpr Damage kDamages[] = {
    {"net.ipv4.ip_forward", "sysctl.conf:1: `net.ipv4.ip_forward': `key = value' is expected"},
    {"net.ipv4.ip_forward 1", "sysctl.conf:1: `net.ipv4.ip_forward 1': `key = value' is expected"},
    {"= 1", "sysctl.conf:1: `= 1': no key before `='"},
    {"-", "sysctl.conf:1: `-': a key or a pattern is expected after it"},
    {"- = 1", "sysctl.conf:1: `= 1': no key before `='"},
    {"net.ipv4.ip_forward =", "sysctl.conf:1: `net.ipv4.ip_forward': no value after `='"},
    {"net.ipv4.ip_forward = yes",
     "sysctl.conf:1: `net.ipv4.ip_forward = yes': not a number from 0 to 2147483647"},
    {"net.ipv4.ip_forward = -1",
     "sysctl.conf:1: `net.ipv4.ip_forward = -1': not a number from 0 to 2147483647"},
    {"net.ipv4.ip_forward = 1 1",
     "sysctl.conf:1: `net.ipv4.ip_forward = 1 1': not a number from 0 to 2147483647"},
    {"net.ipv4.ip_forward = 0x",
     "sysctl.conf:1: `net.ipv4.ip_forward = 0x': not a number from 0 to 2147483647"},
    {"net.ipv4.ip_forward = 1;",
     "sysctl.conf:1: `net.ipv4.ip_forward = 1;': not a number from 0 to 2147483647"},
    {"net.ipv4.ip_forward = \"1\"",
     "sysctl.conf:1: `net.ipv4.ip_forward = \"1\"': not a number from 0 to 2147483647"},
    {"net ipv4 ip_forward = 1", "sysctl.conf:1: `net ipv4 ip_forward': a key has no blanks"},
    {"net..ipv4.ip_forward = 1", "sysctl.conf:1: `net..ipv4.ip_forward': not the name of a setting"},
    {".net.ipv4.ip_forward = 1", "sysctl.conf:1: `.net.ipv4.ip_forward': not the name of a setting"},
    {"net.ipv4.ip_forward. = 1", "sysctl.conf:1: `net.ipv4.ip_forward.': not the name of a setting"},
    {"/proc/sys/ = 1", "sysctl.conf:1: `/proc/sys/': not the name of a setting"},
    {"net.ipv4.conf.wlan0.rp_filter = 1",
     "sysctl.conf:1: `net.ipv4.conf.wlan0.rp_filter': the box has no interface `wlan0' (in a key with dots, "
     "a dot of the name is written `/')"},
    {"net/ipv4/conf/eth0.200/rp_filter = 1",
     "sysctl.conf:1: `net.ipv4.conf.eth0/200.rp_filter': the box has no interface `eth0.200' (in a key with "
     "dots, a dot of the name is written `/')"},
    {"net.ipv4.conf.eth0.100.rp_filter = 1",
     "sysctl.conf:1: `net.ipv4.conf.eth0.100.rp_filter': the box has no interface `eth0' (in a key with "
     "dots, a dot of the name is written `/')"},
    {"net.ipv4.conf.wan.rp_filter = strict",
     "sysctl.conf:1: `net.ipv4.conf.wan.rp_filter = strict': not a number from 0 to 2147483647"},
    {"net.ipv4.conf.all.rp_filter = 4294967296",
     "sysctl.conf:1: `net.ipv4.conf.all.rp_filter = 4294967296': not a number from 0 to 2147483647"},
    {"net.ipv4.conf.default.send_redirects = no",
     "sysctl.conf:1: `net.ipv4.conf.default.send_redirects = no': not a number from 0 to 2147483647"},
    {"net.ipv4.conf.[aw]*.rp_filter = 1",
     "sysctl.conf:1: `net.ipv4.conf.[aw]*.rp_filter': of patterns only `*' and `?' are taken"},
    {"net.ipv4.conf.*.rp_filter = many",
     "sysctl.conf:1: `net.ipv4.conf.all.rp_filter = many': not a number from 0 to 2147483647"},
    {"net.ipv4.ip_default_ttl = 0",
     "sysctl.conf:1: `net.ipv4.ip_default_ttl = 0': not a number from 1 to 255"},
    {"net.ipv4.ip_default_ttl = 256",
     "sysctl.conf:1: `net.ipv4.ip_default_ttl = 256': not a number from 1 to 255"},
    {"net.ipv4.icmp_echo_ignore_all = 2",
     "sysctl.conf:1: `net.ipv4.icmp_echo_ignore_all = 2': not a number from 0 to 1"},
    {"net.ipv4.icmp_echo_ignore_broadcasts = 2",
     "sysctl.conf:1: `net.ipv4.icmp_echo_ignore_broadcasts = 2': not a number from 0 to 1"},
    {"net.ipv4.icmp_errors_use_inbound_ifaddr = 2",
     "sysctl.conf:1: `net.ipv4.icmp_errors_use_inbound_ifaddr = 2': not a number from 0 to 1"},
    {"net.ipv4.icmp_ignore_bogus_error_responses = 2",
     "sysctl.conf:1: `net.ipv4.icmp_ignore_bogus_error_responses = 2': not a number from 0 to 1"},
    {"net.ipv4.icmp_ratelimit = 1s",
     "sysctl.conf:1: `net.ipv4.icmp_ratelimit = 1s': not a number from 0 to 2147483647"},
    {"net.ipv4.icmp_ratemask = -1",
     "sysctl.conf:1: `net.ipv4.icmp_ratemask = -1': not a number from 0 to 2147483647"},
    {"net.ipv4.icmp_msgs_per_sec = lots",
     "sysctl.conf:1: `net.ipv4.icmp_msgs_per_sec = lots': not a number from 0 to 2147483647"},
    {"net.ipv4.icmp_msgs_burst = 5.5",
     "sysctl.conf:1: `net.ipv4.icmp_msgs_burst = 5.5': not a number from 0 to 2147483647"},
    {"net.ipv4.ip_forward_update_priority = 2",
     "sysctl.conf:1: `net.ipv4.ip_forward_update_priority = 2': not a number from 0 to 1"},
    {"net.ipv4.ip_forward_use_pmtu = 256",
     "sysctl.conf:1: `net.ipv4.ip_forward_use_pmtu = 256': not a number from 0 to 255"},
    {"net.ipv4.ip_no_pmtu_disc = 256",
     "sysctl.conf:1: `net.ipv4.ip_no_pmtu_disc = 256': not a number from 0 to 255"},
    {"net.ipv4.ipfrag_time = 9999999999",
     "sysctl.conf:1: `net.ipv4.ipfrag_time = 9999999999': not a number from 0 to 8589934"},
    {"net.ipv4.ipfrag_high_thresh = 99999999999999999999",
     "sysctl.conf:1: `net.ipv4.ipfrag_high_thresh = 99999999999999999999': not a number from 0 to "
     "18446744073709551615"},
    {"net.ipv4.ipfrag_low_thresh = 4M",
     "sysctl.conf:1: `net.ipv4.ipfrag_low_thresh = 4M': not a number from 0 to 18446744073709551615"},
    {"net.ipv4.ipfrag_max_dist = 2147483648",
     "sysctl.conf:1: `net.ipv4.ipfrag_max_dist = 2147483648': not a number from 0 to 2147483647"},
    {"net.netfilter.nf_conntrack_max = 4294967296",
     "sysctl.conf:1: `net.netfilter.nf_conntrack_max = 4294967296': not a number from 0 to 2147483647"},
    {"net.netfilter.nf_conntrack_buckets = 0",
     "sysctl.conf:1: `net.netfilter.nf_conntrack_buckets = 0': not a number from 1 to 2147483647"},
    {"net.netfilter.nf_conntrack_expect_max = 0",
     "sysctl.conf:1: `net.netfilter.nf_conntrack_expect_max = 0': not a number from 1 to 2147483647"},
    {"net.netfilter.nf_conntrack_acct = 2",
     "sysctl.conf:1: `net.netfilter.nf_conntrack_acct = 2': not a number from 0 to 1"},
    {"net.netfilter.nf_conntrack_checksum = on",
     "sysctl.conf:1: `net.netfilter.nf_conntrack_checksum = on': not a number from 0 to 1"},
    {"net.netfilter.nf_conntrack_events = 3",
     "sysctl.conf:1: `net.netfilter.nf_conntrack_events = 3': not a number from 0 to 2"},
    {"net.netfilter.nf_conntrack_log_invalid = 256",
     "sysctl.conf:1: `net.netfilter.nf_conntrack_log_invalid = 256': not a number from 0 to 255"},
    {"net.netfilter.nf_conntrack_tcp_loose = 3",
     "sysctl.conf:1: `net.netfilter.nf_conntrack_tcp_loose = 3': not a number from 0 to 1"},
    {"net.netfilter.nf_conntrack_tcp_be_liberal = 2",
     "sysctl.conf:1: `net.netfilter.nf_conntrack_tcp_be_liberal = 2': not a number from 0 to 1"},
    {"net.netfilter.nf_conntrack_tcp_max_retrans = 256",
     "sysctl.conf:1: `net.netfilter.nf_conntrack_tcp_max_retrans = 256': not a number from 0 to 255"},
    {"net.netfilter.nf_conntrack_tcp_timeout_established = 5d",
     "sysctl.conf:1: `net.netfilter.nf_conntrack_tcp_timeout_established = 5d': not a number from 0 to "
     "8589934"},
    {"net.netfilter.nf_conntrack_tcp_timeout_established = 8589935",
     "sysctl.conf:1: `net.netfilter.nf_conntrack_tcp_timeout_established = 8589935': not a number from 0 to "
     "8589934"},
    {"net.ipv4.netfilter.ip_conntrack_tcp_timeout_close = ten",
     "sysctl.conf:1: `net.netfilter.nf_conntrack_tcp_timeout_close = ten': not a number from 0 to 8589934"},
    {"net.ipv4.ip_conntrack_max = 32k",
     "sysctl.conf:1: `net.netfilter.nf_conntrack_max = 32k': not a number from 0 to 2147483647"},
    {"net/ipv4/netfilter/ip_ct_udp_timeout = ",
     "sysctl.conf:1: `net/ipv4/netfilter/ip_ct_udp_timeout': no value after `='"},
    {"ip_ct_generic_timeout = -600",
     "sysctl.conf:1: `net.netfilter.nf_conntrack_generic_timeout = -600': not a number from 0 to 8589934"},
    {"/sys/module/nf_conntrack/parameters/hashsize = 0",
     "sysctl.conf:1: `net.netfilter.nf_conntrack_buckets = 0': not a number from 1 to 2147483647"},
    {"net.ipv4@.ip_forward = 1", "sysctl.conf:1: a NUL byte: this is not text"},
};

/// A box with the interfaces wan and eth0.100.
Host box() {
  Host host;
  Errors errors;
  read_net_ip("link add dev wan\nlink add dev eth0.100\n", "net.ip", host, errors);
  return host;
}

TEST(Sysctl, EachDamageIsNamedWithFileAndLine) {
  EXPECT_GE(std::size(kDamages), 50U);
  for (const Damage& damage : kDamages) {
    std::string text = damage.text;
    std::replace(text.begin(), text.end(), '@', '\0');
    Host host = box();
    Errors errors;
    read_sysctl(text, "sysctl.conf", host, errors);
    ASSERT_FALSE(errors.empty()) << damage.text;
    EXPECT_EQ(errors.front().str(), damage.error) << damage.text;
  }
}

Host read(std::string_view text) {
  Host host = box();
  Errors errors;
  read_sysctl(text, "sysctl.conf", host, errors);
  for (const Error& e : errors) ADD_FAILURE() << e.str();
  return host;
}

TEST(Sysctl, R07EveryNameThatATimeoutEverHad) {
  const char* const kNames[] = {"tcp_timeout_none",
                                "tcp_timeout_established",
                                "tcp_timeout_syn_sent",
                                "tcp_timeout_syn_recv",
                                "tcp_timeout_fin_wait",
                                "tcp_timeout_time_wait",
                                "tcp_timeout_close",
                                "tcp_timeout_close_wait",
                                "tcp_timeout_last_ack",
                                "tcp_timeout_listen",
                                "tcp_timeout_max_retrans",
                                "udp_timeout",
                                "udp_timeout_stream",
                                "icmp_timeout",
                                "generic_timeout",
                                "tcp_loose",
                                "tcp_be_liberal",
                                "tcp_max_retrans",
                                "sctp_timeout_closed",
                                "sctp_timeout_cookie_wait",
                                "sctp_timeout_established",
                                "sctp_timeout_cookie_echoed",
                                "sctp_timeout_shutdown_sent",
                                "sctp_timeout_shutdown_recd",
                                "sctp_timeout_shutdown_ack_sent",
                                "sctp_timeout_heartbeat_sent",
                                "sctp_timeout_heartbeat_acked",
                                "udplite_timeout"};
  const char* const kSpellings[] = {"net.netfilter.nf_conntrack_{}",
                                    "net/netfilter/nf_conntrack_{}",
                                    "/proc/sys/net/netfilter/nf_conntrack_{}",
                                    "net.ipv4.netfilter.ip_conntrack_{}",
                                    "net/ipv4/netfilter/ip_conntrack_{}",
                                    "/proc/sys/net/ipv4/netfilter/ip_conntrack_{}",
                                    "net.ipv4.netfilter.ip_ct_{}",
                                    "/proc/sys/net/ipv4/netfilter/ip_ct_{}",
                                    "net.ipv4.ip_conntrack_{}",
                                    "/proc/sys/net/ipv4/ip_conntrack_{}",
                                    "ip_ct_{}",
                                    "ip_conntrack_{}"};
  for (const std::string name : kNames)
    for (std::string spelling : kSpellings) {
      spelling.replace(spelling.find("{}"), 2, name);
      EXPECT_EQ(modern_name(spelling), "net.netfilter.nf_conntrack_" + name) << spelling;
      const Host host = read(spelling + " = 1\n");
      EXPECT_EQ(host.sysctls.at("net.netfilter.nf_conntrack_" + name), "1") << spelling;
      EXPECT_TRUE(host.notes.empty()) << spelling;
    }
}

TEST(Sysctl, R15SizeOfTheTableUnderAllItsNames) {
  for (const char* name :
       {"net.ipv4.ip_conntrack_max", "net.ipv4.netfilter.ip_conntrack_max", "net.nf_conntrack_max",
        "/proc/sys/net/ipv4/ip_conntrack_max", "net.netfilter.nf_conntrack_max"})
    EXPECT_EQ(modern_name(name), "net.netfilter.nf_conntrack_max");
  for (const char* name :
       {"net.ipv4.netfilter.ip_conntrack_buckets", "/sys/module/nf_conntrack/parameters/hashsize",
        "/sys/module/ip_conntrack/parameters/hashsize", "net.netfilter.nf_conntrack_buckets"})
    EXPECT_EQ(modern_name(name), "net.netfilter.nf_conntrack_buckets");
}

TEST(Sysctl, BoxDefaults) {
  const Host host = read("");
  EXPECT_TRUE(host.settings.ip_forward);
  EXPECT_EQ(host.settings.icmp_ratelimit, 0U);
  ASSERT_EQ(host.settings.interfaces.size(), 3U);
  for (const InterfaceSettings& i : host.settings.interfaces) {
    EXPECT_TRUE(i.forwarding);
    EXPECT_FALSE(i.rp_filter_strict || i.rp_filter_loose || i.send_redirects || i.accept_redirects ||
                 i.accept_source_route || i.accept_local || i.route_localnet);
    EXPECT_TRUE(i.shared_media && i.secure_redirects);
  }
}

TEST(Sysctl, SyntaxOfLines) {
  const Host host = read(
      "# comment\n; comment\n\n  net.ipv4.ip_default_ttl=0x20\r\n"
      "-net.ipv4.ip_default_ttl = nonsense\n"
      "net.ipv4.icmp_ratelimit = 5\nnet.ipv4.icmp_ratelimit = 7\n"
      "net/ipv4/conf/eth0.100/log_martians = 1\n"
      "net.ipv4.conf.eth0/100.accept_local = 1\n"
      "kernel.printk = 3 4 1 3\n"
      "net.ipv4.tcp_syncookies = 1\n");
  EXPECT_EQ(host.settings.default_ttl, 32);
  EXPECT_EQ(host.settings.icmp_ratelimit, 7U) << "later lines win";
  EXPECT_TRUE(host.settings.interfaces[2].log_martians);
  EXPECT_TRUE(host.settings.interfaces[2].accept_local);
  EXPECT_EQ(host.sysctls.at("kernel.printk"), "3 4 1 3");
  ASSERT_EQ(host.notes.size(), 2U);
  EXPECT_EQ(host.notes[0], "sysctl.conf:11: `net.ipv4.tcp_syncookies' is not simulated");
}

struct Combination {
  const char* text;
  bool InterfaceSettings::*setting;
  bool wan, other;
};

TEST(Sysctl, HowConfAllDefaultAndInterfaceCombine) {
  using S = InterfaceSettings;
  const Combination kRows[] = {
      {"net.ipv4.conf.all.rp_filter=1", &S::rp_filter_strict, true, true},
      {"net.ipv4.conf.wan.rp_filter=1", &S::rp_filter_strict, true, false},
      {"net.ipv4.conf.all.rp_filter=1\nnet.ipv4.conf.wan.rp_filter=2", &S::rp_filter_loose, true, false},
      {"net.ipv4.conf.default.rp_filter=1\nnet.ipv4.conf.wan.rp_filter=0", &S::rp_filter_strict, false, true},
      {"net.ipv4.conf.all.send_redirects=1", &S::send_redirects, true, true},
      {"net.ipv4.conf.wan.send_redirects=1", &S::send_redirects, true, false},
      {"net.ipv4.conf.default.shared_media=0", &S::shared_media, true, true},
      {"net.ipv4.conf.all.shared_media=0\nnet.ipv4.conf.wan.shared_media=0", &S::shared_media, false, true},
      {"net.ipv4.conf.all.accept_source_route=1", &S::accept_source_route, true, true},
      {"net.ipv4.conf.wan.accept_source_route=1", &S::accept_source_route, false, false},
      {"net.ipv4.ip_forward=0", &S::forwarding, false, false},
      {"net.ipv4.ip_forward=0\nnet.ipv4.conf.wan.forwarding=1", &S::forwarding, true, false},
      {"net.ipv4.conf.wan.forwarding=0\nnet.ipv4.conf.all.forwarding=1", &S::forwarding, false, true},
      {"net.ipv4.conf.*.rp_filter=1", &S::rp_filter_strict, true, true},
      {"net.ipv4.conf.*.log_martians=1\nnet.ipv4.conf.all.log_martians=0\nnet.ipv4.conf.wan.log_martians=0",
       &S::log_martians, false, true},
      {"-net.ipv4.conf.wan.*\n-net.ipv4.conf.all.*\nnet.ipv4.conf.*.accept_local=1", &S::accept_local, false,
       true},
  };
  for (const Combination& row : kRows) {
    const Host host = read(row.text);
    EXPECT_EQ(host.settings.interfaces[1].*row.setting, row.wan) << row.text;
    EXPECT_EQ(host.settings.interfaces[2].*row.setting, row.other) << row.text;
  }
}

TEST(Sysctl, BoundsAreSaid) {
  Host host = box();
  Errors errors;
  read_sysctl(std::string(kMaxSysctlBytes + 1, '\n'), "sysctl.conf", host, errors);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].str(), "sysctl.conf: larger than 4194304 bytes");
  errors.clear();
  read_sysctl(std::string(kMaxSysctlLines + 1, '\n'), "sysctl.conf", host, errors);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].str(), "sysctl.conf:50001: more than 50000 lines");
}

}  // namespace
}  // namespace utables::host
