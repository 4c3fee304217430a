// Recorded sequences against the tracker; and each row of the state tables broken in turn.
#include "conntrack/vectors_test.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace utables::conntrack::test {
namespace {

/// Settings as the file's `# sysctl NAME=VALUE` lines have them.
Settings settings_of(const std::string& file) {
  Settings settings = defaults(Profile::modern);
  std::map<std::string, std::string, std::less<>> sysctls;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line) && line.starts_with("#");) {
    const auto equals = line.find('=');
    if (!line.starts_with("# sysctl ") || equals == std::string::npos) continue;
    sysctls["net.netfilter.nf_conntrack_" + line.substr(9, equals - 9)] = line.substr(equals + 1);
  }
  return settings_from(sysctls, Profile::modern).value_or(settings);
}

TEST(Vectors, FileOfTheEnvironment) {
  const char* file = std::getenv("UTABLES_VECTORS");
  if (file == nullptr) GTEST_SKIP() << "UTABLES_VECTORS names no file of recorded sequences";
  const auto all = read_vectors(file);
  const Settings settings = settings_of(file);
  unsigned shown = 0, different = 0;
  for (const Vector& vector : all) {
    const std::string difference = play(vector, settings);
    if (difference.empty()) continue;
    ++different;
    if (++shown <= 5) ADD_FAILURE() << difference;
  }
  EXPECT_EQ(different, 0U) << "of " << all.size();
}

}  // namespace
}  // namespace utables::conntrack::test
