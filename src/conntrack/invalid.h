// Why a packet is INVALID: every reason has a name, a counter and a sentence.
// A new reason: one row in invalid.cc.
#pragma once
#include <cstdint>
#include <string_view>

namespace utables::conntrack {

enum class InvalidReason : std::uint8_t {
  none,
  // any protocol
  bad_checksum,
  truncated_header,
  later_fragment,
  no_tuple,
  wrong_family,
  extensions_cut,
  no_next_header,
  // TCP
  tcp_bad_header_length,
  tcp_bad_flags,
  tcp_not_an_opener,
  tcp_not_loose,
  tcp_invalid_state,
  tcp_seq_beyond,
  tcp_ack_beyond,
  tcp_rst_inexact,
  // UDP, UDP-Lite
  udp_bad_length,
  udplite_bad_coverage,
  // SCTP
  sctp_bad_chunks,
  sctp_bad_bundle,
  sctp_not_an_opener,
  sctp_short_init,
  sctp_init_tag,
  sctp_wrong_tag,
  sctp_wrong_initiate_tag,
  sctp_invalid_state,
  // ICMP
  icmp_unknown_type,
  icmp_opens_nothing,
  icmp_not_a_query,
  icmp_no_connection,
  icmp_inner_truncated,
  icmp_inner_fragment,
  icmp_inner_not_trackable,
  icmp_inner_mismatch,
  icmp_error_about_error,
  icmp_strange_redirect,
  icmp_redirect_truncated,
  count_
};
[[nodiscard]] std::string_view name(InvalidReason reason);      ///< `tcp-seq-beyond`, for output and metrics
[[nodiscard]] std::string_view sentence(InvalidReason reason);  ///< for people

}  // namespace utables::conntrack
