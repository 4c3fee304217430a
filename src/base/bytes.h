// Numbers in network order: loads and stores over raw bytes, and the two stored types.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

namespace utables {

static_assert(std::endian::native == std::endian::little, "utables is built for little-endian machines");

constexpr std::uint16_t byteswap16(std::uint16_t v) { return __builtin_bswap16(v); }
constexpr std::uint32_t byteswap32(std::uint32_t v) { return __builtin_bswap32(v); }

/// REQUIRES: 2 readable bytes at p. Returns host order.
inline std::uint16_t load16(const std::uint8_t* p) {
  std::uint16_t v;
  std::memcpy(&v, p, sizeof v);
  return byteswap16(v);
}
/// REQUIRES: 4 readable bytes at p. Returns host order.
inline std::uint32_t load32(const std::uint8_t* p) {
  std::uint32_t v;
  std::memcpy(&v, p, sizeof v);
  return byteswap32(v);
}
/// REQUIRES: 2 writable bytes at p. `v` is in host order.
inline void store16(std::uint8_t* p, std::uint16_t v) {
  v = byteswap16(v);
  std::memcpy(p, &v, sizeof v);
}
/// REQUIRES: 4 writable bytes at p. `v` is in host order.
inline void store32(std::uint8_t* p, std::uint32_t v) {
  v = byteswap32(v);
  std::memcpy(p, &v, sizeof v);
}

}  // namespace utables
