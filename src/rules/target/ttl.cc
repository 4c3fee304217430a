// TTL and HL: set, raise or lower the time to live of IPv4, the hop limit of IPv6; it stops at 255 and 0.
#include <algorithm>
#include <array>

#include "rules/bind.h"
#include "rules/option/number.h"
#include "rules/target/header_change.h"

namespace utables::rules {
namespace {

struct Params {
  Given<std::uint32_t> set, lower, raise;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::uint32_t others(unsigned row) { return 0b111U & ~(1U << row); }
constexpr std::array kOptions{
    option<NumberKind, &Params::set>({.name = "ttl-set",
                                      .value = "value",
                                      .help = "TTL becomes this",
                                      .max = 255,
                                      .excludes = others(0),
                                      .list_word = "TTL set to "}),
    option<NumberKind, &Params::lower>({.name = "ttl-dec",
                                        .value = "value",
                                        .help = "TTL less this",
                                        .min = 1,
                                        .max = 255,
                                        .excludes = others(1),
                                        .list_word = "TTL decrement by "}),
    option<NumberKind, &Params::raise>({.name = "ttl-inc",
                                        .value = "value",
                                        .help = "TTL plus this",
                                        .min = 1,
                                        .max = 255,
                                        .excludes = others(2),
                                        .list_word = "TTL increment by "}),
};

constexpr std::array kOptions6{
    option<NumberKind, &Params::set>({.name = "hl-set",
                                      .value = "value",
                                      .help = "the hop limit becomes this",
                                      .max = 255,
                                      .excludes = others(0),
                                      .list_word = "HL set to "}),
    option<NumberKind, &Params::lower>({.name = "hl-dec",
                                        .value = "value",
                                        .help = "the hop limit less this",
                                        .min = 1,
                                        .max = 255,
                                        .excludes = others(1),
                                        .list_word = "HL decrement by "}),
    option<NumberKind, &Params::raise>({.name = "hl-inc",
                                        .value = "value",
                                        .help = "the hop limit plus this",
                                        .min = 1,
                                        .max = 255,
                                        .excludes = others(2),
                                        .list_word = "HL increment by "}),
};

bool says_nothing(const Params& p) { return !p.set.set && !p.lower.set && !p.raise.set; }
Result<void> check(Params& p, const Rule&) {
  return says_nothing(p) ? fail("TTL: You must specify an action") : Result<void>{};
}
Result<void> check6(Params& p, const Rule&) {
  return says_nothing(p) ? fail("HL: You must specify an action") : Result<void>{};
}

Action act(const Params& p, Context& c) {
  constexpr std::uint32_t kTtlAndProtocol = 8, kHopLimit = 7;
  const int before = c.facts().ttl;
  int after = before;
  if (p.set.set) after = static_cast<int>(p.set.value);
  if (p.lower.set) after = std::max(before - static_cast<int>(p.lower.value), 0);
  if (p.raise.set) after = std::min(before + static_cast<int>(p.raise.value), 255);
  if (after == before) return Action::continue_;
  if (c.facts().is_ipv6())
    c.packet.bytes[kHopLimit] = static_cast<std::uint8_t>(after);
  else
    change_ip_word(c.packet, kTtlAndProtocol, static_cast<std::uint16_t>(after << 8 | c.packet.bytes[9]));
  c.packet.facts.ttl = static_cast<std::uint8_t>(after);
  return Action::continue_;
}

}  // namespace

extern const TargetDescriptor kTargetTtl, kTargetHl;
const TargetDescriptor kTargetTtl = target<Params, act>({.name = "TTL",
                                                         .summary = "change the time to live",
                                                         .families = 0b01,
                                                         .tables = bit(TableId::mangle),
                                                         .options = kOptions,
                                                         .check = checked<Params, check>});
const TargetDescriptor kTargetHl = target<Params, act>({.name = "HL",
                                                        .summary = "change the hop limit",
                                                        .families = 0b10,
                                                        .tables = bit(TableId::mangle),
                                                        .options = kOptions6,
                                                        .check = checked<Params, check6>});

}  // namespace utables::rules
