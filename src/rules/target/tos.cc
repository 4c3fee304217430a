// TOS: changes the TOS byte (traffic class): (tos & ~mask) ^ value. Every spelling is saved as --set-tos.
#include <array>

#include "rules/bind.h"
#include "rules/option/ds_field.h"
#include "rules/target/header_change.h"

namespace utables::rules {
namespace {

struct Params {
  Given<MaskedValue> tos;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::uint32_t others(unsigned row) { return 0b1111U & ~(1U << row); }
constexpr std::array kOptions{
    option<TosKind, &Params::tos>({.name = "set-tos",
                                   .value = "value[/mask]|name",
                                   .help = "clear the mask's bits, then XOR value",
                                   .excludes = others(0),
                                   .list_word = "TOS set "}),
    option<AndTosKind, &Params::tos>(
        {.name = "and-tos", .value = "bits", .help = "TOS AND bits", .hidden = true, .excludes = others(1)}),
    option<OrTosKind, &Params::tos>(
        {.name = "or-tos", .value = "bits", .help = "TOS OR bits", .hidden = true, .excludes = others(2)}),
    option<XorTosKind, &Params::tos>(
        {.name = "xor-tos", .value = "bits", .help = "TOS XOR bits", .hidden = true, .excludes = others(3)}),
};

Result<void> check(Params& p, const Rule&) {
  return p.tos.set ? Result<void>{} : fail("TOS: An action is required");
}

Action act(const Params& p, Context& c) {
  const std::uint8_t before = c.facts().tos;
  const auto after = static_cast<std::uint8_t>((before & ~p.tos.value.mask) ^ p.tos.value.value);
  if (after != before) change_ds_field(c.packet, after);
  return Action::continue_;
}

}  // namespace

extern const TargetDescriptor kTargetTos;
const TargetDescriptor kTargetTos = target<Params, act>({.name = "TOS",
                                                         .summary = "change the TOS byte",
                                                         .tables = bit(TableId::mangle),
                                                         .options = kOptions,
                                                         .check = checked<Params, check>});

}  // namespace utables::rules
