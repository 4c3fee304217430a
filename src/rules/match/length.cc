// length: the packet's whole length as its IP header claims it, header included.
#include <fmt/format.h>

#include <array>

#include "rules/bind.h"
#include "rules/option/number.h"

namespace utables::rules {
namespace {

struct Params {
  Given<NumberRange> length;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<NumberRangeKind, &Params::length>({.name = "length",
                                              .value = "length[:length]",
                                              .help = "bytes, IP header included",
                                              .mandatory = true,
                                              .invertible = true,
                                              .max = 0xffff,
                                              .list_word = "length "}),
};

Answer matches(const Params& p, const Context& c) {
  return p.length.value.holds(c.facts().total_length) != p.length.inverted ? Answer::yes() : Answer::no();
}

std::string observed(const Params&, const Context& c, unsigned) {
  return fmt::format("length is {}", c.facts().total_length);
}

}  // namespace

extern const MatchDescriptor kMatchLength;
const MatchDescriptor kMatchLength = match<Params, matches, observed>(
    {.name = "length", .summary = "the packet's length", .options = kOptions});

}  // namespace utables::rules
