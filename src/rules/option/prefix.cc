#include "rules/option/prefix.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/scan.h"
#include "rules/option/network.h"

namespace utables::rules {
namespace {

/// An address as getaddrinfo(3) reads numbers: `1.2` is 1.0.0.2.
Result<Address> parse_numbers(std::string_view text, Family family) {
  const auto parts = split(text, '.');
  if (family != Family::ipv4 || parts.empty() || parts.size() > 4) return parse_host(text, family);
  std::uint32_t address = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    const unsigned bits = last ? 32 - 8 * static_cast<unsigned>(i) : 8;
    const auto number = scan_unsigned(parts[i], 0, (std::uint64_t{1} << bits) - 1);
    if (!number) return parse_host(text, family);
    address |= static_cast<std::uint32_t>(*number << (last ? 0 : 24 - 8 * i));
  }
  return Address::from_v4(address);
}

/// A mask that is no prefix is taken for all of the address; so is, with IPv4, a length that is too long.
Result<unsigned> parse_length(std::string_view word, const OptionRow& row, const OptionInput& input) {
  const unsigned bits = address_bits(input.family);
  const std::uint64_t most = input.family == Family::ipv4 ? 0xffffffff : bits;
  if (const auto number = scan_unsigned(word, 0, most))
    return static_cast<unsigned>(std::min<std::uint64_t>(*number, bits));
  if (const auto mask = parse_address(word, input.family)) {
    const int given = length_of(*mask, input.family);
    return given < 0 ? bits : static_cast<unsigned>(given);
  }
  return fail(
      fmt::format("{}: bad value for option \"--{}\", neither a valid network mask nor valid CIDR (0-{}).",
                  input.extension, row.spelled(), bits));
}

}  // namespace

Result<Prefix> PrefixKind::parse(const OptionRow& row, const OptionInput& input) {
  const std::string_view text = input.values[0];
  const std::size_t slash = text.find('/');
  const auto address = parse_numbers(text.substr(0, slash), input.family);
  if (!address) return tl::unexpected(address.error());
  unsigned length = address_bits(input.family);
  if (slash != std::string_view::npos) {
    const auto given = parse_length(text.substr(slash + 1), row, input);
    if (!given) return tl::unexpected(given.error());
    length = *given;
  }
  return Prefix{input.family, static_cast<std::uint8_t>(length), *address};
}

std::string PrefixKind::text(const OptionRow&, const Value& value, Family family) {
  return fmt::format("{}/{}", to_string(value.address, family), value.length);
}

Result<Prefix> MaskedPrefixKind::parse(const OptionRow& row, const OptionInput& input) {
  auto prefix = PrefixKind::parse(row, input);
  if (prefix) prefix->address = prefix->address & mask_of(prefix->length, prefix->family);
  return prefix;
}

}  // namespace utables::rules
