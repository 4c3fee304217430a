// mark: the packet's mark, under a mask.
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
                                     .help = "mark & mask == value",
                                     .mandatory = true,
                                     .invertible = true,
                                     .list_word = "mark match "}),
};

Answer matches(const Params& p, const Context& c) {
  return ((c.mark & p.mark.value.mask) == p.mark.value.value) != p.mark.inverted ? Answer::yes()
                                                                                 : Answer::no();
}

std::string observed(const Params&, const Context& c, unsigned) {
  return fmt::format("mark is {:#x}", c.mark);
}

}  // namespace

extern const MatchDescriptor kMatchMark;
const MatchDescriptor kMatchMark = match<Params, matches, observed>(
    {.name = "mark", .summary = "the packet's mark", .looks_at = LooksAt::flow, .options = kOptions});

}  // namespace utables::rules
