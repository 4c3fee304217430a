#include "rules/syntax/words.h"

namespace utables::rules {

namespace {
constexpr std::size_t kLongestWord = 1023;  // iptables-restore's
}

Result<std::vector<std::string>> words_of_line(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool in_quotes = false, escaped = false, started = false;
  const auto end_word = [&] {
    if (started) words.push_back(std::move(word));
    word.clear();
    started = false;
  };
  for (const char c : line) {
    if (in_quotes) {
      if (escaped) {
        escaped = false;
      } else if (c == '\\') {
        escaped = true;
        continue;
      } else if (c == '"') {
        in_quotes = false;
        end_word();
        continue;
      }
    } else if (c == '"') {
      in_quotes = started = true;
      continue;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      end_word();
      continue;
    }
    if (word.size() >= kLongestWord) return fail("Parameter too long!");
    word += c;
    started = true;
  }
  if (in_quotes) return fail("a quote is opened and not closed");
  end_word();
  return words;
}

}  // namespace utables::rules
