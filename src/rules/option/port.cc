#include "rules/option/port.h"

#include <fmt/format.h>

#include "base/scan.h"
#include "rules/names/services.h"

namespace utables::rules {

Result<std::uint16_t> parse_port(std::string_view text, std::uint16_t protocol) {
  if (const auto number = scan_unsigned(text, 0, 0xffff)) return static_cast<std::uint16_t>(*number);
  if (const auto port = service_port(text, protocol)) return *port;
  return fail(fmt::format("invalid port/service `{}' specified", text));
}

Result<PortRange> PortRangeKind::parse(const OptionRow&, const OptionInput& input) {
  const std::string_view text = input.values[0];
  const std::size_t colon = text.find(':');
  PortRange range;
  const std::string_view first = text.substr(0, colon);
  if (colon == std::string_view::npos || !first.empty()) {
    const auto port = parse_port(first, input.protocol);
    if (!port) return tl::unexpected(port.error());
    range.first = range.last = *port;
  }
  if (colon == std::string_view::npos) return range;
  range.last = 0xffff;
  if (const std::string_view last = text.substr(colon + 1); !last.empty()) {
    const auto port = parse_port(last, input.protocol);
    if (!port) return tl::unexpected(port.error());
    range.last = *port;
  }
  if (range.first > range.last) return fail("invalid portrange (min > max)");
  return range;
}

std::string PortRangeKind::text(const OptionRow&, const Value& value, Family) {
  return value.first == value.last ? std::to_string(value.first)
                                   : fmt::format("{}:{}", value.first, value.last);
}

namespace {

// The system's resolver reads a decimal number of any size and keeps its low 16 bits; an empty one is 0.
Result<std::uint16_t> resolved_port(std::string_view text, std::uint16_t protocol) {
  if (text.empty()) return std::uint16_t{0};
  if (const auto number = scan_unsigned(text, 10, ~std::uint64_t{0}))
    return static_cast<std::uint16_t>(*number);
  if (const auto port = service_port(text, protocol)) return *port;
  return fail(fmt::format("Port \"{}\" does not resolve to anything.", text));
}

}  // namespace

Result<PortRange> PortSpanKind::parse(const OptionRow& row, const OptionInput& input) {
  const std::string_view text = input.values[0];
  const auto parts = split(text, ':');
  if (parts.size() > 2)
    return fail(
        fmt::format("{}: Too many components for option \"--{}\" (max: 2)", input.extension, row.spelled()));
  const auto first = resolved_port(parts[0], input.protocol);
  if (!first) return tl::unexpected(first.error());
  if (parts.size() == 1) return PortRange{*first, *first};
  if (parts[1].empty()) return PortRange{*first, 0xffff};
  const auto last = resolved_port(parts[1], input.protocol);
  if (!last) return tl::unexpected(last.error());
  return PortRange{*first, *last};
}

std::string PortSpanKind::text(const OptionRow& row, const Value& value, Family family) {
  return PortRangeKind::text(row, value, family);
}

Result<PortRange> PortSpanOrAllKind::parse(const OptionRow& row, const OptionInput& input) {
  return PortSpanKind::parse(row, input);
}

}  // namespace utables::rules
