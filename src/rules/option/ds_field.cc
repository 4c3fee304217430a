#include "rules/option/ds_field.h"

#include <fmt/format.h>

#include "base/scan.h"

namespace utables::rules {
namespace {

constexpr Named kTosNames[] = {{"Minimize-Delay", 0x10},
                               {"Maximize-Throughput", 0x08},
                               {"Maximize-Reliability", 0x04},
                               {"Minimize-Cost", 0x02},
                               {"Normal-Service", 0x00}};

constexpr Named kClasses[] = {
    {"CS0", 0x00},  {"CS1", 0x08},  {"CS2", 0x10},  {"CS3", 0x18},  {"CS4", 0x20},  {"CS5", 0x28},
    {"CS6", 0x30},  {"CS7", 0x38},  {"BE", 0x00},   {"AF11", 0x0a}, {"AF12", 0x0c}, {"AF13", 0x0e},
    {"AF21", 0x12}, {"AF22", 0x14}, {"AF23", 0x16}, {"AF31", 0x1a}, {"AF32", 0x1c}, {"AF33", 0x1e},
    {"AF41", 0x22}, {"AF42", 0x24}, {"AF43", 0x26}, {"EF", 0x2e},
};

Result<std::uint32_t> byte(const OptionRow& row, const OptionInput& input) {
  OptionRow limited = row;
  limited.max = 255;
  return NumberKind::parse(limited, input);
}

}  // namespace

Result<MaskedValue> TosKind::parse(const OptionRow&, const OptionInput& input) {
  const std::string_view text = input.values[0];
  const std::size_t slash = text.find('/');
  const auto value = scan_unsigned(text.substr(0, slash), 0, 255);
  if (!value) {
    for (const Named& name : kTosNames)
      if (same_word(name.name, text)) return MaskedValue{name.value, 0x3f};
    return fail(fmt::format("Symbolic name \"{}\" is unknown", text));
  }
  MaskedValue tos{static_cast<std::uint32_t>(*value), 0xff};
  if (slash == std::string_view::npos) return tos;
  const auto mask = scan_unsigned(text.substr(slash + 1), 0, 255);
  if (!mask) return fail(fmt::format("Illegal value: \"{}\"", text));
  tos.mask = static_cast<std::uint32_t>(*mask);
  return tos;
}

std::string TosKind::text(const OptionRow&, const Value& value, Family) {
  return fmt::format("0x{:02x}/0x{:02x}", value.value, value.mask);
}

Result<MaskedValue> AndTosKind::parse(const OptionRow& row, const OptionInput& input) {
  return byte(row, input).map([](std::uint32_t b) { return MaskedValue{0, ~b & 0xff}; });
}

Result<MaskedValue> OrTosKind::parse(const OptionRow& row, const OptionInput& input) {
  return byte(row, input).map([](std::uint32_t b) { return MaskedValue{b, b}; });
}

Result<MaskedValue> XorTosKind::parse(const OptionRow& row, const OptionInput& input) {
  return byte(row, input).map([](std::uint32_t b) { return MaskedValue{b, 0}; });
}

std::string DscpKind::text(const OptionRow&, const Value& value, Family) {
  return fmt::format("0x{:02x}", value);
}

Result<std::uint32_t> DscpClassKind::parse(const OptionRow&, const OptionInput& input) {
  for (const Named& name : kClasses)
    if (same_word(name.name, input.values[0])) return name.value;
  return fail(fmt::format("Invalid DSCP value `{}'", input.values[0]));
}

}  // namespace utables::rules
