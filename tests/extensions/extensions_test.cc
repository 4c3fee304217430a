// Every line of every .t file beside the extensions, as the real iptables-legacy answers it in a network
// namespace: its saved form, or its error text. Absence of it is a skip, under UTABLES_REQUIRE_KERNEL=1 a
// failure.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "rules/examples.h"

namespace utables::rules {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string output(const std::string& command) {
  std::string out;
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return out;
  std::array<char, 4096> buffer{};
  for (std::size_t n = 0; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    out.append(buffer.data(), n);
  pclose(pipe);
  return out;
}

// How this machine gives us a namespace; empty: it does not.
std::string unshare() {
  for (const char* way : {"unshare -n", "unshare -Urn"})
    if (output(std::string(way) + " iptables-legacy -S 2>&1").starts_with("-P INPUT")) return way;
  return {};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// One answer: the lines between `@@` and `@rc`, then the rules saved.
struct Answer {
  std::string error, saved;
  int exit_code = -1;
};

std::string joined_error(const std::vector<std::string>& lines) {
  std::string out;
  for (std::string line : lines) {
    if (line.empty() || line.starts_with("Try `")) continue;
    for (const std::string_view head :
         {"iptables v1.8.9 (legacy): ", "iptables: ", "ip6tables v1.8.9 (legacy): ", "ip6tables: "})
      if (line.starts_with(head)) line.erase(0, head.size());
    out += (out.empty() ? "" : " / ") + line;
  }
  return out;
}

std::vector<Answer> answers(const std::string& text, const std::vector<Example>& examples) {
  std::vector<Answer> out;
  std::vector<std::string> error;
  for (const std::string& line : lines_of(text)) {
    if (line == "@@") {
      out.emplace_back();
      error.clear();
    } else if (out.empty()) {
      continue;
    } else if (line.starts_with("@rc ")) {
      out.back().exit_code = std::atoi(line.c_str() + 4);
      out.back().error = joined_error(error);
    } else if (out.back().exit_code < 0) {
      error.push_back(line);
    } else if (out.size() <= examples.size()) {
      const std::string head = "-A " + examples[out.size() - 1].chain;
      if (!line.starts_with(head)) continue;
      std::string rule = line.substr(head.size());
      if (rule.starts_with(' ')) rule.erase(0, 1);
      out.back().saved += (out.back().saved.empty() ? "" : "; ") + rule;
    }
  }
  return out;
}

std::string script(const std::vector<Example>& examples) {
  std::string out = "exec 2>&1; export LC_ALL=C\n";
  for (const Example& e : examples) {
    const std::string table(kTableNames[static_cast<std::size_t>(e.table)]);
    const std::string program = e.family == Family::ipv6 ? "ip6tables-legacy" : "iptables-legacy";
    out += "echo @@; " + program + " -t " + table + " -A " + e.chain + " " + e.arguments + "; echo @rc $?\n";
    out += program + "-save -t " + table + "; " + program + " -t " + table + " -F\n";
  }
  return out;
}

void compare(const fs::path& file, const std::string& way, std::size_t& compared) {
  auto all = parse_examples(contents(file), file.filename().string());
  ASSERT_TRUE(all) << all.error().front().str();
  std::erase_if(*all, [](const Example& e) { return e.own || e.played; });
  const fs::path path =
      fs::path(::testing::TempDir()) / (file.filename().string() + "." + std::to_string(getpid()) + ".sh");
  std::ofstream(path) << script(*all);
  const auto got =
      answers(output("XTABLES_LOCKFILE=" + path.string() + ".lock " + way + " sh " + path.string()), *all);
  fs::remove(path);
  fs::remove(path.string() + ".lock");
  ASSERT_EQ(got.size(), all->size()) << file;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const Example& e = (*all)[i];
    const std::string where = file.filename().string() + ":" + std::to_string(e.line) + ": " + e.arguments;
    EXPECT_EQ(got[i].exit_code == 0, e.good) << where << "\n" << got[i].error;
    if (e.good) {
      EXPECT_EQ(got[i].saved, e.saved) << where;
    } else {
      EXPECT_TRUE(got[i].error.starts_with(e.failure)) << where << "\n" << got[i].error;
    }
  }
  std::printf("%zu examples of %s\n", got.size(), file.filename().c_str());
  compared += got.size();
}

TEST(Extensions, ExamplesAreWhatIptablesLegacyAnswers) {
  const std::string version = output("iptables-legacy -V 2>&1");
  const std::string way = unshare();
  if (version != "iptables v1.8.9 (legacy)\n" || way.empty()) {
    const char* required = std::getenv("UTABLES_REQUIRE_KERNEL");
    if (required != nullptr && std::string(required) == "1")
      FAIL() << "no iptables-legacy 1.8.9 in a network namespace to compare with: " << version;
    GTEST_SKIP() << "no iptables-legacy 1.8.9 in a network namespace to compare with: " << version;
  }
  std::size_t compared = 0;
  for (const char* folder : {"match", "target"})
    for (const auto& entry : fs::directory_iterator(fs::path(UTABLES_SOURCE_DIR) / "src/rules" / folder))
      if (entry.path().extension() == ".t") compare(entry.path(), way, compared);
  fs::create_directories(UTABLES_COMPARISONS);
  std::ofstream(std::string(UTABLES_COMPARISONS) + "/extensions.count") << compared << "\n";
  EXPECT_GT(compared, 600U);
}

}  // namespace
}  // namespace utables::rules
