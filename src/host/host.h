// The box as the packet path sees it: interfaces, addresses, routes, sysctls.
// Built once from `net.ip` and `sysctl.conf` (net_ip.h, sysctl.h), then read only while packets pass;
// a change makes a new Host.
#pragma once
#include <utables/engine.h>
#include <utables/packet.h>
#include <utables/result.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "host/routes.h"

namespace utables::host {

/// The types of `ip link add ... type`, as far as they matter to packets.
enum class LinkKind : std::uint8_t { ordinary, loopback, vlan, point_to_point };

struct InterfaceAddress {
  Prefix prefix;        ///< address with its network (that of the peer, if there is one)
  Address broadcast{};  ///< zero: none
  std::optional<Address> peer{};
  bool secondary = false;  ///< same network as an earlier one: not chosen as a source
  RouteScope scope = RouteScope::universe;
  std::uint32_t metric = 0;      ///< of the connected route
  bool no_prefix_route = false;  ///< `noprefixroute`: no connected route

  /// What the other end of the network is derived from: the peer, else the address.
  [[nodiscard]] const Address& far() const { return peer ? *peer : prefix.address; }
};

struct Interface {
  std::string name;
  std::uint32_t index = 0;  ///< the kernel's ifindex; 0 until Host::settle() gives it one
  std::uint32_t mtu = 1500;
  bool up = true;
  LinkKind kind = LinkKind::ordinary;
  std::optional<std::array<std::uint8_t, 6>> hardware_address{};
  std::optional<InterfaceId> vlan_parent{};
  std::uint16_t vlan_id = 0;
  std::uint32_t group = 0;
  std::vector<InterfaceAddress> addresses{};
};

/// Settings of the stack, per interface where Linux has them so. What sysctl.conf does not name has the
/// values of contract.md, "A box".
struct InterfaceSettings {
  bool forwarding = true, rp_filter_strict = false, rp_filter_loose = false, send_redirects = false,
       accept_source_route = false, log_martians = false, accept_local = false, route_localnet = false,
       shared_media = true;
  bool src_valid_mark = false;
  bool secure_redirects = true, accept_redirects = false, drop_unicast_in_l2_multicast = false;
};

struct Settings {
  bool ip_forward = true;
  std::uint8_t default_ttl = 64;
  bool icmp_echo_ignore_all = false, icmp_echo_ignore_broadcasts = true;
  bool icmp_errors_use_inbound_ifaddr = false;
  bool icmp_ignore_bogus_error_responses = true, ip_no_pmtu_disc = false, fwmark_reflect = false;
  bool ip_forward_use_pmtu = false, ip_forward_update_priority = true;
  std::uint32_t icmp_ratelimit = 0, icmp_ratemask = 6168;     ///< milliseconds; mask of types
  std::uint32_t icmp_msgs_per_sec = 0, icmp_msgs_burst = 50;  ///< of all ICMP errors together; 0: no limit
  std::uint32_t ipfrag_time = 30;                             ///< seconds
  std::uint64_t ipfrag_high_thresh = 4 << 20, ipfrag_low_thresh = 3 << 20;  ///< bytes
  std::uint32_t ipfrag_max_dist = 64;
  bool ipv6_forwarding = true;                  ///< net.ipv6.conf.all.forwarding
  std::uint32_t frag6_timeout = 60;             ///< seconds; net.netfilter.nf_conntrack_frag6_...
  std::uint64_t frag6_high_thresh = 4 << 20;    ///< bytes
  std::vector<InterfaceSettings> interfaces{};  ///< by InterfaceId
};

class Host {
 public:
  std::vector<Interface> interfaces;  ///< by InterfaceId; the first is `lo`
  RouteTable routes;                  ///< the tables local and main, both families
  Settings settings;
  /// Every sysctl that was named, by its modern name with dots (`net.netfilter.nf_conntrack_tcp_loose`);
  /// other layers read theirs from here. Values of settings that are known were checked.
  std::map<std::string, std::string, std::less<>> sysctls;
  /// What was assumed or is not simulated, a sentence each, for people.
  std::vector<std::string> notes;

  /// A box with `lo`, 127.0.0.1/8 and ::1/128 alone.
  Host();

  [[nodiscard]] std::optional<InterfaceId> find(std::string_view name) const;
  [[nodiscard]] const Interface& at(InterfaceId id) const { return interfaces[id]; }
  /// One of the box's own addresses (127.0.0.0/8 included).
  [[nodiscard]] bool is_local(const Address& a, Family f) const;
  /// The source that the kernel chooses on `device` towards `destination` (zero: none in particular)
  /// for a route of `scope`; zero if the box has none.
  [[nodiscard]] Address select_source(InterfaceId device, const Address& destination, Family f,
                                      RouteScope scope) const;
  /// The same for IPv6 (RFC 6724 section 5), whose routes have no scope: among the addresses of all
  /// interfaces, or of `device` alone where the destination is a link's own.
  [[nodiscard]] Address select_source6(InterfaceId device, const Address& destination) const;
  /// A group that `device` has joined: all nodes, all routers, those of its own addresses (RFC 4291 2.8).
  [[nodiscard]] bool hears_group(InterfaceId device, const Address& group) const;
  /// Brings up to date what is derived from interfaces and addresses: the routes' sources, indexes not
  /// given, the size of settings.interfaces. Called by whoever changed them (build does), before packets
  /// pass.
  void settle();
};

/// Reads `net.ip` and `sysctl.conf` of a box. Without `net.ip`: interfaces `in` and `out`, the default
/// route by `out`. All errors of both files, each with its file (prefixed with the box's name) and line.
[[nodiscard]] Result<Host, Errors> build(const BoxText& box);

}  // namespace utables::host
