// CONNMARK: changes the connection's mark, saves the packet's mark in it or restores it from there; the
// result of --set-..., or the part that is copied, can be shifted. Without a connection nothing happens.
// Which bits --set-... changes, the last word says: its own mask, or a --ctmask or --mask behind it.
#include <fmt/format.h>

#include <array>

#include "rules/bind.h"
#include "rules/option/number.h"

namespace utables::rules {
namespace {

struct Shift {
  std::uint32_t bits = 0;
  bool right = false;
  [[nodiscard]] std::uint32_t of(std::uint32_t v) const { return right ? v >> bits : v << bits; }
  friend bool operator==(const Shift&, const Shift&) = default;
};

template <bool Right>
struct ShiftKind {
  using Value = Shift;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    return NumberKind::parse(row, input).map([](std::uint32_t bits) { return Shift{bits, Right}; });
  }
  static std::string text(const OptionRow&, const Value& value, Family) { return std::to_string(value.bits); }
  static bool written(const Value& value) { return value.bits != 0 && value.right == Right; }
};

struct MaskKind : NumberKind {
  static std::string text(const OptionRow&, const Value& value, Family) {
    return fmt::format("0x{:x}", value);
  }
};

struct Params {
  Given<MaskedValue> mark;
  Given<bool> save, restore;
  Given<std::uint32_t> nfmask{0xffffffff, false, false}, ctmask{0xffffffff, false, false}, mask;
  Given<Shift> shift;
  friend bool operator==(const Params&, const Params&) = default;
};

/// A mask that counts for what was to be set before it, too.
template <auto Member>
constexpr OptionRow later_mask(OptionRow row) {
  row = option<MaskKind, Member>(row);
  row.parse = [](const OptionRow& self, void* params, const OptionInput& input) {
    return detail::Bound<MaskKind, Member, Params>::parse(self, params, input).map([params] {
      auto& p = *static_cast<Params*>(params);
      if (p.mark.set) p.mark.value.mask = (p.*Member).value;
    });
  };
  return row;
}

enum Row : unsigned { kSetX, kSet, kAnd, kOr, kXor, kSave, kRestore, kNfmask, kCtmask, kMask, kLeft, kRight };
constexpr std::uint32_t others(unsigned row) { return 0b1111111U & ~(1U << row); }
constexpr std::uint32_t kBothMasks = 1U << kNfmask | 1U << kCtmask;
constexpr std::array kOptions{
    option<MarkMaskKind, &Params::mark>({.name = "set-xmark",
                                         .value = "value[/ctmask]",
                                         .help = "clear the mask's bits, then XOR value",
                                         .excludes = others(kSetX),
                                         .list_word = "CONNMARK xset "}),
    option<SetMarkKind, &Params::mark>({.name = "set-mark",
                                        .value = "value[/mask]",
                                        .help = "clear the mask's bits, then OR value",
                                        .hidden = true,
                                        .excludes = others(kSet)}),
    option<AndMarkKind, &Params::mark>({.name = "and-mark",
                                        .value = "bits",
                                        .help = "ctmark AND bits",
                                        .hidden = true,
                                        .excludes = others(kAnd)}),
    option<OrMarkKind, &Params::mark>({.name = "or-mark",
                                       .value = "bits",
                                       .help = "ctmark OR bits",
                                       .hidden = true,
                                       .excludes = others(kOr)}),
    option<XorMarkKind, &Params::mark>({.name = "xor-mark",
                                        .value = "bits",
                                        .help = "ctmark XOR bits",
                                        .hidden = true,
                                        .excludes = others(kXor)}),
    option<FlagKind, &Params::save>({.name = "save-mark",
                                     .help = "ctmark takes the packet's mark",
                                     .values = 0,
                                     .excludes = others(kSave),
                                     .list_word = "CONNMARK save"}),
    option<FlagKind, &Params::restore>({.name = "restore-mark",
                                        .help = "the packet's mark takes ctmark",
                                        .values = 0,
                                        .excludes = others(kRestore),
                                        .list_word = "CONNMARK restore"}),
    option<MaskKind, &Params::nfmask>({.name = "nfmask",
                                       .value = "mask",
                                       .help = "bits of the packet's mark",
                                       .max = 0xffffffff,
                                       .excludes = 1U << kMask,
                                       .list_word = "nfmask "}),
    later_mask<&Params::ctmask>({.name = "ctmask",
                                 .value = "mask",
                                 .help = "bits of ctmark",
                                 .max = 0xffffffff,
                                 .excludes = 1U << kMask,
                                 .list_word = "ctmask "}),
    later_mask<&Params::mask>({.name = "mask",
                               .value = "mask",
                               .help = "both masks",
                               .hidden = true,
                               .max = 0xffffffff,
                               .excludes = kBothMasks}),
    option<ShiftKind<false>, &Params::shift>({.name = "left-shift-mark",
                                              .value = "bits",
                                              .help = "shift left",
                                              .max = 32,
                                              .list_word = "left-shift-mark "}),
    option<ShiftKind<true>, &Params::shift>({.name = "right-shift-mark",
                                             .value = "bits",
                                             .help = "shift right",
                                             .max = 32,
                                             .list_word = "right-shift-mark "}),
};

Result<void> check(Params& p, const Rule&) {
  if (!p.mark.set && !p.save.set && !p.restore.set) return fail("CONNMARK target: No operation specified");
  if (p.mask.set) p.nfmask.value = p.ctmask.value = p.mask.value;
  if (p.mark.set) p.nfmask.value = p.ctmask.value = 0xffffffff;
  p.nfmask.set = p.ctmask.set = !p.mark.set;
  p.mask = {};
  if (p.shift.value.bits == 0) p.shift = {};
  return {};
}

Result<void> validate(const void* params, const Rule&, std::uint8_t) {
  return static_cast<const Params*>(params)->shift.value.bits < 32
             ? Result<void>{}
             : fail("CONNMARK shifts by less than 32 bits");
}

Action act(const Params& p, Context& c) {
  conntrack::Connection* connection = c.tracked->connection;
  if (connection == nullptr) return Action::continue_;
  const Shift& shift = p.shift.value;
  if (p.restore.set) {
    c.mark = (c.mark & ~p.nfmask.value) ^ shift.of(connection->mark & p.ctmask.value);
  } else if (p.save.set) {
    set_mark(*connection, (connection->mark & ~p.ctmask.value) ^ shift.of(c.mark & p.nfmask.value));
  } else {
    set_mark(*connection, shift.of((connection->mark & ~p.mark.value.mask) ^ p.mark.value.value));
  }
  return Action::continue_;
}

}  // namespace

extern const TargetDescriptor kTargetConnmark;
const TargetDescriptor kTargetConnmark =
    target<Params, act>({.name = "CONNMARK",
                         .summary = "change, save or restore the connection's mark",
                         .looks_at = LooksAt::flow,
                         .options = kOptions,
                         .needs_tracking = [](const void*) { return true; },
                         .check = checked<Params, check>,
                         .validate = validate});

}  // namespace utables::rules
