// Which entries a selection is about: what `conntrack -L`, `-D` and `-U` do with their options.
#pragma once
#include "conntrack/connection.h"
#include "conntrack/control/parameters.h"

namespace utables::conntrack {

/// What is given of `wanted` holds for the connection with its `labels`; the timeout apart (selects_time).
[[nodiscard]] bool selects(const Parameters& wanted, const Connection& connection, const Labels& labels = {});

/// The timeout: seconds that are left, exactly; given alone it selects nothing, as with conntrack(8).
[[nodiscard]] bool selects_time(const Parameters& wanted, const Connection& connection, Time now);

/// The number of its state, where its protocol has states (TCP, SCTP); none: any.
[[nodiscard]] bool state_is(const Connection& connection, std::optional<std::uint8_t> number);

}  // namespace utables::conntrack
