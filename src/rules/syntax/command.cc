#include "rules/syntax/command.h"

#include <fmt/format.h>

#include <deque>
#include <optional>

#include "base/scan.h"
#include "packet/headers.h"
#include "rules/extension.h"
#include "rules/names/protocols.h"
#include "rules/option/network.h"
#include "rules/option/use.h"
#include "rules/syntax/hints.h"

namespace utables::rules {
namespace {

using Verb = Command::Verb;

constexpr std::size_t kLongestChainName = 28, kLongestInterface = 15, kMostRules = 4096;

/// iptables' own options.
struct BaseOption {
  char letter;
  std::string_view name;
  std::uint8_t values;  // words that must follow
  bool invertible = false;
};

constexpr BaseOption kBase[] = {
    {'A', "append", 1},
    {'D', "delete", 1},
    {'C', "check", 1},
    {'I', "insert", 1},
    {'R', "replace", 1},
    {'L', "list", 0},
    {'S', "list-rules", 0},
    {'F', "flush", 0},
    {'Z', "zero", 0},
    {'N', "new-chain", 1},
    {'X', "delete-chain", 0},
    {'E', "rename-chain", 1},
    {'P', "policy", 1},
    {'s', "source", 1, true},
    {'d', "destination", 1, true},
    {'s', "src", 1, true},
    {'d', "dst", 1, true},
    {'p', "protocol", 1, true},
    {'p', "proto", 1, true},
    {'i', "in-interface", 1, true},
    {'j', "jump", 1},
    {'t', "table", 1},
    {'m', "match", 1},
    {'n', "numeric", 0},
    {'o', "out-interface", 1, true},
    {'v', "verbose", 0},
    {'x', "exact", 0},
    {'f', "fragments", 0, true},
    {'g', "goto", 1},
    {'c', "set-counters", 1},
    {'4', "ipv4", 0},
    {'6', "ipv6", 0},
};

constexpr struct {
  char letter;
  Verb verb;
} kVerbs[] = {
    {'A', Verb::append},       {'D', Verb::remove},       {'C', Verb::check},  {'I', Verb::insert},
    {'R', Verb::replace},      {'F', Verb::flush},        {'Z', Verb::zero},   {'N', Verb::new_chain},
    {'X', Verb::delete_chain}, {'E', Verb::rename_chain}, {'P', Verb::policy}, {'L', Verb::list},
    {'S', Verb::list_rules},
};

class Reader {
 public:
  Reader(std::span<const std::string> words, const CommandContext& context)
      : words_(words), context_(context) {}

  Result<Command> read() {
    while (at_ < words_.size() && !command_.other_family)
      if (auto done = read_word(); !done) return tl::unexpected(done.error());
    if (command_.other_family) return std::move(command_);
    if (inverted_) return fail("nothing appropriate following !");
    return complete();
  }

 private:
  struct Loaded {
    ExtensionUse use;
    bool is_target = false;
  };
  struct Found {
    const BaseOption* base = nullptr;
    Loaded* loaded = nullptr;
    unsigned row = 0;
    friend bool operator==(const Found& a, const Found& b) {
      const bool same_base = a.base == b.base || (a.base && b.base && a.base->letter == b.base->letter);
      return same_base && a.loaded == b.loaded && a.row == b.row;
    }
    [[nodiscard]] bool nothing() const { return base == nullptr && loaded == nullptr; }
  };

  // Words.
  Result<void> read_word();
  Result<void> read_long(std::string_view word);
  Result<void> read_short(const std::string& word);
  [[nodiscard]] Found find_long(std::string_view name);
  [[nodiscard]] std::optional<std::string> optional_word();
  void skip_values();
  Result<std::vector<std::string>> values(std::size_t count, std::string_view option,
                                          std::optional<std::string> attached, bool invertible,
                                          std::string_view too_few = {});

  // Options.
  Result<void> base_option(const BaseOption& option, std::vector<std::string> values,
                           std::string_view spelled);
  Result<void> extension_option(Loaded& loaded, unsigned row, std::optional<std::string> attached);
  Result<void> command_option(Verb verb, char letter, std::vector<std::string>& values);
  Result<void> once(char letter);
  Result<void> protocol(const std::string& text);
  Result<void> addresses(const std::string& text, std::vector<Network>& out, bool& inverted);
  Result<void> interface(const std::string& name, InterfaceCondition& out);
  Result<void> counters(const std::string& text);
  Result<void> load_match(const std::string& name);
  Result<void> jump(const std::string& name, bool is_goto);
  bool load_protocol_match();
  [[nodiscard]] std::string protocol_match_name() const;
  void unknown(std::string text);

  // The end.
  Result<Command> complete();
  Result<void> check_chain();
  Result<void> resolve_target();
  void expand();

  std::span<const std::string> words_;
  CommandContext context_;
  std::size_t at_ = 0;
  bool inverted_ = false;
  Command command_{};
  Rule rule_{};
  std::vector<Network> sources_{}, destinations_{};
  bool source_inverted_ = false, destination_inverted_ = false;
  std::string seen_{};           // letters of base options that may come once
  std::deque<Loaded> loaded_{};  // in order of loading
  std::optional<std::string> jump_{};
  bool goto_ = false, protocol_given_ = false, protocol_match_loaded_ = false, unknown_extension_ = false;
};

// A dash that a word processor or a web page made of `-` or `--`.
bool typographic_dash(std::string_view word) {
  for (const char* dash :
       {"\xe2\x80\x90", "\xe2\x80\x91", "\xe2\x80\x92", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x88\x92"})
    if (word.starts_with(dash)) return true;
  return false;
}

Result<void> Reader::read_word() {
  const std::string& word = words_[at_++];
  if (word == "!") {
    if (inverted_) return fail("multiple consecutive ! not allowed");
    inverted_ = true;
    return {};
  }
  Result<void> done;
  if (word.size() > 2 && word.starts_with("--")) {
    done = read_long(word);
  } else if (word.size() > 1 && word[0] == '-' && word[1] != '-') {
    done = read_short(word);
  } else if (typographic_dash(word)) {
    return fail(fmt::format(
        "Bad argument `{}' (its dash is a typographic one: type -, or -- before a long option)", word));
  } else {
    return fail(fmt::format("Bad argument `{}'", word));
  }
  inverted_ = false;
  return done;
}

std::optional<std::string> Reader::optional_word() {
  if (at_ >= words_.size() || words_[at_].starts_with('-') || words_[at_] == "!") return std::nullopt;
  return words_[at_++];
}

void Reader::skip_values() {
  while (at_ < words_.size() && !words_[at_].starts_with('-') && words_[at_] != "!") ++at_;
}

void Reader::unknown(std::string text) { command_.unknown.push_back(Error{std::move(text)}); }

// The `count` words after an option. A `!` before them, as old scripts have it, inverts the option;
// behind an option without words it belongs to the next one.
Result<std::vector<std::string>> Reader::values(std::size_t count, std::string_view option,
                                                std::optional<std::string> attached, bool invertible,
                                                std::string_view too_few) {
  std::vector<std::string> out;
  if (attached) out.push_back(std::move(*attached));
  const bool old_form =
      invertible && count != 0 && !inverted_ && out.empty() && at_ + 1 < words_.size() && words_[at_] == "!";
  if (old_form) {
    inverted_ = true;
    ++at_;
  }
  while (out.size() < count) {
    if (at_ >= words_.size() || (!out.empty() && (words_[at_].starts_with('-') || words_[at_] == "!"))) {
      if (!out.empty() && !too_few.empty()) return fail(std::string(too_few));
      if (!out.empty()) return fail(fmt::format("{} requires two args.", option));
      return fail(fmt::format("option \"{}\" requires an argument", option));
    }
    out.push_back(words_[at_++]);
  }
  return out;
}

Reader::Found Reader::find_long(std::string_view name) {
  for (const BaseOption& option : kBase)
    if (option.name == name) return {&option};
  Found found;
  for (auto it = loaded_.rbegin(); it != loaded_.rend(); ++it) {
    const auto rows = it->use.extension->options;
    for (unsigned i = 0; i < rows.size(); ++i)
      if (rows[i].name == name || rows[i].alias == name) return {nullptr, &*it, i};
  }
  // An abbreviation may be an option of an extension that is not known.
  if (unknown_extension_) return {};
  bool ambiguous = false;
  const auto consider = [&](const Found& candidate) {
    if (found.nothing()) found = candidate;
    if (!(found == candidate)) ambiguous = true;
  };
  for (const BaseOption& option : kBase)
    if (option.name.starts_with(name)) consider({&option});
  for (Loaded& loaded : loaded_) {
    const auto rows = loaded.use.extension->options;
    for (unsigned i = 0; i < rows.size(); ++i)
      if (rows[i].name.starts_with(name) || rows[i].alias.starts_with(name)) consider({nullptr, &loaded, i});
  }
  return ambiguous ? Found{} : found;
}

/// The match that goes with -p: mostly of the protocol's name.
std::string Reader::protocol_match_name() const {
  const std::string name = protocol_name(rule_.header.protocol);
  return name == "ipv6-icmp" ? "icmp6" : name;
}

bool Reader::load_protocol_match() {
  if (!protocol_given_ || protocol_match_loaded_) return false;
  protocol_match_loaded_ = true;
  const std::string name = protocol_match_name();
  const MatchDescriptor* match = find_match(name, context_.family);
  if (match == nullptr) return false;
  for (const Loaded& loaded : loaded_)
    if (loaded.use.extension == match) return false;
  loaded_.push_back({use_of(*match)});
  return true;
}

Result<void> Reader::read_long(std::string_view word) {
  const std::size_t equals = word.find('=');
  const std::string_view spelled = word.substr(0, equals);
  std::optional<std::string> attached;
  if (equals != std::string_view::npos) attached = std::string(word.substr(equals + 1));
  Found found = find_long(spelled.substr(2));
  if (found.nothing() && load_protocol_match()) found = find_long(spelled.substr(2));
  if (found.loaded != nullptr) return extension_option(*found.loaded, found.row, std::move(attached));
  if (found.base == nullptr) {
    if (!unknown_extension_) unknown(fmt::format("unknown option \"{}\"", word));
    skip_values();
    return {};
  }
  auto given = values(found.base->values, word, std::move(attached), found.base->invertible);
  if (!given) return tl::unexpected(given.error());
  return base_option(*found.base, std::move(*given), spelled);
}

Result<void> Reader::read_short(const std::string& word) {
  for (std::size_t i = 1; i < word.size(); ++i) {
    const BaseOption* option = nullptr;
    for (const BaseOption& candidate : kBase)
      if (candidate.letter == word[i] && option == nullptr) option = &candidate;
    const std::string spelled = fmt::format("-{}", word[i]);
    if (option == nullptr) {
      if (!unknown_extension_) unknown(fmt::format("unknown option \"{}\"", word));
      skip_values();
      return {};
    }
    std::optional<std::string> attached;
    if (option->values != 0 && i + 1 < word.size()) attached = word.substr(i + 1);
    const bool takes_rest = attached.has_value();
    auto given = values(option->values, spelled, std::move(attached), option->invertible);
    if (!given) return tl::unexpected(given.error());
    if (auto done = base_option(*option, std::move(*given), spelled); !done || takes_rest) return done;
  }
  return {};
}

Result<void> Reader::extension_option(Loaded& loaded, unsigned row, std::optional<std::string> attached) {
  const OptionRow& option = loaded.use.extension->options[row];
  auto given = values(option.values, fmt::format("--{}", option.name), std::move(attached), option.invertible,
                      option.too_few);
  if (!given) return tl::unexpected(given.error());
  const OptionInput input{
      loaded.use.extension->name,    *given, inverted_, context_.family, rule_.header.protocol,
      rule_.header.protocol_inverted};
  return give(loaded.use, row, input);
}

Result<void> Reader::once(char letter) {
  if (seen_.find(letter) != std::string::npos)
    return fail(fmt::format("multiple -{} flags not allowed", letter));
  seen_ += letter;
  return {};
}

Result<void> Reader::base_option(const BaseOption& option, std::vector<std::string> given, std::string_view) {
  for (const auto& row : kVerbs)
    if (row.letter == option.letter) return command_option(row.verb, option.letter, given);
  if (inverted_ && !option.invertible) {
    if (option.letter == 'm') return fail("unexpected ! flag before --match");
    return fail(fmt::format("cannot have ! before -{}", option.letter));
  }
  if (std::string_view("sdpiofjgc").find(option.letter) != std::string_view::npos)
    if (auto first = once(option.letter == 'g' ? 'j' : option.letter); !first) return first;
  switch (option.letter) {
    case 's':
      return addresses(given[0], sources_, source_inverted_);
    case 'd':
      return addresses(given[0], destinations_, destination_inverted_);
    case 'p':
      return protocol(given[0]);
    case 'i':
      return interface(given[0], rule_.header.in);
    case 'o':
      return interface(given[0], rule_.header.out);
    case 'f':
      if (context_.family == Family::ipv6) return fail("`-f' is not supported in IPv6, use -m frag instead");
      rule_.header.fragment = true;
      rule_.header.fragment_inverted = inverted_;
      return {};
    case 'm':
      return load_match(given[0]);
    case 'j':
      return jump(given[0], false);
    case 'g':
      return jump(given[0], true);
    case 'c':
      return counters(given[0]);
    case 't':
      return fail("The -t option cannot be used in iptables-restore.");
    case '4':
    case '6':
      command_.other_family = (option.letter == '4') != (context_.family == Family::ipv4);
      return {};
    default:
      return {};  // -n, -v, -x: nothing to a rule
  }
}

Result<void> Reader::command_option(Verb verb, char letter, std::vector<std::string>& given) {
  if (inverted_) return fail(fmt::format("cannot have ! before -{}", letter));
  if (command_.verb != Verb::none) {
    char first = '?';
    for (const auto& row : kVerbs)
      if (row.verb == command_.verb) first = row.letter;
    return fail(fmt::format("Cannot use -{} with -{}", letter, first));
  }
  command_.verb = verb;
  if (!given.empty()) {
    command_.chain = given[0];
  } else if (auto chain = optional_word()) {
    command_.chain = *chain;
  }
  if (verb == Verb::policy || verb == Verb::rename_chain) {
    auto argument = optional_word();
    if (!argument)
      return fail(verb == Verb::policy ? "-P requires a chain and a policy"
                                       : "-E requires old-chain-name and new-chain-name");
    command_.argument = *argument;
    return {};
  }
  if (verb != Verb::insert && verb != Verb::remove && verb != Verb::replace) return {};
  const auto word = optional_word();
  if (!word) {
    if (verb == Verb::replace) return fail("-R requires a rule number");
    if (verb == Verb::insert) command_.number = 1;
    return {};
  }
  const auto number = scan_unsigned(*word, 0, 0x7fffffff);
  if (!number || *number == 0) return fail(fmt::format("Invalid rule number `{}'", *word));
  command_.number = static_cast<std::uint32_t>(*number);
  return {};
}

Result<void> Reader::protocol(const std::string& text) {
  const auto number = protocol_number(text);
  if (!number) return fail(fmt::format("unknown protocol \"{}\" specified", text));
  if (*number == 0 && inverted_) return fail("rule would never match protocol");
  rule_.header.protocol = *number;
  rule_.header.protocol_inverted = inverted_;
  protocol_given_ = true;
  return {};
}

Result<void> Reader::addresses(const std::string& text, std::vector<Network>& out, bool& inverted) {
  for (const std::string_view word : split(text, ',')) {
    auto network = parse_network(trim(word), context_.family);
    if (!network) return tl::unexpected(network.error());
    network->address = network->address & network->mask;
    out.push_back(*network);
  }
  if (inverted_ && out.size() > 1)
    return fail("! not allowed with multiple source or destination IP addresses");
  inverted = inverted_;
  return {};
}

Result<void> Reader::interface(const std::string& name, InterfaceCondition& out) {
  if (name.empty()) return fail("Empty interface is likely to be undesired");
  if (name.size() > kLongestInterface)
    return fail(
        fmt::format("interface name `{}' must be shorter than IFNAMSIZ ({})", name, kLongestInterface));
  out.inverted = inverted_;
  out.wildcard = name.back() == '+';
  out.name = out.wildcard ? name.substr(0, name.size() - 1) : name;
  return {};
}

Result<void> Reader::counters(const std::string& text) {
  const std::size_t comma = text.find(',');
  std::string bytes_text;
  if (comma != std::string::npos) {
    bytes_text = text.substr(comma + 1);
  } else if (auto word = optional_word()) {
    bytes_text = *word;
  } else {
    return fail("-c requires packet and byte counter");
  }
  const auto packets = scan_unsigned(std::string_view(text).substr(0, comma), 10, ~std::uint64_t{0});
  if (!packets) return fail("-c packet counter not numeric");
  const auto bytes = scan_unsigned(bytes_text, 10, ~std::uint64_t{0});
  if (!bytes) return fail("-c byte counter not numeric");
  rule_.counters = {*packets, *bytes};
  command_.counters_given = true;
  return {};
}

Result<void> Reader::load_match(const std::string& name) {
  const MatchDescriptor* match = find_match(name, context_.family);
  if (match == nullptr) {
    unknown(fmt::format("Couldn't load match `{}':No such file or directory{}", name, hint_for_match(name)));
    unknown_extension_ = true;
    return {};
  }
  if (name == protocol_match_name()) protocol_match_loaded_ = true;
  loaded_.push_back({use_of(*match)});
  return {};
}

Result<void> Reader::jump(const std::string& name, bool is_goto) {
  if (name.empty()) return fail("Invalid target name (too short)");
  if (name.size() > kLongestChainName)
    return fail(fmt::format("Invalid target name `{}' ({} chars max)", name, kLongestChainName));
  jump_ = name;
  goto_ = is_goto;
  if (is_goto) return {};
  for (const std::string_view verdict : {"ACCEPT", "DROP", "QUEUE", "RETURN"})
    if (name == verdict) return {};
  if (const TargetDescriptor* target = find_target(name, context_.family)) {
    loaded_.push_back({use_of(*target), true});
  } else if (context_.table.find(name) == nullptr) {
    unknown(
        fmt::format("Couldn't load target `{}':No such file or directory{}", name, hint_for_target(name)));
    unknown_extension_ = true;
  }
  return {};
}

Result<void> Reader::check_chain() {
  const bool to_rule = command_.verb == Verb::append || command_.verb == Verb::insert ||
                       command_.verb == Verb::remove || command_.verb == Verb::replace ||
                       command_.verb == Verb::check;
  if (command_.chain.size() > kLongestChainName)
    return fail(fmt::format("chain name `{}' too long (must be under {} chars)", command_.chain,
                            kLongestChainName + 1));
  if (!to_rule) return {};
  const auto misused = [&](char letter) {
    return fail(fmt::format("Can't use -{} with {}", letter, command_.chain));
  };
  const bool comes_in = command_.chain == "PREROUTING" || command_.chain == "INPUT";
  const bool goes_out = command_.chain == "POSTROUTING" || command_.chain == "OUTPUT";
  if (comes_in && seen_.find('o') != std::string::npos) return misused('o');
  if (goes_out && seen_.find('i') != std::string::npos) return misused('i');
  return {};
}

Result<void> Reader::resolve_target() {
  if (!jump_) return {};
  constexpr struct {
    std::string_view name;
    TargetUse::Kind kind;
  } kVerdicts[] = {{"ACCEPT", TargetUse::Kind::accept},
                   {"DROP", TargetUse::Kind::drop},
                   {"QUEUE", TargetUse::Kind::queue},
                   {"RETURN", TargetUse::Kind::return_}};
  if (context_.table.id == TableId::nat && *jump_ == "DROP" && !goto_)
    return fail("The \"nat\" table is not intended for filtering, the use of DROP is therefore inhibited.");
  for (const Loaded& loaded : loaded_) {
    if (!loaded.is_target) continue;
    rule_.target.kind = TargetUse::Kind::extension;
    rule_.target.extension = find_target(*jump_, context_.family);
    rule_.target.params = loaded.use.params;
    return {};
  }
  for (const auto& verdict : kVerdicts) {
    if (verdict.name != *jump_ || goto_) continue;
    rule_.target.kind = verdict.kind;
    return {};
  }
  if (context_.table.find(*jump_) == nullptr) {
    if (goto_) return fail(fmt::format("goto '{}' is not a chain", *jump_));
    return {};  // unknown, and told
  }
  rule_.target.kind = goto_ ? TargetUse::Kind::goto_ : TargetUse::Kind::jump;
  rule_.target.chain = *jump_;
  return {};
}

void Reader::expand() {
  const Network any{};
  if (sources_.empty()) sources_.push_back(any);
  if (destinations_.empty()) destinations_.push_back(any);
  for (const Network& source : sources_) {
    for (const Network& destination : destinations_) {
      rule_.header.source = {source.address, source.mask, source_inverted_};
      rule_.header.destination = {destination.address, destination.mask, destination_inverted_};
      command_.rules.push_back(rule_);
    }
  }
}

Result<Command> Reader::complete() {
  if (command_.verb == Verb::none) return fail("no command specified");
  if (sources_.size() * destinations_.size() > kMostRules)
    return fail(fmt::format("more than {} rules come of one line's addresses", kMostRules));
  for (const bool targets : {false, true}) {
    for (Loaded& loaded : loaded_) {
      if (loaded.is_target != targets) continue;
      // An option that is unknown may be the one that is missing.
      if (!command_.unknown.empty()) continue;
      if (auto done = finish(loaded.use, rule_); !done) return tl::unexpected(done.error());
    }
  }
  for (const Loaded& loaded : loaded_)
    if (!loaded.is_target)
      rule_.matches.push_back({static_cast<const MatchDescriptor*>(loaded.use.extension), loaded.use.params});
  if (auto done = check_chain(); !done) return tl::unexpected(done.error());
  if (auto done = resolve_target(); !done) return tl::unexpected(done.error());
  expand();
  return std::move(command_);
}

}  // namespace

Result<Command> parse_command(std::span<const std::string> words, const CommandContext& context) {
  return Reader(words, context).read();
}

Result<void> check_chain_name(std::string_view name, Family family) {
  if (name.empty()) return fail("chain name not allowed to be empty");
  if (name.size() > kLongestChainName)
    return fail(
        fmt::format("chain name `{}' too long (must be under {} chars)", name, kLongestChainName + 1));
  if (name.front() == '-' || name.front() == '!')
    return fail(fmt::format("chain name not allowed to start with `{}'", name.front()));
  bool clash = find_target(name, family) != nullptr;
  for (const std::string_view verdict : {"ACCEPT", "DROP", "QUEUE", "RETURN"})
    clash = clash || name == verdict;
  if (clash) return fail("chain name may not clash with target name");
  return {};
}

}  // namespace utables::rules
