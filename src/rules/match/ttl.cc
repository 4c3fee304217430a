// ttl and hl: the time to live of IPv4, the hop limit of IPv6.
#include <fmt/format.h>

#include <array>

#include "rules/bind.h"
#include "rules/option/number.h"

namespace utables::rules {
namespace {

struct Params {
  Given<std::uint32_t> below, above, equal;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::uint32_t others(unsigned row) { return 0b111U & ~(1U << row); }
constexpr std::array kOptions{
    option<NumberKind, &Params::below>({.name = "ttl-lt",
                                        .value = "value",
                                        .help = "TTL is less",
                                        .max = 255,
                                        .excludes = others(0),
                                        .list_word = "TTL match TTL < "}),
    option<NumberKind, &Params::above>({.name = "ttl-gt",
                                        .value = "value",
                                        .help = "TTL is greater",
                                        .max = 255,
                                        .excludes = others(1),
                                        .list_word = "TTL match TTL > "}),
    option<NumberKind, &Params::equal>({.name = "ttl-eq",
                                        .alias = "ttl",
                                        .value = "value",
                                        .help = "TTL is this",
                                        .invertible = true,
                                        .max = 255,
                                        .excludes = others(2),
                                        .list_word = "TTL match TTL == "}),
};

constexpr std::array kOptions6{
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

bool says_nothing(const Params& p) { return !p.below.set && !p.above.set && !p.equal.set; }
Result<void> check(Params& p, const Rule&) {
  return says_nothing(p) ? fail("TTL match: You must specify one of `--ttl-eq', `--ttl-lt', `--ttl-gt")
                         : Result<void>{};
}
Result<void> check6(Params& p, const Rule&) {
  return says_nothing(p) ? fail("HL match: You must specify one of `--hl-eq', `--hl-lt', `--hl-gt'")
                         : Result<void>{};
}

Answer matches(const Params& p, const Context& c) {
  const std::uint32_t ttl = c.facts().ttl;
  if (p.below.set && ttl >= p.below.value) return Answer::no(0);
  if (p.above.set && ttl <= p.above.value) return Answer::no(1);
  if (p.equal.set && (ttl == p.equal.value) == p.equal.inverted) return Answer::no(2);
  return Answer::yes();
}

std::string observed(const Params&, const Context& c, unsigned) {
  return fmt::format("{} is {}", c.facts().is_ipv6() ? "the hop limit" : "ttl", c.facts().ttl);
}

}  // namespace

extern const MatchDescriptor kMatchTtl, kMatchHl;
const MatchDescriptor kMatchTtl = match<Params, matches, observed>({.name = "ttl",
                                                                    .summary = "the time to live",
                                                                    .families = 0b01,
                                                                    .options = kOptions,
                                                                    .check = checked<Params, check>});
const MatchDescriptor kMatchHl = match<Params, matches, observed>({.name = "hl",
                                                                   .summary = "the hop limit",
                                                                   .families = 0b10,
                                                                   .options = kOptions6,
                                                                   .check = checked<Params, check6>});

}  // namespace utables::rules
