#include "host/host.h"

#include <algorithm>
#include <set>

#include "host/configure.h"
#include "host/net_ip.h"
#include "host/sysctl.h"

namespace utables::host {

Host::Host() {
  Interface lo;
  lo.name = "lo";
  lo.index = 1;
  lo.mtu = 65536;
  lo.kind = LinkKind::loopback;
  interfaces.push_back(lo);
  InterfaceAddress address;
  address.prefix = {Family::ipv4, 8, Address::from_v4(0x7f000001)};
  address.scope = RouteScope::host;
  (void)add_address(*this, 0, address);  // cannot fail: the first one
  InterfaceAddress one;
  one.prefix = {Family::ipv6, 128, {}};
  one.prefix.address.bytes[15] = 1;
  one.scope = RouteScope::host;
  (void)add_address(*this, 0, one);
  settle();
}

std::optional<InterfaceId> Host::find(std::string_view name) const {
  const auto found = std::find_if(interfaces.begin(), interfaces.end(),
                                  [name](const Interface& i) { return i.name == name; });
  if (found == interfaces.end()) return std::nullopt;
  return static_cast<InterfaceId>(found - interfaces.begin());
}

bool Host::is_local(const Address& a, Family f) const { return routes.type_of(a, f) == RouteType::local; }

Address Host::select_source(InterfaceId device, const Address& destination, Family f,
                            RouteScope scope) const {
  // Nearer addresses (of larger scope) than the route's do not serve; those of scope host only if
  // route_localnet is off count as nearer than link.
  const auto scope_limit = [this](InterfaceId id) {
    const bool localnet = id < settings.interfaces.size() && settings.interfaces[id].route_localnet;
    return localnet ? RouteScope::link : RouteScope::host;
  };
  Address fallback{};
  if (device < interfaces.size()) {
    const RouteScope limit = scope_limit(device);
    for (const InterfaceAddress& a : interfaces[device].addresses) {
      if (a.secondary || a.prefix.family != f || std::min(a.scope, limit) > scope) continue;
      const Prefix network{f, a.prefix.length, a.far()};
      if (destination.is_zero() || network.contains(destination)) return a.prefix.address;
      if (fallback.is_zero()) fallback = a.prefix.address;
    }
    if (!fallback.is_zero()) return fallback;
  }
  for (const Interface& interface : interfaces)
    for (const InterfaceAddress& a : interface.addresses)
      if (!a.secondary && a.prefix.family == f && a.scope != RouteScope::link && a.scope <= scope)
        return a.prefix.address;
  return {};
}

void Host::settle() {
  settings.interfaces.resize(interfaces.size());
  std::set<std::uint32_t> used;
  for (const Interface& i : interfaces) used.insert(i.index);
  std::uint32_t next = 1;
  for (Interface& i : interfaces) {
    if (i.index != 0) continue;
    while (used.count(next) != 0) ++next;
    i.index = next++;
  }
  // A router's anycast addresses (RFC 4291 2.6.1).
  if (!settings.ipv6_forwarding)
    routes.remove_if(
        [](const Route& r) { return r.destination.family == Family::ipv6 && r.type == RouteType::anycast; });
  routes.for_each([this](Route& r) {
    r.source = {};
    if (r.preferred_source)
      r.source = *r.preferred_source;
    else if (r.destination.family == Family::ipv4 && r.device != kNoInterface)
      r.source = select_source(r.device, r.gateway.value_or(Address{}), r.destination.family, r.scope);
  });
}

Result<Host, Errors> build(const BoxText& box) {
  Host host;
  Errors errors;
  if (box.has_net_ip) {
    read_net_ip(box.net_ip, box.name + "net.ip", host, errors);
  } else {
    (void)add_interface(host, "in");
    Route route;
    route.destination = {Family::ipv4, 0, {}};
    route.device = add_interface(host, "out").value_or(kNoInterface);
    route.scope = RouteScope::link;
    host.routes.add(route);
    route.destination.family = Family::ipv6;
    route.metric = 1024;
    host.routes.add(route);
    host.notes.push_back(
        "no net.ip: everything arrives by interface `in', the default route is `out', no address is the "
        "box's own");
  }
  read_sysctl(box.sysctl_conf, box.name + "sysctl.conf", host, errors);
  if (!errors.empty()) return tl::unexpected(std::move(errors));
  host.settle();
  return host;
}

}  // namespace utables::host
