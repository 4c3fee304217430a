// Cutting a packet for an MTU as Linux does: along the cuts that it came with where they fit (the *fast
// path*), anew otherwise (the *slow path*).
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "packet/facts.h"

namespace utables::packet {

/// How a packet was cut when it came; nothing set: it came whole.
struct Geometry {
  /// Payload bytes of each fragment, by offset. Empty although it was cut: something made the packet one
  /// piece (TCPMSS, say), and it is cut anew.
  std::vector<std::uint16_t> sizes{};
  std::uint32_t max_size = 0;  ///< the largest fragment, its IP header included; 0: it came whole
  bool dont_fragment = false;  ///< the largest one bore DF: so does the whole, and its parts if cut anew
  [[nodiscard]] bool was_cut() const { return max_size != 0; }
};

/// ip_forward's question, before the FORWARD chains: too big for the way, and not to be cut. Answered
/// with an ICMP 3/4.
[[nodiscard]] bool too_big_to_forward(const Facts& facts, const Geometry& geometry, std::uint32_t mtu);

/// What becomes of a packet when it leaves by an interface, after POSTROUTING (ip_finish_output).
enum class Cutting : std::uint8_t { whole, cut, too_big /* answered with an ICMP 3/4 */ };
[[nodiscard]] Cutting judge_size(const Facts& facts, const Geometry& geometry, std::uint32_t mtu);

/// Cuts; calls `emit` for each fragment in order. The bytes are valid during the call.
/// `thin`: options are left out of later fragments by class (false for packets of the box's own programs,
/// whose options Linux never compiled). REQUIRES: judge_size() said `cut`; facts came from `packet`.
/// Returns false when the MTU leaves no room for 8 bytes of payload: nothing was emitted.
bool cut(std::span<const std::uint8_t> packet, const Facts& facts, const Geometry& geometry,
         std::uint32_t mtu, bool thin, const std::function<void(std::span<const std::uint8_t>)>& emit);

}  // namespace utables::packet
