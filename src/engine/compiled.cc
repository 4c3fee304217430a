#include "engine/compiled.h"

#include <fmt/format.h>

#include <cstring>
#include <map>

namespace utables::engine {

using rules::Chain;
using rules::Hook;
using rules::Rule;
using rules::Table;
using rules::TargetUse;

namespace {

AddressTest address_test(const rules::AddressCondition& condition) {
  AddressTest test;
  std::memcpy(test.value.data(), condition.address.bytes.data(), 16);
  std::memcpy(test.mask.data(), condition.mask.bytes.data(), 16);
  return test;
}

bool any_interface(const rules::InterfaceCondition& c) { return c.name.empty(); }

/// As ifname_compare: the whole name, or its beginning; a packet without an interface has an empty name.
bool name_matches(const rules::InterfaceCondition& condition, std::string_view name) {
  return condition.wildcard ? name.substr(0, condition.name.size()) == condition.name
                            : name == condition.name;
}

CompiledRule::Kind kind_of(TargetUse::Kind kind) {
  switch (kind) {
    case TargetUse::Kind::none:
      return CompiledRule::Kind::next;
    case TargetUse::Kind::accept:
      return CompiledRule::Kind::accept;
    case TargetUse::Kind::drop:
      return CompiledRule::Kind::drop;
    case TargetUse::Kind::queue:
      return CompiledRule::Kind::drop;  // nobody listens on the queue
    case TargetUse::Kind::return_:
      return CompiledRule::Kind::return_;
    case TargetUse::Kind::jump:
      return CompiledRule::Kind::jump;
    case TargetUse::Kind::goto_:
      return CompiledRule::Kind::goto_;
    case TargetUse::Kind::extension:
      return CompiledRule::Kind::extension;
  }
  return CompiledRule::Kind::next;
}

}  // namespace

/// Lays the chains out one after the other, then resolves jumps and looks for circles.
class Compiled::Builder {
 public:
  Builder(Compiled& out, const host::Host& host, Random& random, const std::string& file)
      : out_(out), host_(host), random_(random), file_(file) {}

  Errors build() {
    for (auto& row : out_.entries_) row.fill(kNoPlace);
    for (auto& row : out_.underflows_) row.fill(kNoPlace);
    reserve();
    if (!errors_.empty()) return std::move(errors_);
    for (std::size_t t = 0; t < out_.ruleset_.tables.size(); ++t) add_table(static_cast<std::uint16_t>(t));
    for (const CompiledRule& rule : out_.rules_)
      if (rule.kind == CompiledRule::Kind::jump) ++jumps_;
    if (errors_.empty()) find_circles();
    return std::move(errors_);
  }

 private:
  void reserve() {
    std::size_t rules = 0, matches = 0;
    for (const Table& table : out_.ruleset_.tables)
      for (const Chain& chain : table.chains) {
        rules += chain.rules.size() + 1;
        for (const Rule& rule : chain.rules) matches += rule.matches.size();
      }
    if (rules > kMaxRules)
      error(0, fmt::format("{} rules, more than the {} that one ruleset may have", rules, kMaxRules));
    out_.rules_.reserve(rules);
    out_.names_.reserve(rules);
    out_.matches_.reserve(matches);  // rules point into it
  }

  void error(std::uint32_t line, std::string text) {
    Error e{std::move(text)};
    e.file = file_;
    e.line = line;
    errors_.push_back(std::move(e));
  }

  void add_table(std::uint16_t position) {
    const Table& table = out_.ruleset_.tables[position];
    std::map<std::string_view, std::uint32_t> first;
    auto place = static_cast<std::uint32_t>(out_.rules_.size());
    for (const Chain& chain : table.chains) {
      first[chain.name] = place;
      place += static_cast<std::uint32_t>(chain.rules.size() + 1);
    }
    for (std::size_t c = 0; c < table.chains.size(); ++c) {
      const Chain& chain = table.chains[c];
      if (chain.hook) enter(table.id, *chain.hook, static_cast<std::uint32_t>(chain.rules.size()));
      std::uint32_t number = 0;
      for (const Rule& rule : chain.rules)
        add_rule(rule, {position, static_cast<std::uint32_t>(c), ++number}, first);
      add_end(chain, {position, static_cast<std::uint32_t>(c), 0});
    }
  }

  void enter(rules::TableId table, Hook hook, std::uint32_t rules) {
    const auto h = static_cast<std::size_t>(hook), t = static_cast<std::size_t>(table);
    out_.entries_[h][t] = static_cast<std::uint32_t>(out_.rules_.size());
    out_.underflows_[h][t] = out_.entries_[h][t] + rules;
    out_.any_[h] = true;
  }

  void add_end(const Chain& chain, PlaceName name) {
    CompiledRule end;
    if (!chain.hook)
      end.kind = CompiledRule::Kind::chain_end;
    else
      end.kind = chain.policy == rules::Policy::accept ? CompiledRule::Kind::policy_accept
                                                       : CompiledRule::Kind::policy_drop;
    out_.rules_.push_back(end);
    out_.names_.push_back(name);
  }

  void add_rule(const Rule& rule, PlaceName name, const std::map<std::string_view, std::uint32_t>& first) {
    CompiledRule compiled;
    add_header(rule.header, compiled);
    compiled.matches = out_.matches_.data() + out_.matches_.size();
    compiled.match_count = static_cast<std::uint32_t>(rule.matches.size());
    for (const rules::MatchUse& use : rule.matches)
      out_.matches_.push_back(
          {use.match->matches, use.params.get(), make_state(*use.match, use.params.get())});
    compiled.kind = kind_of(rule.target.kind);
    if (rule.target.kind == TargetUse::Kind::extension) {
      compiled.act = rule.target.extension->act;
      compiled.params = rule.target.params.get();
      compiled.state = make_state(*rule.target.extension, compiled.params);
    }
    if (rule.target.kind == TargetUse::Kind::jump || rule.target.kind == TargetUse::Kind::goto_) {
      const auto chain = first.find(rule.target.chain);
      if (chain == first.end())
        error(rule.line, fmt::format("there is no chain `{}' to jump to", rule.target.chain));
      else
        compiled.jump = chain->second;
    }
    out_.rules_.push_back(compiled);
    out_.names_.push_back(name);
  }

  rules::RuleState* make_state(const rules::ExtensionDescriptor& extension, const void* params) {
    if (extension.needs_tracking != nullptr && extension.needs_tracking(params)) {
      out_.needs_tracking_ = true;
    }
    if (extension.needs_accounting) out_.needs_accounting_ = true;
    if (extension.make_state == nullptr) return nullptr;
    out_.states_.push_back(extension.make_state(params, random_));
    return out_.states_.back().get();
  }

  void add_header(const rules::HeaderConditions& header, CompiledRule& compiled) {
    const auto part = [&](CompiledRule::Part bit, bool there, bool inverted) {
      if (there) compiled.conditions = static_cast<std::uint8_t>(compiled.conditions | bit);
      if (there && inverted) compiled.inverted = static_cast<std::uint8_t>(compiled.inverted | bit);
    };
    part(CompiledRule::kSource, !header.source.mask.is_zero() || header.source.inverted,
         header.source.inverted);
    part(CompiledRule::kDestination, !header.destination.mask.is_zero() || header.destination.inverted,
         header.destination.inverted);
    // Inversion of an interface is part of its set of bits.
    part(CompiledRule::kIn, !any_interface(header.in) || header.in.inverted, false);
    part(CompiledRule::kOut, !any_interface(header.out) || header.out.inverted, false);
    part(CompiledRule::kProtocol, header.protocol != 0, header.protocol_inverted);
    part(CompiledRule::kFragment, header.fragment || header.fragment_inverted, header.fragment_inverted);
    compiled.source = address_test(header.source);
    compiled.destination = address_test(header.destination);
    compiled.protocol = static_cast<std::uint8_t>(header.protocol);
    if ((compiled.conditions & CompiledRule::kIn) != 0) compiled.in = interface_set(header.in);
    if ((compiled.conditions & CompiledRule::kOut) != 0) compiled.out = interface_set(header.out);
  }

  const std::uint64_t* interface_set(const rules::InterfaceCondition& condition) {
    const std::string key =
        condition.name + (condition.wildcard ? "+" : "/") + (condition.inverted ? "!" : "");
    const auto [entry, is_new] = sets_.try_emplace(key, out_.interface_sets_.size());
    if (is_new) {
      std::vector<std::uint64_t> bits((host_.interfaces.size() + 1) / 64 + 1);
      for (std::size_t i = 0; i <= host_.interfaces.size(); ++i) {
        const std::string_view name =
            i == 0 ? std::string_view{} : std::string_view(host_.interfaces[i - 1].name);
        if ((any_interface(condition) || name_matches(condition, name)) != condition.inverted)
          bits[i / 64] |= std::uint64_t{1} << (i % 64);
      }
      out_.interface_sets_.push_back(std::move(bits));
    }
    return out_.interface_sets_[entry->second].data();
  }

  /// Walks everything that a built-in chain reaches, depth first; what no built-in chain reaches may go in
  /// circles, as with ip_tables.
  void find_circles() {
    state_.assign(out_.rules_.size(), 0);
    for (std::size_t h = 0; h < kHookCount; ++h)
      for (std::size_t t = 0; t < kTableCount; ++t)
        if (out_.entries_[h][t] != kNoPlace && !walk(out_.entries_[h][t])) return;
    out_.stack_size_ = static_cast<std::uint32_t>(std::min<std::size_t>(jumps_ + 1, kMaxJumpDepth));
  }

  struct Step {
    std::uint32_t chain, place;
  };
  /// `state_` of a chain's first place: 1 on the way, 2 done.
  bool walk(std::uint32_t entry) {
    std::vector<Step> way{{entry, entry}};
    state_[entry] = 1;
    while (!way.empty()) {
      Step& step = way.back();
      const CompiledRule& rule = out_.rules_[step.place];
      if (ends_chain(rule.kind)) {
        state_[step.chain] = 2;
        way.pop_back();
        continue;
      }
      const std::uint32_t from = step.place++;
      if (rule.jump == kNoPlace || state_[rule.jump] == 2) continue;
      if (state_[rule.jump] == 1) {
        error(out_.rule(from)->line,
              fmt::format("chain `{}' is reached from itself: Too many levels of symbolic links",
                          out_.chain_name(rule.jump)));
        return false;
      }
      state_[rule.jump] = 1;
      way.push_back({rule.jump, rule.jump});
    }
    return true;
  }
  static bool ends_chain(CompiledRule::Kind kind) { return kind >= CompiledRule::Kind::policy_accept; }

  Compiled& out_;
  const host::Host& host_;
  Random& random_;
  const std::string& file_;
  Errors errors_;
  std::map<std::string, std::size_t> sets_;
  std::vector<std::uint8_t> state_;
  std::size_t jumps_ = 0;
};

Result<std::unique_ptr<Compiled>, Errors> Compiled::compile(rules::Ruleset ruleset, const host::Host& host,
                                                            Random& random, const std::string& file) {
  std::unique_ptr<Compiled> compiled(new Compiled());
  compiled->ruleset_ = std::move(ruleset);
  Errors errors = Builder(*compiled, host, random, file).build();
  if (!errors.empty()) return tl::unexpected<Errors>(std::move(errors));
  return compiled;
}

std::string_view Compiled::chain_name(std::uint32_t place) const {
  const PlaceName& name = names_[place];
  return ruleset_.tables[name.table].chains[name.chain].name;
}

DecidedBy Compiled::decided_by(std::uint32_t place) const {
  if (place == kNoPlace) return {};
  const PlaceName& name = names_[place];
  DecidedBy by;
  by.table = rules::kTableNames[static_cast<std::size_t>(ruleset_.tables[name.table].id)];
  by.chain = chain_name(place);
  by.rule = name.number;
  return by;
}

const Rule* Compiled::rule(std::uint32_t place) const {
  const PlaceName& name = names_[place];
  return name.number == 0 ? nullptr : &ruleset_.tables[name.table].chains[name.chain].rules[name.number - 1];
}

bool Compiled::uses(std::string_view extension) const {
  for (const Table& table : ruleset_.tables)
    for (const Chain& chain : table.chains)
      for (const Rule& rule : chain.rules) {
        if (rule.target.kind == TargetUse::Kind::extension && rule.target.extension->name == extension)
          return true;
        for (const rules::MatchUse& use : rule.matches)
          if (use.match->name == extension) return true;
      }
  return false;
}

rules::Counters* Compiled::add_counters() {
  counters_.push_back(std::make_unique<rules::Counters[]>(rules_.size() + 1));
  return counters_.back().get();
}

rules::Ruleset Compiled::current() const {
  rules::Ruleset now = ruleset_;
  for (std::size_t place = 0; place < rules_.size(); ++place) {
    const PlaceName& name = names_[place];
    Chain& chain = now.tables[name.table].chains[name.chain];
    if (name.number == 0 && !chain.hook) continue;
    rules::Counters& sum = name.number == 0 ? chain.counters : chain.rules[name.number - 1].counters;
    for (const auto& block : counters_) {
      sum.packets += block[place].packets;
      sum.bytes += block[place].bytes;
    }
  }
  return now;
}

void Compiled::for_each_state(const std::function<void(const StatePlace&, rules::RuleState&)>& visit) {
  for (std::uint32_t place = 0; place < rules_.size(); ++place) {
    const Rule* model = rule(place);
    if (model == nullptr) continue;
    const PlaceName& name = names_[place];
    StatePlace at{ruleset_.tables[name.table].id, chain_name(place), name.number, 0, {}};
    for (; at.extension < model->matches.size(); ++at.extension) {
      at.name = model->matches[at.extension].match->name;
      if (rules::RuleState* state = rules_[place].matches[at.extension].state) visit(at, *state);
    }
    if (rules_[place].state != nullptr) {
      at.name = model->target.extension->name;
      visit(at, *rules_[place].state);
    }
  }
}

}  // namespace utables::engine
