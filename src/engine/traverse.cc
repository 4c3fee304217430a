// What an observer is told of one rule: what failed first and what the packet has there.
#include "engine/traverse.h"

#include "rules/names/protocols.h"

namespace utables::engine {

namespace {

std::string interface_name(const rules::Context& context, InterfaceId id) {
  return id == kNoInterface ? std::string("none") : context.host.at(id).name;
}

std::string observed_header(RuleStep::HeaderPart part, const rules::Context& context) {
  using Part = RuleStep::HeaderPart;
  const packet::Facts& facts = context.facts();
  switch (part) {
    case Part::source:
      return to_string(facts.source, facts.family);
    case Part::destination:
      return to_string(facts.destination, facts.family);
    case Part::in:
      return interface_name(context, context.in);
    case Part::out:
      return interface_name(context, context.out);
    case Part::protocol:
      return rules::protocol_name(facts.protocol);
    case Part::fragment:
      return facts.is_later_fragment() ? "a later fragment" : "not a later fragment";
    case Part::none:
      break;
  }
  return {};
}

std::string verdict_text(const CompiledRule& rule, const rules::Rule* model) {
  using Kind = CompiledRule::Kind;
  switch (rule.kind) {
    case Kind::next:
      return "continue";
    case Kind::accept:
    case Kind::policy_accept:
      return "ACCEPT";
    case Kind::drop:
    case Kind::policy_drop:
      return "DROP";
    case Kind::return_:
    case Kind::chain_end:
      return "RETURN";
    case Kind::jump:
      return "jump " + model->target.chain;
    case Kind::goto_:
      return "goto " + model->target.chain;
    case Kind::extension:
      return std::string(model->target.extension->name);
  }
  return {};
}

}  // namespace

void tell_step(const Watched& watch, const Compiled& rules, std::uint32_t place, RuleStep step,
               const rules::Context& context, const rules::Answer* answer) {
  const rules::Rule* model = rules.rule(place);
  step.table = watch.table;
  step.chain = rules.chain_name(place);
  step.number = rules.name_of(place).number;
  step.rule = model;
  std::string observed, verdict;
  if (step.matched)
    verdict = verdict_text(rules.at(place), model);
  else if (step.failed_match < 0)
    observed = observed_header(step.header_part, context);
  else {
    const rules::MatchUse& use = model->matches[static_cast<std::size_t>(step.failed_match)];
    const CompiledMatch& match = rules.at(place).matches[step.failed_match];
    step.failed_option = answer->option;
    if (use.match->observed != nullptr)
      observed = use.match->observed(match.params, match.state, context, answer->option);
  }
  step.observed = observed;
  step.verdict = verdict;
  watch.observer.rule(step);
}

}  // namespace utables::engine
