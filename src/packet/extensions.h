// IPv6 extension headers (RFC 8200 4; AH: RFC 4302): where each one stands, and what is behind the last.
//
// Vocabulary: the *chain* is the extension headers of a packet in their order; what follows it is the upper
// layer. Only the first two bytes of a header must be there for the chain to go on: Linux looks at no more.
#pragma once
#include <cstdint>
#include <functional>
#include <span>

namespace utables::packet {

inline constexpr std::uint8_t kHopByHop = 0, kRouting = 43, kFragment = 44, kNoNextHeader = 59,
                              kDestinationOptions = 60, kMobility = 135;
inline constexpr std::uint32_t kIpv6Header = 40, kFragmentHeader = 8, kIpv6LeastMtu = 1280;

/// One header of the chain.
struct Extension {
  std::uint8_t protocol = 0;   ///< its own number
  std::uint32_t offset = 0;    ///< bytes from the IPv6 header on
  std::uint32_t size = 0;      ///< bytes that it claims; may go beyond the packet
  std::uint32_t named_at = 0;  ///< offset of the byte that names it: the next-header field before it
};

/// The fields of a fragment header.
struct FragmentFields {
  std::uint8_t next = 0;
  std::uint16_t offset = 0;  ///< bytes
  bool more = false;
  std::uint32_t identification = 0;
};
/// REQUIRES: 8 bytes from `at` on.
[[nodiscard]] FragmentFields read_fragment_header(const std::uint8_t* at);

/// How a chain ends.
struct ChainEnd {
  enum class Kind : std::uint8_t {
    upper,     ///< `protocol` begins at `offset` (maybe beyond the packet); kNoNextHeader is one too
    fragment,  ///< a later fragment: `protocol` is what its fragment header names, at `offset` is its piece
    cut        ///< the next header is not there
  } kind = Kind::upper;
  std::uint8_t protocol = 0;
  std::uint32_t offset = 0;
};

/// Walks the chain of an IPv6 packet; `visit` is called for each header whose first two bytes are there (a
/// fragment header: four), and ends the walk by returning false. REQUIRES: packet.size() >= 40.
ChainEnd walk_chain(std::span<const std::uint8_t> packet,
                    const std::function<bool(const Extension&)>& visit = {});

/// Where a packet that is cut has its fragment header, and the byte that names what follows it there: behind
/// hop-by-hop options, behind a routing header and what stands before that (RFC 8200 4.5).
struct FragmentPlace {
  std::uint32_t offset = kIpv6Header, named_at = 6;
};
[[nodiscard]] FragmentPlace fragment_place(std::span<const std::uint8_t> packet);

/// A number of the chain: not of an upper layer.
[[nodiscard]] constexpr bool is_extension(std::uint8_t protocol) {
  return protocol == kHopByHop || protocol == kRouting || protocol == kFragment || protocol == 51 ||
         protocol == kNoNextHeader || protocol == kDestinationOptions;
}

}  // namespace utables::packet
