// Checksums and merged segments as a capture of a real machine has them (`--checksums`).
//
// A network card computes checksums on the way out and joins segments on the way in; a capture taken
// inside the machine shows what was there before or after. `automatic` takes for good a checksum that is
// exactly what transmit offloading leaves behind (the sum of the pseudo-header, folded, not inverted),
// and a TCP packet above the MTU of its interface for one joined by receive offloading, which passes
// whole, as inside Linux. `check` judges as on the wire; `ignore` is nf_conntrack_checksum=0.
#pragma once
#include <utables/packet.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "packet/facts.h"

namespace utables::lab {

enum class ChecksumMode : std::uint8_t { automatic, check, ignore };
/// `auto`, `check`, `ignore`.
[[nodiscard]] std::optional<ChecksumMode> parse_checksum_mode(std::string_view text);

struct ChecksumCounts {
  std::uint64_t offloaded = 0;  ///< checksums that transmit offloading left behind
  std::uint64_t merged = 0;     ///< TCP packets above the MTU
};

/// The transport checksum is the pseudo-header's sum and nothing more.
[[nodiscard]] bool left_to_offloading(std::span<const std::uint8_t> packet, const packet::Facts& facts);

/// Marks `packet` (its `checksum_good` and `merged`), and counts. `mtu` is that of its interface.
void judge_checksums(ChecksumMode mode, const packet::Facts& facts, std::uint32_t mtu, Packet& packet,
                     ChecksumCounts& counts);

}  // namespace utables::lab
