// Connection: an entry of the table.
// Owned by Table (slabs); a reference is valid until the entry is destroyed, which happens only in
// Tracker::advance(), confirm() and drop(). Fields that every packet touches come first.
#pragma once
#include <array>
#include <cstdint>
#include <utables/time.h>

#include "conntrack/tuple.h"

namespace utables::conntrack {

/// A connection's place in the table; stable for its life, reused after it.
using Handle = std::uint32_t;
inline constexpr Handle kNoHandle = 0xffffffff;

/// TCP's states in Linux's numbering (R07). `listen` of old kernels is `syn_sent2`, simultaneous open.
enum class TcpState : std::uint8_t { none, syn_sent, syn_recv, established, fin_wait, close_wait, last_ack, time_wait, close, syn_sent2, count_ };
/// `SYN_SENT`, ...; classic listings show syn_sent2 as LISTEN.
[[nodiscard]] std::string_view name(TcpState state);

/// One end's view of the TCP window (host order, unscaled sums).
struct TcpEnd {
  std::uint32_t end = 0;      ///< highest sequence number sent, plus its length
  std::uint32_t max_end = 0;  ///< highest sequence number the other end's window allows
  std::uint32_t max_win = 0;  ///< largest window it was given, scaled
  std::uint32_t max_ack = 0;  ///< highest acknowledgement it sent
  std::uint8_t scale = 0;
  bool window_scale = false, sack_permitted = false, close_init = false, be_liberal = false, unacknowledged = false,
       max_ack_set = false, challenge_ack = false;
};

struct TcpTracking {
  std::array<TcpEnd, 2> end{};  ///< by Direction
  TcpState state = TcpState::none;
  std::uint8_t last_direction = 0, last_index = 0, retransmissions = 0;
  std::uint8_t last_window_scale = 0, last_flags = 0;
  std::uint16_t last_window = 0;
  std::uint32_t last_sequence = 0, last_acknowledgement = 0, last_end = 0;
};

enum Status : std::uint16_t {  // names as conntrack(8) has them
  kExpected = 1, kSeenReply = 2, kAssured = 4, kConfirmed = 8, kDying = 16, kFixedTimeout = 32, kSourceNat = 64, kDestinationNat = 128, kUntracked = 256,
};

struct Accounting { std::uint64_t packets = 0, bytes = 0; };

struct Connection {
  Time deadline = 0;           ///< from this moment on it does not exist; while unconfirmed: unset
  Duration timeout = 0;        ///< what the tracker last set; confirmation turns it into a deadline
  std::uint16_t status = 0;    ///< Status bits
  std::uint16_t zone = 0;
  std::uint32_t mark = 0;
  TcpTracking tcp{};           ///< TCP only
  Time stream_since = 0;       ///< UDP: when it becomes a stream (2 s after its first packet)
  std::array<Tuple, 2> tuple{};  ///< by Direction
  std::array<Accounting, 2> counters{};
  Time created = 0;            ///< when confirmed
  std::uint64_t serial = 0;    ///< order of creation, never reused
  Handle handle = kNoHandle;
  Time last_packet = 0;

  [[nodiscard]] bool is(Status s) const { return (status & s) != 0; }
  [[nodiscard]] const Tuple& original() const { return tuple[0]; }
  [[nodiscard]] const Tuple& reply() const { return tuple[1]; }
};

}  // namespace utables::conntrack
