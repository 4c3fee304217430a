// Changes to a Host as the kernel carries out netlink requests: interfaces, addresses, routes.
//
// Whatever the kernel refuses is refused here, in its words where it has some (`File exists`). Derived
// routes (local, broadcast, connected) follow addresses and interfaces going up and down by themselves.
// After the last change: Host::settle().
#pragma once
#include <utables/result.h>

#include <string_view>

#include "host/host.h"

namespace utables::host {

/// How much a box may hold; beyond it requests are refused.
inline constexpr std::size_t kMaxInterfaces = 4096, kMaxAddresses = 4096, kMaxRoutes = 131072;

/// Whether the kernel takes this name for an interface: 1 to 15 bytes, no blank, `/` or `:`, not `.`
/// or `..`.
[[nodiscard]] bool valid_interface_name(std::string_view name);

/// A new interface: up, MTU 1500; settle() gives it the lowest free index unless it gets one before.
[[nodiscard]] Result<InterfaceId> add_interface(Host& host, std::string_view name);

/// `prefix`, `peer`, `broadcast`, `scope`, `metric` and `no_prefix_route` are read; `secondary` is found out.
[[nodiscard]] Result<void> add_address(Host& host, InterfaceId id, InterfaceAddress address);
/// `ip addr replace`: of an address that is there only the metric changes, else it is added.
[[nodiscard]] Result<void> replace_address(Host& host, InterfaceId id, const InterfaceAddress& address);
/// The address with this prefix (and peer, if one is given); secondaries of a primary go with it.
[[nodiscard]] Result<void> remove_address(Host& host, InterfaceId id, const InterfaceAddress& address);

/// Going down takes the routes by this interface, static ones for good; going up brings back those
/// that follow from addresses.
void set_up(Host& host, InterfaceId id, bool up);

[[nodiscard]] Result<void> add_route(Host& host, Route route, AddMode mode);
/// What of a route `ip route del` was given; the rest matches any.
struct RoutePattern {
  Prefix destination;
  std::optional<RouteTableId> table{};
  std::optional<RouteType> type{};
  std::optional<Address> gateway{};
  std::optional<Address> preferred_source{};
  std::optional<std::uint32_t> metric{};
  std::optional<std::uint8_t> protocol{};
  std::optional<RouteScope> scope{};
  InterfaceId device = kNoInterface;
  std::uint8_t tos = 0;
  std::uint32_t mtu = 0;  ///< 0: any
};
/// Removes the first route that matches, in the order of asking.
[[nodiscard]] Result<void> remove_route(Host& host, const RoutePattern& pattern);

}  // namespace utables::host
