#include "io/file_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace utables::io {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class FileWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = fs::temp_directory_path() / ("utables-writer-" + std::to_string(::getpid()) + "-" +
                                              testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(directory_);
    fs::create_directory(directory_);
  }
  void TearDown() override { fs::remove_all(directory_); }

  [[nodiscard]] std::string path(const char* file) const { return directory_ / file; }
  [[nodiscard]] std::ptrdiff_t files() const {
    return std::distance(fs::directory_iterator(directory_), fs::directory_iterator());
  }
  static std::string content(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  fs::path directory_;
};

TEST_F(FileWriterTest, AppearsAtCommit) {
  auto w = FileWriter::create(path("out"));
  ASSERT_TRUE(w) << w.error().str();
  ASSERT_TRUE(w->write(std::string_view("first ")));
  EXPECT_FALSE(fs::exists(path("out")));
  EXPECT_EQ(files(), 1);  // the provisional one
  ASSERT_TRUE(w->write(std::string_view("second")));
  ASSERT_TRUE(w->commit(FileWriter::Durable::yes));
  EXPECT_EQ(content(path("out")), "first second");
  EXPECT_EQ(files(), 1);
}

TEST_F(FileWriterTest, WithoutCommitNothingRemains) {
  std::ofstream(path("out")) << "old";
  {
    auto w = FileWriter::create(path("out"));
    ASSERT_TRUE(w);
    ASSERT_TRUE(w->write(std::string(3'000'000, 'x')));
    EXPECT_EQ(files(), 2);
  }
  EXPECT_EQ(content(path("out")), "old");
  EXPECT_EQ(files(), 1);
  {
    auto w = FileWriter::create(path("out"));
    ASSERT_TRUE(w && w->write(std::string_view("new")) && w->finish());
  }
  EXPECT_EQ(content(path("out")), "old");
  EXPECT_EQ(files(), 1);
}

TEST_F(FileWriterTest, ReplacesWhatWasThere) {
  std::ofstream(path("out")) << "old";
  auto w = FileWriter::create(path("out"));
  ASSERT_TRUE(w && w->write(std::string_view("new")) && w->finish());
  EXPECT_FALSE(w->write(std::string_view("late")));
  ASSERT_TRUE(w->commit());
  EXPECT_EQ(content(path("out")), "new");
}

TEST_F(FileWriterTest, LargeContentsComeOutInOrder) {
  auto w = FileWriter::create(path("out"));
  ASSERT_TRUE(w);
  std::string expected;
  for (int i = 0; i < 300'000; ++i) {
    const std::string piece = std::to_string(i) + "\n";
    expected += piece;
    ASSERT_TRUE(w->write(piece));
  }
  ASSERT_TRUE(w->commit());
  EXPECT_TRUE(content(path("out")) == expected);
}

TEST_F(FileWriterTest, MovesTakeTheFileAlong) {
  auto made = FileWriter::create(path("out"));
  ASSERT_TRUE(made && made->write(std::string_view("a")));
  FileWriter second(std::move(*made));
  ASSERT_TRUE(second.write(std::string_view("b")));
  auto other = FileWriter::create(path("other"));
  ASSERT_TRUE(other);
  *other = std::move(second);  // drops `other`
  EXPECT_EQ(files(), 1);
  ASSERT_TRUE(other->commit());
  EXPECT_EQ(content(path("out")), "ab");
  EXPECT_FALSE(fs::exists(path("other")));
}

TEST_F(FileWriterTest, TheUsualPermissions) {
  const mode_t before = ::umask(022);
  auto w = FileWriter::create(path("out"));
  ASSERT_TRUE(w && w->commit());
  ::umask(before);
  EXPECT_EQ(fs::status(path("out")).permissions(), static_cast<fs::perms>(0644));
}

TEST_F(FileWriterTest, WhatIsNoRegularFileIsWrittenTo) {
  auto w = FileWriter::create("/dev/null");
  ASSERT_TRUE(w && w->write(std::string_view("gone")) && w->commit());
  struct stat status {};
  ASSERT_EQ(::stat("/dev/null", &status), 0);
  EXPECT_TRUE(S_ISCHR(status.st_mode));
}

TEST_F(FileWriterTest, ErrorsNameTheFileAndStick) {
  const auto missing = FileWriter::create(path("no/such/out"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().str(), path("no/such/out") + ": cannot create: No such file or directory");
  const auto directory = FileWriter::create(directory_);
  ASSERT_FALSE(directory);
  EXPECT_THAT(directory.error().str(), HasSubstr("cannot write: Is a directory"));
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  auto full = FileWriter::create("/dev/full");
  ASSERT_TRUE(full && full->write(std::string_view("x")));
  const auto first = full->finish(), second = full->commit();
  ASSERT_FALSE(first || second);
  EXPECT_EQ(first.error().str(), "/dev/full: cannot write: No space left on device");
  EXPECT_EQ(second.error().str(), first.error().str());
}

TEST(StringSinkTest, Collects) {
  StringSink s;
  ASSERT_TRUE(s.write(std::string_view("a")) && s.write(std::string_view("bc")));
  EXPECT_EQ(s.text(), "abc");
}

}  // namespace
}  // namespace utables::io
