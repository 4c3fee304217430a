// What is seen of a command line before its options are read: its words, and which box it is about.
#include <cstdlib>

#include "cli/conntrack/options.h"

namespace utables::cli::conntrack_tool {

/// Options that a protocol adds are not known yet; their values are words like others.
std::optional<std::string> find_box_option(const Arguments& arguments, BoxOption box) {
  if (box != BoxOption::box) return std::nullopt;
  constexpr int kBox = 'b';
  Arguments words = arguments;
  words.insert(words.begin(), "conntrack");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const auto all = long_options();
  std::vector<::option> longs(all.begin(), all.end());
  longs.push_back({"box", required_argument, nullptr, kBox});
  longs.push_back({});
  optind = 0;
  opterr = 0;
  std::optional<std::string> named;
  for (int found = 0; found != -1;) {
    found = getopt_long(static_cast<int>(words.size()), argv.data(), short_options(), longs.data(), nullptr);
    if (found == kBox) named = optarg;
  }
  return named;
}

Arguments split_line(std::string_view line) {
  Arguments words;
  std::string word;
  bool quoted = false, begun = false;
  const auto end_word = [&] {
    if (begun) words.push_back(std::move(word));
    word.clear();
    begun = false;
  };
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
      begun = true;
    } else if (!quoted && (c == ' ' || c == '\t' || c == '\r' || c == '\n')) {
      end_word();
    } else {
      word += c;
      begun = true;
    }
  }
  end_word();
  return words;
}

}  // namespace utables::cli::conntrack_tool
