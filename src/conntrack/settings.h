// Settings of connection tracking: timeouts, limits, behaviour; under every sysctl name they ever had.
#pragma once
#include <utables/result.h>
#include <utables/time.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "conntrack/connection.h"

namespace utables::conntrack {

/// modern: today's kernel. classic: Linux 2.4/2.6 as requirements R01-R16 number it.
enum class Profile : std::uint8_t { modern, classic };

/// How long connections last: what sysctls say, or a policy of some (CT --timeout).
struct Timeouts {
  std::array<Duration, static_cast<std::size_t>(TcpState::count_)> tcp_timeout{};
  Duration tcp_timeout_max_retrans = 300 * kSecond, tcp_timeout_unacknowledged = 300 * kSecond;
  Duration udp_timeout = 30 * kSecond, udp_timeout_stream = 120 * kSecond;
  std::array<Duration, static_cast<std::size_t>(SctpState::count_)> sctp_timeout{};
  Duration icmp_timeout = 30 * kSecond, icmpv6_timeout = 30 * kSecond, generic_timeout = 600 * kSecond;
  Duration gre_timeout = 30 * kSecond, gre_timeout_stream = 180 * kSecond;
};

/// A policy of timeouts, which rules name (timeout_policies.h).
struct TimeoutPolicy {
  std::string name;
  Family family = Family::ipv4;
  std::uint8_t protocol = 0;  ///< kGenericProtocol: of those without a tracker
  Timeouts timeouts{};
};
inline constexpr std::uint8_t kGenericProtocol = 255;

/// A label of connections by its name (connlabel.conf).
struct LabelName {
  std::string name;
  std::uint16_t number = 0;  ///< up to 1023; connections have those up to kLargestLabel
};

struct Settings : Timeouts {
  Profile profile = Profile::modern;
  std::uint8_t tcp_max_retrans = 3;
  bool tcp_loose = true, tcp_be_liberal = false, tcp_ignore_invalid_rst = false;
  bool checksum = true;     ///< nf_conntrack_checksum
  bool accounting = false;  ///< nf_conntrack_acct
  bool timestamp = false;   ///< nf_conntrack_timestamp
  std::uint32_t max = 262144, buckets = 262144, expect_max = 4096;
  bool automatic_helpers =
      false;  ///< nf_conntrack_helper, classic: by the server's port, without CT --helper
  std::uint8_t log_invalid = 0;
  std::vector<TimeoutPolicy> policies{};  ///< by Connection::timeout_policy - 1
  std::vector<LabelName> labels{};
};

[[nodiscard]] Settings defaults(Profile profile);

/// The classic profile's hash size for a machine with so much memory (R15: 128 MB give a maximum of 8192).
[[nodiscard]] std::uint32_t classic_buckets(std::uint64_t memory_bytes);

/// connlabel.conf: lines of `NUMBER NAME`, the number as strtoul reads it; a name has letters, digits, `-`
/// and blanks within. What is no such line, and a number or name that was there before, is passed over, as by
/// iptables and conntrack(8).
[[nodiscard]] std::vector<LabelName> read_label_names(std::string_view text);

/// Applies every sysctl of conntrack in `sysctls` (modern names; host/sysctl.h has the aliases).
[[nodiscard]] Result<Settings> settings_from(const std::map<std::string, std::string, std::less<>>& sysctls,
                                             Profile profile);

}  // namespace utables::conntrack
