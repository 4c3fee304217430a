#include "rules/syntax/apply.h"

#include <algorithm>

namespace utables::rules {
namespace {

using Verb = Command::Verb;

tl::unexpected<Error> refused(std::string text) {
  Error error{std::move(text)};
  error.exit_code = 1;
  return tl::unexpected(std::move(error));
}

Result<void> insert(Chain& chain, Command& command) {
  if (command.number == 0 || command.number > chain.rules.size() + 1)
    return refused("Index of insertion too big.");
  // One by one at the same place: several addresses come out in reverse, as iptables has it.
  for (Rule& rule : command.rules)
    chain.rules.insert(chain.rules.begin() + (command.number - 1), std::move(rule));
  return {};
}

Result<void> remove(Chain& chain, const Command& command) {
  if (command.number != 0) {
    if (command.number > chain.rules.size()) return refused("Index of deletion too big.");
    chain.rules.erase(chain.rules.begin() + (command.number - 1));
    return {};
  }
  std::vector<Rule> rest = chain.rules;
  for (const Rule& rule : command.rules) {
    const auto found = std::find(rest.begin(), rest.end(), rule);
    if (found == rest.end()) return refused("Bad rule (does a matching rule exist in that chain?).");
    rest.erase(found);
  }
  chain.rules = std::move(rest);
  return {};
}

Result<void> replace(Chain& chain, Command& command) {
  if (command.number > chain.rules.size()) return refused("Index of replacement too big.");
  if (command.rules.size() != 1) return fail("Replacement rule does not specify a unique address");
  chain.rules[command.number - 1] = std::move(command.rules[0]);
  return {};
}

Result<void> check(const Chain& chain, const Command& command) {
  for (const Rule& rule : command.rules)
    if (std::find(chain.rules.begin(), chain.rules.end(), rule) == chain.rules.end())
      return refused("Bad rule (does a matching rule exist in that chain?).");
  return {};
}

Result<void> apply_to_rules(Chain& chain, Command& command) {
  switch (command.verb) {
    case Verb::append:
      for (Rule& rule : command.rules) chain.rules.push_back(std::move(rule));
      return {};
    case Verb::insert:
      return insert(chain, command);
    case Verb::remove:
      return remove(chain, command);
    case Verb::replace:
      return replace(chain, command);
    default:
      return check(chain, command);
  }
}

bool referenced(const Table& table, std::string_view name) {
  for (const Chain& chain : table.chains)
    for (const Rule& rule : chain.rules)
      if (rule.target.chain == name) return true;
  return false;
}

Result<void> new_chain(Table& table, const std::string& name, Family family) {
  if (auto good = check_chain_name(name, family); !good) return good;
  if (table.find(name) != nullptr) return refused("Chain already exists.");
  Chain chain;
  chain.name = name;
  table.chains.push_back(std::move(chain));
  return {};
}

Result<void> delete_chains(Table& table, const std::string& name) {
  const auto why_not = [&](const Chain& chain) -> std::string {
    if (chain.hook) return "Invalid argument. Run `dmesg' for more information.";
    if (referenced(table, chain.name)) return "Too many links.";
    return chain.rules.empty() ? "" : "Directory not empty.";
  };
  for (const Chain& chain : table.chains) {
    if (name.empty() ? chain.hook.has_value() : chain.name != name) continue;
    if (std::string text = why_not(chain); !text.empty()) return refused(std::move(text));
  }
  std::erase_if(table.chains,
                [&](const Chain& chain) { return !chain.hook && (name.empty() || chain.name == name); });
  return {};
}

Result<void> rename_chain(Table& table, const std::string& from, const std::string& to, Family family) {
  if (auto good = check_chain_name(to, family); !good) return good;
  Chain* chain = table.find(from);
  if (table.find(to) != nullptr || chain == nullptr || chain->hook) return refused("File exists.");
  chain->name = to;
  for (Chain& other : table.chains)
    for (Rule& rule : other.rules)
      if (rule.target.chain == from) rule.target.chain = to;
  return {};
}

Result<void> set_policy(Chain& chain, const std::string& policy) {
  if (!chain.hook) return refused("Bad built-in chain name.");
  if (policy != "ACCEPT" && policy != "DROP")
    return refused(policy == "DENY" ? "Bad policy name. (ipchains' DENY is DROP here)" : "Bad policy name.");
  chain.policy = policy == "DROP" ? Policy::drop : Policy::accept;
  return {};
}

void for_chains(Table& table, const std::string& name, void (*act)(Chain&)) {
  for (Chain& chain : table.chains)
    if (name.empty() || chain.name == name) act(chain);
}

}  // namespace

Result<void> apply(Table& table, Command command, Family family) {
  if (command.verb == Verb::new_chain) return new_chain(table, command.chain, family);
  Chain* chain = table.find(command.chain);
  const bool all = command.chain.empty();
  if (chain == nullptr && !all && command.verb != Verb::rename_chain)
    return refused("No chain/target/match by that name.");
  switch (command.verb) {
    case Verb::append:
    case Verb::insert:
    case Verb::remove:
    case Verb::replace:
    case Verb::check:
      if (chain == nullptr) return refused("No chain/target/match by that name.");
      return apply_to_rules(*chain, command);
    case Verb::flush:
      for_chains(table, command.chain, [](Chain& c) { c.rules.clear(); });
      return {};
    case Verb::zero:
      for_chains(table, command.chain, [](Chain& c) {
        c.counters = {};
        for (Rule& rule : c.rules) rule.counters = {};
      });
      return {};
    case Verb::delete_chain:
      return delete_chains(table, command.chain);
    case Verb::rename_chain:
      return rename_chain(table, command.chain, command.argument, family);
    case Verb::policy:
      if (chain == nullptr) return refused("No chain/target/match by that name.");
      return set_policy(*chain, command.argument);
    default:
      return {};
  }
}

}  // namespace utables::rules
