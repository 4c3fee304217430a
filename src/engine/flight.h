// Flight: a packet on its way through the box: its bytes and everything that the kernel keeps beside
// them in the sk_buff. It owns no bytes; whoever starts a flight keeps them until it has ended.
//
// A *way* is a route as it was taken (the kernel's rtable): where the packet goes next, and what its
// destination is to the box. Errors are answered with the way of the packet that they are about.
#pragma once
#include <utables/packet.h>
#include <utables/verdict.h>

#include <algorithm>
#include <cstdint>

#include "base/address.h"
#include "conntrack/tracker.h"
#include "engine/compiled.h"
#include "packet/buffer.h"
#include "packet/fragment.h"
#include "packet/ip_options.h"

namespace utables::engine {

struct Way {
  enum class Kind : std::uint8_t {
    none,
    local,        ///< to the box itself (its addresses, broadcasts, groups)
    onward,       ///< by `device`
    unreachable,  ///< no way: `refusal` says why, and the sender may be told
  };
  Kind kind = Kind::none;
  DropReason refusal = DropReason::none;
  bool arriving = false;  ///< decided for a packet that came in, not for one made here
  bool broadcast = false, multicast = false;
  bool heard_here = false;  ///< made here, and the box itself receives a copy (broadcast, own groups)
  bool gateway = false;
  bool redirect = false;  ///< goes back by the interface it came from, where its sender could send it
  InterfaceId device = kNoInterface;
  std::uint32_t mtu = 0;
  std::uint32_t forward_mtu = 0;  ///< IPv6: what forwarding asks, before any hook
  Address next_hop{};
  Address source{};  ///< what the kernel would choose as source

  /// The destination is one of the box's own addresses, or a broadcast or group that it hears.
  [[nodiscard]] bool is_local() const { return kind == Kind::local; }
};

/// How a packet's way ended.
struct End {
  Fate fate = Fate::dropped;
  DropReason reason = DropReason::none;
  std::uint32_t place = kNoPlace;  ///< the rule or policy that decided

  static End refused(DropReason why) { return {Fate::refused, why, kNoPlace}; }
};

/// It did not get through: what it began ends with it.
constexpr bool is_lost(Fate fate) {
  return fate == Fate::dropped || fate == Fate::rejected || fate == Fate::proxied || fate == Fate::refused;
}

struct Flight {
  packet::Buffer buffer{};
  conntrack::Tracked tracked{};
  Way way{};
  LinkFacts link{};
  std::uint64_t foreseen = 0;  ///< the hash of its tuple as it came, until it is tracked; 0: not known
  std::uint32_t mark = 0;
  InterfaceId in = kNoInterface, out = kNoInterface;
  InterfaceId first_in = kNoInterface;  ///< where the fragment at offset 0 came in, if it was put together
  PacketType type = PacketType::host;
  bool merged = false;            ///< several segments in one: held to no MTU
  bool made_here = false;         ///< an answer of the box's own
  bool copied = false;            ///< of its own broadcast, for itself: no program sent this one
  bool clashed = false;           ///< its copy's connection clashed with one in the table, as its own does
  bool attached = false;          ///< its connection is another packet's, not its own to confirm or forget
  bool unsummed = false;          ///< made here: its TCP checksum has only the pseudo-header's sum yet
  bool forwarded = false;         ///< it passed forwarding
  bool looped = false;            ///< it left by lo and came back
  bool compiled_options = false;  ///< Linux read its options (it came in, or is an answer made here)
  bool router_alert = false;      ///< IPv6: a hop-by-hop option asks every router to look
  /// What Linux knows of the checksum of an ICMPv6 error about a connection (the sk_buff's ip_summed).
  enum class Summed : std::uint8_t {
    no,     ///< it is summed when somebody asks
    once,   ///< the packet came to `sum` then, and was right
    right,  ///< it is not asked again
  };
  Summed summed = Summed::no;
  std::uint64_t sum = 0;  ///< of all its bytes, not folded
  packet::IpOptions options{};
  packet::Geometry* geometry = nullptr;  ///< how it was cut when it came; null: it came whole
  std::uint32_t decided = kNoPlace;      ///< what the filter table said last

  [[nodiscard]] const packet::Facts& facts() const { return buffer.facts; }
  /// Linux reads the first `size` bytes of the transport header where they lie: if they lie in several
  /// fragments, the first takes from the others what it lacks.
  void pull_transport(std::uint32_t size) {
    if (geometry == nullptr || geometry->sizes.empty() || facts().transport_length() < size) return;
    auto& sizes = geometry->sizes;
    const std::int64_t before = facts().is_ipv6() ? std::int64_t{geometry->header} - facts().header_size : 0;
    std::int64_t lacks = std::int64_t{size} - before - sizes.front();
    if (lacks <= 0) return;
    sizes.front() = static_cast<std::uint16_t>(sizes.front() + lacks);
    while (lacks > 0 && sizes.size() > 1) {
      const std::int64_t taken = std::min<std::int64_t>(lacks, sizes[1]);
      sizes[1] = static_cast<std::uint16_t>(sizes[1] - taken);
      lacks -= taken;
      if (sizes[1] == 0) sizes.erase(sizes.begin() + 1);
    }
  }
  [[nodiscard]] const packet::Geometry& cuts() const {
    static const packet::Geometry kWhole{};
    return geometry != nullptr ? *geometry : kWhole;
  }
};

}  // namespace utables::engine
