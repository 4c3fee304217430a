// Tags: LOG rules whose lines can be told apart in a log that all namespaces share.
//
// Each LOG rule of a ruleset gets a prefix of its own, `~MARK.N~`, instead of the one it has; N is its place
// among them. The kernel and utables are both given the rules so; for people the prefixes are put back.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace utables::lab::generate {

struct LogTags {
  struct Rule {
    std::string option;  ///< ` --log-prefix "..."` as it is saved, with the blank; empty: it had none
    std::string prefix;  ///< its text
    std::vector<std::string> options{};  ///< its others, as written: `--log-level info`, `--log-uid`
  };
  std::string mark;  ///< empty: nothing is tagged
  std::vector<Rule> rules;

  [[nodiscard]] std::string tag(std::size_t n) const { return "~" + mark + "." + std::to_string(n) + "~"; }
  /// The text (rules, lines of the log) with the prefixes that were there.
  [[nodiscard]] std::string untagged(std::string text) const;
  /// Which rule wrote a line; rules.size() if none.
  [[nodiscard]] std::size_t rule_of(std::string_view line) const;
};

/// A mark that no other process or run of this machine has. At most 16 bytes.
[[nodiscard]] std::string fresh_mark();

/// Tags iptables-save files, of IPv4 and of IPv6. Lines that cannot be read stay as they are.
[[nodiscard]] LogTags tag_log_rules(std::string& rules_v4, std::string& rules_v6, std::string_view mark);

}  // namespace utables::lab::generate
