// `sysctl.conf`: settings of the kernel by name, as sysctl.conf(5) and sysctl.d(5) have them.
//
//   # comment     ; comment     key = value     key=value     -key = value     -pattern
// Keys have dots or slashes (`net/ipv4/conf/eth0.100/forwarding`; the first of the two that occurs
// separates, the other then stands for itself), and may begin with `/proc/sys/`. A `*` stands for any
// interface; a plain `-pattern` exempts what it matches from patterns. Later lines win. `-key` means
// that an error of this one line is not an error. Names of any kernel (`ip_ct_tcp_loose`,
// `net.ipv4.netfilter.ip_conntrack_max`) become the modern ones. What is not known is kept, and noted
// as not simulated.
#pragma once
#include <utables/result.h>

#include <optional>
#include <string>
#include <string_view>

#include "host/host.h"

namespace utables::host {

/// At most this many bytes of sysctl.conf are taken, and as many lines.
inline constexpr std::size_t kMaxSysctlBytes = 4 << 20, kMaxSysctlLines = 50'000;

/// Reads `text` into host.sysctls and host.settings, with notes for what is not simulated.
/// REQUIRES: host has all its interfaces.
void read_sysctl(std::string_view text, const std::string& file, Host& host, Errors& errors);

/// The modern name, with dots, of a key of any kernel and spelling; the key itself, with dots, if it
/// has no other. `ip_conntrack_max` and `net/ipv4/ip_conntrack_max` give `net.netfilter.nf_conntrack_max`.
[[nodiscard]] std::string modern_name(std::string_view key);

}  // namespace utables::host
