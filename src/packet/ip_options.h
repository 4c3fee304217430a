// IPv4 options (RFC 791 3.1, RFC 1812 5.3.13) as a Linux router treats them: judged and filled in when a
// packet was received and routed, filled in again when it is forwarded, copied into ICMP errors, thinned
// out in later fragments.
//
// Linux does not update the header's checksum between receive_options() and forward_options(): what is
// quoted from in between has the old one. These functions do the same.
#pragma once
#include <utables/time.h>

#include <cstdint>
#include <functional>
#include <span>

#include "base/address.h"
#include "packet/build.h"

namespace utables::packet {

namespace ip_option {
inline constexpr std::uint8_t kEnd = 0, kNop = 1, kRecordRoute = 7, kTimestamp = 68, kSecurity = 130,
                              kLooseRoute = 131, kCipso = 134, kStreamId = 136, kStrictRoute = 137,
                              kRouterAlert = 148;
inline constexpr std::uint8_t kCopied = 0x80;  ///< bit of the type: the option goes into every fragment
}  // namespace ip_option

/// The options of one packet. Positions are bytes from the start of the IP header; 0: not there.
struct IpOptions {
  std::uint8_t size = 0;   ///< bytes of options; 0: none, or never compiled (a packet made here)
  bool malformed = false;  ///< answered with a parameter problem whose pointer is `fault`
  std::uint8_t fault = 0;
  std::uint8_t source_route = 0, record_route = 0, timestamp = 0, router_alert = 0, cipso = 0;
  bool strict = false;                ///< the source route is a strict one
  bool record_needs_address = false;  ///< room was taken in record_route: the outgoing address goes there
  bool timestamp_needs_address = false, timestamp_needs_time = false;
  bool changed = false;           ///< the checksum is out of step
  bool source_route_hit = false;  ///< this box was the hop aimed at: it goes on to next_hop
  Address next_hop{};
};

/// What receive_options() has to know of the box.
struct ReceiveFacts {
  Address specific{};          ///< the address that the box would answer the packet from
  std::uint32_t midnight = 0;  ///< milliseconds since midnight UTC (milliseconds_of_day)
  /// The address is an ordinary one of somebody else (not local, broadcast or multicast).
  std::function<bool(const Address&)> is_unicast{};
};
[[nodiscard]] std::uint32_t milliseconds_of_day(Time now);

/// Judges the options of a received packet and writes the box's address and time where they ask for them.
/// REQUIRES: a whole IPv4 header.
[[nodiscard]] IpOptions receive_options(std::span<std::uint8_t> header, const ReceiveFacts& box);

/// Completes them when the packet leaves by a route whose source address is `outgoing`; updates the
/// checksum if anything changed. REQUIRES: `options` came from receive_options() of these bytes.
void forward_options(std::span<std::uint8_t> header, IpOptions& options, const Address& outgoing);

/// How a source route goes on at this box, where the kind of destination is known (ip_options_rcv_srr).
enum class SourceRouteStep : std::uint8_t {
  pass /* not for us, or at its end */,
  hop,
  bad_pointer /* 12/0 at fault */,
  not_strict /* 12/0 at 16 */,
  drop
};
/// What a route lookup said of an address in a source route.
enum class HopKind : std::uint8_t { unicast, local, other };
/// REQUIRES: options.source_route != 0. `destination_kind` is of the packet's destination; `lookup` asks for
/// the next. On `hop` options.next_hop is the address to route to; local hops in between are stepped over.
[[nodiscard]] SourceRouteStep step_source_route(std::span<std::uint8_t> header, IpOptions& options,
                                                HopKind destination_kind,
                                                const std::function<HopKind(const Address&)>& lookup);

/// What echo_options() has to know of the box.
struct EchoFacts {
  Address outgoing{};          ///< source address of the route by which the error leaves
  std::uint32_t midnight = 0;  ///< milliseconds_of_day
  std::function<bool(const Address&)> is_unicast{};  ///< as in ReceiveFacts
};
struct EchoedOptions {
  Bytes bytes{};
  bool possible = true;        ///< false: Linux sends no error at all
  bool has_first_hop = false;  ///< a source route leads back: the error's own header goes to first_hop
  Address first_hop{};
};
/// The options that an ICMP error about the packet carries itself, padded to 4 bytes.
/// REQUIRES: `options` came from receive_options() of these bytes.
[[nodiscard]] EchoedOptions echo_options(std::span<const std::uint8_t> header, const IpOptions& options,
                                         const EchoFacts& box);

/// Turns every option that is not copied into fragments into no-operations (for fragments but the first).
void thin_options(std::span<std::uint8_t> header);

}  // namespace utables::packet
