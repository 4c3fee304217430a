// SCTP (RFC 9260): its chunk types, the walk over a packet's chunks, and chunks as packet text has them.
#pragma once
#include <utables/result.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace utables::packet::sctp {

inline constexpr std::uint8_t kData = 0, kInit = 1, kInitAck = 2, kSack = 3, kHeartbeat = 4,
                              kHeartbeatAck = 5, kAbort = 6, kShutdown = 7, kShutdownAck = 8, kError = 9,
                              kCookieEcho = 10, kCookieAck = 11, kEcne = 12, kCwr = 13,
                              kShutdownComplete = 14, kAuth = 15, kAsconfAck = 0x80, kForwardTsn = 0xc0,
                              kAsconf = 0xc1;

/// Of ABORT and SHUTDOWN COMPLETE: the verification tag is the one that the peer should have sent (8.4).
inline constexpr std::uint8_t kTagReflected = 0x01;
inline constexpr std::uint32_t kHeader = 12, kChunkHeader = 4;
/// The fixed part of INIT and INIT ACK, the chunk header included.
inline constexpr std::uint32_t kInitChunk = 20;

/// `COOKIE ECHO`, as RFC 9260 (and those that add to it) call it; of others `chunk 77`.
[[nodiscard]] std::string name(std::uint8_t type);

struct Chunk {
  std::uint8_t type = 0, flags = 0;
  std::uint16_t length = 0;  ///< as it claims, its header included, padding not
  std::uint32_t offset = 0;  ///< from the SCTP header on
};

/// The chunks that have a whole header, in order, each where the length of the one before says. Ends behind
/// a chunk of length zero.
class Chunks {
 public:
  /// `sctp`: from the SCTP header on.
  explicit Chunks(std::span<const std::uint8_t> sctp) : sctp_(sctp) {}

  std::optional<Chunk> next() {
    if (at_ > sctp_.size() || sctp_.size() - at_ < kChunkHeader) return std::nullopt;
    const std::uint8_t* const p = &sctp_[at_];
    const Chunk chunk{p[0], p[1], load16(p + 2), at_};
    at_ = chunk.length == 0 ? static_cast<std::uint32_t>(sctp_.size()) + 1
                            : at_ + ((std::uint32_t{chunk.length} + 3) & ~3U);
    return chunk;
  }

 private:
  std::span<const std::uint8_t> sctp_;
  std::uint32_t at_ = kHeader;
};

/// `INIT tag 0x22 len 4,DATA flags 0x3 len 16`: `tag` is the initiate tag of an INIT or INIT ACK, `len` what
/// follows it, or the chunk's header, in bytes. Empty if the chunks do not fill the packet to its end.
[[nodiscard]] std::string chunks_text(std::span<const std::uint8_t> sctp);
/// The chunks of such a list, padded; what they hold is zeros.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_chunks(std::string_view list);

}  // namespace utables::packet::sctp
