// Kinds of IPv6 addresses (RFC 4291), of which the code of several layers asks.
#pragma once
#include "base/address.h"

namespace utables::ipv6 {

/// ff00::/8
[[nodiscard]] inline bool is_multicast(const Address& a) { return a.bytes[0] == 0xff; }
/// fe80::/10
[[nodiscard]] inline bool is_link_local(const Address& a) {
  return a.bytes[0] == 0xfe && (a.bytes[1] & 0xc0U) == 0x80;
}
/// ::ffff:0:0/96
[[nodiscard]] inline bool is_v4_mapped(const Address& a) {
  return load32(&a.bytes[0]) == 0 && load32(&a.bytes[4]) == 0 && load32(&a.bytes[8]) == 0xffff;
}
inline constexpr Address kLoopback{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
[[nodiscard]] inline bool is_loopback(const Address& a) { return a == kLoopback; }

}  // namespace utables::ipv6
