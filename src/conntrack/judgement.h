// Judgement: what is behind one judgement of a tracker, for explanations and log_invalid. For TCP its
// figures; for SCTP what each chunk did.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "conntrack/connection.h"

namespace utables::conntrack {

/// What the window check said. The last two and `more_than_expected` let the packet pass, but change
/// nothing; `seq_beyond` and `ack_beyond` make it INVALID. be_liberal lets all of them pass.
enum class WindowVerdict : std::uint8_t {
  not_checked,
  inside,
  seq_beyond,          ///< over the window of the receiver
  more_than_expected,  ///< over it, but it begins inside: some stacks send more than they may
  ack_beyond,          ///< acknowledges what was not seen
  seq_below,           ///< data that was acknowledged already, again
  ack_below,           ///< an acknowledgement that is very late
  count_
};
[[nodiscard]] std::string_view sentence(WindowVerdict verdict);

/// Why a segment that is let through, or refused by the window, was not believed.
enum class TcpDoubt : std::uint8_t {
  none,
  ignored,        ///< the state table lets it pass without effect
  challenge_ack,  ///< it answers a SYN in LAST_ACK (RFC 5961)
  outside,        ///< outside the window (`window_verdict`), and be_liberal is not on
};

struct TcpJudgement {
  bool judged = false;
  TcpDoubt doubt = TcpDoubt::none;
  /// It ends the connection like the other direction's `answered` before it, and though neither is believed,
  /// the timeout was lowered to this; -1: it was not.
  Duration lowered_to = -1;
  TcpEvent answered = TcpEvent::none;
  Direction direction = Direction::original;
  TcpEvent event = TcpEvent::none;
  TcpEnd sender_before{}, receiver_before{};
  TcpState state_before = TcpState::none, state_after = TcpState::none;
  WindowVerdict window_verdict = WindowVerdict::not_checked;
  std::string_view why;       ///< of the row of the state table that applied
  std::string_view lifetime;  ///< of the row of the lifetime table that applied
  std::uint32_t seq = 0, end = 0, ack = 0, sack = 0, window = 0;  ///< after scaling
  // The four comparisons of the window check; each allowed bound, by their usual names:
  // lower < end, seq < upper; lower < sack < upper.
  std::uint32_t seq_upper_bound = 0, seq_lower_bound = 0, ack_upper_bound = 0, ack_lower_bound = 0;
};

/// What one chunk was to the state machine.
struct SctpStep {
  std::uint8_t type = 0;
  SctpState state_before = SctpState::none, state_after = SctpState::none;
  std::string_view why;  ///< of the row of the state table that applied
};

struct SctpJudgement {
  static constexpr std::size_t kMost = 16;  ///< later chunks are judged, but not told
  bool judged = false;
  bool tag_refused = false;  ///< the tag is wrong, and no chunk has a rule of its own about it
  Direction direction = Direction::original;
  std::uint32_t tag = 0;                        ///< the packet's
  std::array<std::uint32_t, 2> expected_tag{};  ///< as they were known before: of its direction, of the other
  std::array<SctpStep, kMost> steps{};
  std::size_t count = 0;
  SctpStep last{};  ///< the last of all
  /// The chunk that may not stand where it does, or has no length.
  struct Refused {
    unsigned number = 0;  ///< in the packet, from 0 on
    std::uint8_t type = 0;
    std::uint16_t length = 0;
    bool stands_alone = false;  ///< it or one before it has to
  };
  std::optional<Refused> refused{};
};

struct Judgement {
  TcpJudgement tcp{};
  SctpJudgement sctp{};
};

}  // namespace utables::conntrack
