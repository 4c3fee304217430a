#include "rules/syntax/restore.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/scan.h"
#include "rules/extension.h"
#include "rules/syntax/apply.h"
#include "rules/syntax/command.h"
#include "rules/syntax/hints.h"
#include "rules/syntax/words.h"
#include "rules/validate.h"

namespace utables::rules {
namespace {

constexpr std::size_t kMostRulesOfTable = 1'000'000, kLongestLine = 10240;

tl::unexpected<Error> other_problem(std::string text) {
  Error error{std::move(text)};
  error.exit_code = 1;
  return tl::unexpected(std::move(error));
}

std::string_view without_end_blanks(std::string_view line) {
  const std::size_t last = line.find_last_not_of(" \t\r");
  return last == std::string_view::npos ? std::string_view{} : line.substr(0, last + 1);
}

class File {
 public:
  explicit File(const RestoreOptions& options) : options_(options) { ruleset_.family = options.family; }

  Result<Ruleset, Errors> read(std::string_view text) {
    while (!text.empty() && !failed_) {
      const std::size_t end = text.find('\n');
      ++line_;
      take(read_line(without_end_blanks(text.substr(0, end))));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    if (in_table_ && !failed_) {
      ++line_;
      take(other_problem(fmt::format("COMMIT expected at line {}", line_)));
    }
    if (errors_.empty()) return std::move(ruleset_);
    std::stable_sort(errors_.begin(), errors_.end(),
                     [](const Error& a, const Error& b) { return a.line < b.line; });
    return tl::unexpected(std::move(errors_));
  }

 private:
  /// Keeps an error. After one, reading goes on only to find what else is unknown, as far as the text makes
  /// sense.
  void take(const Result<void>& done) {
    if (done) return;
    if (first_error_ && !broken_) return;
    Error error = done.error();
    error.file = options_.file;
    if (error.line == 0) error.line = line_;
    if (!first_error_) errors_.push_back(std::move(error));
    first_error_ = true;
    failed_ = broken_;
  }

  Result<void> read_line(std::string_view line) {
    if (line.empty() || line.front() == '#') return {};
    if (line.size() > kLongestLine)
      return fail(fmt::format("the line is longer than {} bytes", kLongestLine));
    if (!in_table_) return line.front() == '*' ? begin_table(line.substr(1)) : outside(line);
    if (line == "COMMIT") return commit();
    if (line.front() == ':') return declare_chain(line.substr(1));
    return rule(line);
  }

  Result<void> outside(std::string_view line) {
    broken_ = true;
    return other_problem(fmt::format("line {} failed: `{}' stands outside a table: *TABLE comes first{}",
                                     line_, line.substr(0, 60), hint_for_line(line)));
  }

  Result<void> begin_table(std::string_view rest) {
    const auto parts = words(rest);
    broken_ = true;  // without its table nothing that follows can be judged
    if (parts.empty()) return fail(fmt::format("line {} table name invalid", line_));
    const auto name = std::find(kTableNames.begin(), kTableNames.end(), parts[0]);
    if (name == kTableNames.end()) return fail(fmt::format("unable to initialize table '{}'", parts[0]));
    broken_ = false;
    table_ = empty_table(static_cast<TableId>(name - kTableNames.begin()));
    in_table_ = true;
    rules_ = 0;
    return {};
  }

  Result<void> commit() {
    in_table_ = false;
    if (first_error_) return {};
    if (auto good = validate(table_); !good) {
      Error error = good.error();
      error.text += fmt::format(" (COMMIT: line {} failed)", line_);
      return tl::unexpected(std::move(error));
    }
    std::erase_if(ruleset_.tables, [&](const Table& t) { return t.id == table_.id; });
    ruleset_.tables.push_back(std::move(table_));
    return {};
  }

  Result<void> declare_chain(std::string_view rest) {
    const auto parts = words(rest);
    if (parts.empty()) return fail(fmt::format("line {} chain name invalid", line_));
    const std::string_view name = parts[0];
    if (name.size() > 28) return fail(fmt::format("Invalid chain name `{}' (28 chars max)", name));
    Chain* chain = table_.find(name);
    if (chain == nullptr || !chain->hook) {
      const bool verdict = name == "ACCEPT" || name == "DROP" || name == "QUEUE" || name == "RETURN";
      if (chain != nullptr || verdict)
        return fail(fmt::format("error creating chain '{}':File exists", name));
      Chain made;
      made.name = name;
      table_.chains.push_back(std::move(made));
      chain = &table_.chains.back();
    }
    if (parts.size() < 2) return fail(fmt::format("line {} policy invalid", line_));
    return policy(*chain, parts);
  }

  Result<void> policy(Chain& chain, const std::vector<std::string_view>& parts) {
    if (parts[1] == "-") return {};
    const auto bad = [&](std::string_view why) {
      return other_problem(
          fmt::format("Can't set policy `{}' on `{}' line {}: {}", parts[1], chain.name, line_, why));
    };
    if (!chain.hook) return bad("Bad built-in chain name");
    if (parts[1] == "DENY") return bad("Bad policy name (ipchains' DENY is DROP here)");
    if (parts[1] != "ACCEPT" && parts[1] != "DROP") return bad("Bad policy name");
    if (options_.counters) {
      const auto counters = parts.size() > 2 ? counters_of(parts[2]) : std::nullopt;
      if (!counters) return fail(fmt::format("invalid policy counters for chain '{}'", chain.name));
      chain.counters = *counters;
    }
    chain.policy = parts[1] == "DROP" ? Policy::drop : Policy::accept;
    return {};
  }

  // `[packets:bytes]`
  static std::optional<Counters> counters_of(std::string_view text) {
    if (text.size() < 5 || text.front() != '[' || text.back() != ']') return std::nullopt;
    const auto parts = split(text.substr(1, text.size() - 2), ':');
    if (parts.size() != 2) return std::nullopt;
    const auto packets = scan_unsigned(parts[0], 10, ~std::uint64_t{0});
    const auto bytes = scan_unsigned(parts[1], 10, ~std::uint64_t{0});
    if (!packets || !bytes) return std::nullopt;
    return Counters{*packets, *bytes};
  }

  Result<void> rule(std::string_view line) {
    std::optional<Counters> counters;
    if (line.front() == '[') {
      const std::size_t end = line.find(']');
      counters = end == std::string_view::npos ? std::nullopt : counters_of(line.substr(0, end + 1));
      if (!counters) return fail(fmt::format("Bad line {}: need ]", line_));
      line.remove_prefix(end + 1);
    }
    const auto line_words = words_of_line(line);
    if (!line_words) return tl::unexpected(line_words.error());
    auto command = parse_command(*line_words, {table_, options_.family});
    if (!command) return tl::unexpected(command.error());
    if (command->other_family) return {};
    for (Error& error : command->unknown) {
      error.file = options_.file;
      error.line = line_;
      errors_.push_back(std::move(error));
    }
    if (!command->unknown.empty()) {
      first_error_ = true;
      return {};
    }
    rules_ += command->rules.size();
    if (rules_ > kMostRulesOfTable)
      return fail(fmt::format("more than {} rules in a table", kMostRulesOfTable));
    for (Rule& rule : command->rules) {
      rule.line = line_;
      if (!options_.counters) rule.counters = {};
      if (options_.counters && counters && !command->counters_given) rule.counters = *counters;
    }
    return apply(table_, std::move(*command), options_.family);
  }

  RestoreOptions options_;
  Ruleset ruleset_{};
  Table table_{};
  Errors errors_{};
  std::uint32_t line_ = 0;
  std::size_t rules_ = 0;
  bool in_table_ = false, first_error_ = false, broken_ = false, failed_ = false;
};

}  // namespace

Result<Ruleset, Errors> restore(std::string_view text, const RestoreOptions& options) {
  return File(options).read(text);
}

}  // namespace utables::rules
