// CT: --notrack exempts the packet from connection tracking; else it says how it is tracked. --zone: among
// whose connections it is looked for, and its new connection stands; of one direction, --zone-orig and
// --zone-reply. --helper names who reads the payload of the connection that it begins, unless that was
// awaited; --timeout which policy of timeouts of the box it has; --ctevents and --expevents name what is told
// of it. Without an option it does nothing but switch tracking on, and keep later rules from having a say.
//
// The three zones are one value: the number given last, `mark` once it was said, the directions of all.
// An event is told if anything that happened is among those named, and then whole. Naming events of one kind
// alone silences the other kind.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/scan.h"
#include "conntrack/helper/helper.h"
#include "conntrack/timeout_policies.h"
#include "rules/bind.h"
#include "rules/option/choice.h"
#include "rules/option/text.h"
#include "rules/target/untrack.h"

namespace utables::rules {
namespace {

struct ZoneAsked {
  std::uint16_t id = 0;
  bool mark = false;
  std::uint8_t directions = 0;  ///< bits 1 << Direction; none: both
  friend bool operator==(const ZoneAsked&, const ZoneAsked&) = default;
};

struct Params {
  Given<bool> notrack;
  Given<std::string> helper, timeout;
  Given<std::uint32_t> events, expectation_events;  ///< EventBit; 1 << ExpectationEvent::Kind
  ZoneAsked zone;
  std::uint8_t helper_id = 0;  ///< of the rule's protocol; 0: there is none of that name
  conntrack::Template as;      ///< what all of that comes to
  friend bool operator==(const Params&, const Params&) = default;
};

/// Linux's helpers that are not here yet.
constexpr std::array<std::string_view, 4> kNotYet{"Q.931", "RAS", "snmp", "snmp_trap"};

/// The empty name is none.
struct NamedKind : TextKind {
  static void settle(Given<std::string>& given) { given.set = !given.value.empty(); }
};

constexpr Named kEvents[] = {
    {"new", conntrack::kEventNew},
    {"related", conntrack::kEventRelated},
    {"destroy", conntrack::kEventDestroy},
    {"reply", conntrack::kEventReply},
    {"assured", conntrack::kEventAssured},
    {"protoinfo", conntrack::kEventProtoInfo},
    {"helper", 1U << 6},
    {"mark", conntrack::kEventMark},
    {"natseqinfo", 1U << 8},
    {"secmark", 1U << 9},
};
constexpr Named kExpectationEvents[] = {{"new", 1}};

/// Names joined by commas, each in full.
struct EventsKind {
  using Value = std::uint32_t;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    std::uint32_t bits = 0;
    std::string_view rest = input.values[0];
    for (;;) {
      const std::size_t comma = rest.find(',');
      const std::string_view word = rest.substr(0, comma);
      const auto name =
          std::find_if(row.names.begin(), row.names.end(), [&](const Named& n) { return n.name == word; });
      if (name == row.names.end()) return fail(fmt::format("Unknown event type \"{}\"", word));
      bits |= name->value;
      if (comma == std::string_view::npos) return bits;
      rest.remove_prefix(comma + 1);
    }
  }
  static std::string text(const OptionRow& row, const Value& value, Family) {
    return joined_names(row.names, value);
  }
};

/// The row of `--zone`, or of the one for those directions alone.
template <std::uint8_t Directions>
struct ZoneRow {
  static const ZoneAsked& in(const void* params) { return static_cast<const Params*>(params)->zone; }
  static Result<void> parse(const OptionRow&, void* params, const OptionInput& input) {
    ZoneAsked& zone = static_cast<Params*>(params)->zone;
    const std::string& text = input.values[0];
    if (same_word(text, "mark")) {
      zone.mark = true;
    } else if (const auto number = scan_unsigned(text, 0, 0xffff)) {
      zone.id = static_cast<std::uint16_t>(*number);
    } else {
      return fail(fmt::format("Cannot parse {} as a zone ID", text));
    }
    zone.directions |= Directions;
    return {};
  }
  /// What both directions were named for is no zone of one; a zone of 0 is not written.
  static bool present(const void* params) {
    const ZoneAsked& zone = in(params);
    const std::uint8_t shown = zone.directions == conntrack::Zone::kBoth ? 0 : zone.directions;
    return shown == Directions && (zone.mark || zone.id != 0);
  }
  static bool inverted(const void*) { return false; }
  static std::string text(const OptionRow&, const void* params, Family) {
    return in(params).mark ? "mark" : std::to_string(in(params).id);
  }
};

template <std::uint8_t Directions>
constexpr OptionRow zone_option(OptionRow row) {
  using Z = ZoneRow<Directions>;
  row.value = "id|mark";
  row.parse = Z::parse;
  row.present = Z::present;
  row.inverted = Z::inverted;
  row.text = row.listed = Z::text;
  return row;
}

constexpr std::array kOptions{
    option<FlagKind, &Params::notrack>(
        {.name = "notrack", .help = "do not track", .values = 0, .list_word = "notrack"}),
    option<NamedKind, &Params::helper>({.name = "helper",
                                        .value = "name",
                                        .help = "who reads the payload; needs -p of its protocol",
                                        .max = 15,
                                        .list_word = "helper "}),
    option<NamedKind, &Params::timeout>({.name = "timeout",
                                         .value = "name",
                                         .help = "a policy of timeouts of the box; needs -p of its protocol",
                                         .max = 31,
                                         .list_word = "timeout "}),
    option<EventsKind, &Params::events>({.name = "ctevents",
                                         .value = "event[,event...]",
                                         .help = "what is told of the connection",
                                         .names = kEvents,
                                         .list_word = "ctevents "}),
    option<EventsKind, &Params::expectation_events>({.name = "expevents",
                                                     .value = "event[,event...]",
                                                     .help = "what is told of connections that it awaits",
                                                     .names = kExpectationEvents,
                                                     .list_word = "expevents "}),
    zone_option<1>(
        {.name = "zone-orig", .help = "a zone of the original direction alone", .list_word = "zone-orig "}),
    zone_option<2>(
        {.name = "zone-reply", .help = "a zone of the reply direction alone", .list_word = "zone-reply "}),
    zone_option<0>(
        {.name = "zone", .help = "a zone by its number, or by the packet's mark", .list_word = "zone "}),
};

conntrack::Template template_of(const Params& p) {
  conntrack::Template as;
  as.zone.id = p.zone.id;
  if (p.zone.directions != 0) as.zone.directions = p.zone.directions;
  as.zone_of_mark = p.zone.mark;
  as.helper = p.helper_id;
  as.some_told = p.events.set || p.expectation_events.set;
  as.events_told = static_cast<std::uint16_t>(p.events.value);
  as.expectations_told = static_cast<std::uint8_t>(p.expectation_events.value);
  return as;
}

template <Family family>
Result<void> check(Params& p, const Rule& rule) {
  const auto* const helper =
      !p.helper.set || rule.header.protocol_inverted
          ? nullptr
          : conntrack::find_helper(p.helper.value, static_cast<std::uint8_t>(rule.header.protocol), family);
  p.helper_id = helper == nullptr ? std::uint8_t{0} : static_cast<std::uint8_t>(helper->id);
  p.as = template_of(p);
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

Result<std::shared_ptr<const void>> settle(const void* params, const Rule& rule, Family family,
                                           const conntrack::Settings& settings) {
  auto p = std::make_shared<Params>(*static_cast<const Params*>(params));
  if (!p->timeout.set || p->notrack.set) return p;
  const std::uint16_t protocol = rule.header.protocol_inverted ? std::uint16_t{0} : rule.header.protocol;
  const auto wrong = conntrack::why_no_policy(settings.policies, p->timeout.value, family, protocol);
  if (!wrong.empty()) return fail(std::string(wrong));
  p->as.timeout_policy = conntrack::policy_number(settings.policies, p->timeout.value);
  return p;
}

Action act(const Params& p, Context& c) {
  if (p.notrack.set)
    untrack(c);
  else
    track_as(c, p.as);
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
       .validate = validate,
       .settle = settle});
}

}  // namespace

extern const TargetDescriptor kTargetCt, kTargetCt6;
const TargetDescriptor kTargetCt = descriptor<Family::ipv4>(), kTargetCt6 = descriptor<Family::ipv6>();

}  // namespace utables::rules
