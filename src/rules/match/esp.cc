// esp: the security parameter index of ESP (RFC 4303), over both families.
#include <fmt/format.h>

#include <array>

#include "base/bytes.h"
#include "packet/headers.h"
#include "rules/bind.h"
#include "rules/option/number.h"
#include "rules/option/wide_range.h"

namespace utables::rules {
namespace {

struct Params {
  Given<NumberRange> spis;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<WideRangeKind, &Params::spis>({.name = "espspi",
                                          .value = "spi[:spi]",
                                          .help = "security parameter index, a range",
                                          .invertible = true,
                                          .max = 0xffffffff,
                                          .list_word = "spis:"}),
};

Answer matches(const Params& p, const Context& c) {
  if (c.facts().is_later_fragment()) return Answer::no();
  if (c.packet.transport_size() < 8) return Answer::hot_drop();
  if (!p.spis.set) return Answer::yes();
  return p.spis.value.holds(load32(c.packet.transport())) != p.spis.inverted ? Answer::yes() : Answer::no();
}

std::string observed(const Params&, const Context& c, unsigned) {
  return c.packet.transport_size() < 8 ? "it has no ESP header"
                                       : fmt::format("the SPI is {}", load32(c.packet.transport()));
}

}  // namespace

extern const MatchDescriptor kMatchEsp;
const MatchDescriptor kMatchEsp = match<Params, matches, observed>(
    {.name = "esp", .summary = "the SPI of ESP", .protocol = packet::kEsp, .options = kOptions});

}  // namespace utables::rules
