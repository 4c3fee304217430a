// A packet as it is handed to the engine, and what is known of it besides its bytes.
#pragma once
#include <utables/time.h>

#include <array>
#include <cstdint>

namespace utables {

/// An interface of the box, by its position in the box's list (not the kernel's ifindex).
using InterfaceId = std::uint16_t;
inline constexpr InterfaceId kNoInterface = 0xffff;

/// To whom a frame was addressed at the link layer (linux/if_packet.h).
enum class PacketType : std::uint8_t {
  host = 0,
  broadcast = 1,
  multicast = 2,
  other_host = 3,
  outgoing = 4,
  loopback = 5
};

/// What the link layer said; `present` is false for a raw IP packet.
struct LinkFacts {
  bool present = false;
  std::array<std::uint8_t, 6> source{};       ///< Ethernet source address
  std::array<std::uint8_t, 6> destination{};  ///< Ethernet destination address
  std::uint16_t type = 0;                     ///< EtherType, host order
};

/// One packet of a batch. The engine works in place: it may change the bytes, and hands out views of
/// them to the sink; they belong to the caller again once `process` returns.
struct Packet {
  std::uint8_t* bytes = nullptr;  ///< the first byte of the IP header
  std::uint32_t size = 0;         ///< bytes that are there, from the IP header on
  std::uint32_t room = 0;         ///< bytes from `bytes` on that may be written; >= size, 64 more are wise
  std::uint32_t wire_size =
      0;  ///< size on the wire from the IP header on (a capture may hold less); 0: `size`
  InterfaceId interface = kNoInterface;  ///< came in by it; for `outbound` unused: routing decides
  bool outbound = false;                 ///< made by a program of the box: starts at OUTPUT
  PacketType type = PacketType::host;
  /// The sender's checksums are known to be good, whatever the bytes say (transmit offloading).
  bool checksum_good = false;
  /// Several segments merged by receive offloading: it is not held to any MTU.
  bool merged = false;
  std::uint32_t mark = 0;
  Duration later = 0;  ///< its time, after the batch's `now`; never less than its predecessor's
  LinkFacts link{};
};

}  // namespace utables
