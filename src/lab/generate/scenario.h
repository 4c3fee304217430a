// Scenario: a box and the packets that go through it, as the comparison with the kernel plays them. It
// lives in a directory: the box's files and `traffic.pcapng`, whose interfaces bear the box's names and
// whose frames bear their direction.
#pragma once
#include <utables/engine.h>
#include <utables/packet.h>
#include <utables/result.h>
#include <utables/time.h>

#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lab/generate/log_tags.h"
#include "lab/kernel/closed_loop.h"

namespace utables::lab::generate {

/// What traffic is made of, by the names that coverage is counted under.
enum class Kind : std::uint8_t {
  // TCP that keeps to the rules, and that bends them
  tcp_handshake,
  tcp_data,
  tcp_close,
  tcp_any_flags,
  tcp_old_sequence,
  tcp_future_sequence,
  tcp_old_acknowledgement,
  tcp_future_acknowledgement,
  tcp_zero_window,
  tcp_window_scaling,
  tcp_sack,
  tcp_retransmission,
  tcp_reordering,
  tcp_lost,
  tcp_exact_reset,
  tcp_inexact_reset,
  tcp_reuse,
  tcp_mid_stream,
  tcp_simultaneous_open,
  tcp_challenge_ack,
  tcp_malformed_options,
  // other protocols
  udp,
  udp_no_checksum,
  udp_bad_length,
  udplite,
  udplite_partial_coverage,
  udplite_bad_coverage,
  udplite_own_pseudo_header,
  sctp_handshake,
  sctp_data,
  sctp_shutdown,
  sctp_abort,
  sctp_heartbeat,
  sctp_collision,
  sctp_restart,
  sctp_bundled,
  sctp_any_chunk,
  sctp_wrong_tag,
  sctp_reflected_tag,
  sctp_malformed_chunk,
  sctp_bad_checksum,
  icmp_echo,
  icmp_timestamp,
  icmp_information,
  icmp_address_mask,
  icmp_stray,
  icmp_unreachable,
  icmp_source_quench,
  icmp_redirect,
  icmp_time_exceeded,
  icmp_parameter_problem,
  icmp_error_about_error,
  icmp_error_cut_quote,
  icmp_error_wrong_destination,
  other_protocol,
  ftp_control,
  ftp_announcement,
  ftp_data,
  tftp,
  irc,
  irc_dcc,
  irc_data,
  sane,
  pptp,
  pptp_call,
  sip,
  sip_media,
  amanda,
  asking,
  proxy_handshake,
  proxy_wrong_cookie,
  proxy_data,
  // fragments
  fragments_in_order,
  fragments_reordered,
  fragments_overlapping,
  fragments_missing,
  fragments_duplicate,
  fragments_odd,
  fragments_mixed_ecn,
  // the IP header
  bad_ip_checksum,
  bad_checksum,
  truncated,
  ip_option_record_route,
  ip_option_timestamp,
  ip_option_source_route,
  ip_option_other,
  ip_option_malformed,
  low_ttl,
  odd_address,
  broadcast,
  multicast,
  no_route,
  too_big,
  bad_ip_header,
  padded,
  // place
  to_box,
  from_box,
  same_interface,
  count_
};
inline constexpr std::size_t kKindCount = static_cast<std::size_t>(Kind::count_);
[[nodiscard]] std::string_view name(Kind kind);
using Kinds = std::bitset<kKindCount>;

/// A packet of the traffic, from the IP header on.
struct ScenarioPacket {
  std::vector<std::uint8_t> bytes;
  std::uint16_t interface = 0;  ///< position in Scenario::interfaces; unused if outbound
  bool outbound = false;        ///< made by a program of the box
  PacketType type = PacketType::host;
  LinkFacts link{};
  Duration at = 0;      ///< after the first packet
  Kinds kinds{};        ///< not kept in files
  kernel::Part part{};  ///< of which flow; not kept in files either
  std::string name{};   ///< `monday.pcapng:8131`; empty: it has none
};

struct ScenarioInterface {
  std::string name;
  bool ethernet = false;  ///< frames with addresses
};

struct Scenario {
  BoxText box;
  std::vector<ScenarioInterface> interfaces;
  std::vector<ScenarioPacket> packets;
  bool paced = false;         ///< its pauses matter
  bool track_always = false;  ///< track even if no rule needs it
  bool ignore_checksums = false;
  LogTags log_tags{};                ///< with a mark: its LOG rules bear tags, and their lines are compared
  std::vector<std::string> notes{};  ///< what was left out of it
  Duration linger = 0;               ///< time to go on after the last packet
};

/// Writes the directory; it is made if it is not there.
[[nodiscard]] Result<void> save(const Scenario& scenario, const std::string& directory);

}  // namespace utables::lab::generate
