// limit: a bucket of credits for all packets together; a packet that finds enough matches and takes its
// share. Credits come 128 a jiffy (HZ 250) and are counted in 32 bits, as is the product of rate and burst:
// what does not fit is refused. Any change to the table fills the bucket again.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/jiffies.h"
#include "base/scan.h"
#include "rules/bind.h"
#include "rules/option/number.h"

namespace utables::rules {
namespace {

constexpr std::uint32_t kScale = 10'000;  // a rate is kept as 1/10,000 seconds a packet
constexpr std::uint32_t kHz = kTicksPerSecond, kCreditsPerJiffy = 128;

struct Unit {
  std::string_view name, saved;
  std::uint32_t seconds;
};
constexpr Unit kUnits[] = {
    {"day", "day", 86400}, {"hour", "hour", 3600}, {"minute", "min", 60}, {"second", "sec", 1}};

/// The time for one packet, in 1/10,000 s.
struct RateKind {
  using Value = std::uint32_t;
  static Result<Value> parse(const OptionRow&, const OptionInput& input);
  static std::string text(const OptionRow&, const Value& value, Family);
};

struct Params {
  Given<std::uint32_t> rate{kScale * 3600 / 3, true, false};
  Given<std::uint32_t> burst{5, false, false};
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<RateKind, &Params::rate>({.name = "limit",
                                     .value = "n[/second|minute|hour|day]",
                                     .help = "average rate; 3/hour if not given",
                                     .list_word = "limit: avg "}),
    option<NumberKind, &Params::burst>({.name = "limit-burst",
                                        .value = "number",
                                        .help = "packets at once; 5 if not given",
                                        .max = 10000,
                                        .list_word = "burst "}),
};

Result<std::uint32_t> RateKind::parse(const OptionRow&, const OptionInput& input) {
  const std::string_view text = input.values[0];
  const auto bad = [&] { return fail(fmt::format("bad rate \"{}\"'", text)); };
  const std::size_t slash = text.find('/');
  std::uint32_t seconds = 1;
  if (slash != std::string_view::npos) {
    const std::string_view word = text.substr(slash + 1);
    seconds = 0;
    for (const Unit& unit : kUnits)
      if (!word.empty() && begins(unit.name, word)) seconds = unit.seconds;
    if (seconds == 0) return bad();
  }
  std::string_view digits = text.substr(0, text.find_first_not_of("0123456789"));
  if (text.starts_with('-')) return fail(fmt::format("Rate too fast \"{}\"", text));
  const auto rate = scan_unsigned(digits, 10, 0xffffffff);
  if (!rate || *rate == 0) return bad();
  if (*rate / seconds > kScale) return fail(fmt::format("Rate too fast \"{}\"", text));
  return static_cast<std::uint32_t>(std::uint64_t{kScale} * seconds / *rate);
}

// The largest unit in which the rate is a round number, or nearly.
std::string RateKind::text(const OptionRow&, const Value& value, Family) {
  const Unit* best = &kUnits[0];
  for (const Unit& unit : kUnits) {
    const std::uint32_t period = unit.seconds * kScale;
    if (&unit != best && (value > period || period / value < period % value)) break;
    best = &unit;
  }
  return fmt::format("{}/{}", best->seconds * kScale / value, best->saved);
}

std::uint32_t credits(std::uint32_t time) {
  constexpr std::uint32_t kPerSecond = kHz * kCreditsPerJiffy;
  if (time > 0xffffffffU / kPerSecond) return time / kScale * kPerSecond;
  return time * kPerSecond / kScale;
}

struct State : RuleState {
  State(const Params& p)
      : credit(credits(p.rate.value * p.burst.value)), cap(credit), cost(credits(p.rate.value)) {}
  [[nodiscard]] std::string save() const override { return fmt::format("credit={} jiffy={}", credit, jiffy); }
  [[nodiscard]] Result<void> load(std::string_view text) override {
    const auto parts = words(text);
    if (parts.size() == 2 && parts[0].starts_with("credit=") && parts[1].starts_with("jiffy=")) {
      const auto c = scan_unsigned(parts[0].substr(7), 10, cap);
      const auto j = scan_unsigned(parts[1].substr(6), 10, ~std::uint64_t{0});
      if (c && j) {
        credit = static_cast<std::uint32_t>(*c);
        jiffy = *j;
        return {};
      }
    }
    return fail(fmt::format("`{}' is not the state of a limit: credit=N jiffy=N", text));
  }

  std::uint32_t credit, cap, cost;
  std::uint64_t jiffy = 0;  // of the last packet; 0: none yet
};

Result<void> check(Params& p, const Rule&) {
  if (p.burst.value == 5) p.burst.set = false;  // as if it were not given
  return {};
}

Result<void> validate(const void* params, const Rule&, std::uint8_t) {
  const auto& p = *static_cast<const Params*>(params);
  if (p.burst.value != 0 && credits(p.rate.value * p.burst.value) >= credits(p.rate.value)) return {};
  return fail("Numerical result out of range: limit: the burst is 0, or too large for the rate");
}

Answer matches(const Params&, State& state, const Context& c) {
  const auto now = static_cast<std::uint64_t>(c.now / kTick);
  if (state.jiffy != 0) {
    const std::uint64_t gained =
        std::min<std::uint64_t>(now - state.jiffy, 0xffffffffU / kCreditsPerJiffy) * kCreditsPerJiffy;
    state.credit = static_cast<std::uint32_t>(std::min<std::uint64_t>(state.credit + gained, state.cap));
  }
  state.jiffy = now;
  if (state.credit < state.cost) return Answer::no();
  state.credit -= state.cost;
  return Answer::yes();
}

std::string observed(const Params&, const Context&, unsigned) { return "the limit is used up"; }

}  // namespace

extern const MatchDescriptor kMatchLimit;
const MatchDescriptor kMatchLimit =
    match<Params, matches, observed>({.name = "limit",
                                      .summary = "a rate for all packets together",
                                      .looks_at = LooksAt::memory,
                                      .options = kOptions,
                                      .check = checked<Params, check>,
                                      .validate = validate,
                                      .make_state = state_of<Params, State>});

}  // namespace utables::rules
