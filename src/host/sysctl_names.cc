#include "host/sysctl_names.h"

namespace utables::host {

namespace {

constexpr std::uint64_t kInt = 0x7fffffff;
constexpr std::uint64_t kSeconds = 8589934;  // what the kernel takes for a time: INT_MAX / HZ seconds

#define UTABLES_BOOL(member) [](Settings& s, std::uint64_t v) { s.member = v != 0; }
#define UTABLES_NUMBER(member) \
  [](Settings& s, std::uint64_t v) { s.member = static_cast<decltype(s.member)>(v); }

constexpr GlobalSetting kGlobal[] = {
    {"net.ipv4.ip_default_ttl", 1, 255, UTABLES_NUMBER(default_ttl)},
    {"net.ipv4.icmp_echo_ignore_all", 0, 1, UTABLES_BOOL(icmp_echo_ignore_all)},
    {"net.ipv4.icmp_echo_ignore_broadcasts", 0, 1, UTABLES_BOOL(icmp_echo_ignore_broadcasts)},
    {"net.ipv4.icmp_ignore_bogus_error_responses", 0, 1, UTABLES_BOOL(icmp_ignore_bogus_error_responses)},
    {"net.ipv4.icmp_errors_use_inbound_ifaddr", 0, 1, UTABLES_BOOL(icmp_errors_use_inbound_ifaddr)},
    {"net.ipv4.icmp_ratelimit", 0, kInt, UTABLES_NUMBER(icmp_ratelimit)},
    {"net.ipv4.icmp_ratemask", 0, kInt, UTABLES_NUMBER(icmp_ratemask)},
    {"net.ipv4.icmp_msgs_per_sec", 0, kInt, UTABLES_NUMBER(icmp_msgs_per_sec)},
    {"net.ipv4.icmp_msgs_burst", 0, kInt, UTABLES_NUMBER(icmp_msgs_burst)},
    {"net.ipv4.ip_forward_use_pmtu", 0, 255, UTABLES_BOOL(ip_forward_use_pmtu)},
    {"net.ipv4.ip_forward_update_priority", 0, 1, UTABLES_BOOL(ip_forward_update_priority)},
    {"net.ipv4.ip_no_pmtu_disc", 0, 255, UTABLES_BOOL(ip_no_pmtu_disc)},
    {"net.ipv4.fwmark_reflect", 0, 255, UTABLES_BOOL(fwmark_reflect)},
    {"net.ipv4.ipfrag_time", 0, kSeconds, UTABLES_NUMBER(ipfrag_time)},
    {"net.ipv4.ipfrag_high_thresh", 0, ~std::uint64_t{0}, UTABLES_NUMBER(ipfrag_high_thresh)},
    {"net.ipv4.ipfrag_low_thresh", 0, ~std::uint64_t{0}, UTABLES_NUMBER(ipfrag_low_thresh)},
    {"net.ipv4.ipfrag_max_dist", 0, kInt, UTABLES_NUMBER(ipfrag_max_dist)},

    {"net.ipv6.conf.all.forwarding", 0, kInt, UTABLES_BOOL(ipv6_forwarding)},
    {"net.netfilter.nf_conntrack_frag6_timeout", 0, kSeconds, UTABLES_NUMBER(frag6_timeout)},
    {"net.netfilter.nf_conntrack_frag6_high_thresh", 0, ~std::uint64_t{0}, UTABLES_NUMBER(frag6_high_thresh)},
    {"net.netfilter.nf_conntrack_frag6_low_thresh", 0, ~std::uint64_t{0}, nullptr},

    {"net.netfilter.nf_conntrack_max", 0, kInt, nullptr},
    {"net.netfilter.nf_conntrack_buckets", 1, kInt, nullptr},
    {"net.netfilter.nf_conntrack_expect_max", 1, kInt, nullptr},
    {"net.netfilter.nf_conntrack_acct", 0, 1, nullptr},
    {"net.netfilter.nf_conntrack_checksum", 0, 1, nullptr},
    {"net.netfilter.nf_conntrack_events", 0, 2, nullptr},
    {"net.netfilter.nf_conntrack_timestamp", 0, 1, nullptr},
    {"net.netfilter.nf_conntrack_log_invalid", 0, 255, nullptr},
    {"net.netfilter.nf_conntrack_helper", 0, 1, nullptr},
    {"net.netfilter.nf_conntrack_tcp_loose", 0, 1, nullptr},
    {"net.netfilter.nf_conntrack_tcp_be_liberal", 0, 1, nullptr},
    {"net.netfilter.nf_conntrack_tcp_ignore_invalid_rst", 0, 1, nullptr},
    {"net.netfilter.nf_conntrack_tcp_max_retrans", 0, 255, nullptr},
    {"net.netfilter.nf_conntrack_tcp_timeout_none", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_tcp_timeout_syn_sent", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_tcp_timeout_syn_sent2", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_tcp_timeout_syn_recv", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_tcp_timeout_established", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_tcp_timeout_fin_wait", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_tcp_timeout_close_wait", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_tcp_timeout_last_ack", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_tcp_timeout_time_wait", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_tcp_timeout_close", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_tcp_timeout_listen", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_tcp_timeout_max_retrans", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_tcp_timeout_unacknowledged", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_udp_timeout", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_udp_timeout_stream", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_sctp_timeout_closed", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_sctp_timeout_cookie_wait", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_sctp_timeout_cookie_echoed", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_sctp_timeout_established", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_sctp_timeout_shutdown_sent", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_sctp_timeout_shutdown_recd", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_sctp_timeout_shutdown_ack_sent", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_sctp_timeout_heartbeat_sent", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_sctp_timeout_heartbeat_acked", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_udplite_timeout", 0, kSeconds, nullptr},  // of older kernels
    {"net.netfilter.nf_conntrack_udplite_timeout_stream", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_icmp_timeout", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_icmpv6_timeout", 0, kSeconds, nullptr},
    {"net.netfilter.nf_conntrack_generic_timeout", 0, kSeconds, nullptr},
};

#undef UTABLES_BOOL
#undef UTABLES_NUMBER
#define UTABLES_FLAG(member) [](InterfaceSettings& s, std::uint32_t v) { s.member = v != 0; }

constexpr InterfaceSetting kInterface[] = {
    {"forwarding", Combine::interface_alone, 1, 1, UTABLES_FLAG(forwarding)},
    {"rp_filter", Combine::larger, 0, 0,
     [](InterfaceSettings& s, std::uint32_t v) {
       s.rp_filter_strict = v == 1;
       s.rp_filter_loose = v > 1;
     }},
    {"send_redirects", Combine::either, 0, 0, UTABLES_FLAG(send_redirects)},
    {"accept_redirects", Combine::both, 0, 0, UTABLES_FLAG(accept_redirects)},
    {"secure_redirects", Combine::either, 1, 1, UTABLES_FLAG(secure_redirects)},
    {"shared_media", Combine::either, 1, 1, UTABLES_FLAG(shared_media)},
    {"accept_source_route", Combine::both, 0, 1, UTABLES_FLAG(accept_source_route)},
    {"accept_local", Combine::either, 0, 0, UTABLES_FLAG(accept_local)},
    {"route_localnet", Combine::either, 0, 0, UTABLES_FLAG(route_localnet)},
    {"log_martians", Combine::either, 0, 0, UTABLES_FLAG(log_martians)},
    {"src_valid_mark", Combine::either, 0, 0, UTABLES_FLAG(src_valid_mark)},
    {"drop_unicast_in_l2_multicast", Combine::either, 0, 0, UTABLES_FLAG(drop_unicast_in_l2_multicast)},
};
#undef UTABLES_FLAG

/// Where the settings of tracking once lived: any of these before any of those is the modern name.
constexpr std::string_view kOldFolders[] = {"net.ipv4.netfilter.", "net.netfilter.", "net.ipv4.", "net.", ""};
constexpr std::string_view kOldPrefixes[] = {"ip_conntrack_", "nf_conntrack_", "ip_ct_", "nf_ct_"};

struct Renamed {
  std::string_view old_name, new_name;
};
constexpr Renamed kRenamed[] = {
    {"net.ipv4.conf.all.forwarding", "net.ipv4.ip_forward"},
    {"ip_conntrack.hashsize", "net.netfilter.nf_conntrack_buckets"},
    {"nf_conntrack.hashsize", "net.netfilter.nf_conntrack_buckets"},
    {"sys.module.ip_conntrack.parameters.hashsize", "net.netfilter.nf_conntrack_buckets"},
    {"sys.module.nf_conntrack.parameters.hashsize", "net.netfilter.nf_conntrack_buckets"},
    {"net.ipv4.netfilter.ip_conntrack_hashsize", "net.netfilter.nf_conntrack_buckets"},
    {"net.netfilter.nf_conntrack_hashsize", "net.netfilter.nf_conntrack_buckets"},
    {"net.ipv4.ip_conntrack_hashsize", "net.netfilter.nf_conntrack_buckets"},
    {"ip_conntrack_hashsize", "net.netfilter.nf_conntrack_buckets"},
};

}  // namespace

std::span<const GlobalSetting> global_settings() { return kGlobal; }
std::span<const InterfaceSetting> interface_settings() { return kInterface; }

std::string renamed(std::string_view key) {
  for (const Renamed& row : kRenamed)
    if (row.old_name == key) return std::string(row.new_name);
  for (const std::string_view folder : kOldFolders) {
    if (!key.starts_with(folder)) continue;
    const std::string_view rest = key.substr(folder.size());
    for (const std::string_view prefix : kOldPrefixes)
      if (rest.starts_with(prefix) && rest.find('.') == std::string_view::npos)
        return "net.netfilter.nf_conntrack_" + std::string(rest.substr(prefix.size()));
  }
  return {};
}

}  // namespace utables::host
