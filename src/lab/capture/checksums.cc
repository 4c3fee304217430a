#include "lab/capture/checksums.h"

#include <array>

#include "base/bytes.h"
#include "packet/checksum.h"
#include "packet/headers.h"

namespace utables::lab {
namespace {

struct Mode {
  std::string_view word;
  ChecksumMode mode;
};
constexpr std::array<Mode, 3> kModes{
    {{"auto", ChecksumMode::automatic}, {"check", ChecksumMode::check}, {"ignore", ChecksumMode::ignore}}};

/// Protocols whose checksum transmit offloading fills in, and where it stands in their header.
struct ChecksumPlace {
  std::uint8_t protocol;
  std::uint16_t offset;
};
constexpr std::array<ChecksumPlace, 2> kPlaces{{{packet::kTcp, 16}, {packet::kUdp, 6}}};

}  // namespace

std::optional<ChecksumMode> parse_checksum_mode(std::string_view text) {
  for (const Mode& m : kModes)
    if (m.word == text) return m.mode;
  return std::nullopt;
}

bool left_to_offloading(std::span<const std::uint8_t> packet, const packet::Facts& facts) {
  if (facts.is_fragment() || !facts.has_transport_header) return false;
  for (const ChecksumPlace& place : kPlaces) {
    if (place.protocol != facts.protocol) continue;
    const std::size_t at = facts.header_size + std::size_t{place.offset};
    if (at + 2 > packet.size()) return false;
    const std::uint64_t sum = packet::pseudo_header_sum(facts, facts.protocol, facts.transport_length());
    return load16(packet.data() + at) == static_cast<std::uint16_t>(~packet::finish(sum));
  }
  return false;
}

void judge_checksums(ChecksumMode mode, const packet::Facts& facts, std::uint32_t mtu, Packet& packet,
                     ChecksumCounts& counts) {
  if (mode != ChecksumMode::automatic) return;
  if (left_to_offloading({packet.bytes, packet.size}, facts)) {
    packet.checksum_good = true;
    ++counts.offloaded;
  }
  if (facts.protocol == packet::kTcp && !facts.is_fragment() && facts.total_length > mtu) {
    packet.merged = true;
    ++counts.merged;
  }
}

}  // namespace utables::lab
