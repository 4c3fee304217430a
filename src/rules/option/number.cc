#include "rules/option/number.h"

#include <fmt/format.h>

#include "base/scan.h"

namespace utables::rules {

Result<std::uint32_t> NumberKind::parse(const OptionRow& row, const OptionInput& input) {
  const auto number = scan_unsigned(input.values[0], 0, 0xffffffff);
  const bool limited = row.min != 0 || row.max != 0;
  if (number && (!limited || (*number >= row.min && *number <= row.max)))
    return static_cast<std::uint32_t>(*number);
  if (limited)
    return fail(fmt::format("{}: bad value for option \"--{}\", or out of range ({}-{}).", input.extension,
                            row.spelled(), row.min, row.max));
  return fail(bad_integer(row, input));
}

Result<NumberRange> NumberRangeKind::parse(const OptionRow& row, const OptionInput& input) {
  const std::string_view text = input.values[0];
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos)
    return fail(
        fmt::format("{}: Too many components for option \"--{}\" (max: 2)", input.extension, row.spelled()));
  NumberRange range{row.min, row.max};
  if (text.empty()) return NumberRange{row.min, row.min};  // as iptables reads an empty word
  const auto read = [&](std::string_view part, std::uint64_t& out) {
    if (part.empty()) return colon != std::string_view::npos;
    const auto number = scan_unsigned(part, 0, row.max);
    if (number) out = *number;
    return number.has_value();
  };
  if (!read(text.substr(0, colon), range.first)) return fail(bad_range(row, text, input));
  if (colon == std::string_view::npos) {
    range.last = range.first;
  } else if (!read(text.substr(colon + 1), range.last)) {
    return fail(bad_range(row, text.substr(colon + 1), input));
  }
  return range;
}

std::string NumberRangeKind::text(const OptionRow&, const Value& value, Family) {
  return value.first == value.last ? std::to_string(value.first)
                                   : fmt::format("{}:{}", value.first, value.last);
}

Result<MaskedValue> MarkKind::parse(const OptionRow& row, const OptionInput& input) {
  const std::string_view text = input.values[0];
  const std::size_t slash = text.find('/');
  const auto value = scan_unsigned(text.substr(0, slash), 0, 0xffffffff);
  if (!value) return fail(bad_integer(row, input));
  MaskedValue mark{static_cast<std::uint32_t>(*value)};
  if (slash == std::string_view::npos) return mark;
  const auto mask = scan_unsigned(text.substr(slash + 1), 0, 0xffffffff);
  if (!mask) return fail(bad_integer(row, input));
  mark.mask = static_cast<std::uint32_t>(*mask);
  return mark;
}

std::string MarkKind::text(const OptionRow&, const Value& value, Family) {
  return value.mask == 0xffffffff ? fmt::format("0x{:x}", value.value)
                                  : fmt::format("0x{:x}/0x{:x}", value.value, value.mask);
}

std::string MarkMaskKind::text(const OptionRow&, const Value& value, Family) {
  return fmt::format("0x{:x}/0x{:x}", value.value, value.mask);
}

Result<MaskedValue> SetMarkKind::parse(const OptionRow& row, const OptionInput& input) {
  auto mark = MarkKind::parse(row, input);
  if (mark) mark->mask |= mark->value;
  return mark;
}

namespace {
Result<std::uint32_t> bits(const OptionRow& row, const OptionInput& input) {
  OptionRow any = row;
  any.max = 0xffffffff;
  return NumberKind::parse(any, input);
}
}  // namespace

Result<MaskedValue> AndMarkKind::parse(const OptionRow& row, const OptionInput& input) {
  return bits(row, input).map([](std::uint32_t b) { return MaskedValue{0, ~b}; });
}

Result<MaskedValue> OrMarkKind::parse(const OptionRow& row, const OptionInput& input) {
  return bits(row, input).map([](std::uint32_t b) { return MaskedValue{b, b}; });
}

Result<MaskedValue> XorMarkKind::parse(const OptionRow& row, const OptionInput& input) {
  return bits(row, input).map([](std::uint32_t b) { return MaskedValue{b, 0}; });
}

}  // namespace utables::rules
