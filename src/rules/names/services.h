// Service names as /etc/services of a Debian system has them (IANA's registry), without reading any file.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace utables::rules {

/// The port of a service's name under a transport protocol; 0 asks for any protocol's.
[[nodiscard]] std::optional<std::uint16_t> service_port(std::string_view name, std::uint16_t protocol);

}  // namespace utables::rules
