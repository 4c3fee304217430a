// Link layers: from a captured frame to the network-layer packet in it.
//
// Understood: Ethernet (with 802.1Q, 802.1ad and stacked tags, PPPoE sessions, 802.3 with LLC/SNAP), raw
// IP, Linux cooked 1 and 2, PPP (with and without HDLC header and direction), PPPoE, BSD loopback.
// A frame whose protocol is none of these is not a problem: `ether_type` says what it is (ARP, ...), and
// the caller counts it.
//
// Sources: tcpdump.org/linktypes, IEEE 802.3 and 802.1Q, RFC 1042, RFC 1661, RFC 1662, RFC 2516.
#pragma once
#include <utables/packet.h>
#include <utables/result.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "io/capture.h"

namespace utables::io {

/// LINKTYPE_ values of capture files.
namespace linktype {
inline constexpr std::uint16_t kNull = 0, kEthernet = 1, kPpp = 9, kRawBsd = 12, kRawOpenBsd = 14,
                               kPppSerial = 50, kPppEther = 51, kRaw = 101, kLoop = 108, kLinuxSll = 113,
                               kPppPppd = 166, kPppWithDirection = 204, kIpv4 = 228, kIpv6 = 229,
                               kLinuxSll2 = 276;
}  // namespace linktype

namespace ethertype {
inline constexpr std::uint16_t kIpv4 = 0x0800, kArp = 0x0806, kVlan = 0x8100, kIpv6 = 0x86dd, kPpp = 0x880b,
                               kPppoeDiscovery = 0x8863, kPppoeSession = 0x8864, kProviderVlan = 0x88a8,
                               kOldQinq = 0x9100;
}  // namespace ethertype

inline constexpr std::size_t kMaxVlanTags = 4;

/// Why a frame's network-layer packet was not found.
enum class LinkProblem : std::uint8_t {
  none,
  truncated,          ///< the frame ends within a link header
  too_many_tags,      ///< more than kMaxVlanTags VLAN tags
  bad_pppoe_header,   ///< not version 1, type 1, code 0
  bad_pppoe_length,   ///< PPPoE claims less than a PPP protocol field or more than the frame had on the wire
  bad_llc_length,     ///< 802.3 claims more than the frame had on the wire
  unknown_link_type,  ///< check_link_type() says which
  count_
};
/// The name used in output (`link-truncated`).
[[nodiscard]] std::string_view name(LinkProblem problem);

/// What the link layer of a frame said.
struct LinkLayer {
  std::uint32_t offset = 0;  ///< of the network-layer packet within the frame
  std::uint32_t size =
      0;  ///< its bytes that are there, link padding included unless the link layer counts it
  std::uint32_t wire_size = 0;  ///< its bytes on the wire; >= size
  std::uint16_t ether_type =
      0;              ///< of the network-layer packet; 0: not known (raw bytes that are not IP, LLC)
  LinkFacts facts{};  ///< as the packet handed to the engine bears them
  PacketType type = PacketType::host;                  ///< by destination address (Ethernet) or cooked header
  Direction direction = Direction::unknown;            ///< cooked: outgoing or not; PPP with direction
  std::uint32_t interface_index = 0;                   ///< the kernel's ifindex (cooked 2); 0: not known
  std::array<std::uint16_t, kMaxVlanTags> vlan_ids{};  ///< outermost first, 0 to 4095
  std::uint8_t vlan_count = 0;
  bool snap = false;  ///< IP within 802.3/SNAP: Linux itself takes none on Ethernet
  std::optional<std::uint16_t> pppoe_session{};  ///< host order
  std::uint16_t ppp_protocol = 0;                ///< with PPP; ether_type is kIpv4, kIpv6 or kPpp (others)
};

/// An error that names the link type unless parse_link() knows it.
[[nodiscard]] Result<void> check_link_type(std::uint16_t link_type);
/// `EN10MB`, ... as tcpdump names them; `link type 147` for one without a name here.
[[nodiscard]] std::string link_type_name(std::uint16_t link_type);

/// Reads the link layer of `frame` (its bytes, wire_size and link_type; the type and direction that the
/// capture's flags say, if any, take precedence over the link layer's).
[[nodiscard]] LinkProblem parse_link(const Frame& frame, LinkLayer& out);

}  // namespace utables::io
