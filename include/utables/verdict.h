// What became of a packet, and the names of every reason.
#pragma once
#include <cstdint>
#include <string_view>

namespace utables {

/// The fate of one input packet. Every input packet has exactly one.
enum class Fate : std::uint8_t {
  forwarded,  ///< left by another interface (or the same)
  delivered,  ///< taken by the box itself
  sent,       ///< made by a program of the box, and left
  looped,     ///< made by a program of the box for the box itself: delivered over lo
  held,       ///< a fragment that waits for the others (or was joined with them)
  dropped,    ///< by a rule or a policy, silently
  rejected,   ///< by REJECT: answered
  proxied,    ///< by SYNPROXY, which answers one end in the other's place
  refused,    ///< by the stack: routing, TTL, MTU, malformed, table full; see DropReason
};

/// The user's word for a fate (`forwarded`, `dropped`, ...).
[[nodiscard]] std::string_view name(Fate fate);

/// Why the stack itself did not let a packet pass. Each has a name and a counter.
enum class DropReason : std::uint8_t {
  none,
  rule,    ///< a rule's DROP
  policy,  ///< a chain's policy
  // The IP header (ip_rcv).
  header_truncated,
  bad_version,
  bad_header_length,
  bad_header_checksum,
  total_length_too_small,
  total_length_beyond_packet,
  not_for_us,
  bad_options,
  // Routing.
  martian_source,
  martian_destination,
  no_route,
  prohibited_route,
  unreachable_route,
  blackhole_route,
  not_forwarding,
  reverse_path,
  multicast_not_member,
  source_route,
  interface_down,
  broadcast_source,
  // Forwarding.
  ttl_exceeded,
  fragmentation_needed,
  // Fragments.
  fragment_overlap,
  fragment_malformed,
  fragment_timeout,
  fragment_memory,
  fragment_queue_evicted,
  fragment_duplicate,
  // Tracking.
  table_full,
  confirm_clash,
  track_memory,
  syn_replaced,
  // Rules and the rest.
  hot_drop,              ///< a match found the packet impossible and dropped it
  error_untranslatable,  ///< an ICMP error that NAT could not translate if it had to
  helper_refused,        ///< a helper could not make sense of it, or its announcement cannot be awaited
  cookie_wrong,          ///< a proxied client's keep-alive that does not bear the cookie it was given
  masquerade_moved,      ///< masqueraded for another interface than it leaves by
  target_error,          ///< a target could not do its work
  no_memory,
  count_
};
/// The name used in output and metrics (`bad-header-checksum`).
[[nodiscard]] std::string_view name(DropReason reason);
/// A sentence for people.
[[nodiscard]] std::string_view sentence(DropReason reason);

/// What a rule sees of a packet's connection (R03), with the direction.
enum class CtInfo : std::uint8_t {
  established,
  related,
  new_,
  established_reply,
  related_reply,  // a connection is attached
  untracked,      // exempted in the raw table
  invalid,        // tracked, and no sense made of it
  none,           // tracking was not active
};
/// `NEW`, `ESTABLISHED`, `RELATED`, `INVALID`, `UNTRACKED`, `-`.
[[nodiscard]] std::string_view name(CtInfo info);
constexpr bool has_connection(CtInfo i) { return i <= CtInfo::related_reply; }
constexpr bool is_reply(CtInfo i) { return i == CtInfo::established_reply || i == CtInfo::related_reply; }

}  // namespace utables
