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
  std::uint32_t header = 0;    ///< IPv6: bytes before the fragment header
  std::uint32_t least_header =
      0;  ///< IPv6: the shortest header of a later fragment, that of fragmenting included
  [[nodiscard]] bool was_cut() const { return max_size != 0; }
};

/// ip_forward's question of IPv4, before the FORWARD chains: too big for the way, and not to be cut. Answered
/// with an ICMP 3/4.
[[nodiscard]] bool too_big_to_forward(const Facts& facts, const Geometry& geometry, std::uint32_t mtu);

/// What becomes of a packet when it leaves by an interface, after POSTROUTING (ip_finish_output). Over IPv6
/// nothing is cut that did not come cut.
enum class Cutting : std::uint8_t { whole, cut, too_big /* answered with an ICMP 3/4, an ICMPv6 2 */ };
[[nodiscard]] Cutting judge_size(const Facts& facts, const Geometry& geometry, std::uint32_t mtu);

struct CutOptions {
  /// IPv4: options are left out of later fragments by class (false for packets of the box's own programs,
  /// whose options Linux never compiled).
  bool thin = false;
  std::uint32_t identification = 0;  ///< IPv6: of the new fragments
  /// IPv6: bytes that Linux has free in front of each fragment that came. Only where the new header fits in
  /// there, with 16 bytes for the link layer, are the cuts repeated.
  std::uint32_t headroom = 64;
};
/// Cuts; calls `emit` for each fragment in order. The bytes are valid during the call. REQUIRES: judge_size()
/// said `cut`; facts came from `packet`. Returns false when the MTU leaves no room for 8 bytes of payload, or
/// IPv6's headers claim to be all of it: nothing was emitted.
bool cut(std::span<const std::uint8_t> packet, const Facts& facts, const Geometry& geometry,
         std::uint32_t mtu, const CutOptions& options,
         const std::function<void(std::span<const std::uint8_t>)>& emit);

}  // namespace utables::packet
