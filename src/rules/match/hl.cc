// hl: the hop limit of IPv6.
#include <fmt/format.h>

#include <array>

#include "rules/bind.h"
#include "rules/option/number.h"

namespace utables::rules {
namespace {

struct Params {
  Given<std::uint32_t> equal, below, above;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::uint32_t others(unsigned row) { return 0b111U & ~(1U << row); }
constexpr std::array kOptions{
    option<NumberKind, &Params::below>({.name = "hl-lt",
                                        .value = "value",
                                        .help = "the hop limit is less",
                                        .max = 255,
                                        .excludes = others(0),
                                        .list_word = "HL match HL < "}),
    option<NumberKind, &Params::above>({.name = "hl-gt",
                                        .value = "value",
                                        .help = "the hop limit is greater",
                                        .max = 255,
                                        .excludes = others(1),
                                        .list_word = "HL match HL > "}),
    option<NumberKind, &Params::equal>({.name = "hl-eq",
                                        .alias = "hl",
                                        .value = "value",
                                        .help = "the hop limit is this",
                                        .invertible = true,
                                        .max = 255,
                                        .excludes = others(2),
                                        .list_word = "HL match HL == "}),
};

Result<void> check(Params& p, const Rule&) {
  if (p.below.set || p.above.set || p.equal.set) return {};
  return fail("HL match: You must specify one of `--hl-eq', `--hl-lt', `--hl-gt'");
}

Answer matches(const Params& p, const Context& c) {
  const std::uint32_t limit = c.facts().ttl;
  if (p.below.set && limit >= p.below.value) return Answer::no(0);
  if (p.above.set && limit <= p.above.value) return Answer::no(1);
  if (p.equal.set && (limit == p.equal.value) == p.equal.inverted) return Answer::no(2);
  return Answer::yes();
}

std::string observed(const Params&, const Context& c, unsigned) {
  return fmt::format("the hop limit is {}", c.facts().ttl);
}

}  // namespace

extern const MatchDescriptor kMatchHl;
const MatchDescriptor kMatchHl = match<Params, matches, observed>({.name = "hl",
                                                                   .summary = "the hop limit",
                                                                   .families = 0b10,
                                                                   .options = kOptions,
                                                                   .check = checked<Params, check>});

}  // namespace utables::rules
