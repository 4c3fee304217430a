// Translation: a packet of a bound connection gets the addresses and ports that the other side of the box
// knows it by; an ICMP error about one, inside and outside.
//
// Checksums are adjusted, not made anew (RFC 1624), so a wrong one stays wrong; but for ICMP errors and
// SCTP, whose checksums Linux makes anew. A field that a quoted packet is too short for is left alone.
#pragma once
#include "conntrack/connection.h"
#include "conntrack/nat/range.h"
#include "packet/buffer.h"

namespace utables::conntrack {

/// What `direction`'s packets of the connection need at a hook of that manipulation.
[[nodiscard]] bool needs_translation(const Connection& connection, Direction direction,
                                     Manipulation manipulation);

/// Rewrites one end of the packet; nothing if it needs none. False: it is too short for it, and Linux drops
/// it.
[[nodiscard]] bool translate(packet::Buffer& packet, const Connection& connection, Direction direction,
                             Manipulation manipulation);

/// Gives the packet, sent by the box, both ends that it had before translation, those of `direction`'s tuple.
/// Nothing if it is too short for it.
void untranslate(packet::Buffer& packet, const Connection& connection, Direction direction);

/// Rewrites an ICMP error about the connection, `direction` being that of the error. False: Linux drops it.
/// REQUIRES: its checksum is right.
[[nodiscard]] bool translate_error(packet::Buffer& packet, const Connection& connection, Direction direction,
                                   Manipulation manipulation);

/// The nat table's own conditions for ICMP errors, whether they need translation or not: long enough to quote
/// an address, and no redirect about a connection that is translated, or about which the nat table was not
/// asked twice.
[[nodiscard]] bool error_translatable(const packet::Buffer& packet, const Connection& connection);

}  // namespace utables::conntrack
