// DSCP: sets the upper six bits of the TOS byte (traffic class); the ECN bits stay.
#include <array>

#include "rules/bind.h"
#include "rules/option/ds_field.h"
#include "rules/target/header_change.h"

namespace utables::rules {
namespace {

struct Params {
  Given<std::uint32_t> dscp;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<DscpKind, &Params::dscp>({.name = "set-dscp",
                                     .value = "value",
                                     .help = "0 to 63",
                                     .max = 63,
                                     .excludes = 0b10,
                                     .list_word = "DSCP set "}),
    option<DscpClassKind, &Params::dscp>({.name = "set-dscp-class",
                                          .value = "class",
                                          .help = "BE, EF, CS0 to CS7, AF11 to AF43",
                                          .hidden = true,
                                          .excludes = 0b01}),
};

Result<void> check(Params& p, const Rule&) {
  return p.dscp.set ? Result<void>{} : fail("DSCP target: Parameter --set-dscp is required");
}

Action act(const Params& p, Context& c) {
  const std::uint8_t tos = c.facts().tos;
  if (tos >> 2U != p.dscp.value)
    change_ds_field(c.packet, static_cast<std::uint8_t>((tos & 3U) | p.dscp.value << 2U));
  return Action::continue_;
}

}  // namespace

extern const TargetDescriptor kTargetDscp;
const TargetDescriptor kTargetDscp = target<Params, act>({.name = "DSCP",
                                                          .summary = "set the DSCP value",
                                                          .tables = bit(TableId::mangle),
                                                          .options = kOptions,
                                                          .check = checked<Params, check>});

}  // namespace utables::rules
