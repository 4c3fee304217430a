// `addr add|replace|del` of net.ip.
#include <fmt/format.h>

#include "base/ipv6_address.h"
#include "base/scan.h"
#include "host/configure.h"
#include "host/ip_scope.h"
#include "host/ip_words.h"

namespace utables::host {

namespace {

struct AddressRequest {
  std::optional<IpPrefix> local, peer;
  std::string_view broadcast;  ///< empty: none
  std::string_view device;
  std::optional<RouteScope> scope;
  std::uint32_t metric = 0;
  bool no_prefix_route = false;
};

/// Flags and times that change nothing about packets here.
bool is_ignored_flag(std::string_view word) {
  for (const std::string_view flag : {"home", "nodad", "mngtmpaddr", "autojoin", "optimistic", "permanent"})
    if (word == flag) return true;
  return false;
}

void once(IpWords& words, bool there, std::string_view what) {
  if (there && !words.failed()) words.fail(fmt::format("duplicate `{}'", what));
}

AddressRequest read_request(IpWords& words) {
  AddressRequest r;
  while (!words.done()) {
    const std::string_view word = words.peek();
    const auto keyword = [&](bool yes) {
      if (yes) (void)words.take();
      return yes;
    };
    if (keyword(word == "peer" || word == "remote")) {
      once(words, r.peer.has_value(), word);
      r.peer = words.prefix();
    } else if (keyword(abbreviates(word, "broadcast") || word == "brd")) {
      once(words, !r.broadcast.empty(), "broadcast");
      r.broadcast = words.value();
    } else if (keyword(abbreviates(word, "anycast") || word == "label" || word == "valid_lft" ||
                       word == "preferred_lft" || word == "proto")) {
      (void)words.value();
    } else if (keyword(word == "scope")) {
      r.scope = read_scope(words);
    } else if (keyword(word == "dev")) {
      once(words, !r.device.empty(), "dev");
      r.device = words.value();
    } else if (keyword(abbreviates(word, "metric") || word == "priority" || word == "preference")) {
      r.metric = words.number();
    } else if (keyword(word == "noprefixroute")) {
      r.no_prefix_route = true;
    } else if (!keyword(is_ignored_flag(word))) {
      (void)keyword(word == "local");
      once(words, r.local.has_value(), "local");
      r.local = words.prefix();
    }
  }
  return r;
}

Address broadcast_of(IpWords& words, const AddressRequest& r, const InterfaceAddress& a) {
  if (r.broadcast.empty()) return {};
  const Family f = a.prefix.family;
  if (f != Family::ipv4) {
    words.fail("Broadcast can be set only for IPv4 addresses");
    return {};
  }
  if (r.broadcast == "+" || r.broadcast == "-") {
    if (a.prefix.length > 30) return {};
    const Address mask = mask_of(a.prefix.length, f);
    const Address network = a.far() & mask;
    return r.broadcast == "-" ? network : network | (mask_of(address_bits(f), f) & ~mask);
  }
  const auto given = parse_address(r.broadcast, f);
  if (!given) words.fail(fmt::format("`broadcast {}': an address, `+' or `-' is expected", r.broadcast));
  return given.value_or(Address{});
}

/// The address as the kernel would hold it; the peer's prefix length, if there is a peer, is the network's.
InterfaceAddress assemble(IpWords& words, const AddressRequest& r) {
  InterfaceAddress a;
  a.prefix = r.local->prefix;
  if (r.peer) {
    if (r.peer->prefix.family != r.local->prefix.family) {
      words.fail("`peer': not of the address's family");
      return a;
    }
    a.prefix.length = r.peer->prefix.length;
    a.peer = r.peer->prefix.address;
  }
  a.broadcast = broadcast_of(words, r, a);
  if (a.prefix.family == Family::ipv6) {  // its scope is the address's own
    a.prefix.length = r.local->prefix.length;
    a.scope = ipv6::is_link_local(a.prefix.address) ? RouteScope::link : RouteScope::universe;
  } else {
    const bool loopback = a.prefix.address.bytes[0] == 127;
    a.scope = r.scope.value_or(loopback ? RouteScope::host : RouteScope::universe);
  }
  a.metric = r.metric;
  a.no_prefix_route = r.no_prefix_route;
  return a;
}

}  // namespace

void read_address(IpWords& words, Host& host) {
  const std::string_view command = words.value();
  if (words.failed()) return;
  const bool replaces = abbreviates(command, "change") || command == "chg" || abbreviates(command, "replace");
  const bool removes = abbreviates(command, "delete");
  if (!abbreviates(command, "add") && !replaces && !removes)
    return words.fail(fmt::format("`addr {}': only `add', `replace' and `del' are taken", command));
  const AddressRequest request = read_request(words);
  if (words.failed()) return;
  if (!request.local) return words.fail("Not enough information: an address is required");
  if (request.local->is_default) return words.fail("`addr': `default' is not an address");
  if (request.device.empty()) return words.fail("Not enough information: `dev' is required");
  const InterfaceAddress address = assemble(words, request);
  const InterfaceId id = interface_named(host, request.device, words);
  if (words.failed()) return;
  const auto carry_out = removes    ? remove_address(host, id, address)
                         : replaces ? replace_address(host, id, address)
                                    : add_address(host, id, address);
  if (!carry_out) words.fail(carry_out.error().text);
}

}  // namespace utables::host
