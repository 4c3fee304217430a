#include "host/configure.h"

#include <fmt/format.h>

#include <algorithm>

namespace utables::host {

namespace {

constexpr std::uint8_t kProtocolKernel = 2;

/// The routes that follow from one address, as long as its interface is up (`up`) or down.
struct Derived {
  const Interface& interface;
  InterfaceId id;
  bool up;
  std::vector<Route>& out;

  void route(RouteType type, const Address& to, unsigned length, const InterfaceAddress& a,
             std::uint32_t metric) {
    const InterfaceAddress& primary = primary_of(a);
    Route r;
    r.destination = {a.prefix.family, static_cast<std::uint8_t>(length),
                     to & mask_of(length, a.prefix.family)};
    r.type = type;
    r.device = id;
    r.preferred_source = primary.prefix.address;
    r.metric = metric;
    r.table = type == RouteType::unicast ? RouteTableId::main : RouteTableId::local;
    r.scope = type == RouteType::local ? RouteScope::host : RouteScope::link;
    r.protocol = kProtocolKernel;
    out.push_back(r);
  }

  const InterfaceAddress& primary_of(const InterfaceAddress& a) const {
    if (!a.secondary) return a;
    for (const InterfaceAddress& other : interface.addresses)
      if (!other.secondary && other.prefix.family == a.prefix.family &&
          other.prefix.length == a.prefix.length &&
          Prefix{a.prefix.family, a.prefix.length, other.far()}.contains(a.far()))
        return other;
    return a;
  }

  void route6(RouteType type, const Address& to, unsigned length, std::uint32_t metric) {
    Route r;
    r.destination = {Family::ipv6, static_cast<std::uint8_t>(length), to & mask_of(length, Family::ipv6)};
    r.type = type;
    r.device = id;
    r.metric = metric;
    r.table = type == RouteType::unicast ? RouteTableId::main : RouteTableId::local;
    r.scope = type == RouteType::local ? RouteScope::host : RouteScope::link;
    r.protocol = kProtocolKernel;
    out.push_back(r);
  }

  /// IPv6 knows no broadcast and no secondary address; the network's own address is every router's.
  void follow6(const InterfaceAddress& a) {
    constexpr std::uint32_t kConnectedMetric = 256;
    if (!up) return;
    const unsigned length = a.prefix.length;
    const std::uint32_t metric = a.metric != 0 ? a.metric : kConnectedMetric;
    const Address network = a.prefix.address & mask_of(length, Family::ipv6);
    route6(RouteType::local, a.prefix.address, 128, 0);
    if (interface.kind == LinkKind::loopback) return;
    if (!a.no_prefix_route) route6(RouteType::unicast, network, length, metric);
    if (length < 127 && !network.is_zero()) route6(RouteType::anycast, network, 128, 0);
    if (a.peer) route6(RouteType::unicast, *a.peer, 128, metric);
  }

  void follow(const InterfaceAddress& a) {
    if (a.prefix.family == Family::ipv6) return follow6(a);
    const Family f = a.prefix.family;
    const unsigned length = a.prefix.length;
    const Address mask = mask_of(length, f), network = a.far() & mask;
    route(RouteType::local, a.prefix.address, address_bits(f), a, 0);
    if (!up) return;
    const Address all_ones = mask_of(address_bits(f), f);
    if (!a.broadcast.is_zero() && a.broadcast != all_ones)
      route(RouteType::broadcast, a.broadcast, address_bits(f), a, 0);
    if (network.is_zero() || a.secondary || (network == a.prefix.address && length == address_bits(f)))
      return;
    if (!a.no_prefix_route)
      route(interface.kind == LinkKind::loopback ? RouteType::local : RouteType::unicast, network, length, a,
            a.metric);
    if (length < address_bits(f) - 1)
      route(RouteType::broadcast, network | (all_ones & ~mask), address_bits(f), a, 0);
  }
};

std::vector<Route> derived_routes(const Host& host, InterfaceId id) {
  std::vector<Route> out;
  Derived derive{host.at(id), id, host.at(id).up, out};
  for (const InterfaceAddress& a : host.at(id).addresses) derive.follow(a);
  return out;
}

/// Whether the kernel takes its preferred source: one of the box's addresses, or of the route itself.
bool source_is_valid(const Host& host, const Route& route) {
  if (!route.preferred_source) return true;
  const Prefix& to = route.destination;
  return (route.type == RouteType::local && *route.preferred_source == to.address) ||
         host.is_local(*route.preferred_source, to.family);
}

/// What the kernel would refuse (an address that is another network's broadcast address is no source)
/// is left out silently, as there; so is what is there already.
void add_derived(Host& host, const std::vector<Route>& routes) {
  for (const Route& r : routes)
    if (source_is_valid(host, r)) (void)host.routes.add(r, AddMode::append);
}

bool contains(const std::vector<Route>& routes, const Route& route) {
  return std::any_of(routes.begin(), routes.end(), [&](const Route& r) { return r.same_as(route); });
}

bool same_network(const InterfaceAddress& a, const InterfaceAddress& b) {
  return a.prefix.family == b.prefix.family && a.prefix.length == b.prefix.length &&
         Prefix{a.prefix.family, a.prefix.length, a.far()}.contains(b.far());
}

/// What a gateway has to be: a neighbour, by a route that is there already. Fills in the device.
Result<void> check_gateway(const Host& host, Route& route) {
  const Family f = route.destination.family;
  const auto bad = [&](std::string_view why) {
    return fail(fmt::format("gateway {}: {}", to_string(*route.gateway, f), why));
  };
  if (route.on_link) {
    if (route.scope >= RouteScope::link) return bad("Nexthop has invalid scope");
    if (route.device == kNoInterface) return bad("Nexthop device required for onlink");
    if (!host.at(route.device).up) return bad("Nexthop device is not up");
    if (host.routes.type_of(*route.gateway, f) != RouteType::unicast)
      return bad("Nexthop has invalid gateway (`onlink' wants a unicast address)");
    return {};
  }
  // The way to a gateway has to be nearer than the route itself, and at least a neighbour's.
  const RouteScope nearer =
      std::max(RouteScope::link, static_cast<RouteScope>(static_cast<int>(route.scope) + 1));
  // The route's own table is asked first.
  Lookup way = host.routes.find_in(route.table, *route.gateway, f, route.device, nearer);
  if (way.type == RouteType::unspec) way = host.routes.find(*route.gateway, f, 0, route.device, nearer);
  if (way.type != RouteType::unicast && way.type != RouteType::local)
    return bad("Nexthop has invalid gateway (no connected route leads to it)");
  if (!host.at(way.device).up) return bad("Device for nexthop is not up");
  route.device = way.device;
  route.gateway_scope = way.route->scope;
  return {};
}

bool refuses(RouteType type) {
  return type == RouteType::blackhole || type == RouteType::unreachable || type == RouteType::prohibit ||
         type == RouteType::throw_;
}

/// How near a route of this type is at least.
RouteScope least_scope(RouteType type) {
  if (type == RouteType::local) return RouteScope::host;
  if (type == RouteType::broadcast || type == RouteType::anycast) return RouteScope::link;
  return type == RouteType::nat ? RouteScope::nowhere : RouteScope::universe;
}

Result<void> check_next_hop(const Host& host, Route& route) {
  if (route.scope > RouteScope::host || route.scope < least_scope(route.type)) return fail("Invalid scope");
  if (refuses(route.type)) {
    if (route.gateway || route.device != kNoInterface)
      return fail("Gateway, device and multipath can not be specified for this route type");
    return {};
  }
  if (route.gateway) {
    if (route.scope == RouteScope::host) return fail("Route with host scope can not have a gateway");
    return check_gateway(host, route);
  }
  if (route.device == kNoInterface) return fail("No such device: the route has neither `via' nor `dev'");
  if (route.on_link && route.scope < RouteScope::host) return fail("`onlink' without `via'");
  if (route.scope < RouteScope::host && !host.at(route.device).up)
    return fail("Device for nexthop is not up");
  return {};
}

/// The same for IPv6, where scopes mean nothing.
Result<void> check_next_hop6(const Host& host, Route& route) {
  if (refuses(route.type) && route.gateway) return fail("Gateway can not be specified for this route type");
  if (refuses(route.type)) return {};
  const Lookup way =
      route.gateway ? host.routes.find(*route.gateway, Family::ipv6, 0, route.device) : Lookup{};
  if (route.gateway && way.type == RouteType::local)
    return fail(fmt::format("gateway {}: Invalid argument (it is the box's own)",
                            to_string(*route.gateway, Family::ipv6)));
  if (route.gateway && route.device == kNoInterface) {
    if (way.type != RouteType::unicast || way.has_gateway)
      return fail(fmt::format("gateway {}: No route to host (no connected route leads to it)",
                              to_string(*route.gateway, Family::ipv6)));
    route.device = way.device;
  }
  if (route.device == kNoInterface) return fail("No such device: the route has neither `via' nor `dev'");
  if (!host.at(route.device).up) return fail("Device for nexthop is not up");
  route.gateway_scope = RouteScope::link;
  return {};
}

}  // namespace

bool valid_interface_name(std::string_view name) {
  if (name.empty() || name.size() > 15 || name == "." || name == "..") return false;
  return std::none_of(name.begin(), name.end(), [](char c) {
    return c == '/' || c == ':' || c == '\0' || c == ' ' || (c >= '\t' && c <= '\r');
  });
}

Result<InterfaceId> add_interface(Host& host, std::string_view name) {
  if (!valid_interface_name(name)) return fail(fmt::format("`{}' is not a valid interface name", name));
  if (host.find(name)) return fail(fmt::format("interface `{}': File exists", name));
  if (host.interfaces.size() >= kMaxInterfaces)
    return fail(fmt::format("more than {} interfaces", kMaxInterfaces));
  Interface interface;
  interface.name = name;
  host.interfaces.push_back(std::move(interface));
  return static_cast<InterfaceId>(host.interfaces.size() - 1);
}

Result<void> add_address(Host& host, InterfaceId id, InterfaceAddress address) {
  if (address.prefix.address.is_zero()) return {};  // as the kernel: taken, and without effect
  auto& there = host.interfaces[id].addresses;
  if (there.size() >= kMaxAddresses) return fail(fmt::format("more than {} addresses", kMaxAddresses));
  address.secondary = false;
  std::size_t place = 0;
  for (std::size_t i = 0; i < there.size(); ++i) {
    if (!there[i].secondary && address.scope <= there[i].scope) place = i + 1;
    if (!same_network(there[i], address)) continue;
    if (there[i].prefix.address == address.prefix.address)
      return fail(fmt::format("{}: Address already assigned", to_string(address.prefix)));
    if (there[i].scope != address.scope)
      return fail(fmt::format("{}: Invalid scope value (another address of its network has another scope)",
                              to_string(address.prefix)));
    address.secondary = address.prefix.family == Family::ipv4;
  }
  if (address.secondary) place = there.size();
  there.insert(there.begin() + static_cast<std::ptrdiff_t>(place), address);
  std::vector<Route> routes;
  Derived{host.at(id), id, host.at(id).up, routes}.follow(address);
  add_derived(host, routes);
  return {};
}

Result<void> replace_address(Host& host, InterfaceId id, const InterfaceAddress& address) {
  auto& there = host.interfaces[id].addresses;
  const auto found = std::find_if(there.begin(), there.end(), [&](const InterfaceAddress& a) {
    return a.prefix == address.prefix && same_network(a, address);
  });
  if (found == there.end()) return add_address(host, id, address);
  if (found->metric == address.metric) return {};
  const std::vector<Route> before = derived_routes(host, id);
  found->metric = address.metric;
  const std::vector<Route> after = derived_routes(host, id);
  add_derived(host, after);
  for (const Route& r : before)
    if (!contains(after, r)) (void)host.routes.remove(r);
  return {};
}

Result<void> remove_address(Host& host, InterfaceId id, const InterfaceAddress& address) {
  auto& there = host.interfaces[id].addresses;
  const auto found = std::find_if(there.begin(), there.end(), [&](const InterfaceAddress& a) {
    return a.prefix == address.prefix && same_network(a, address);
  });
  if (found == there.end()) return fail(fmt::format("{}: Address not found", to_string(address.prefix)));
  const std::vector<Route> before = derived_routes(host, id);
  const InterfaceAddress gone = *found;
  there.erase(found);
  if (!gone.secondary)
    there.erase(
        std::remove_if(there.begin(), there.end(),
                       [&](const InterfaceAddress& a) { return a.secondary && same_network(a, gone); }),
        there.end());
  const std::vector<Route> after = derived_routes(host, id);
  for (const Route& r : before)
    if (!contains(after, r)) (void)host.routes.remove(r);
  // With its last address of IPv4 an interface loses every route.
  const Family f = gone.prefix.family;
  if (f == Family::ipv4 && std::none_of(there.begin(), there.end(),
                                        [f](const InterfaceAddress& a) { return a.prefix.family == f; }))
    host.routes.remove_if([&](const Route& r) { return r.device == id && r.destination.family == f; });
  // Routes whose preferred source is gone go too.
  if (!host.is_local(gone.prefix.address, gone.prefix.family))
    host.routes.remove_if([&](const Route& r) {
      return r.destination.family == f && r.preferred_source == gone.prefix.address;
    });
  return {};
}

void set_up(Host& host, InterfaceId id, bool up) {
  Interface& interface = host.interfaces[id];
  if (interface.up == up) return;
  interface.up = up;
  if (!up) {
    host.routes.remove_if([&](const Route& r) {
      return r.device == id && (r.scope != RouteScope::host || r.destination.family == Family::ipv6);
    });
    // IPv6 loses its addresses too.
    std::erase_if(interface.addresses, [](const InterfaceAddress& a) {
      return a.prefix.family == Family::ipv6 && a.scope != RouteScope::host;
    });
    return;
  }
  add_derived(host, derived_routes(host, id));
}

Result<void> add_route(Host& host, Route route, AddMode mode) {
  const Prefix& to = route.destination;
  if ((to.address & mask_of(to.length, to.family)) != to.address)
    return fail(fmt::format("{}: Invalid prefix for given prefix length", to_string(to)));
  if ((route.tos & 3) != 0) return fail("Invalid dsfield (tos): ECN bits must be 0");
  if (host.routes.all().size() >= kMaxRoutes) return fail(fmt::format("more than {} routes", kMaxRoutes));
  if (to.family == Family::ipv6) {
    constexpr std::uint32_t kUserMetric = 1024;
    if (route.metric == 0) route.metric = kUserMetric;
    if (auto ok = check_next_hop6(host, route); !ok) return ok;
    if (route.preferred_source && !host.is_local(*route.preferred_source, to.family))
      return fail(fmt::format("src {}: Invalid source address (it is none of the box's)",
                              to_string(*route.preferred_source, to.family)));
  } else {
    if (auto ok = check_next_hop(host, route); !ok) return ok;
    if (!source_is_valid(host, route))
      return fail(fmt::format("src {}: Invalid prefsrc address (it is none of the box's)",
                              to_string(*route.preferred_source, to.family)));
  }
  if (!host.routes.add(route, mode))
    return fail(fmt::format("route to {}: {}", to_string(to),
                            mode == AddMode::change ? "No such file or directory" : "File exists"));
  return {};
}

Result<void> remove_route(Host& host, const RoutePattern& pattern) {
  const auto wanted = [&](const Route& r) {
    return r.tos == pattern.tos && (!pattern.table || r.table == *pattern.table) &&
           (!pattern.type || r.type == *pattern.type) && (!pattern.gateway || r.gateway == pattern.gateway) &&
           (!pattern.preferred_source || r.preferred_source == pattern.preferred_source) &&
           (!pattern.metric || r.metric == *pattern.metric) &&
           (!pattern.protocol || r.protocol == *pattern.protocol) &&
           (!pattern.scope || r.scope == *pattern.scope) && (pattern.mtu == 0 || r.mtu == pattern.mtu) &&
           (pattern.device == kNoInterface || r.device == pattern.device);
  };
  const Route* found =
      host.routes.first(pattern.destination, pattern.table.value_or(RouteTableId::main), wanted);
  if (found == nullptr)
    return fail(fmt::format("route to {}: No such process", to_string(pattern.destination)));
  host.routes.erase(found);
  return {};
}

}  // namespace utables::host
