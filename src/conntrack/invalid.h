// Why a packet is INVALID: every reason has a name, a counter and a sentence.
#pragma once
#include <cstdint>
#include <string_view>

namespace utables::conntrack {

enum class InvalidReason : std::uint8_t {
  none,
  // any protocol
  bad_checksum, truncated_header, no_tuple, table_full, no_memory,
  // TCP
  tcp_bad_header_length, tcp_bad_flags, tcp_not_an_opener, tcp_not_loose, tcp_window, tcp_invalid_state, tcp_rst_inexact,
  tcp_syn_in_state, tcp_over_maximum, tcp_ack_below, tcp_ack_beyond, tcp_seq_below, tcp_seq_beyond,
  // UDP
  udp_bad_length,
  // ICMP
  icmp_unknown_type, icmp_not_a_query, icmp_no_connection, icmp_inner_truncated, icmp_inner_fragment, icmp_inner_not_trackable,
  icmp_inner_mismatch, icmp_error_about_error,
  count_
};
[[nodiscard]] std::string_view name(InvalidReason reason);      ///< `tcp-window`, for output and metrics
[[nodiscard]] std::string_view sentence(InvalidReason reason);  ///< for people

}  // namespace utables::conntrack
