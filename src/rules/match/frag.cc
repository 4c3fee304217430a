// frag: the fragment header of IPv6. While connections are tracked, packets are whole and have none.
// --fraglen is read and saved; the kernel does not look at it.
#include <fmt/format.h>

#include <array>

#include "base/bytes.h"
#include "rules/bind.h"
#include "rules/match/extension_header.h"
#include "rules/option/number.h"
#include "rules/option/wide_range.h"

namespace utables::rules {
namespace {

struct Params {
  Given<NumberRange> ids;
  Given<std::uint32_t> length;
  Given<bool> reserved, first, more, last;
  friend bool operator==(const Params&, const Params&) = default;
};

enum Row : unsigned { kId, kLength, kReserved, kFirst, kMore, kLast };
constexpr std::array kOptions{
    option<WideRangeKind, &Params::ids>({.name = "fragid",
                                         .value = "id[:id]",
                                         .help = "identification, a range",
                                         .invertible = true,
                                         .max = 0xffffffff,
                                         .list_word = "fragids:"}),
    option<NumberKind, &Params::length>({.name = "fraglen",
                                         .value = "length",
                                         .help = "not looked at",
                                         .invertible = true,
                                         .max = 0xffffffff,
                                         .list_word = "fraglen:"}),
    option<FlagKind, &Params::reserved>(
        {.name = "fragres", .help = "the reserved fields are zero", .values = 0, .list_word = "fragres"}),
    option<FlagKind, &Params::first>(
        {.name = "fragfirst", .help = "the first fragment", .values = 0, .list_word = "fragfirst"}),
    option<FlagKind, &Params::more>({.name = "fragmore",
                                     .help = "more come behind it",
                                     .values = 0,
                                     .excludes = 1U << kLast,
                                     .list_word = "fragmore"}),
    option<FlagKind, &Params::last>({.name = "fraglast",
                                     .help = "the last fragment",
                                     .values = 0,
                                     .excludes = 1U << kMore,
                                     .list_word = "fraglast"}),
};

Answer matches(const Params& p, const Context& c) {
  const ExtensionFound header = find_extension(c, packet::kFragment);
  if (!header.usable(packet::kFragmentHeader)) return header.refusal();
  const packet::FragmentFields fields = packet::read_fragment_header(header.bytes.data());
  if (p.ids.set && p.ids.value.holds(fields.identification) == p.ids.inverted) return Answer::no(kId);
  const bool reserved = header.bytes[1] != 0 || (header.bytes[3] & 6U) != 0;
  if (p.reserved.set && reserved) return Answer::no(kReserved);
  if (p.first.set && fields.offset != 0) return Answer::no(kFirst);
  if (p.more.set && !fields.more) return Answer::no(kMore);
  if (p.last.set && fields.more) return Answer::no(kLast);
  return Answer::yes();
}

std::string observed(const Params&, const Context& c, unsigned) {
  const ExtensionFound header = find_extension(c, packet::kFragment);
  if (!header.usable(packet::kFragmentHeader)) return "it has no fragment header";
  const packet::FragmentFields fields = packet::read_fragment_header(header.bytes.data());
  return fmt::format("fragment {} at {}{}", fields.identification, fields.offset,
                     fields.more ? ", more come" : ", the last");
}

}  // namespace

extern const MatchDescriptor kMatchFrag;
const MatchDescriptor kMatchFrag = match<Params, matches, observed>(
    {.name = "frag", .summary = "the fragment header", .families = 0b10, .options = kOptions});

}  // namespace utables::rules
