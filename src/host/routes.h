// Routes: longest prefix, as the tables `local` and `main` of a Linux router.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include <utables/packet.h>

#include "base/address.h"

namespace utables::host {

/// The types of ip-route(8); also what `-m addrtype` asks.
enum class RouteType : std::uint8_t { unspec, unicast, local, broadcast, anycast, multicast, blackhole, unreachable, prohibit, throw_, nat };

struct Route {
  Prefix destination;
  RouteType type = RouteType::unicast;
  std::optional<Address> gateway{};
  InterfaceId device = kNoInterface;
  std::optional<Address> preferred_source{};
  std::uint32_t metric = 0;
  std::uint8_t tos = 0;
  std::uint32_t mtu = 0;  ///< `mtu N` on the route; 0: the device's
  bool on_link = false;
};

/// A route's answer for one destination.
struct Lookup {
  RouteType type = RouteType::unspec;  ///< unspec: no route
  InterfaceId device = kNoInterface;
  Address next_hop{};                  ///< the gateway, or the destination itself
  bool has_gateway = false;
  Address source{};                    ///< what the kernel would choose as source; zero if none
  const Route* route = nullptr;
};

class RouteTable {
 public:
  void add(const Route& route);
  /// Exact destination, device and metric as given (`ip route del`). Returns whether one was there.
  bool remove(const Route& route);
  /// REQUIRES: `f` is the family of `destination`. `device` limits the answer to routes of that device.
  [[nodiscard]] Lookup find(const Address& destination, Family f, std::uint8_t tos = 0,
                            InterfaceId device = kNoInterface) const;
  [[nodiscard]] const std::vector<Route>& all() const { return routes_; }

 private:
  std::vector<Route> routes_;  // sorted: longest prefix first, then metric, then order of addition
};

}  // namespace utables::host
