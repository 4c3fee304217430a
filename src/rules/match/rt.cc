// rt: the routing header of IPv6 (RFC 8200 4.4, RFC 5095 for type 0).
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/scan.h"
#include "rules/bind.h"
#include "rules/match/extension_header.h"
#include "rules/option/number.h"
#include "rules/option/wide_range.h"

namespace utables::rules {
namespace {

constexpr std::size_t kMostAddresses = 16;

struct AddressesKind {
  using Value = std::vector<Address>;
  static Result<Value> parse(const OptionRow&, const OptionInput& input) {
    Value out;
    for (const std::string_view word : split(input.values[0], ',')) {
      const auto address = parse_address(word, Family::ipv6);
      if (!address) return fail(fmt::format("bad address: {}", word));
      if (out.size() == kMostAddresses) return fail("too many addresses specified");
      out.push_back(*address);
    }
    return out;
  }
  static std::string text(const OptionRow&, const Value& value, Family) {
    std::string out;
    for (const Address& address : value) {
      if (!out.empty()) out += ',';
      out += to_string(address, Family::ipv6);
    }
    return out;
  }
};

struct Params {
  Given<std::uint32_t> type;
  Given<NumberRange> segments;
  Given<std::uint32_t> length;
  Given<bool> reserved;
  Given<std::vector<Address>> addresses;
  Given<bool> not_strict;
  friend bool operator==(const Params&, const Params&) = default;
};

enum Row : unsigned { kType, kSegments, kLength, kReserved, kAddresses, kNotStrict };
constexpr std::array kOptions{
    option<NumberKind, &Params::type>({.name = "rt-type",
                                       .value = "type",
                                       .help = "its type",
                                       .invertible = true,
                                       .max = 0xffffffff,
                                       .list_word = "type:"}),
    option<WideRangeKind, &Params::segments>({.name = "rt-segsleft",
                                              .value = "number[:number]",
                                              .help = "segments left, a range",
                                              .invertible = true,
                                              .max = 0xffffffff,
                                              .list_word = "segsleft:"}),
    option<NumberKind, &Params::length>({.name = "rt-len",
                                         .value = "length",
                                         .help = "bytes of the header",
                                         .invertible = true,
                                         .max = 0xffffffff,
                                         .list_word = "length:"}),
    option<FlagKind, &Params::reserved>({.name = "rt-0-res",
                                         .help = "type 0: the reserved field is zero",
                                         .values = 0,
                                         .list_word = "0-res"}),
    option<AddressesKind, &Params::addresses>({.name = "rt-0-addrs",
                                               .value = "address,...",
                                               .help = "type 0: its addresses",
                                               .list_word = "0-addrs "}),
    option<FlagKind, &Params::not_strict>({.name = "rt-0-not-strict",
                                           .help = "these among others, in this order",
                                           .values = 0,
                                           .list_word = "0-not-strict"}),
};

Result<void> check(Params& p, const Rule&) {
  const bool type_0 = p.type.set && p.type.value == 0 && !p.type.inverted;
  if (p.reserved.set && !type_0) return fail("`--rt-type 0' required before `--rt-0-res'");
  if (p.addresses.set && !type_0) return fail("`--rt-type 0' required before `--rt-0-addrs'");
  if (p.not_strict.set && !p.addresses.set)
    return fail("`--rt-0-addr ...' required before `--rt-0-not-strict'");
  return {};
}

/// The addresses of a type 0 header, each 16 bytes from the ninth on.
bool addresses_fit(const Params& p, std::span<const std::uint8_t> header) {
  const std::vector<Address>& wanted = p.addresses.value;
  const std::size_t count = header.size() < 8 ? 0 : (header.size() - 8) / 16;
  if (wanted.size() > count) return false;
  const auto at = [&](std::size_t i) { return Address::load(&header[8 + i * 16], Family::ipv6); };
  std::size_t found = 0;
  if (p.not_strict.set) {
    for (std::size_t i = 0; i < count && found < wanted.size(); ++i)
      if (at(i) == wanted[found]) ++found;
    return found == wanted.size();
  }
  while (found < wanted.size() && at(found) == wanted[found]) ++found;
  return found == wanted.size() && found == count;
}

Answer matches(const Params& p, const Context& c) {
  const ExtensionFound header = find_extension(c, packet::kRouting);
  if (!header.usable(4)) return header.refusal();
  const auto bytes = header.bytes.first(header.size);
  if (p.segments.set && p.segments.value.holds(bytes[3]) == p.segments.inverted) return Answer::no(kSegments);
  if (p.length.set && (header.size == p.length.value) == p.length.inverted) return Answer::no(kLength);
  if (p.type.set && (bytes[2] == p.type.value) == p.type.inverted) return Answer::no(kType);
  if (p.reserved.set && load32(&bytes[4]) != 0) return Answer::no(kReserved);
  if (p.addresses.set && !addresses_fit(p, bytes)) return Answer::no(kAddresses);
  return Answer::yes();
}

std::string observed(const Params&, const Context& c, unsigned) {
  const ExtensionFound header = find_extension(c, packet::kRouting);
  if (!header.usable(4)) return "it has no routing header";
  return fmt::format("routing header of type {}, {} segments left, {} bytes", header.bytes[2],
                     header.bytes[3], header.size);
}

}  // namespace

extern const MatchDescriptor kMatchRt;
const MatchDescriptor kMatchRt = match<Params, matches, observed>({.name = "rt",
                                                                   .summary = "the routing header",
                                                                   .families = 0b10,
                                                                   .options = kOptions,
                                                                   .check = checked<Params, check>});

}  // namespace utables::rules
