// Policies of timeouts by name, which CT --timeout gives to connections: as nfct(8) makes them.
//
// A line for each: `add timeout NAME inet|inet6 PROTOCOL STATE SECONDS ...` (`timeout add` and `nfct` in
// front will do), `#` begins a comment. PROTOCOL is tcp, udp, udplite, sctp, icmp, icmpv6, gre, or generic:
// any without a tracker of its own. A state that a policy does not name has the time that sysctls give it
// when the policy is made. At most 255 policies.
#pragma once
#include <utables/result.h>

#include <string_view>
#include <vector>

#include "conntrack/settings.h"

namespace utables::conntrack {

inline constexpr std::size_t kMostPolicies = 255;

/// `file`: for errors, each of which bears its line.
[[nodiscard]] Result<std::vector<TimeoutPolicy>, Errors> read_timeout_policies(std::string_view text,
                                                                               const Timeouts& otherwise,
                                                                               const std::string& file);

/// Why a rule for a protocol cannot give that policy, in iptables' words; empty: it can.
/// `protocol`: 0 where the rule names none, or names it inverted.
[[nodiscard]] std::string_view why_no_policy(const std::vector<TimeoutPolicy>& policies,
                                             std::string_view name, Family family, std::uint16_t protocol);
/// Its place among them, from 1; 0: there is none of that name.
[[nodiscard]] std::uint8_t policy_number(const std::vector<TimeoutPolicy>& policies, std::string_view name);

/// For each of its policies of timeouts, settings with that policy's.
[[nodiscard]] std::vector<Settings> settings_by_policy(const Settings& settings);

}  // namespace utables::conntrack
