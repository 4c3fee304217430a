// The names of iproute2's rt_scopes, rt_protos and rt_tables files, as Debian ships them.
#pragma once
#include <optional>

#include "host/ip_words.h"

namespace utables::host {

/// Values of the keyword taken last; a name or a number.
[[nodiscard]] RouteScope read_scope(IpWords& words);
[[nodiscard]] std::uint8_t read_protocol(IpWords& words);
/// Only the tables that are asked without policy rules.
[[nodiscard]] RouteTableId read_table(IpWords& words);
/// The type of that name (`blackhole`), if it is one.
[[nodiscard]] std::optional<RouteType> route_type_named(std::string_view word);

}  // namespace utables::host
