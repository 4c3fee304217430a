// ICMP errors (RFC 792): the connection that one is about (R10).
#pragma once
#include "conntrack/helper/calls.h"
#include "conntrack/invalid.h"
#include "conntrack/table.h"
#include "packet/buffer.h"
#include "packet/headers.h"

namespace utables::conntrack {

struct ErrorSubject {
  InvalidReason reason = InvalidReason::none;
  Found found{};  ///< the direction is that of the error itself
};

/// REQUIRES: an ICMP error with its whole header of 8 bytes, or a redirect of IPv6, which is
/// `icmp_opens_nothing` where it is about no packet.
[[nodiscard]] ErrorSubject subject_of_error(const packet::Buffer& packet, const Zone& zone,
                                            const Table& table, const Calls& calls);

/// Bytes from the ICMP header on to what an error quotes; a redirect of IPv6 does so in its first option.
[[nodiscard]] inline std::size_t quote_offset(const packet::Facts& facts) {
  constexpr std::size_t kIcmpHeader = 8, kRedirectHeader = 40, kOptionHeader = 8;
  const bool redirect = facts.is_ipv6() && facts.icmp_type == packet::icmpv6::kRedirect;
  return redirect ? kRedirectHeader + kOptionHeader : kIcmpHeader;
}

}  // namespace utables::conntrack
