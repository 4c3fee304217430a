// iprange: source and destination in ranges that need not be networks.
#include <array>

#include "rules/bind.h"
#include "rules/option/address_range.h"

namespace utables::rules {
namespace {

struct Params {
  Given<AddressRange> source, destination;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<AddressRangeKind, &Params::source>({.name = "src-range",
                                               .value = "address[-address]",
                                               .help = "source is in it",
                                               .invertible = true,
                                               .list_word = "source IP range "}),
    option<AddressRangeKind, &Params::destination>({.name = "dst-range",
                                                    .value = "address[-address]",
                                                    .help = "destination is in it",
                                                    .invertible = true,
                                                    .list_word = "destination IP range "}),
};

Result<void> check(Params& p, const Rule&) {
  if (p.source.set || p.destination.set) return {};
  return fail("iprange match: You must specify `--src-range' or `--dst-range'");
}

Answer matches(const Params& p, const Context& c) {
  if (p.source.set && p.source.value.holds(c.facts().source) == p.source.inverted) return Answer::no(0);
  if (p.destination.set && p.destination.value.holds(c.facts().destination) == p.destination.inverted)
    return Answer::no(1);
  return Answer::yes();
}

std::string observed(const Params&, const Context& c, unsigned row) {
  const packet::Facts& f = c.facts();
  return row == 0 ? "source is " + to_string(f.source, f.family)
                  : "destination is " + to_string(f.destination, f.family);
}

}  // namespace

extern const MatchDescriptor kMatchIprange;
const MatchDescriptor kMatchIprange = match<Params, matches, observed>({.name = "iprange",
                                                                        .summary = "ranges of addresses",
                                                                        .looks_at = LooksAt::flow,
                                                                        .options = kOptions,
                                                                        .check = checked<Params, check>});

}  // namespace utables::rules
