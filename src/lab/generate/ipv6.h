// What is generated for IPv4, as IPv6: one generator for both families. A host a.b.c.d is 2001:db8::a.b.c.d
// beside it, a packet of IPv4 becomes one of IPv6 with the same story (transport, faults, fragments), and a
// rule the rule that ip6tables has for it; what IPv6 has more of (extension headers) is drawn.
#pragma once
#include <string>

#include "base/address.h"
#include "lab/generate/traffic.h"

namespace utables::lab::generate {

/// The address of a host over IPv6; special ones become special ones.
[[nodiscard]] Address address6(std::uint32_t v4);
/// `net.ip` with a second line for every line about addresses, further addresses here and there, and no MTU
/// below 1,280 bytes.
[[nodiscard]] std::string net_ip_of_both(const std::string& net_ip, Random& random);
/// `sysctl.conf` with what the settings of IPv4 are called over IPv6.
[[nodiscard]] std::string sysctl_of_both(const std::string& sysctl_conf);
/// iptables-save text as ip6tables takes it; matches that IPv4 has not are drawn into some rules.
[[nodiscard]] std::string rules_v6_of(const std::string& rules_v4, Random& random);
/// A packet of IPv4, right or wrong, as one of IPv6.
[[nodiscard]] Bytes packet6(const Bytes& v4, Random& random);
/// A redirect, if it is one, as a router on the link sends it: from a link-local address, not forwarded on
/// its way, the packet that it is about in its first option (RFC 4861, 4.5). In some, one of these is not so.
void as_routers_redirect(Bytes& packet, Random& random);
[[nodiscard]] Flow flow6(Flow flow, Random& random);

}  // namespace utables::lab::generate
