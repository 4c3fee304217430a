// `route add|append|prepend|replace|change|del` of net.ip.
#include <fmt/format.h>

#include "host/configure.h"
#include "host/ip_scope.h"
#include "host/ip_words.h"

namespace utables::host {

namespace {

struct RouteRequest {
  std::optional<IpPrefix> destination, gateway, source;
  std::optional<RouteType> type;
  std::optional<RouteScope> scope;
  std::optional<RouteTableId> table;
  std::optional<std::uint8_t> protocol;
  std::optional<std::uint32_t> metric;
  std::uint32_t mtu = 0;
  std::uint8_t tos = 0;
  bool mtu_locked = false, on_link = false;
  std::string_view device;
};

enum class RouteKey : std::uint8_t {
  source,
  gateway,
  tos,
  metric,
  scope,
  mtu,
  on_link,
  protocol,
  table,
  device,
  to,
  tcp_metric,
  noted,
  refuse_multipath,
  refuse
};
struct RouteKeyword {
  std::string_view name;
  bool exact;
  RouteKey key;
};
// In iproute2's order, which decides what an abbreviation means.
constexpr RouteKeyword kRouteKeywords[] = {
    {"src", true, RouteKey::source},
    {"as", true, RouteKey::refuse},
    {"via", true, RouteKey::gateway},
    {"from", true, RouteKey::refuse},
    {"tos", true, RouteKey::tos},
    {"dsfield", false, RouteKey::tos},
    {"expires", true, RouteKey::refuse},
    {"metric", false, RouteKey::metric},
    {"priority", false, RouteKey::metric},
    {"preference", true, RouteKey::metric},
    {"scope", true, RouteKey::scope},
    {"mtu", true, RouteKey::mtu},
    {"hoplimit", true, RouteKey::noted},
    {"advmss", true, RouteKey::tcp_metric},
    {"reordering", false, RouteKey::tcp_metric},
    {"rtt", true, RouteKey::tcp_metric},
    {"rto_min", true, RouteKey::tcp_metric},
    {"window", false, RouteKey::tcp_metric},
    {"cwnd", false, RouteKey::tcp_metric},
    {"initcwnd", true, RouteKey::tcp_metric},
    {"initrwnd", true, RouteKey::tcp_metric},
    {"features", true, RouteKey::tcp_metric},
    {"quickack", true, RouteKey::tcp_metric},
    {"congctl", true, RouteKey::tcp_metric},
    {"rttvar", true, RouteKey::tcp_metric},
    {"ssthresh", false, RouteKey::tcp_metric},
    {"realms", false, RouteKey::noted},
    {"onlink", true, RouteKey::on_link},
    {"nexthop", true, RouteKey::refuse_multipath},
    {"nhid", true, RouteKey::refuse_multipath},
    {"protocol", false, RouteKey::protocol},
    {"table", false, RouteKey::table},
    {"vrf", true, RouteKey::refuse},
    {"dev", true, RouteKey::device},
    {"oif", true, RouteKey::device},
    {"pref", true, RouteKey::tcp_metric},
    {"encap", true, RouteKey::refuse},
    {"ttl-propagate", true, RouteKey::refuse},
    {"fastopen_no_cookie", true, RouteKey::tcp_metric},
    {"to", true, RouteKey::to},
};

void read_gateway(IpWords& words, RouteRequest& r) {
  std::optional<Family> family;
  if (words.peek() == "inet" || words.peek() == "inet6")
    family = words.take() == "inet" ? Family::ipv4 : Family::ipv6;
  r.gateway = words.address();
  if (!words.failed() && family && *family != r.gateway->prefix.family)
    words.fail("`via': the address is not of the family before it");
}

void read_destination(IpWords& words, RouteRequest& r) {
  if (const auto type = route_type_named(words.peek())) {
    (void)words.take();
    r.type = type;
    if (words.peek() == "to") (void)words.take();
  }
  if (r.destination && !words.done())
    return words.fail(fmt::format("either `to' is duplicate, or `{}' is a garbage", words.peek()));
  r.destination = words.prefix();
}

void read_key(const RouteKeyword& keyword, IpWords& words, Host& host, RouteRequest& r) {
  switch (keyword.key) {
    case RouteKey::source:
      r.source = words.address();
      break;
    case RouteKey::gateway:
      read_gateway(words, r);
      break;
    case RouteKey::tos:
      r.tos = static_cast<std::uint8_t>(words.number(255));
      break;
    case RouteKey::metric:
      r.metric = words.number();
      break;
    case RouteKey::scope:
      r.scope = read_scope(words);
      break;
    case RouteKey::mtu:
      r.mtu_locked = words.peek() == "lock";
      if (r.mtu_locked) (void)words.take();
      r.mtu = words.number(65535);
      break;
    case RouteKey::on_link:
      r.on_link = true;
      break;
    case RouteKey::protocol:
      r.protocol = read_protocol(words);
      break;
    case RouteKey::table:
      r.table = read_table(words);
      break;
    case RouteKey::device:
      r.device = words.value();
      break;
    case RouteKey::to:
      read_destination(words, r);
      break;
    case RouteKey::tcp_metric:
      if (words.peek() == "lock") (void)words.take();
      (void)words.value();
      break;
    case RouteKey::noted:
      if (words.peek() == "lock") (void)words.take();
      (void)words.value();
      note(host, fmt::format("net.ip: `{}' of routes is not simulated", keyword.name));
      break;
    case RouteKey::refuse_multipath:
      words.fail(fmt::format("`{}': routes by several next hops are not simulated", keyword.name));
      break;
    case RouteKey::refuse:
      words.fail(fmt::format("`{}': not simulated", keyword.name));
      break;
  }
}

RouteRequest read_request(IpWords& words, Host& host) {
  RouteRequest r;
  while (!words.done()) {
    const std::string_view word = words.peek();
    const RouteKeyword* known = nullptr;
    for (const RouteKeyword& k : kRouteKeywords)
      if (known == nullptr && (k.exact ? word == k.name : abbreviates(word, k.name))) known = &k;
    if (known == nullptr) {
      read_destination(words, r);
      continue;
    }
    (void)words.take();
    read_key(*known, words, host, r);
  }
  return r;
}

/// The scope that iproute2 gives a route that was given none.
RouteScope default_scope(const RouteRequest& r, RouteType type) {
  switch (type) {
    case RouteType::local:
    case RouteType::nat:
      return RouteScope::host;
    case RouteType::broadcast:
    case RouteType::multicast:
    case RouteType::anycast:
      return RouteScope::link;
    case RouteType::unicast:
      return r.gateway ? RouteScope::universe : RouteScope::link;
    default:
      return RouteScope::universe;
  }
}

RouteTableId default_table(RouteType type) {
  const bool local = type == RouteType::local || type == RouteType::broadcast || type == RouteType::nat ||
                     type == RouteType::anycast;
  return local ? RouteTableId::local : RouteTableId::main;
}

/// `default` has the family of whatever else the line names.
Family family_of(const RouteRequest& r) {
  if (!r.destination->is_default) return r.destination->prefix.family;
  if (r.gateway) return r.gateway->prefix.family;
  return r.source ? r.source->prefix.family : Family::ipv4;
}

Route assemble(IpWords& words, Host& host, const RouteRequest& r, Family f) {
  Route route;
  route.destination = r.destination->is_default ? Prefix{f, 0, {}} : r.destination->prefix;
  route.type = r.type.value_or(RouteType::unicast);
  if (r.gateway) {
    if (r.gateway->prefix.family != f) words.fail("`via': a gateway of the other family is not simulated");
    route.gateway = r.gateway->prefix.address;
  }
  if (r.source) {
    if (r.source->prefix.family != f) words.fail("`src': not of the destination's family");
    route.preferred_source = r.source->prefix.address;
  }
  if (!r.device.empty()) route.device = interface_named(host, r.device, words);
  route.metric = r.metric.value_or(f == Family::ipv6 ? 1024U : 0U);
  route.tos = r.tos;
  route.mtu = r.mtu;
  route.mtu_locked = r.mtu_locked;
  route.on_link = r.on_link;
  route.table = r.table.value_or(default_table(route.type));
  route.scope = r.scope.value_or(default_scope(r, route.type));
  route.protocol = r.protocol.value_or(3);
  return route;
}

void remove(IpWords& words, Host& host, const RouteRequest& r, const Route& route) {
  RoutePattern pattern;
  pattern.destination = route.destination;
  pattern.table = route.table;
  pattern.type = r.type;
  pattern.gateway = route.gateway;
  pattern.preferred_source = route.preferred_source;
  pattern.metric = r.metric;
  pattern.protocol = r.protocol;
  pattern.scope = r.scope;
  pattern.device = route.device;
  pattern.tos = route.tos;
  pattern.mtu = route.mtu;
  if (auto ok = remove_route(host, pattern); !ok) words.fail(ok.error().text);
}

struct Verb {
  std::string_view name;
  AddMode mode;
};
constexpr Verb kVerbs[] = {{"add", AddMode::add},         {"change", AddMode::change},
                           {"chg", AddMode::change},      {"replace", AddMode::replace},
                           {"prepend", AddMode::prepend}, {"append", AddMode::append}};

}  // namespace

void read_route(IpWords& words, Host& host) {
  const std::string_view command = words.value();
  if (words.failed()) return;
  const Verb* verb = nullptr;
  for (const Verb& v : kVerbs)
    if (verb == nullptr && abbreviates(command, v.name)) verb = &v;
  const bool removes = verb == nullptr && abbreviates(command, "delete");
  if (verb == nullptr && !removes)
    return words.fail(
        fmt::format("`route {}': only add, append, prepend, replace, change and del are taken", command));
  const RouteRequest request = read_request(words, host);
  if (words.failed()) return;
  if (!request.destination) return words.fail("Not enough information: a destination is required");
  const Route route = assemble(words, host, request, family_of(request));
  if (words.failed()) return;
  if (removes) return remove(words, host, request, route);
  if (auto ok = add_route(host, route, verb->mode); !ok) words.fail(ok.error().text);
}

}  // namespace utables::host
