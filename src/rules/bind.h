// Makes descriptors of typed functions, so that an extension's file names its own types and nothing else.
//
//   const MatchDescriptor kMatchTcp = match<Params, matches, observed>({.name = "tcp", ..., .options =
//   kOptions});
//
// `matches` is `Answer(const Params&, const Context&)`, or `Answer(const Params&, State&, const Context&)` of
// an extension that keeps a State (derived from RuleState); `observed` is `std::string(const Params&, const
// Context&, unsigned option)`; `act` is `Action(const Params&, [State&,] Context&)`. `checked<Params, check>`
// and `state_of<Params, make>` erase the others' types.
#pragma once
#include <memory>

#include "rules/extension.h"
#include "rules/option/option.h"

namespace utables::rules {

namespace detail {
template <class Function>
struct StateIn;  // the State that a function takes second; void if none
template <class R, class P, class C>
struct StateIn<R (*)(P, C)> {
  using Type = void;
};
template <class R, class P, class S, class C>
struct StateIn<R (*)(P, S&, C)> {
  using Type = S;
};

template <class P, auto Function, class Result, class C>
Result call(const void* params, RuleState* state, C& context) {
  using State = typename StateIn<decltype(Function)>::Type;
  if constexpr (std::is_void_v<State>) {
    return Function(*static_cast<const P*>(params), context);
  } else {
    return Function(*static_cast<const P*>(params), static_cast<State&>(*state), context);
  }
}

template <class P>
ExtensionDescriptor typed(ExtensionDescriptor d) {
  d.make_params = []() -> std::shared_ptr<void> { return std::make_shared<P>(); };
  d.equal = [](const void* a, const void* b) {
    return *static_cast<const P*>(a) == *static_cast<const P*>(b);
  };
  return d;
}
}  // namespace detail

/// Params of an extension without options.
struct NoParams {
  friend bool operator==(const NoParams&, const NoParams&) = default;
};

template <class P, Result<void> (*Check)(P&, const Rule&)>
constexpr Result<void> (*checked)(void*, const Rule&) =
    [](void* params, const Rule& rule) { return Check(*static_cast<P*>(params), rule); };

/// Makes the State of a rule, which is constructed of its Params.
template <class P, class State>
constexpr std::unique_ptr<RuleState> (*state_of)(const void*, Random&) = [](const void* params, Random&) {
  return std::unique_ptr<RuleState>(std::make_unique<State>(*static_cast<const P*>(params)));
};

template <class P, auto Matches, std::string (*Observed)(const P&, const Context&, unsigned)>
MatchDescriptor match(ExtensionDescriptor description) {
  MatchDescriptor d{};
  static_cast<ExtensionDescriptor&>(d) = detail::typed<P>(description);
  d.matches = [](const void* params, RuleState* state, const Context& context) {
    return detail::call<P, Matches, Answer, const Context>(params, state, context);
  };
  d.observed = [](const void* params, const RuleState*, const Context& context, unsigned option) {
    return Observed(*static_cast<const P*>(params), context, option);
  };
  return d;
}

template <class P, auto Act>
TargetDescriptor target(ExtensionDescriptor description) {
  TargetDescriptor d{};
  static_cast<ExtensionDescriptor&>(d) = detail::typed<P>(description);
  d.act = [](const void* params, RuleState* state, Context& context) {
    return detail::call<P, Act, Action, Context>(params, state, context);
  };
  return d;
}

}  // namespace utables::rules
