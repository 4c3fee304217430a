#include "lab/generate/log_tags.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <optional>

#include "base/scan.h"
#include "rules/syntax/words.h"

namespace utables::lab::generate {
namespace {

constexpr std::string_view kPrefixOption = "--log-prefix", kLogOption = "--log-",
                           kLevelOption = "--log-level";

std::string quoted(std::string_view word) {
  std::string out = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

/// As it is written in a line: in quotes only where that is needed.
std::string written(std::string_view word) {
  const bool plain = !word.empty() && word.find_first_of(" \t\"\\'") == std::string_view::npos;
  return plain ? std::string(word) : quoted(word);
}

bool targets_log(const std::vector<std::string>& line) {
  for (std::size_t i = 0; i + 1 < line.size(); ++i)
    if ((line[i] == "-j" || line[i] == "--jump") && line[i + 1] == "LOG") return true;
  return false;
}

/// An option, also when it is shortened as getopt allows.
bool is_option(std::string_view word, std::string_view option, std::size_t least) {
  return word.size() >= least && option.substr(0, word.size()) == word;
}

/// The line with `tag` as its prefix; `rule` receives what it had.
std::optional<std::string> retold(std::string_view line, std::string_view tag, LogTags::Rule& rule) {
  const auto words = rules::words_of_line(line);
  if (!words || !targets_log(*words)) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < words->size(); ++i) {
    const std::string& word = (*words)[i];
    const auto equal = word.find('=');
    const bool prefix = is_option(word.substr(0, equal), kPrefixOption, std::string_view("--log-p").size());
    if (prefix && equal != std::string::npos) {
      rule.prefix = word.substr(equal + 1);
    } else if (prefix && i + 1 < words->size()) {
      rule.prefix = (*words)[++i];
    } else {
      if (word.compare(0, kLogOption.size(), kLogOption) == 0) {
        const bool level = word == kLevelOption && i + 1 < words->size();
        rule.options.push_back(level ? word + " " + (*words)[i + 1] : word);
      }
      out += (out.empty() ? "" : " ") + written(word);
    }
    if (prefix) rule.option = " --log-prefix " + quoted(rule.prefix);
  }
  return out + " --log-prefix " + quoted(tag);
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
}

}  // namespace

std::string LogTags::untagged(std::string text) const {
  for (std::size_t n = 0; n < rules.size(); ++n) {
    replace_all(text, " --log-prefix " + quoted(tag(n)), rules[n].option);
    replace_all(text, tag(n), rules[n].prefix);
  }
  return text;
}

std::size_t LogTags::rule_of(std::string_view line) const {
  const std::string head = "~" + mark + ".";
  const auto at = line.find(head);
  if (at == std::string_view::npos) return rules.size();
  const auto rest = line.substr(at + head.size());
  const auto number = scan_unsigned(rest.substr(0, rest.find('~')), 10, 0xffffffff);
  return number ? std::min<std::size_t>(static_cast<std::size_t>(*number), rules.size()) : rules.size();
}

std::string fresh_mark() {
  static std::atomic<unsigned> next{0};
  return fmt::format("{:x}.{:x}", static_cast<unsigned>(getpid()), next++);
}

namespace {

void tag_lines(std::string& rules, LogTags& tags) {
  std::string out;
  for (const auto line : split(rules, '\n')) {
    LogTags::Rule rule;
    const auto changed = line.find("LOG") == std::string_view::npos
                             ? std::nullopt
                             : retold(line, tags.tag(tags.rules.size()), rule);
    out += (changed ? *changed : std::string(line)) + "\n";
    if (changed) tags.rules.push_back(std::move(rule));
  }
  out.pop_back();  // the last line's end was there already
  rules = std::move(out);
}

}  // namespace

LogTags tag_log_rules(std::string& rules_v4, std::string& rules_v6, std::string_view mark) {
  LogTags tags;
  tags.mark = mark;
  tag_lines(rules_v4, tags);
  tag_lines(rules_v6, tags);
  return tags;
}

}  // namespace utables::lab::generate
