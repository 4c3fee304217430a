// ah: the authentication header of IPv6 (RFC 4302).
#include <fmt/format.h>

#include <array>

#include "base/bytes.h"
#include "packet/headers.h"
#include "rules/bind.h"
#include "rules/match/extension_header.h"
#include "rules/option/number.h"
#include "rules/option/wide_range.h"

namespace utables::rules {
namespace {

struct LengthKind : NumberKind {
  static void settle(Given<Value>& given) { given.set = given.value != 0 || given.inverted; }
};

struct Params {
  Given<NumberRange> spis;
  Given<std::uint32_t> length;
  Given<bool> reserved;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<WideRangeKind, &Params::spis>({.name = "ahspi",
                                          .value = "spi[:spi]",
                                          .help = "security parameter index, a range",
                                          .invertible = true,
                                          .max = 0xffffffff,
                                          .list_word = "spis:"}),
    option<LengthKind, &Params::length>({.name = "ahlen",
                                         .value = "length",
                                         .help = "bytes of the header",
                                         .invertible = true,
                                         .max = 0xffffffff,
                                         .list_word = "length:"}),
    option<FlagKind, &Params::reserved>(
        {.name = "ahres", .help = "the reserved field is zero", .values = 0, .list_word = "reserved"}),
};

constexpr std::size_t kLeastHeader = 12;

Answer matches(const Params& p, const Context& c) {
  const ExtensionFound header = find_extension(c, packet::kAh);
  if (!header.usable(kLeastHeader)) return header.refusal();
  if (p.spis.set && p.spis.value.holds(load32(&header.bytes[4])) == p.spis.inverted) return Answer::no(0);
  const bool length_counts = p.length.set && p.length.value != 0;
  if (length_counts && (header.size == p.length.value) == p.length.inverted) return Answer::no(1);
  if (p.reserved.set && load16(&header.bytes[2]) != 0) return Answer::no(2);
  return Answer::yes();
}

std::string observed(const Params&, const Context& c, unsigned) {
  const ExtensionFound header = find_extension(c, packet::kAh);
  if (!header.usable(kLeastHeader)) return "it has no authentication header";
  return fmt::format("SPI {}, {} bytes", load32(&header.bytes[4]), header.size);
}

}  // namespace

extern const MatchDescriptor kMatchAh;
const MatchDescriptor kMatchAh = match<Params, matches, observed>(
    {.name = "ah", .summary = "the authentication header", .families = 0b10, .options = kOptions});

}  // namespace utables::rules
