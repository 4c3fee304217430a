// ICMP errors (RFC 792): the connection that one is about (R10).
#pragma once
#include "conntrack/helper/calls.h"
#include "conntrack/invalid.h"
#include "conntrack/table.h"
#include "packet/buffer.h"

namespace utables::conntrack {

struct ErrorSubject {
  InvalidReason reason = InvalidReason::none;
  Found found{};  ///< the direction is that of the error itself
};

/// REQUIRES: an ICMP error with its whole header of 8 bytes.
[[nodiscard]] ErrorSubject subject_of_error(const packet::Buffer& packet, const Zone& zone,
                                            const Table& table, const Calls& calls);

}  // namespace utables::conntrack
