// Routes: longest prefix look-up as a Linux router does it.
//
// Vocabulary: a *group* is all routes of one destination prefix, in the order in which the kernel asks
// them: table local before main, then tos, then metric, then order of addition. Tables `local` and
// `main` are one trie as long as no policy rule was ever added (Linux merges them): a longer prefix in
// main wins over a shorter one in local. Table `default` is asked when that has no route, or `throw`. IPv6
// asks `local`, then `main`, and nothing more; its routes have no scope and no tos.
// A route of scope *link* reaches neighbours directly, *universe* goes by a gateway, *host* is this box.
//
// Structure: a multibit trie (8 bits a step for IPv4, 4 for IPv6) whose slots name the longest group that
// covers them; a look-up is at most one load a step. Only when that group has no usable route (tos,
// device, scope) are shorter prefixes asked, through an index by prefix.
//
// Built once, then read only; look-ups from any number of threads.
#pragma once
#include <utables/packet.h>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/address.h"

namespace utables::host {

/// The types of ip-route(8); also what `-m addrtype` asks. The order is that of linux/rtnetlink.h.
enum class RouteType : std::uint8_t {
  unspec,
  unicast,
  local,
  broadcast,
  anycast,
  multicast,
  blackhole,
  unreachable,
  prohibit,
  throw_,
  nat
};

/// The kernel's tables that are asked without policy rules; the values are rtnetlink's.
enum class RouteTableId : std::uint8_t { default_ = 253, main = 254, local = 255 };

/// How far away a destination is; the values are rtnetlink's: larger is nearer.
enum class RouteScope : std::uint8_t { universe = 0, site = 200, link = 253, host = 254, nowhere = 255 };

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
  RouteTableId table = RouteTableId::main;
  RouteScope scope = RouteScope::universe;
  std::uint8_t protocol = 3;  ///< rtnetlink's: 2 kernel, 3 boot, 4 static
  bool mtu_locked = false;    ///< `mtu lock N`
  /// Of the route by which the gateway is reached; packets are handed to the gateway only if that is *link*
  /// (it may be an own address: then their destination is taken for a neighbour).
  RouteScope gateway_scope = RouteScope::link;
  Address source{};  ///< what the kernel chooses as source (Host::settle); zero if none

  /// The same route in every respect but `source` and `gateway_scope`, which are derived.
  [[nodiscard]] bool same_as(const Route& other) const;
};

/// A route's answer for one destination.
struct Lookup {
  RouteType type = RouteType::unspec;  ///< unspec: no route
  InterfaceId device = kNoInterface;
  Address next_hop{};  ///< the gateway, or the destination itself
  bool has_gateway = false;
  Address source{};              ///< what the kernel would choose as source; zero if none
  const Route* route = nullptr;  ///< valid until the table changes
};

/// Where a new route stands among those of the same destination, tos and metric (`ip route` VERB).
enum class AddMode : std::uint8_t { add, append, prepend, replace, change };

class RouteTable {
 public:
  /// Adds behind its equals.
  void add(const Route& route);
  /// As `ip route add|append|prepend|replace|change` do; false if the kernel refuses it (`add`: one of
  /// the same destination, tos and metric is there; `append`, `prepend`: the very same; `change`: none).
  [[nodiscard]] bool add(const Route& route, AddMode mode);
  /// Removes the very same route. Returns whether it was there.
  bool remove(const Route& route);
  /// The first route to `destination` that `wanted` says yes to, in the order of asking; null if none.
  template <class Predicate>
  [[nodiscard]] const Route* first(const Prefix& destination, RouteTableId table, Predicate wanted) const {
    const Group* group = exact(destination, table);
    if (group == nullptr) return nullptr;
    for (const std::uint32_t member : group->members)
      if (wanted(routes_[member])) return &routes_[member];
    return nullptr;
  }
  /// REQUIRES: `route` points into all().
  void erase(const Route* route) { erase(static_cast<std::uint32_t>(route - routes_.data())); }
  /// Removes every route that `unwanted` says yes to.
  template <class Predicate>
  void remove_if(Predicate unwanted) {
    for (std::size_t i = routes_.size(); i-- > 0;)
      if (unwanted(std::as_const(routes_[i]))) erase(static_cast<std::uint32_t>(i));
  }
  /// Calls `change` on every route; it must leave destination, table, tos and metric alone.
  template <class Change>
  void for_each(Change change) {
    for (Route& route : routes_) change(route);
  }

  /// REQUIRES: `f` is the family of `destination`. `device` limits the answer to routes of that device,
  /// `scope` to routes at least that near. Types that refuse (blackhole, ...) are answers too.
  [[nodiscard]] Lookup find(const Address& destination, Family f, std::uint8_t tos = 0,
                            InterfaceId device = kNoInterface, RouteScope scope = RouteScope::universe) const;

  /// The same from one of the two tries alone: the one that holds `table`.
  [[nodiscard]] Lookup find_in(RouteTableId table, const Address& destination, Family f, InterfaceId device,
                               RouteScope scope) const;
  /// What kind of address it is to the box (`-m addrtype`); with a device, only routes of that device
  /// say so. Never a type that refuses: the kernel calls those unicast.
  [[nodiscard]] RouteType type_of(const Address& a, Family f, InterfaceId device = kNoInterface) const;

  /// Every route, in no particular order.
  [[nodiscard]] const std::vector<Route>& all() const { return routes_; }

 private:
  struct Slot {
    std::uint32_t group = 0;  // 0: none
    std::uint32_t child = 0;  // position of the node in `slots`; 0: none
  };
  struct Group {
    Prefix prefix;
    std::vector<std::uint32_t> members;  // positions in routes_, in the order of asking
  };
  struct Trie {
    std::vector<Slot> slots;  // nodes of 1 << stride slots; the root is first
    std::vector<Group> groups;
    std::map<std::pair<std::uint8_t, Address>, std::uint32_t> index;  // (length, network) -> group
    std::array<std::uint32_t, 129> groups_of_length{};
  };
  struct Question {
    const Address& destination;
    std::uint8_t tos;
    InterfaceId device;
    RouteScope scope;
  };
  static std::size_t trie_number(Family f, RouteTableId table) {
    if (f == Family::ipv6) return table == RouteTableId::local ? 2U : table == RouteTableId::main ? 3U : 4U;
    return table == RouteTableId::default_ ? 1U : 0U;
  }
  [[nodiscard]] Trie& trie_of(const Route& r) { return tries_[trie_number(r.destination.family, r.table)]; }
  [[nodiscard]] const Group* exact(const Prefix& destination, RouteTableId table) const;
  static std::uint32_t group_of(Trie& trie, const Prefix& destination);
  [[nodiscard]] const Route* usable(const Group& group, const Question& question) const;
  [[nodiscard]] const Route* search(const Trie& trie, Family f, const Question& question) const;
  static Lookup answer(const Route* route, const Address& destination);
  void insert(const Route& route, AddMode mode);
  void erase(std::uint32_t position);

  std::vector<Route> routes_;
  std::array<Trie, 5> tries_;  // IPv4: local and main, default; IPv6: local, main, default (never asked)
};

}  // namespace utables::host
