// Every line of every .t file beside the extensions; and every extension has one.
#include "rules/examples.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "rules/extension.h"
#include "rules/syntax/apply.h"
#include "rules/syntax/command.h"
#include "rules/syntax/restore.h"
#include "rules/syntax/save.h"
#include "rules/validate.h"

namespace utables::rules {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// Words as a shell makes them of the .t file's arguments.
std::vector<std::string> shell_words(std::string_view text) {
  std::vector<std::string> out;
  std::string word;
  char quote = 0;
  bool started = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c == '\\' && quote == '"' && i + 1 < text.size() ? text[++i] : c;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
      started = true;
    } else if (c == ' ') {
      if (started) out.push_back(std::move(word));
      word.clear();
      started = false;
    } else {
      word += c;
      started = true;
    }
  }
  if (started) out.push_back(std::move(word));
  return out;
}

// What utables makes of one example: its saved form, or `FAIL text`; and its saved form must read back as the
// same.
std::string outcome(const Example& example) {
  std::vector<std::string> line{"-A", example.chain};
  for (std::string& word : shell_words(example.arguments)) line.push_back(std::move(word));
  Table table = empty_table(example.table);
  auto command = parse_command(line, {table, example.family});
  if (!command) return "FAIL " + command.error().text;
  if (!command->unknown.empty()) return "FAIL " + command->unknown.front().text;
  if (auto done = apply(table, std::move(*command), example.family); !done)
    return "FAIL " + done.error().text;
  if (auto good = validate(table); !good) return "FAIL " + good.error().text;
  std::string saved, file = "*" + std::string(kTableNames[static_cast<std::size_t>(example.table)]) + "\n";
  for (const Rule& rule : table.find(example.chain)->rules) {
    saved += (saved.empty() ? "" : "; ") + rule_text(rule, example.family);
    file += "-A " + example.chain + " " + rule_text(rule, example.family) + "\n";
  }
  const auto again = restore(file + "COMMIT\n", {.family = example.family});
  if (!again) return "FAIL to read back: " + again.error().front().text;
  for (std::size_t i = 0; i < table.find(example.chain)->rules.size(); ++i)
    if (rule_text(again->tables[0].find(example.chain)->rules.at(i), example.family) !=
        rule_text(table.find(example.chain)->rules[i], example.family))
      return "FAIL: reads back otherwise";
  return saved;
}

std::string wanted(const Example& example) {
  return example.good ? example.saved : "FAIL " + example.failure;
}

TEST(Examples, EveryLineOfEveryFile) {
  std::size_t count = 0;
  for (const char* folder : {"match", "target"}) {
    for (const auto& entry : fs::directory_iterator(fs::path(UTABLES_SOURCE_DIR) / "src/rules" / folder)) {
      if (entry.path().extension() != ".t") continue;
      const auto examples = parse_examples(contents(entry.path()), entry.path().filename().string());
      ASSERT_TRUE(examples) << examples.error().front().str();
      for (const Example& example : *examples) {
        if (example.played) continue;  // tests/extensions plays them
        ++count;
        std::string got = outcome(example);
        // The kernel says no more than this; utables adds why.
        for (const std::string_view word : {"FAIL Invalid argument", "FAIL Numerical result out of range",
                                            "FAIL No chain/target/match by that name."})
          if (got.starts_with(word) && wanted(example).starts_with(word)) got = wanted(example);
        EXPECT_EQ(got, wanted(example))
            << entry.path().filename() << ":" << example.line << ": " << example.arguments;
      }
    }
  }
  EXPECT_GT(count, 400U);
}

TEST(Examples, EveryExtensionHasItsFile) {
  const fs::path rules = fs::path(UTABLES_SOURCE_DIR) / "src/rules";
  for (const MatchDescriptor* match : all_matches())
    EXPECT_TRUE(fs::exists(rules / "match" / (std::string(match->name) + ".t"))) << match->name;
  for (const TargetDescriptor* target : all_targets()) {
    std::string name(target->name);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_TRUE(fs::exists(rules / "target" / (name + ".t"))) << target->name;
  }
}

}  // namespace
}  // namespace utables::rules
