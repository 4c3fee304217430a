#include "rules/validate.h"

#include <fmt/format.h>

#include <map>

#include "rules/extension.h"
#include "rules/names/protocols.h"

namespace utables::rules {
namespace {

tl::unexpected<Error> invalid(const Rule& rule, const std::string& text) {
  const bool complete = text.starts_with("Numerical result") || text.starts_with("No chain/target/match") ||
                        text.starts_with("Couldn't load") || text.starts_with("label '");
  Error error{complete ? text : "Invalid argument: " + text};
  error.line = rule.line;
  error.exit_code = 1;
  return tl::unexpected(std::move(error));
}

// Walks from every built-in chain; what no hook reaches is not looked at, as in the kernel.
class Walk {
 public:
  explicit Walk(const Table& table) : table_(table) {
    for (std::size_t i = 0; i < table.chains.size(); ++i) index_.emplace(table.chains[i].name, i);
    reached_.assign(table.chains.size(), 0);
  }

  Result<void> run() {
    for (std::size_t i = 0; i < table_.chains.size(); ++i) {
      if (!table_.chains[i].hook) continue;
      if (auto done = from(i, bit(*table_.chains[i].hook)); !done) return done;
    }
    return {};
  }
  [[nodiscard]] std::uint8_t reached(std::size_t chain) const { return reached_[chain]; }

 private:
  struct Place {
    std::size_t chain, rule;
  };

  Result<void> from(std::size_t start, std::uint8_t hook) {
    std::vector<Place> stack{{start, 0}};
    std::vector<bool> on_stack(table_.chains.size(), false);
    on_stack[start] = true;
    reached_[start] |= hook;
    while (!stack.empty()) {
      Place& place = stack.back();
      const Chain& chain = table_.chains[place.chain];
      if (place.rule == chain.rules.size()) {
        on_stack[place.chain] = false;
        stack.pop_back();
        continue;
      }
      const Rule& rule = chain.rules[place.rule++];
      if (rule.target.kind != TargetUse::Kind::jump && rule.target.kind != TargetUse::Kind::goto_) continue;
      const auto to = index_.find(rule.target.chain);
      if (to == index_.end()) return invalid(rule, fmt::format("there is no chain `{}'", rule.target.chain));
      if (table_.chains[to->second].hook)
        return invalid(rule,
                       fmt::format("`{}' is a built-in chain, to which no rule may jump", rule.target.chain));
      if (on_stack[to->second])
        return invalid(rule,
                       fmt::format("the jump from `{}' to `{}' makes a loop", chain.name, rule.target.chain));
      if ((reached_[to->second] & hook) != 0) continue;
      reached_[to->second] |= hook;
      on_stack[to->second] = true;
      stack.push_back({to->second, 0});
    }
    return {};
  }

  const Table& table_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::vector<std::uint8_t> reached_;
};

std::string hook_names(std::uint8_t hooks) {
  std::string out;
  for (std::size_t i = 0; i < kHookNames.size(); ++i) {
    if ((hooks & bit(static_cast<Hook>(i))) == 0) continue;
    if (!out.empty()) out += ", ";
    out += kHookNames[i];
  }
  return out;
}

Result<void> check_use(const ExtensionDescriptor& extension, const void* params, const Rule& rule,
                       TableId table, std::uint8_t hooks) {
  if ((extension.tables & bit(table)) == 0) {
    std::string tables;
    for (std::size_t i = 0; i < kTableNames.size(); ++i) {
      if ((extension.tables & bit(static_cast<TableId>(i))) == 0) continue;
      tables += fmt::format("{}{}", tables.empty() ? "" : ", ", kTableNames[i]);
    }
    return invalid(rule, fmt::format("{} is only for the table {}, not {}", extension.name, tables,
                                     kTableNames[static_cast<std::size_t>(table)]));
  }
  if ((hooks & ~extension.hooks) != 0)
    return invalid(rule, fmt::format("{} is only for {}, and is reached from {}", extension.name,
                                     hook_names(extension.hooks),
                                     hook_names(hooks & static_cast<std::uint8_t>(~extension.hooks))));
  if (extension.protocol != 0 &&
      (rule.header.protocol != extension.protocol || rule.header.protocol_inverted))
    return invalid(rule, fmt::format("{} needs -p {}", extension.name, protocol_name(extension.protocol)));
  if (extension.validate == nullptr) return {};
  if (auto good = extension.validate(params, rule, hooks); !good) return invalid(rule, good.error().text);
  return {};
}

}  // namespace

Result<void> validate(const Table& table) {
  Walk walk(table);
  if (auto done = walk.run(); !done) return done;
  for (std::size_t i = 0; i < table.chains.size(); ++i) {
    for (const Rule& rule : table.chains[i].rules) {
      if ((rule.target.kind == TargetUse::Kind::jump || rule.target.kind == TargetUse::Kind::goto_)) {
        const Chain* to = table.find(rule.target.chain);
        if (to == nullptr || to->hook)
          return invalid(rule,
                         fmt::format("`{}' is not a chain to which a rule may jump", rule.target.chain));
      }
      for (const MatchUse& use : rule.matches)
        if (auto good = check_use(*use.match, use.params.get(), rule, table.id, walk.reached(i)); !good)
          return good;
      if (rule.target.kind != TargetUse::Kind::extension) continue;
      if (auto good =
              check_use(*rule.target.extension, rule.target.params.get(), rule, table.id, walk.reached(i));
          !good)
        return good;
    }
  }
  return {};
}

Result<void> settle(Ruleset& ruleset, const conntrack::Settings& settings) {
  const auto one = [&](const ExtensionDescriptor& extension, ParamsPtr& params,
                       const Rule& rule) -> Result<void> {
    if (extension.settle == nullptr) return {};
    auto settled = extension.settle(params.get(), rule, ruleset.family, settings);
    if (!settled) return invalid(rule, settled.error().text);
    params = std::move(*settled);
    return {};
  };
  for (Table& table : ruleset.tables)
    for (Chain& chain : table.chains)
      for (Rule& rule : chain.rules) {
        for (MatchUse& use : rule.matches)
          if (auto good = one(*use.match, use.params, rule); !good) return good;
        if (rule.target.kind != TargetUse::Kind::extension) continue;
        if (auto good = one(*rule.target.extension, rule.target.params, rule); !good) return good;
      }
  return {};
}

}  // namespace utables::rules
