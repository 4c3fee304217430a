// connmark: the mark of the packet's connection, under a mask. Without a connection it never matches.
#include <fmt/format.h>

#include <array>

#include "rules/bind.h"
#include "rules/option/number.h"

namespace utables::rules {
namespace {

struct Params {
  Given<MaskedValue> mark;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<MarkKind, &Params::mark>({.name = "mark",
                                     .value = "value[/mask]",
                                     .help = "ctmark & mask == value",
                                     .mandatory = true,
                                     .invertible = true,
                                     .list_word = "connmark match "}),
};

Answer matches(const Params& p, const Context& c) {
  if (c.connection() == nullptr) return Answer::no();
  const bool equal = (c.connection()->mark & p.mark.value.mask) == p.mark.value.value;
  return equal != p.mark.inverted ? Answer::yes() : Answer::no();
}

std::string observed(const Params&, const Context& c, unsigned) {
  return c.connection() == nullptr ? "it has no connection"
                                   : fmt::format("ctmark is {:#x}", c.connection()->mark);
}

}  // namespace

extern const MatchDescriptor kMatchConnmark;
const MatchDescriptor kMatchConnmark =
    match<Params, matches, observed>({.name = "connmark",
                                      .summary = "the connection's mark",
                                      .looks_at = LooksAt::flow,
                                      .options = kOptions,
                                      .needs_tracking = [](const void*) { return true; }});

}  // namespace utables::rules
