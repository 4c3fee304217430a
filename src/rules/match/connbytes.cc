// connbytes: bytes, packets or the average packet of the packet's connection so far, this packet included.
// Switches accounting on. Without a connection it never matches.
#include <fmt/format.h>

#include <array>

#include "base/scan.h"
#include "rules/bind.h"
#include "rules/option/choice.h"
#include "rules/option/number.h"

namespace utables::rules {
namespace {

constexpr std::uint64_t kMost = ~std::uint64_t{0};

struct CountKind {
  using Value = NumberRange;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    auto range = NumberRangeKind::parse(row, input);
    if (!range) return range;
    if (input.values[0].find(':') == std::string::npos) range->last = kMost;
    if (range->first > range->last)
      return fail(fmt::format("{} should be less than {}", range->first, range->last));
    return range;
  }
  static std::string text(const OptionRow&, const Value& value, Family) {
    return value.last == kMost ? std::to_string(value.first) : fmt::format("{}:{}", value.first, value.last);
  }
  // Inverted is kept as ends exchanged, which for one number is no difference.
  static void settle(Given<Value>& given) {
    given.inverted = given.inverted && given.value.first != given.value.last;
  }
};

struct WordKind : ChoiceKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    for (const Named& word : row.names)
      if (word.name == input.values[0]) return word.value;
    return fail(fmt::format("Unknown --{} `{}'", row.name, input.values[0]));
  }
};

enum Direction : std::uint32_t { kOriginal, kReply, kBoth };
enum Mode : std::uint32_t { kPackets, kBytes, kAverage };
constexpr Named kDirections[] = {{"original", kOriginal}, {"reply", kReply}, {"both", kBoth}};
constexpr Named kModes[] = {{"packets", kPackets}, {"bytes", kBytes}, {"avgpkt", kAverage}};

struct Params {
  Given<NumberRange> count;
  Given<std::uint32_t> mode, direction;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<CountKind, &Params::count>({.name = "connbytes",
                                       .value = "from[:to]",
                                       .help = "the figure lies in it",
                                       .mandatory = true,
                                       .invertible = true,
                                       .max = kMost,
                                       .list_word = "connbytes "}),
    option<WordKind, &Params::mode>({.name = "connbytes-mode",
                                     .value = "packets|bytes|avgpkt",
                                     .help = "which figure",
                                     .mandatory = true,
                                     .names = kModes,
                                     .list_word = "connbytes mode "}),
    option<WordKind, &Params::direction>({.name = "connbytes-dir",
                                          .value = "original|reply|both",
                                          .help = "which direction's",
                                          .mandatory = true,
                                          .names = kDirections,
                                          .list_word = "connbytes direction "}),
};

std::uint64_t figure(const Params& p, const conntrack::Connection& connection) {
  std::uint64_t packets = 0, bytes = 0;
  for (const std::uint32_t direction : {kOriginal, kReply}) {
    if (p.direction.value != kBoth && p.direction.value != direction) continue;
    packets += connection.counters[direction].packets;
    bytes += connection.counters[direction].bytes;
  }
  if (p.mode.value == kPackets) return packets;
  if (p.mode.value == kBytes) return bytes;
  return packets == 0 ? 0 : bytes / packets;
}

Answer matches(const Params& p, const Context& c) {
  if (c.connection() == nullptr) return Answer::no();
  return p.count.value.holds(figure(p, *c.connection())) != p.count.inverted ? Answer::yes() : Answer::no();
}

std::string observed(const Params& p, const Context& c, unsigned) {
  if (c.connection() == nullptr) return "it has no connection";
  return fmt::format("{} ({}) is {}", name_of(kModes, p.mode.value), name_of(kDirections, p.direction.value),
                     figure(p, *c.connection()));
}

}  // namespace

extern const MatchDescriptor kMatchConnbytes;
const MatchDescriptor kMatchConnbytes =
    match<Params, matches, observed>({.name = "connbytes",
                                      .summary = "what the connection has carried",
                                      .options = kOptions,
                                      .needs_tracking = [](const void*) { return true; },
                                      .needs_accounting = true});

}  // namespace utables::rules
