// icmp and icmp6: type and code of ICMP and ICMPv6. ICMP's `any` matches every one.
// Later fragments never match; a packet without 8 bytes of ICMP is dropped on the spot.
#include <fmt/format.h>

#include <array>

#include "packet/headers.h"
#include "rules/bind.h"
#include "rules/option/icmp_type.h"

namespace utables::rules {
namespace {

struct Params {
  Given<IcmpType> type;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<IcmpTypeKind, &Params::type>({.name = "icmp-type",
                                         .value = "type[/code]|name",
                                         .help = "type, and code",
                                         .mandatory = true,
                                         .invertible = true,
                                         .list_word = "icmptype "}),
};

constexpr std::array kOptions6{
    option<Icmpv6TypeKind, &Params::type>({.name = "icmpv6-type",
                                           .value = "type[/code]|name",
                                           .help = "type, and code",
                                           .mandatory = true,
                                           .invertible = true,
                                           .list_word = "ipv6-icmptype "}),
};

Answer matches(const Params& p, const Context& c) {
  const packet::Facts& f = c.facts();
  if (f.is_later_fragment()) return Answer::no();
  if (!f.has_transport_header) return Answer::hot_drop();
  const IcmpType& t = p.type.value;
  const bool fits = (t.any() && !f.is_ipv6()) ||
                    (f.icmp_type == t.type && f.icmp_code >= t.first_code && f.icmp_code <= t.last_code);
  return fits != p.type.inverted ? Answer::yes() : Answer::no();
}

std::string observed(const Params&, const Context& c, unsigned) {
  if (c.facts().is_later_fragment()) return "it is a later fragment, without an ICMP header";
  return fmt::format("{} is {}/{}", c.facts().is_ipv6() ? "icmpv6-type" : "icmp-type", c.facts().icmp_type,
                     c.facts().icmp_code);
}

}  // namespace

extern const MatchDescriptor kMatchIcmp, kMatchIcmp6;
const MatchDescriptor kMatchIcmp = match<Params, matches, observed>({.name = "icmp",
                                                                     .summary = "type and code of ICMP",
                                                                     .families = 0b01,
                                                                     .protocol = packet::kIcmp,
                                                                     .options = kOptions});
const MatchDescriptor kMatchIcmp6 = match<Params, matches, observed>({.name = "icmp6",
                                                                      .summary = "type and code of ICMPv6",
                                                                      .families = 0b10,
                                                                      .protocol = packet::kIcmpv6,
                                                                      .options = kOptions6});

}  // namespace utables::rules
