// dscp: the upper six bits of the TOS byte (traffic class).
#include <fmt/format.h>

#include <array>

#include "rules/bind.h"
#include "rules/option/ds_field.h"

namespace utables::rules {
namespace {

struct Params {
  Given<std::uint32_t> dscp;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<DscpKind, &Params::dscp>({.name = "dscp",
                                     .value = "value",
                                     .help = "this value, 0 to 63",
                                     .invertible = true,
                                     .max = 63,
                                     .excludes = 0b10,
                                     .list_word = "DSCP match "}),
    option<DscpClassKind, &Params::dscp>({.name = "dscp-class",
                                          .value = "class",
                                          .help = "BE, EF, CS0 to CS7, AF11 to AF43",
                                          .invertible = true,
                                          .hidden = true,
                                          .excludes = 0b01}),
};

Result<void> check(Params& p, const Rule&) {
  return p.dscp.set ? Result<void>{} : fail("DSCP match: Parameter --dscp is required");
}

Answer matches(const Params& p, const Context& c) {
  return (c.facts().tos >> 2U == p.dscp.value) != p.dscp.inverted ? Answer::yes() : Answer::no();
}

std::string observed(const Params&, const Context& c, unsigned) {
  return fmt::format("dscp is {:#04x}", c.facts().tos >> 2U);
}

}  // namespace

extern const MatchDescriptor kMatchDscp;
const MatchDescriptor kMatchDscp = match<Params, matches, observed>(
    {.name = "dscp", .summary = "the DSCP value", .options = kOptions, .check = checked<Params, check>});

}  // namespace utables::rules
