// Connection: an entry of the table.
// Owned by Table (slabs); a reference is valid until the entry is destroyed, and its memory stays readable
// until the next Tracker::track() or advance(). Fields that every packet touches come first.
#pragma once
#include <utables/time.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "conntrack/zone.h"

namespace utables::conntrack {

/// A connection's place in the table; stable for its life, reused after it.
using Handle = std::uint32_t;
inline constexpr Handle kNoHandle = 0xffffffff;

/// TCP's states in Linux's numbering (R07). `listen` of old kernels is `syn_sent2`, simultaneous open.
enum class TcpState : std::uint8_t {
  none,
  syn_sent,
  syn_recv,
  established,
  fin_wait,
  close_wait,
  last_ack,
  time_wait,
  close,
  syn_sent2,
  count_
};
/// `SYN_SENT`, ...; classic listings show syn_sent2 as LISTEN.
[[nodiscard]] std::string_view name(TcpState state);

/// What a TCP segment is to the state machine: the first flag of RST, SYN, FIN, ACK that is set decides.
/// In Linux's numbering.
enum class TcpEvent : std::uint8_t { syn, syn_ack, fin, ack, rst, none, count_ };
[[nodiscard]] std::string_view name(TcpEvent event);

/// One end's view of the TCP window (host order, unscaled sums).
struct TcpEnd {
  std::uint32_t end = 0;      ///< highest sequence number sent, plus its length
  std::uint32_t max_end = 0;  ///< highest sequence number the other end's window allows
  std::uint32_t max_win = 0;  ///< largest window it was given, scaled
  std::uint32_t max_ack = 0;  ///< highest acknowledgement it sent
  std::uint8_t scale = 0;
  bool window_scale : 1 = false;
  bool sack_permitted : 1 = false;
  bool close_init : 1 = false;      ///< it sent the first FIN
  bool be_liberal : 1 = false;      ///< picked up in mid-stream: its window is not known
  bool unacknowledged : 1 = false;  ///< it sent data that was not acknowledged yet
  bool max_ack_set : 1 = false;
};

struct TcpTracking {
  std::array<TcpEnd, 2> end{};  ///< by Direction
  TcpState state = TcpState::none;
  std::uint8_t last_direction = 0;
  TcpEvent last_event = TcpEvent::none;
  std::uint8_t retransmissions = 0;
  // What an ignored SYN announced, in case its answer shows that it was the real one.
  std::uint8_t last_scale = 0;
  bool last_window_scale : 1 = false;
  bool last_sack_permitted : 1 = false;
  bool challenge_ack_expected : 1 = false;  ///< RFC 5961: a SYN in LAST_ACK may be answered by a mere ACK
  bool simultaneous_open : 1 = false;
  std::uint16_t last_window = 0;
  std::uint32_t last_sequence = 0, last_acknowledgement = 0, last_end = 0;
};

/// SCTP's states in Linux's numbering.
enum class SctpState : std::uint8_t {
  none,
  closed,
  cookie_wait,
  cookie_echoed,
  established,
  shutdown_sent,
  shutdown_recd,
  shutdown_ack_sent,
  heartbeat_sent,
  count_
};
[[nodiscard]] std::string_view name(SctpState state);

struct SctpTracking {
  std::array<std::uint32_t, 2> tag{};  ///< by Direction: the verification tag of its packets; 0: not known
  SctpState state = SctpState::none;
  std::uint8_t astray_direction = 0;  ///< of the last HEARTBEAT with another tag
  /// By Direction, 1 << direction: this end sent an INIT with a new tag, and no COOKIE ACK came since.
  std::uint8_t opening = 0;
  bool heartbeat_astray = false;  ///< a HEARTBEAT with another tag was seen: its answer may bring that tag
};

enum Status : std::uint16_t {  // names as conntrack(8) has them
  kExpected = 1,
  kSeenReply = 2,
  kAssured = 4,
  kConfirmed = 8,
  kDying = 16,
  kFixedTimeout = 32,
  kSourceNat = 64,
  kDestinationNat = 128,
  kUntracked = 256,
  kAccounted = 512,       ///< nf_conntrack_acct was on when it was made: its packets and bytes are counted
  kTimestamped = 1024,    ///< nf_conntrack_timestamp was on
  kSourceNatDone = 2048,  ///< the nat table was asked about its source
  kDestinationNatDone = 4096,  ///< ... about its destination
};

struct Accounting {
  std::uint64_t packets = 0, bytes = 0;
};

struct alignas(64) Connection {
  Time deadline = 0;                   ///< from this moment on it does not exist; while unconfirmed: unset
  Duration timeout = 0;                ///< what the tracker last set; confirmation turns it into a deadline
  std::uint16_t status = 0;            ///< Status bits
  std::uint16_t events_told = 0xffff;  ///< EventBit: which of them are told at all (CT --ctevents)
  std::uint32_t mark = 0;              ///< ctmark; changed by set_mark() alone
  std::uint16_t event_bits = 0;        ///< EventBit not told yet (told when a packet reaches the last hook)
  std::uint16_t icmp_pending = 0;      ///< classic profile: queries without a reply yet
  Handle handle = kNoHandle;
  TcpTracking tcp{};             ///< TCP only
  SctpTracking sctp{};           ///< SCTP only
  Time stream_since = 0;         ///< UDP: after this it is a stream (2 s after its first packet)
  std::array<Tuple, 2> tuple{};  ///< by Direction
  std::array<Accounting, 2> counters{};
  Time created = 0;                                           ///< when confirmed
  Handle source_older = kNoHandle, source_newer = kNoHandle;  ///< others of its source (nat/source_index.h)
  std::uint16_t masquerade_device = 0xffff;  ///< MASQUERADE: the interface whose address it has
  bool in_source_index = false;
  std::uint8_t helper = 0;          ///< who reads its payload (helper/helper.h); 0: nobody
  std::uint8_t master_helper = 0;   ///< of the connection that announced it; 0: it was not announced
  bool sequences_adjusted = false;  ///< its numbers are others on the other side (helper/sequences.h)
  std::uint8_t timeout_policy = 0;  ///< Settings::policies, from 1; 0: none (CT --timeout)
  std::uint8_t zone_directions : 2 = Zone::kBoth;  ///< Zone::directions
  std::uint8_t expectations_told : 2 = 3;          ///< bits 1 << ExpectationEvent::Kind (CT --expevents)
  bool labelled : 1 = false;                       ///< it has some (label/labels.h)
  bool proxied : 1 = false;                        ///< SYNPROXY opened it (synproxy/proxied.h)
  std::uint64_t serial = 0;                        ///< order of creation, never reused

  [[nodiscard]] bool is(Status s) const { return (status & s) != 0; }
  void set(Status s) { status = static_cast<std::uint16_t>(status | s); }
  [[nodiscard]] const Tuple& original() const { return tuple[0]; }
  [[nodiscard]] const Tuple& reply() const { return tuple[1]; }
  [[nodiscard]] Zone zone() const {
    const Tuple& in = (zone_directions & 1) != 0 ? tuple[0] : tuple[1];
    return {in.zone, zone_directions};
  }
  /// REQUIRES: the tuples stand, and nobody finds it yet.
  void set_zone(const Zone& zone) {
    zone_directions = zone.directions & Zone::kBoth;
    tuple[0].zone = zone.of(Direction::original);
    tuple[1].zone = zone.of(Direction::reply);
  }
};

/// What changed since the last event of a connection (the kernel's IPCT_*).
enum EventBit : std::uint16_t {
  kEventNew = 1,
  kEventRelated = 2,
  kEventDestroy = 4,
  kEventReply = 8,
  kEventAssured = 16,
  kEventProtoInfo = 32,
  kEventMark = 128,
  kEventSequences = 256,
  kEventLabel = 1024,
  kEventSynproxy = 2048,
};

/// A rule (CONNMARK) changes the ctmark; told with the next event, and only if it is another one.
inline void set_mark(Connection& connection, std::uint32_t mark) {
  if (connection.mark == mark) return;
  connection.mark = mark;
  connection.event_bits |= kEventMark;
}

}  // namespace utables::conntrack
