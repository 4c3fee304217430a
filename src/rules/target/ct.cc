// CT: --notrack exempts the packet from connection tracking; --helper names who reads the payload of the
// connection that it begins, unless that was awaited. Without an option it does nothing but switch tracking
// on, and keep later rules from having a say. Its other options (zone, timeout, ctevents, expevents) are not
// there yet.
#include <algorithm>
#include <array>

#include "conntrack/helper/helper.h"
#include "rules/bind.h"
#include "rules/option/text.h"
#include "rules/target/untrack.h"

namespace utables::rules {
namespace {

struct Params {
  Given<bool> notrack;
  Given<std::string> helper;
  std::uint8_t helper_id = 0;  ///< of the rule's protocol; 0: there is none of that name
  friend bool operator==(const Params&, const Params&) = default;
};

/// Linux's helpers that are not here yet.
constexpr std::array<std::string_view, 6> kNotYet{"pptp", "Q.931", "RAS", "sip", "snmp", "snmp_trap"};

/// The empty name is no helper.
struct HelperKind : TextKind {
  static void settle(Given<std::string>& given) { given.set = !given.value.empty(); }
};

constexpr std::array kOptions{
    option<FlagKind, &Params::notrack>(
        {.name = "notrack", .help = "do not track", .values = 0, .list_word = "notrack"}),
    option<HelperKind, &Params::helper>({.name = "helper",
                                         .value = "name",
                                         .help = "who reads the payload; needs -p of its protocol",
                                         .max = 15,
                                         .list_word = "helper "}),
};

template <Family family>
Result<void> check(Params& p, const Rule& rule) {
  p.helper_id = 0;
  if (!p.helper.set || rule.header.protocol_inverted) return {};
  const auto* helper =
      conntrack::find_helper(p.helper.value, static_cast<std::uint8_t>(rule.header.protocol), family);
  if (helper != nullptr) p.helper_id = static_cast<std::uint8_t>(helper->id);
  return {};
}

Result<void> validate(const void* params, const Rule&, std::uint8_t) {
  const Params& p = *static_cast<const Params*>(params);
  if (!p.helper.set || p.notrack.set || p.helper_id != 0) return {};
  if (std::find(kNotYet.begin(), kNotYet.end(), p.helper.value) != kNotYet.end())
    return fail("Couldn't load helper `" + p.helper.value + "': utables does not have it yet");
  return fail("No chain/target/match by that name. (-p must be the protocol of a helper `" + p.helper.value +
              "')");
}

Action act(const Params& p, Context& c) {
  if (p.notrack.set)
    untrack(c);
  else
    track_as(c, p.helper_id);
  return Action::continue_;
}

template <Family family>
TargetDescriptor descriptor() {
  return target<Params, act>(
      {.name = "CT",
       .summary = "how the packet is tracked",
       .families = family == Family::ipv4 ? std::uint8_t{0b01} : std::uint8_t{0b10},
       .tables = bit(TableId::raw),
       .looks_at = LooksAt::flow,
       .options = kOptions,
       .needs_tracking = [](const void* p) { return !static_cast<const Params*>(p)->notrack.set; },
       .check = checked<Params, check<family>>,
       .validate = validate});
}

}  // namespace

extern const TargetDescriptor kTargetCt, kTargetCt6;
const TargetDescriptor kTargetCt = descriptor<Family::ipv4>(), kTargetCt6 = descriptor<Family::ipv6>();

}  // namespace utables::rules
