// Text for people: numbers with thousands set apart, times, lengths of time, columns.
#pragma once
#include <utables/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace utables::lab {

/// `21,784`.
[[nodiscard]] std::string thousands(std::uint64_t number);
/// `1 packet`, `21,784 packets`; the plural has an `s`.
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view noun);
/// `2026-11-21 09:00:00` (UTC).
[[nodiscard]] std::string date_and_time(Time when);
/// `14 min 31 s`, `2.5 s`, `3 ms`: two units at most.
[[nodiscard]] std::string span_of_time(Duration length);
/// `1795308671.749686000`.
[[nodiscard]] std::string seconds_text(Time when);
/// `+3s`, `+1.5s`, `+200ms`, `+2m`, `+1h`, `+1d`; without a unit seconds; the plus may be left out.
[[nodiscard]] std::optional<Duration> parse_span(std::string_view text);
/// At most `width` columns of UTF-8 text, the last an ellipsis if something was cut.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t width);
/// Columns that a terminal shows for UTF-8 text.
[[nodiscard]] std::size_t columns_of(std::string_view text);
/// `1, 3-5, 9`. REQUIRES: ascending.
[[nodiscard]] std::string ranges(const std::vector<std::uint32_t>& numbers);

/// Rows of cells, aligned: column 0 to the left, the others as `right` says; two blanks between.
class Columns {
 public:
  explicit Columns(std::vector<bool> right) : right_(std::move(right)) {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  [[nodiscard]] std::vector<std::string> lines() const;
  [[nodiscard]] bool empty() const { return rows_.empty(); }

 private:
  std::vector<bool> right_;
  std::vector<std::vector<std::string>> rows_{};
};

}  // namespace utables::lab
