#include "lab/box_directory.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "lab/replay.h"

namespace utables::lab {
namespace {

namespace fs = std::filesystem;

class BoxDirectory : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("utables-box-" + std::to_string(getpid()));
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  void TearDown() override { fs::remove_all(root_); }
  std::string put(const std::string& name, const std::string& text) const {
    std::ofstream(root_ / name, std::ios::binary) << text;
    return (root_ / name).string();
  }
  /// The errors of making a replay of the box, a line each, without the directory's name.
  [[nodiscard]] std::string errors_of(const std::string& path) const {
    const auto box = read_box(path);
    std::string out;
    const auto add = [&](const Errors& errors) {
      for (const Error& e : errors) out += e.str() + "\n";
    };
    if (!box) {
      add(box.error());
    } else if (const auto replay = Replay::create(*box, {}, CaptureMerge(std::vector<io::CaptureReader>{}));
               !replay) {
      add(replay.error());
    }
    const std::string prefix = root_.string() + "/";
    for (std::size_t at; (at = out.find(prefix)) != std::string::npos;) out.erase(at, prefix.size());
    return out;
  }
  fs::path root_{};
};

TEST_F(BoxDirectory, EveryFileIsOptional) {
  EXPECT_NE(errors_of(root_.string()).find("no file of a box in this directory"), std::string::npos);
  put("sysctl.conf", "");
  EXPECT_EQ(errors_of(root_.string()), "");
  const auto box = read_box(root_.string());
  ASSERT_TRUE(box);
  EXPECT_FALSE(box->text.has_rules_v4);
  put("rules.v4", "");
  EXPECT_TRUE(read_box(root_.string())->text.has_rules_v4) << "an empty file is not a missing one";
}

TEST_F(BoxDirectory, AFileOfRulesIsABox) {
  const std::string path = put("my.rules", "*filter\n-A FORWARD -j NOSUCH\nCOMMIT\n");
  EXPECT_EQ(errors_of(path).rfind("my.rules:2: ", 0), 0U) << errors_of(path);
}

TEST_F(BoxDirectory, ReservedAndMissingNames) {
  for (const char* name : {"live", "host"}) {
    const auto box = find_box(std::string(name), nullptr);
    ASSERT_FALSE(box);
    EXPECT_NE(box.error().front().text.find("cannot be used yet"), std::string::npos);
    EXPECT_EQ(box.error().front().exit_code, 2);
  }
  EXPECT_FALSE(find_box(std::string("/nowhere/at/all"), nullptr));
  EXPECT_FALSE(find_box(std::string(), nullptr));
  put("net.ip", "");
  EXPECT_TRUE(find_box(std::nullopt, root_.string().c_str()));
}

// Damage: what stands in a file of the box, and how its error begins.
struct Damage {
  const char* file;
  std::string text;
  const char* error;
};

TEST_F(BoxDirectory, DamageIsToldByFileLineAndText) {
  const std::string zero("# x\n\0\n", 6);
  const Damage kDamages[] = {
      {"net.ip", zero, "net.ip:2: a zero byte"},
      {"sysctl.conf", zero, "sysctl.conf:2: a zero byte"},
      {"rules.v4", zero, "rules.v4:2: a zero byte"},
      {"rules.v6", zero, "rules.v6:2: a zero byte"},
      {"state.jsonl", zero, "state.jsonl:2: a zero byte"},
      {"ipset.conf", zero, "ipset.conf:2: a zero byte"},
      {"ipset.conf", "create s hash:ip\n", "ipset.conf:1: sets are not supported yet: `create s hash:ip'"},
      {"net.ip", "link add dev wan\naddr add 10.0.0.300/8 dev wan\n", "net.ip:2: "},
      {"net.ip", "frobnicate\n", "net.ip:1: "},
      {"sysctl.conf", "net.ipv4.ip_forward\n", "sysctl.conf:1: "},
      {"rules.v4", "*filter\n-A NOWHERE -j ACCEPT\nCOMMIT\n", "rules.v4:"},
      {"rules.v4", "*filter\n-A FORWARD -m nosuch -j ACCEPT\nCOMMIT\n", "rules.v4:2: "},
      {"rules.v6", "*filter\n-A NO -j ACCEPT\nCOMMIT\n", "rules.v6:2: "},
      {"state.jsonl", "{}\n", "state.jsonl:1: the field \"kind\" is missing"},
  };
  for (const Damage& damage : kDamages) {
    fs::remove_all(root_);
    fs::create_directories(root_);
    put(damage.file, damage.text);
    EXPECT_EQ(errors_of(root_.string()).rfind(damage.error, 0), 0U) << damage.error << "\n"
                                                                    << errors_of(root_.string());
  }
}

TEST_F(BoxDirectory, ADirectoryInAFilesPlace) {
  fs::create_directories(root_ / "rules.v4");
  EXPECT_EQ(errors_of(root_.string()), "rules.v4: is a directory, where a file is expected\n");
}

TEST_F(BoxDirectory, AllErrorsAreListedAtOnce) {
  put("net.ip", "frobnicate\n");
  put("rules.v4", "*filter\n-A FORWARD -m nosuch -j ACCEPT\n-A FORWARD -j NOTHING\nCOMMIT\n");
  const std::string errors = errors_of(root_.string());
  EXPECT_NE(errors.find("net.ip:1: "), std::string::npos);
  EXPECT_NE(errors.find("rules.v4:2: "), std::string::npos);
  EXPECT_NE(errors.find("rules.v4:3: "), std::string::npos) << errors;
}

}  // namespace
}  // namespace utables::lab
