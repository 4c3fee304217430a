// state: what connection tracking makes of the packet (R03). A subset of conntrack's --ctstate.
#include <fmt/format.h>

#include <array>

#include "rules/bind.h"
#include "rules/option/connection_state.h"

namespace utables::rules {
namespace {

struct Params {
  Given<std::uint32_t> state;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<StateKind, &Params::state>({.name = "state",
                                       .value = "state[,...]",
                                       .help = "INVALID, ESTABLISHED, NEW, RELATED or UNTRACKED",
                                       .mandatory = true,
                                       .invertible = true,
                                       .names = std::span(kCtStates).first<5>(),
                                       .list_word = "state "}),
};

Answer matches(const Params& p, const Context& c) {
  return ((p.state.value & state_bit(c.tracked->info)) != 0) != p.state.inverted ? Answer::yes()
                                                                                 : Answer::no();
}

std::string observed(const Params&, const Context& c, unsigned) {
  return fmt::format("state is {}", name_of(kCtStates, state_bit(c.tracked->info)));
}

}  // namespace

extern const MatchDescriptor kMatchState;
const MatchDescriptor kMatchState =
    match<Params, matches, observed>({.name = "state",
                                      .summary = "the state of the packet's connection",
                                      .looks_at = LooksAt::flow,
                                      .options = kOptions,
                                      .needs_tracking = [](const void*) { return true; }});

}  // namespace utables::rules
