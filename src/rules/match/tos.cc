// tos: the TOS byte (traffic class) under a mask.
#include <fmt/format.h>

#include <array>

#include "rules/bind.h"
#include "rules/option/ds_field.h"

namespace utables::rules {
namespace {

struct Params {
  Given<MaskedValue> tos;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<TosKind, &Params::tos>({.name = "tos",
                                   .value = "value[/mask]|name",
                                   .help = "TOS & mask == value",
                                   .mandatory = true,
                                   .invertible = true,
                                   .list_word = "tos match"}),
};

Answer matches(const Params& p, const Context& c) {
  return ((c.facts().tos & p.tos.value.mask) == p.tos.value.value) != p.tos.inverted ? Answer::yes()
                                                                                     : Answer::no();
}

std::string observed(const Params&, const Context& c, unsigned) {
  return fmt::format("tos is {:#04x}", c.facts().tos);
}

}  // namespace

extern const MatchDescriptor kMatchTos;
const MatchDescriptor kMatchTos =
    match<Params, matches, observed>({.name = "tos", .summary = "the TOS byte", .options = kOptions});

}  // namespace utables::rules
