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
/// ::1
[[nodiscard]] inline bool is_loopback(const Address& a) {
  Address one;
  one.bytes[15] = 1;
  return a == one;
}

}  // namespace utables::ipv6
