// Real rulesets: those that use only what is here save as the kernel saves them; every other one is refused
// with everything unknown in it named.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "rules/syntax/restore.h"
#include "rules/syntax/save.h"

namespace utables::rules {
namespace {

namespace fs = std::filesystem;

fs::path data() {
  if (const char* given = std::getenv("UTABLES_DATA")) return given;
  return fs::path(UTABLES_SOURCE_DIR) / "../shared";
}

std::string contents(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string without_comments(const std::string& text) {
  std::string out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);)
    if (!line.starts_with('#')) out += line + "\n";
  return out;
}

// The references hold the counters of a kernel that loaded them with no traffic: all rule counters are what
// it printed.
std::string without_counters(const std::string& text) {
  std::string out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('[')) line.erase(0, line.find(' ') + 1);
    if (line.starts_with(':')) line.erase(line.find('['));
    out += line + "\n";
  }
  return out;
}

// A file's tables, sorted: their order is the order of loading into one kernel, which is not the file's
// alone.
std::string sorted_tables(const std::string& text) {
  std::vector<std::string> tables;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find("COMMIT\n", at);
    if (end == std::string::npos) break;
    tables.push_back(text.substr(at, end + 7 - at));
    at = end + 7;
  }
  std::sort(tables.begin(), tables.end());
  std::string out;
  for (const std::string& table : tables) out += table;
  return out;
}

TEST(Rulesets, R24SaveAsTheKernelDoesOrAreRefused) {
  const fs::path folder = data() / "rulesets";
  if (!fs::exists(folder)) GTEST_SKIP() << "no rulesets in " << folder;
  unsigned equal = 0, refused = 0, both_refuse = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".rules") continue;
    const std::string name = entry.path().filename().string();
    if (fs::exists(folder / "ref" / (name + ".v6.save"))) continue;  // IPv6
    const fs::path reference = folder / "ref" / (name + ".v4.save");
    RestoreOptions options;
    options.counters = true;
    options.file = name;
    const auto ruleset = restore(contents(entry.path()), options);
    if (!ruleset) {
      ASSERT_FALSE(ruleset.error().empty());
      for (const Error& error : ruleset.error())
        EXPECT_TRUE(error.line != 0 && error.file == name) << error.str();
      const std::string& text = ruleset.error().front().text;
      const bool unknown = text.starts_with("Couldn't load") || text.starts_with("unknown option");
      if (fs::exists(reference)) {
        EXPECT_TRUE(unknown) << ruleset.error().front().str();
      }
      ++(fs::exists(reference) ? refused : both_refuse);
      continue;
    }
    if (!fs::exists(reference)) {
      std::cout << "accepted, the kernel refuses: " << name << "\n";
      continue;
    }
    SaveOptions with_counters;
    with_counters.counters = true;
    EXPECT_EQ(sorted_tables(without_counters(without_comments(save(*ruleset, with_counters)))),
              sorted_tables(without_counters(without_comments(contents(reference)))))
        << name;
    ++equal;
  }
  std::cout << equal << " saved as the kernel saves them, " << refused
            << " refused for what is not there yet, " << both_refuse << " refused as the kernel does\n";
  EXPECT_GT(equal, 30U);
}

}  // namespace
}  // namespace utables::rules
