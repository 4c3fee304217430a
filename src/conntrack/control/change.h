// Making an entry and changing one by hand, as the kernel does when conntrack(8) asks for it (ctnetlink).
#pragma once
#include <string_view>

#include "conntrack/connection.h"
#include "conntrack/control/parameters.h"
#include "conntrack/settings.h"

namespace utables::conntrack {

/// Why a request was refused.
enum class Refusal : std::uint8_t {
  none,
  exists,   ///< a tuple of it is taken
  missing,  ///< there is no such entry
  invalid,  ///< it cannot be one: a tuple is incomplete, ICMP of a type without an answer, ...
  unsupported,
  busy,         ///< a status bit that only the kernel itself sets
  not_allowed,  ///< the timeout of an entry with FIXED_TIMEOUT
  full,         ///< nf_conntrack_max
  not_found,    ///< what is to be changed is not there
  no_labels,    ///< no rule asks for labels: connections have none
  out_of_range,
  no_master,  ///< an expectation of a connection that is not there
  same,       ///< what it awaits is awaited already
  too_many,   ///< nf_conntrack_expect_max
};

/// ICMP is of IPv4, ICMPv6 of IPv6.
[[nodiscard]] bool fits_family(std::uint8_t protocol, Family family);

/// Makes an entry; entering it into a table is another matter (entries.h). Without any address of the reply
/// that is the inverse of the original, and the other way round; else what is not given of it is 0. `-n` and
/// `-g` then translate the reply.
[[nodiscard]] Refusal make_connection(const Parameters& wanted, const Settings& settings, Time now,
                                      Connection& made);

/// Changes timeout, status, TCP state and mark as given, in the kernel's order: where one is refused, those
/// before it are changed already. Labels are apart (entries.h).
[[nodiscard]] Refusal change_connection(Connection& connection, const Parameters& wanted, Time now);

/// Whether an update would ask for anything at all: conntrack(8) leaves alone what is already as wanted.
/// `labels`: the connection's.
[[nodiscard]] bool would_change(const Connection& connection, const Labels& labels, const Parameters& wanted,
                                Time now);

}  // namespace utables::conntrack
