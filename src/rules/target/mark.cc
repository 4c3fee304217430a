// MARK: changes the packet's mark: (mark & ~mask) ^ value. Every spelling is saved as --set-xmark.
#include <array>

#include "rules/bind.h"
#include "rules/option/number.h"

namespace utables::rules {
namespace {

struct Params {
  Given<MaskedValue> mark;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::uint32_t others(unsigned row) { return 0b11111U & ~(1U << row); }
constexpr std::array kOptions{
    option<MarkMaskKind, &Params::mark>({.name = "set-xmark",
                                         .value = "value[/mask]",
                                         .help = "clear the mask's bits, then XOR value",
                                         .excludes = others(0),
                                         .list_word = "MARK xset "}),
    option<SetMarkKind, &Params::mark>({.name = "set-mark",
                                        .value = "value[/mask]",
                                        .help = "clear the mask's bits, then OR value",
                                        .hidden = true,
                                        .excludes = others(1)}),
    option<AndMarkKind, &Params::mark>({.name = "and-mark",
                                        .value = "bits",
                                        .help = "mark AND bits",
                                        .hidden = true,
                                        .excludes = others(2)}),
    option<OrMarkKind, &Params::mark>(
        {.name = "or-mark", .value = "bits", .help = "mark OR bits", .hidden = true, .excludes = others(3)}),
    option<XorMarkKind, &Params::mark>({.name = "xor-mark",
                                        .value = "bits",
                                        .help = "mark XOR bits",
                                        .hidden = true,
                                        .excludes = others(4)}),
};

Result<void> check(Params& p, const Rule&) {
  if (p.mark.set) return {};
  return fail("MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required");
}

Action act(const Params& p, Context& c) {
  c.mark = (c.mark & ~p.mark.value.mask) ^ p.mark.value.value;
  return Action::continue_;
}

}  // namespace

extern const TargetDescriptor kTargetMark;
const TargetDescriptor kTargetMark = target<Params, act>({.name = "MARK",
                                                          .summary = "change the packet's mark",
                                                          .looks_at = LooksAt::flow,
                                                          .options = kOptions,
                                                          .check = checked<Params, check>});

}  // namespace utables::rules
