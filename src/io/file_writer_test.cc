#include "io/file_writer.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
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
  EXPECT_LE(files(), 1);  // a provisional one at most
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
    EXPECT_LE(files(), 2);
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

TEST_F(FileWriterTest, OfAProcessThatIsKilledNothingRemains) {
  const int nameless = ::open(directory_.c_str(), O_WRONLY | O_TMPFILE, 0600);
  if (nameless < 0) GTEST_SKIP() << "no files without a name in this file system";
  ::close(nameless);
  const pid_t child = ::fork();
  if (child == 0) {
    auto w = FileWriter::create(path("out"));
    if (w && w->write(std::string(3'000'000, 'x'))) ::raise(SIGKILL);
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(files(), 0);
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
  EXPECT_LE(files(), 1);
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
