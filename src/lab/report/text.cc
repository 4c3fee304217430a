#include "lab/report/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace utables::lab {
namespace {

struct Unit {
  std::string_view word;
  Duration length;
};
constexpr Duration kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
constexpr std::array<Unit, 7> kUnits{{{"", kSecond},
                                      {"s", kSecond},
                                      {"ms", kMillisecond},
                                      {"us", kMicrosecond},
                                      {"m", kMinute},
                                      {"h", kHour},
                                      {"d", kDay}}};
constexpr std::array<Unit, 4> kLong{{{"d", kDay}, {"h", kHour}, {"min", kMinute}, {"s", kSecond}}};

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

std::string thousands(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", thousands(number), noun, number == 1 ? "" : "s");
}

std::string date_and_time(Time when) {
  const std::time_t seconds =
      static_cast<std::time_t>(when >= 0 ? when / kSecond : (when - kSecond + 1) / kSecond);
  std::tm civil{};
  if (gmtime_r(&seconds, &civil) == nullptr) return seconds_text(when);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", civil.tm_year + 1900, civil.tm_mon + 1,
                     civil.tm_mday, civil.tm_hour, civil.tm_min, civil.tm_sec);
}

std::string seconds_text(Time when) {
  const bool before = when < 0;
  const std::uint64_t size = before ? 0 - static_cast<std::uint64_t>(when) : static_cast<std::uint64_t>(when);
  return fmt::format("{}{}.{:09}", before ? "-" : "", size / kSecond, size % kSecond);
}

std::string span_of_time(Duration length) {
  if (length < kSecond)
    return length < kMillisecond ? fmt::format("{} us", length / kMicrosecond)
                                 : fmt::format("{} ms", length / kMillisecond);
  if (length < kMinute)
    return length < 10 * kSecond ? fmt::format("{}.{} s", length / kSecond, length % kSecond / (kSecond / 10))
                                 : fmt::format("{} s", length / kSecond);
  for (std::size_t i = 0; i + 1 < kLong.size(); ++i) {
    if (length < kLong[i].length) continue;
    const Duration rest = length % kLong[i].length / kLong[i + 1].length;
    const std::string first = fmt::format("{} {}", length / kLong[i].length, kLong[i].word);
    return rest == 0 ? first : fmt::format("{} {} {}", first, rest, kLong[i + 1].word);
  }
  return {};
}

std::optional<Duration> parse_span(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const std::size_t unit_at = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view number = text.substr(0, unit_at), unit = text.substr(unit_at);
  if (number.empty() || number.size() > 15 || number.front() == '.' || number.back() == '.')
    return std::nullopt;
  const auto found =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) { return u.word == unit; });
  if (found == kUnits.end() || std::count(number.begin(), number.end(), '.') > 1) return std::nullopt;
  // Digit by digit, so that no rounding is needed; below a nanosecond nothing is left.
  constexpr Duration kMost = 3650 * kDay;
  Duration value = 0, place = found->length;
  bool fraction = false;
  for (const char c : number) {
    if (c == '.') {
      fraction = true;
      continue;
    }
    if (fraction)
      value += (c - '0') * (place /= 10);
    else if (value > kMost)
      return std::nullopt;
    else
      value = value * 10 + (c - '0') * found->length;
  }
  return value <= kMost ? std::optional(value) : std::nullopt;
}

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::string shortened(std::string_view text, std::size_t width) {
  if (columns_of(text) <= width) return std::string(text);
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at)
    if (!continues(text[at]) && ++seen == width) break;
  return std::string(text.substr(0, at)) + "…";
}

std::string ranges(const std::vector<std::uint32_t>& numbers) {
  std::string out;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    if (!out.empty()) out += ", ";
    out += std::to_string(numbers[i]);
    if (last > i) out += (last == i + 1 ? ", " : "-") + std::to_string(numbers[last]);
    i = last + 1;
  }
  return out;
}

std::vector<std::string> Columns::lines() const {
  std::vector<std::size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
  }
  std::vector<std::string> out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - columns_of(row[i]), ' ');
      if (i != 0) line += "  ";
      line += i < right_.size() && right_[i] ? pad + row[i] : row[i] + pad;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace utables::lab
