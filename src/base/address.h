// Addresses and prefixes of both families.
// An Address is 16 bytes in network order; an IPv4 address stands in the first four, the rest is zero.
// The family is data beside it (a tuple, a prefix or a packet has one family for all its addresses).
#pragma once
#include <utables/result.h>

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace utables {

enum class Family : std::uint8_t { ipv4 = 4, ipv6 = 6 };

constexpr unsigned address_bytes(Family f) { return f == Family::ipv4 ? 4 : 16; }
constexpr unsigned address_bits(Family f) { return address_bytes(f) * 8; }

struct Address {
  alignas(8) std::array<std::uint8_t, 16> bytes{};

  /// As numbers. Written out, as std::array has no <=> in every standard library that must do.
  friend std::strong_ordering operator<=>(const Address& a, const Address& b) {
    return std::memcmp(a.bytes.data(), b.bytes.data(), 16) <=> 0;
  }
  friend bool operator==(const Address&, const Address&) = default;

  /// The IPv4 address in host order. REQUIRES: an IPv4 address.
  [[nodiscard]] std::uint32_t v4() const { return load32(bytes.data()); }
  /// From an IPv4 address in host order.
  static Address from_v4(std::uint32_t host_order) {
    Address a;
    store32(a.bytes.data(), host_order);
    return a;
  }
  /// REQUIRES: address_bytes(f) readable bytes at p.
  static Address load(const std::uint8_t* p, Family f) {
    Address a;
    std::memcpy(a.bytes.data(), p, address_bytes(f));
    return a;
  }
  [[nodiscard]] bool is_zero() const { return *this == Address{}; }
};

inline Address operator&(const Address& a, const Address& b) {
  Address r;
  for (unsigned i = 0; i < 16; ++i) r.bytes[i] = a.bytes[i] & b.bytes[i];
  return r;
}
inline Address operator|(const Address& a, const Address& b) {
  Address r;
  for (unsigned i = 0; i < 16; ++i) r.bytes[i] = a.bytes[i] | b.bytes[i];
  return r;
}
inline Address operator~(const Address& a) {
  Address r;
  for (unsigned i = 0; i < 16; ++i) r.bytes[i] = static_cast<std::uint8_t>(~a.bytes[i]);
  return r;
}

/// The mask of a prefix length (0 to 128). REQUIRES: length <= address_bits(f).
[[nodiscard]] Address mask_of(unsigned length, Family f);
/// The prefix length of a contiguous mask; -1 if it has holes.
[[nodiscard]] int length_of(const Address& mask, Family f);

/// Dotted quad, or RFC 5952 text.
[[nodiscard]] std::string to_string(const Address& a, Family f);
/// Dotted quad (all four parts) or RFC 4291 text; no names, no prefix.
[[nodiscard]] Result<Address> parse_address(std::string_view text, Family f);

struct Prefix {
  Family family = Family::ipv4;
  std::uint8_t length = 0;
  Address address{};  ///< bits past `length` may be set (an interface address with its network)

  friend bool operator==(const Prefix&, const Prefix&) = default;
  [[nodiscard]] bool contains(const Address& a) const {
    const Address m = mask_of(length, family);
    return (a & m) == (address & m);
  }
};

/// `ADDRESS` or `ADDRESS/LENGTH`.
[[nodiscard]] Result<Prefix> parse_prefix(std::string_view text, Family f);
[[nodiscard]] std::string to_string(const Prefix& p);

}  // namespace utables
