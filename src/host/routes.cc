#include "host/routes.h"

#include <algorithm>
#include <tuple>

namespace utables::host {

namespace {

constexpr std::uint8_t kTosMask = 0xfc;  // the DSCP; the ECN bits never choose a route

constexpr unsigned stride(Family f) { return f == Family::ipv4 ? 8 : 4; }

/// `bits` (4 or 8) bits of an address from bit `at` on, at multiples of `bits`.
unsigned bits_at(const Address& a, unsigned at, unsigned bits) {
  const unsigned byte = a.bytes[at / 8];
  return bits == 8 ? byte : (at % 8 == 0 ? byte >> 4 : byte & 0xf);
}

/// Whether the kernel asks `a` before `b`; equal in this order means the same route key.
auto order(const Route& r) {
  return std::make_tuple(-static_cast<int>(r.table), -static_cast<int>(r.tos), r.metric);
}

bool refuses(RouteType type) {
  return type == RouteType::blackhole || type == RouteType::unreachable || type == RouteType::prohibit ||
         type == RouteType::throw_;
}

}  // namespace

bool Route::same_as(const Route& o) const {
  const auto key = [](const Route& r) {
    return std::tie(r.type, r.device, r.preferred_source, r.metric, r.tos, r.mtu, r.on_link, r.table, r.scope,
                    r.protocol, r.mtu_locked, r.gateway);
  };
  return destination == o.destination && key(*this) == key(o);
}

const RouteTable::Group* RouteTable::exact(const Prefix& destination, RouteTableId table) const {
  const Trie& trie = tries_[trie_number(destination.family, table)];
  const Address network = destination.address & mask_of(destination.length, destination.family);
  const auto entry = trie.index.find({destination.length, network});
  return entry == trie.index.end() ? nullptr : &trie.groups[entry->second];
}

std::uint32_t RouteTable::group_of(Trie& trie, const Prefix& destination) {
  const Family f = destination.family;
  const unsigned length = destination.length, step = stride(f);
  const Address network = destination.address & mask_of(length, f);
  if (trie.slots.empty()) {
    trie.slots.resize(std::size_t{1} << step);
    trie.groups.resize(1);
  }
  const auto [entry, is_new] =
      trie.index.try_emplace({destination.length, network}, static_cast<std::uint32_t>(trie.groups.size()));
  const std::uint32_t group = entry->second;
  if (!is_new) return group;
  trie.groups.push_back({Prefix{f, destination.length, network}, {}});
  ++trie.groups_of_length[length];

  std::size_t node = 0;
  unsigned at = 0;
  for (; length - at > step; at += step) {
    const std::size_t slot = node + bits_at(network, at, step);
    if (trie.slots[slot].child == 0) {
      trie.slots[slot].child = static_cast<std::uint32_t>(trie.slots.size());
      trie.slots.resize(trie.slots.size() + (std::size_t{1} << step));
    }
    node = trie.slots[slot].child;
  }
  const std::size_t first = node + (length == 0 ? 0 : bits_at(network, at, step));
  const std::size_t count = std::size_t{1} << (step - (length - at));
  for (std::size_t slot = first; slot < first + count; ++slot) {
    const std::uint32_t there = trie.slots[slot].group;
    if (there == 0 || trie.groups[there].prefix.length < length) trie.slots[slot].group = group;
  }
  return group;
}

void RouteTable::insert(const Route& route, AddMode mode) {
  Trie& trie = trie_of(route);
  auto& members = trie.groups[group_of(trie, route.destination)].members;
  const auto before = [&](std::uint32_t a, const Route& b) { return order(routes_[a]) < order(b); };
  const auto after = [&](const Route& a, std::uint32_t b) { return order(a) < order(routes_[b]); };
  const auto place = mode == AddMode::prepend
                         ? std::lower_bound(members.begin(), members.end(), route, before)
                         : std::upper_bound(members.begin(), members.end(), route, after);
  members.insert(place, static_cast<std::uint32_t>(routes_.size()));
  routes_.push_back(route);
}

void RouteTable::add(const Route& route) { insert(route, AddMode::append); }

bool RouteTable::add(const Route& route, AddMode mode) {
  Trie& trie = trie_of(route);
  const auto& members = trie.groups[group_of(trie, route.destination)].members;
  const auto equal = std::find_if(members.begin(), members.end(),
                                  [&](std::uint32_t m) { return order(routes_[m]) == order(route); });
  const auto same = std::find_if(members.begin(), members.end(),
                                 [&](std::uint32_t m) { return routes_[m].same_as(route); });
  if (same != members.end()) return same == equal && (mode == AddMode::change || mode == AddMode::replace);
  if (equal == members.end()) {
    if (mode == AddMode::change) return false;
  } else if (mode == AddMode::add) {
    return false;
  } else if (mode == AddMode::replace || mode == AddMode::change) {
    routes_[*equal] = route;
    return true;
  }
  insert(route, mode);
  return true;
}

bool RouteTable::remove(const Route& route) {
  const Route* found =
      first(route.destination, route.table, [&](const Route& r) { return r.same_as(route); });
  if (found == nullptr) return false;
  erase(found);
  return true;
}

void RouteTable::erase(std::uint32_t position) {
  const auto members_of = [this](std::uint32_t p) -> std::vector<std::uint32_t>& {
    Trie& trie = trie_of(routes_[p]);
    return trie.groups[group_of(trie, routes_[p].destination)].members;
  };
  auto& members = members_of(position);
  members.erase(std::find(members.begin(), members.end(), position));
  const auto last = static_cast<std::uint32_t>(routes_.size() - 1);
  if (position != last) {
    auto& moved = members_of(last);
    *std::find(moved.begin(), moved.end(), last) = position;
    routes_[position] = routes_[last];
  }
  routes_.pop_back();
}

const Route* RouteTable::usable(const Group& group, const Question& question) const {
  for (const std::uint32_t member : group.members) {
    const Route& route = routes_[member];
    if (route.tos != 0 && route.tos != (question.tos & kTosMask)) continue;
    if (route.scope < question.scope) continue;
    // Over IPv6 a route that refuses is of no interface but lo.
    const bool of_all = refuses(route.type) && route.destination.family == Family::ipv4;
    if (of_all || question.device == kNoInterface || route.device == question.device) return &route;
  }
  return nullptr;
}

const Route* RouteTable::search(const Trie& trie, Family f, const Question& question) const {
  if (trie.slots.empty()) return nullptr;
  const unsigned step = stride(f);
  std::uint32_t best = 0, node = 0;
  for (unsigned at = 0; at < address_bits(f); at += step) {
    const Slot& slot = trie.slots[node + bits_at(question.destination, at, step)];
    if (slot.group != 0) best = slot.group;
    if (slot.child == 0) break;
    node = slot.child;
  }
  if (best == 0) return nullptr;
  if (const Route* route = usable(trie.groups[best], question)) return route;
  for (unsigned length = trie.groups[best].prefix.length; length-- > 0;) {
    if (trie.groups_of_length[length] == 0) continue;
    const auto entry =
        trie.index.find({static_cast<std::uint8_t>(length), question.destination & mask_of(length, f)});
    if (entry == trie.index.end()) continue;
    if (const Route* route = usable(trie.groups[entry->second], question)) return route;
  }
  return nullptr;
}

Lookup RouteTable::answer(const Route* route, const Address& destination) {
  if (route == nullptr || route->type == RouteType::throw_) return {};
  Lookup answer;
  answer.type = route->type;
  answer.device = route->device;
  answer.has_gateway = route->gateway.has_value() && route->gateway_scope == RouteScope::link;
  answer.next_hop = answer.has_gateway ? *route->gateway : destination;
  const bool own = route->type == RouteType::local && !route->preferred_source;
  answer.source = own ? destination : route->source;
  answer.route = route;
  return answer;
}

Lookup RouteTable::find(const Address& destination, Family f, std::uint8_t tos, InterfaceId device,
                        RouteScope scope) const {
  const Question question{destination, tos, device, scope};
  const std::size_t first = f == Family::ipv4 ? 0 : 2;
  const Route* route = search(tries_[first], f, question);
  if (route == nullptr || route->type == RouteType::throw_) route = search(tries_[first + 1], f, question);
  return answer(route, destination);
}

Lookup RouteTable::find_in(RouteTableId table, const Address& destination, Family f, InterfaceId device,
                           RouteScope scope) const {
  return answer(search(tries_[trie_number(f, table)], f, {destination, 0, device, scope}), destination);
}

RouteType RouteTable::type_of(const Address& a, Family f, InterfaceId device) const {
  if (f == Family::ipv4) {
    const std::uint32_t v4 = a.v4();
    if (v4 == 0 || v4 == 0xffffffff) return RouteType::broadcast;
    if (v4 >> 28 == 0xe) return RouteType::multicast;
  } else if (a.bytes[0] == 0xff) {
    return RouteType::multicast;
  }
  const Question question{a, 0, kNoInterface, RouteScope::universe};
  const Route* route = search(tries_[f == Family::ipv6 ? 2 : 0], f, question);
  if (route == nullptr || refuses(route->type)) return RouteType::unicast;
  return device == kNoInterface || route->device == device ? route->type : RouteType::unicast;
}

}  // namespace utables::host
