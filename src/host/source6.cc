// Addresses of IPv6: which one Linux sends from (RFC 6724 section 5, with its default policy table), which
// one REDIRECT takes, and which groups it has joined.
#include <algorithm>
#include <array>

#include "base/ipv6_address.h"
#include "host/host.h"
#include "host/redirect6.h"

namespace utables::host {

using ipv6::is_link_local;
using ipv6::is_loopback;
using ipv6::is_multicast;
using ipv6::is_v4_mapped;

namespace {

enum Scope : int { kInterfaceLocal = 1, kLinkLocal = 2, kSiteLocal = 5, kGlobal = 14 };

int scope_of(const Address& a) {
  if (is_multicast(a)) return a.bytes[1] & 0x0f;
  if (is_link_local(a) || is_loopback(a)) return kLinkLocal;
  return a.bytes[0] == 0xfe && (a.bytes[1] & 0xc0U) == 0xc0 ? kSiteLocal : kGlobal;
}

/// The policy table, longest prefix first.
struct Policy {
  std::array<std::uint8_t, 16> prefix;
  std::uint8_t length;
  int label;
};
constexpr Policy kPolicies[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, 0},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96, 4},
    {{}, 96, 3},
    {{0x20, 0x01, 0, 0}, 32, 6},
    {{0x20, 0x01, 0, 0x10}, 28, 7},
    {{0x20, 0x02}, 16, 2},
    {{0x3f, 0xfe}, 16, 12},
    {{0xfe, 0xc0}, 10, 11},
    {{0xfc}, 7, 5},
    {{}, 0, 1},
};

int label_of(const Address& a) {
  for (const Policy& row : kPolicies) {
    Address prefix;
    prefix.bytes = row.prefix;
    if (Prefix{Family::ipv6, row.length, prefix}.contains(a)) return row.label;
  }
  return 1;
}

int common_bits(const Address& a, const Address& b) {
  for (unsigned i = 0; i < 128; ++i)
    if (((a.bytes[i / 8] ^ b.bytes[i / 8]) >> (7 - i % 8) & 1U) != 0) return static_cast<int>(i);
  return 128;
}

/// What is compared of a candidate, rule by rule; more is better.
using Score = std::array<int, 5>;
Score score_of(const InterfaceAddress& candidate, bool outgoing, const Address& destination) {
  const Address& a = candidate.prefix.address;
  const int scope = scope_of(a), wanted = scope_of(destination);
  return {a == destination ? 1 : 0, scope >= wanted ? -scope : scope - 128, outgoing ? 1 : 0,
          label_of(a) == label_of(destination) ? 1 : 0,
          std::min<int>(common_bits(a, destination), candidate.prefix.length)};
}

Address group_of(std::initializer_list<std::uint8_t> first, std::uint8_t last) {
  Address group;
  std::copy(first.begin(), first.end(), group.bytes.begin());
  group.bytes[15] = last;
  return group;
}

/// The group of an address in ff02::1:ff00:0/104, with its last 24 bits (RFC 4291, 2.7.1).
Address solicited_node(const Address& a) {
  Address group = group_of({0xff, 0x02}, 0);
  group.bytes[11] = 1;
  group.bytes[12] = 0xff;
  std::copy_n(a.bytes.begin() + 13, 3, group.bytes.begin() + 13);
  return group;
}

}  // namespace

Address Host::select_source6(InterfaceId device, const Address& destination) const {
  const bool of_link =
      device != kNoInterface && (is_multicast(destination) || scope_of(destination) <= kLinkLocal);
  Address best{};
  Score best_score{};
  bool any = false;
  for (InterfaceId id = 0; id < interfaces.size(); ++id) {
    if ((of_link && id != device) || !interfaces[id].up) continue;
    const auto& addresses = interfaces[id].addresses;
    // The one added last is the first that the kernel looks at.
    for (auto it = addresses.rbegin(); it != addresses.rend(); ++it) {
      if (it->prefix.family != Family::ipv6) continue;
      const Score score = score_of(*it, device == kNoInterface || id == device, destination);
      if (any && score <= best_score) continue;
      any = true;
      best = it->prefix.address;
      best_score = score;
    }
  }
  return best;
}

Address redirect_address6(const Host& host, InterfaceId device, const Address& destination) {
  const int wanted = scope_of(destination);
  const bool exact = wanted <= kLinkLocal || wanted == kSiteLocal;
  const auto& addresses = host.at(device).addresses;
  const InterfaceAddress* best = nullptr;
  for (auto it = addresses.rbegin(); it != addresses.rend(); ++it) {
    const Address& a = it->prefix.address;
    if (it->prefix.family != Family::ipv6 || is_v4_mapped(a)) continue;
    if (exact ? scope_of(a) != wanted : best != nullptr && scope_of(a) <= scope_of(best->prefix.address))
      continue;
    best = &*it;
    if (exact) break;
  }
  return best != nullptr ? best->prefix.address : Address{};
}

bool Host::hears_group(InterfaceId device, const Address& group) const {
  if (group == group_of({0xff, 0x01}, 1) || group == group_of({0xff, 0x02}, 1)) return true;
  if (settings.ipv6_forwarding && group == group_of({0xff, 0x02}, 2)) return true;
  // Where nobody is asked for a link-layer address nobody answers for one.
  if (interfaces[device].kind == LinkKind::point_to_point) return false;
  const auto& addresses = interfaces[device].addresses;
  return std::any_of(addresses.begin(), addresses.end(), [&](const InterfaceAddress& a) {
    if (a.prefix.family != Family::ipv6) return false;
    const Address network = a.prefix.address & mask_of(a.prefix.length, Family::ipv6);
    return group == solicited_node(a.prefix.address) ||
           (settings.ipv6_forwarding && a.prefix.length < 127 && group == solicited_node(network));
  });
}

}  // namespace utables::host
