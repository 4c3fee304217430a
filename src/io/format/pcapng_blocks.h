// The numbers of pcapng: blocks, options, the flags of a packet. Source: draft-ietf-opsawg-pcapng.
#pragma once
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "io/capture.h"

namespace utables::io::pcapng {

inline constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a,  // the same in both byte orders
    kInterfaceDescription = 1, kObsoletePacket = 2, kSimplePacket = 3, kNameResolution = 4,
                               kInterfaceStatistics = 5, kEnhancedPacket = 6, kDecryptionSecrets = 10,
                               kCustom = 0x00000bad, kCustomNotCopied = 0x40000bad;
inline constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
inline constexpr std::uint32_t kSmallestBlock = 12;  ///< bytes: type and two lengths
inline constexpr std::uint64_t kUnknownSectionLength = std::numeric_limits<std::uint64_t>::max();

// Options: of all blocks, of the section header, of interfaces, of packets.
inline constexpr std::uint16_t kOptionEnd = 0, kComment = 1;
inline constexpr std::uint16_t kApplication = 4;
inline constexpr std::uint16_t kIfName = 2, kIfTsresol = 9, kIfFcslen = 13, kIfTsoffset = 14;
inline constexpr std::uint16_t kPacketFlags = 2;

/// The size that an interface's option must have; 0: any.
constexpr std::size_t interface_option_bytes(std::uint16_t code) {
  return code == kIfTsresol || code == kIfFcslen ? 1 : code == kIfTsoffset ? 8 : 0;
}

[[nodiscard]] std::string block_name(std::uint32_t type);

/// The option epb_flags: direction (bits 0, 1), reception type (2 to 4), FCS length (5 to 8), errors (16 to
/// 31).
struct Flags {
  std::uint32_t bits = 0;

  [[nodiscard]] Direction direction() const {
    const unsigned d = bits & 3;
    return d == 1 ? Direction::inbound : d == 2 ? Direction::outbound : Direction::unknown;
  }
  [[nodiscard]] std::optional<PacketType> type() const {
    switch (bits >> 2 & 7) {
      case 1:
        return PacketType::host;
      case 2:
        return PacketType::multicast;
      case 3:
        return PacketType::broadcast;
      case 4:
        return PacketType::other_host;
      default:
        return std::nullopt;
    }
  }
  [[nodiscard]] std::uint32_t fcs_bytes() const { return bits >> 5 & 15; }
  [[nodiscard]] std::uint32_t link_errors() const { return bits >> 16; }
};

}  // namespace utables::io::pcapng
