// statistic: every nth packet, or packets at random. The count is of the rule, and begins anew with its
// table.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>

#include "base/scan.h"
#include "rules/bind.h"
#include "rules/option/choice.h"
#include "rules/option/number.h"

namespace utables::rules {
namespace {

constexpr std::uint32_t kOne = 0x80000000;  // probability 1
constexpr std::uint32_t kRandom = 0, kNth = 1;
constexpr Named kModes[] = {{"random", kRandom}, {"nth", kNth}};

struct ModeKind : ChoiceKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    for (const Named& mode : row.names)
      if (mode.name == input.values[0]) return mode.value;
    return fail(fmt::format("Bad mode \"{}\"", input.values[0]));
  }
};

/// 0 to 1 in steps of 2^-31.
struct ProbabilityKind {
  using Value = std::uint32_t;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    const std::string& text = input.values[0];
    char* end = nullptr;
    const double value = text.size() < 64 ? std::strtod(text.c_str(), &end) : -1;
    if (text.empty() || end == nullptr || *end != '\0' || !(value >= 0 && value <= 1))
      return fail(fmt::format("{}: bad value for option \"--{}\", or out of range (0-1).", input.extension,
                              row.name));
    return static_cast<std::uint32_t>(std::lround(value * kOne));
  }
  static std::string text(const OptionRow&, const Value& value, Family) {
    return fmt::format("{:.11f}", 1.0 * value / kOne);
  }
};

struct Params {
  Given<std::uint32_t> mode, probability, every, packet;
  friend bool operator==(const Params&, const Params&) = default;
};

enum Row : unsigned { kMode, kProbability, kEvery, kPacket };
constexpr std::array kOptions{
    option<ModeKind, &Params::mode>({.name = "mode",
                                     .value = "random|nth",
                                     .help = "how packets are chosen",
                                     .mandatory = true,
                                     .names = kModes,
                                     .list_word = "statistic mode "}),
    option<ProbabilityKind, &Params::probability>({.name = "probability",
                                                   .value = "p",
                                                   .help = "random: 0 to 1",
                                                   .invertible = true,
                                                   .excludes = 1U << kEvery | 1U << kPacket,
                                                   .list_word = "probability "}),
    option<NumberKind, &Params::every>({.name = "every",
                                        .value = "n",
                                        .help = "nth: one packet of n",
                                        .invertible = true,
                                        .min = 1,
                                        .max = 0xffffffff,
                                        .excludes = 1U << kProbability,
                                        .needs = 1U << kPacket,
                                        .list_word = "every "}),
    option<NumberKind, &Params::packet>({.name = "packet",
                                         .value = "p",
                                         .help = "nth: which of the n, from 0",
                                         .max = 0xffffffff,
                                         .excludes = 1U << kProbability,
                                         .needs = 1U << kEvery,
                                         .list_word = "packet "}),
};

Result<void> check(Params& p, const Rule&) {
  if (p.mode.value == kRandom && !p.probability.set)
    return fail("--probability must be specified when using random mode");
  if (p.mode.value == kNth && !p.every.set && !p.packet.set)
    return fail("--every and --packet must be specified when using nth mode");
  if (p.every.set && p.packet.set && p.packet.value >= p.every.value)
    return fail("the --packet p must be 0 <= p <= n-1");
  return {};
}

struct State : RuleState {
  // The count runs from 0 to every - 1, and 0 matches; it starts so that packet number `packet` is the first.
  explicit State(const Params& p) : last(p.every.value - 1), count(last - p.packet.value) {}
  [[nodiscard]] std::string save() const override { return fmt::format("count={}", count); }
  [[nodiscard]] Result<void> load(std::string_view text) override {
    const auto number = text.starts_with("count=") ? scan_unsigned(text.substr(6), 10, last) : std::nullopt;
    if (!number) return fail(fmt::format("`{}' is not the state of a statistic: count=N", text));
    count = static_cast<std::uint32_t>(*number);
    return {};
  }
  std::uint32_t last, count;
};

Answer matches(const Params& p, State& state, const Context& c) {
  if (p.mode.value == kRandom) {
    const bool hit = (c.random.next32() & (kOne - 1)) < p.probability.value;
    return hit != p.probability.inverted ? Answer::yes() : Answer::no(kProbability);
  }
  state.count = state.count == state.last ? 0 : state.count + 1;
  return (state.count == 0) != p.every.inverted ? Answer::yes() : Answer::no(kEvery);
}

std::string observed(const Params& p, const Context&, unsigned) {
  return p.mode.value == kRandom ? "the draw went against it" : "it is not its turn";
}

}  // namespace

extern const MatchDescriptor kMatchStatistic;
const MatchDescriptor kMatchStatistic =
    match<Params, matches, observed>({.name = "statistic",
                                      .summary = "every nth packet, or some at random",
                                      .looks_at = LooksAt::memory,
                                      .options = kOptions,
                                      .check = checked<Params, check>,
                                      .make_state = state_of<Params, State>});

}  // namespace utables::rules
