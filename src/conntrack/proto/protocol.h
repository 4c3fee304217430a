// Protocol: what a protocol tracker is. A tracker sees one packet of a known connection (or of one that is
// about to be), changes the protocol's own part of it, and says what the packet is worth. It never
// touches the table. Adding one: a file here, a row in protocols.cc.
#pragma once
#include <utables/time.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "conntrack/connection.h"
#include "conntrack/helper/sequences.h"
#include "conntrack/invalid.h"
#include "conntrack/judgement.h"
#include "conntrack/proto/sctp_states.h"
#include "conntrack/proto/tcp_states.h"
#include "conntrack/settings.h"
#include "packet/buffer.h"

namespace utables::conntrack {

/// How often what was reached; for the coverage of comparisons.
struct Reached {
  std::array<std::uint64_t, 64> tcp_rows{};
  std::array<std::uint64_t, 128> sctp_rows{};
  std::array<std::uint64_t, static_cast<std::size_t>(TcpLifetime::count_)> lifetimes{};
  std::array<std::uint64_t, static_cast<std::size_t>(WindowVerdict::count_)> window{};
  enum Special : std::uint8_t {
    synchronised,
    challenge_ack,
    reset_in_train,
    reset_kept,
    reset_of_ignored,
    reset_unchecked,
    reopened,
    reset_unreplied,
    syn_again,
    invalid_shortened,
    proxy_kept_alive,
    udp_first,
    udp_reply,
    udp_stream,
    udp_assured,
    udplite_packets,
    sctp_init_again,
    sctp_init_collision,
    sctp_init_restarted,
    sctp_init_ack_accepted,
    sctp_init_ack_collided,
    sctp_heartbeat_taught,
    sctp_heartbeat_astray,
    sctp_heartbeat_corrected,
    sctp_heartbeat_adopted,
    sctp_tag_reflected,
    sctp_tag_unchecked,
    sctp_assured,
    special_count
  };
  std::array<std::uint64_t, special_count> special{};
};
[[nodiscard]] std::string_view name(Reached::Special special);

/// What a tracker may look at.
struct Seen {
  const packet::Buffer& packet;
  const Settings* settings;
  const TcpTables& tcp;
  const SctpTables& sctp;
  Reached& reached;
  Direction direction = Direction::original;
  bool arriving = true;  ///< PREROUTING: checksums are judged
  Time now = 0;
  TcpJudgement* judgement = nullptr;
  SctpJudgement* sctp_judgement = nullptr;
  const Sequences* sequences = nullptr;  ///< of a connection whose numbers are shifted

  [[nodiscard]] const packet::Facts& facts() const { return packet.facts; }
};

/// What a tracker says.
struct Judged {
  enum class Kind : std::uint8_t {
    accept,   ///< the packet belongs to the connection
    destroy,  ///< it does, and ends it at once
    reopen,   ///< it ends this connection and begins another with the same tuple
    invalid,
  } kind = Kind::accept;
  InvalidReason reason = InvalidReason::none;
  Duration timeout = -1;  ///< the connection lives so long from now on; -1: unchanged
  bool counted = false;   ///< the packet counts in the accounting

  static Judged accept() { return {}; }
  static Judged refresh(Duration timeout) { return {Kind::accept, InvalidReason::none, timeout, true}; }
  static Judged invalid(InvalidReason reason) { return {Kind::invalid, reason, -1, false}; }
};

struct Protocol {
  std::uint8_t number;
  std::string_view name;  ///< as listings have it
  /// REQUIRES: the packet's protocol is this one and it has a tuple. Unconfirmed connections are new ones,
  /// or ones that wait for their first packet's end; a tracker decides whether they may open.
  Judged (*packet)(Connection& connection, const Seen& seen);
};

/// The tracker of a protocol number; the generic one where there is no other.
[[nodiscard]] const Protocol& protocol_of(std::uint8_t number);

/// The transport checksum is wrong, and it is to be judged: it came from outside and checksum is on.
[[nodiscard]] bool checksum_refused(const packet::Buffer& packet, const Settings& settings, bool arriving);

Judged track_tcp(Connection& connection, const Seen& seen);
Judged track_udp(Connection& connection, const Seen& seen);
Judged track_udplite(Connection& connection, const Seen& seen);
Judged track_sctp(Connection& connection, const Seen& seen);
Judged track_icmp(Connection& connection, const Seen& seen);
Judged track_icmpv6(Connection& connection, const Seen& seen);
Judged track_gre(Connection& connection, const Seen& seen);
Judged track_generic(Connection& connection, const Seen& seen);

}  // namespace utables::conntrack
