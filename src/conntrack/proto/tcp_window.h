// TCP's window check (R05): is a segment inside what both ends allow each other? After G. van Rooij, "Real
// stateful TCP packet filtering in IP Filter" (2000), with window scaling (RFC 7323) and SACK (RFC 2018).
#pragma once
#include <cstdint>

#include "conntrack/proto/protocol.h"

namespace utables::conntrack {

/// a comes before b in sequence space (RFC 9293, 3.4).
constexpr bool before(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; }
constexpr bool after(std::uint32_t a, std::uint32_t b) { return before(b, a); }

/// The sequence number after the segment: its data, SYN and FIN count.
[[nodiscard]] std::uint32_t segment_end(const packet::Facts& facts);

/// What a SYN's options announce.
struct SynOptions {
  bool window_scale = false, sack_permitted = false;
  std::uint8_t scale = 0;
};
/// The options of a segment; none if there is no room for any in its header.
[[nodiscard]] std::optional<SynOptions> syn_options(const packet::Buffer& packet);
/// The highest acknowledgement of the segment: its own or that of a SACK block.
[[nodiscard]] std::uint32_t highest_sack(const packet::Buffer& packet, std::uint32_t ack);

/// An end that announced itself by this segment, and takes nothing from its past but its liberality.
void announce(TcpEnd& end, const packet::Buffer& packet);

/// Both ends of a connection that `packet`, its first, opens (`syn`) or picks up.
void open_window(TcpTracking& tcp, const packet::Buffer& packet, bool syn);

/// Judges the segment and, where it is believed, moves the windows. The verdicts that let it pass without
/// being believed are `seq_below`, `ack_below`, `more_than_expected`.
[[nodiscard]] WindowVerdict check_window(TcpTracking& tcp, TcpEvent event, const Seen& seen);

}  // namespace utables::conntrack
