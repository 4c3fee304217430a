// Small readers of text: whole-string numbers, words, fields. None of them throws or allocates more
// than its result.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace utables {

/// The whole of `text` as an unsigned number in `base` (10 or 16; 0: as strtoul reads it, `0x` for 16
/// and a leading 0 for 8) of at most `max`; nothing else may stand around it.
[[nodiscard]] std::optional<std::uint64_t> scan_unsigned(std::string_view text, int base, std::uint64_t max);

/// `text` without blanks (space, tab, CR, LF) at both ends.
[[nodiscard]] std::string_view trim(std::string_view text);

/// Words separated by blanks.
[[nodiscard]] std::vector<std::string_view> words(std::string_view text);

/// Fields separated by `separator`; an empty text has one empty field.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace utables
