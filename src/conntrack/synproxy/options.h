// Options: those of TCP that a proxy reads of one end and tells the other.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "packet/buffer.h"

namespace utables::conntrack {

struct ProxyOptions {
  std::uint16_t mss = 0;  ///< as it was named, wanted or not
  bool has_mss = false, has_scale = false, has_timestamp = false, sack_permitted = false;
  bool ecn = false;  ///< no option, but the header's two flags
  std::uint8_t scale = 0;
  std::uint32_t value = 0, echo = 0;  ///< of the timestamp
};

/// Nothing: the header is not whole. What is malformed ends the reading.
[[nodiscard]] std::optional<ProxyOptions> read_options(const packet::Buffer& packet);
/// In Linux's order, padded.
[[nodiscard]] std::vector<std::uint8_t> write_options(const ProxyOptions& options);

/// What a proxy's SYN/ACK tells in its timestamp of what the SYN offered, and takes from there later: the
/// window scale (15: none), SACK and ECN, in the clock's low bits.
[[nodiscard]] std::uint32_t timestamp_of(const ProxyOptions& offered, std::uint32_t milliseconds);
void take_timestamp(ProxyOptions& answer);

/// Adds to the value or to the echo of the packet's timestamp, if it has one.
void shift_timestamp(packet::Buffer& packet, bool echo, std::uint32_t by);

}  // namespace utables::conntrack
