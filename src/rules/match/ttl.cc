// ttl: the time to live of IPv4.
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

Result<void> check(Params& p, const Rule&) {
  if (p.below.set || p.above.set || p.equal.set) return {};
  return fail("TTL match: You must specify one of `--ttl-eq', `--ttl-lt', `--ttl-gt");
}

Answer matches(const Params& p, const Context& c) {
  const std::uint32_t ttl = c.facts().ttl;
  if (p.below.set && ttl >= p.below.value) return Answer::no(0);
  if (p.above.set && ttl <= p.above.value) return Answer::no(1);
  if (p.equal.set && (ttl == p.equal.value) == p.equal.inverted) return Answer::no(2);
  return Answer::yes();
}

std::string observed(const Params&, const Context& c, unsigned) {
  return fmt::format("ttl is {}", c.facts().ttl);
}

}  // namespace

extern const MatchDescriptor kMatchTtl;
const MatchDescriptor kMatchTtl = match<Params, matches, observed>({.name = "ttl",
                                                                    .summary = "the time to live",
                                                                    .families = 0b01,
                                                                    .options = kOptions,
                                                                    .check = checked<Params, check>});

}  // namespace utables::rules
