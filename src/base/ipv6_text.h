// An IPv6 address as Linux writes it in its log and under /proc: all eight groups with all their digits.
#pragma once
#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace utables {

/// REQUIRES: 16 readable bytes at `address`.
[[nodiscard]] inline std::string full_text(const std::uint8_t* address) {
  std::string out;
  for (unsigned i = 0; i < 16; i += 2)
    fmt::format_to(std::back_inserter(out), "{}{:02x}{:02x}", i == 0 ? "" : ":", address[i], address[i + 1]);
  return out;
}

}  // namespace utables
