// Protocol names as /etc/protocols of a Debian system has them (IANA's numbers), without reading any file.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace utables::rules {

/// By number (decimal, hexadecimal, octal, at most 255) or by name; `all` is 0. None: unknown.
[[nodiscard]] std::optional<std::uint16_t> protocol_number(std::string_view text);
/// The name that iptables-save prints; a number where there is none.
[[nodiscard]] std::string protocol_name(std::uint16_t number);

}  // namespace utables::rules
