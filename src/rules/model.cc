#include "rules/model.h"

#include <algorithm>

#include "rules/extension.h"

namespace utables::rules {
namespace {

bool same_params(const ExtensionDescriptor* extension, const ParamsPtr& a, const ParamsPtr& b) {
  if (a == b) return true;
  return a && b && extension && extension->equal(a.get(), b.get());
}

}  // namespace

bool operator==(const MatchUse& a, const MatchUse& b) {
  return a.match == b.match && same_params(a.match, a.params, b.params);
}

bool operator==(const TargetUse& a, const TargetUse& b) {
  return a.kind == b.kind && a.chain == b.chain && a.extension == b.extension &&
         same_params(a.extension, a.params, b.params);
}

const Chain* Table::find(std::string_view name) const {
  const auto it = std::find_if(chains.begin(), chains.end(), [&](const Chain& c) { return c.name == name; });
  return it == chains.end() ? nullptr : &*it;
}

Chain* Table::find(std::string_view name) { return const_cast<Chain*>(std::as_const(*this).find(name)); }

const Table* Ruleset::find(TableId id) const {
  const auto it = std::find_if(tables.begin(), tables.end(), [&](const Table& t) { return t.id == id; });
  return it == tables.end() ? nullptr : &*it;
}

Table* Ruleset::find(TableId id) { return const_cast<Table*>(std::as_const(*this).find(id)); }

Table empty_table(TableId id) {
  Table table{id, {}};
  for (std::size_t i = 0; i < kHookNames.size(); ++i) {
    const auto hook = static_cast<Hook>(i);
    if ((kTables[static_cast<std::size_t>(id)].hooks & bit(hook)) == 0) continue;
    Chain chain;
    chain.name = kHookNames[i];
    chain.hook = hook;
    table.chains.push_back(std::move(chain));
  }
  return table;
}

}  // namespace utables::rules
