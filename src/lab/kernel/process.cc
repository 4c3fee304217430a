#include "lab/kernel/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace utables::lab::kernel {
namespace {

/// A file in memory that holds `text`, positioned at its start; -1 on failure.
int memory_file(std::string_view text) {
  const int fd = memfd_create("utables", MFD_CLOEXEC);
  if (fd < 0) return -1;
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = write(fd, text.data() + done, text.size() - done);
    if (n <= 0) {
      close(fd);
      return -1;
    }
    done += static_cast<std::size_t>(n);
  }
  lseek(fd, 0, SEEK_SET);
  return fd;
}

std::string read_all(int fd) {
  std::string out;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t n = read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return out;
    out.append(buffer.data(), static_cast<std::size_t>(n));
  }
}

[[noreturn]] void become(const std::vector<std::string>& argv, int in, int out, int err) {
  dup2(in, 0);
  dup2(out, 1);
  dup2(err, 2);
  std::vector<char*> words;
  for (const auto& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  execvp(words[0], words.data());
  for (const char* folder : {"/usr/sbin/", "/sbin/"}) execv((folder + argv[0]).c_str(), words.data());
  _exit(127);
}

}  // namespace

Result<Finished> run_program(const std::vector<std::string>& argv, std::string_view input) {
  const int in = memory_file(input), out = memory_file({}), err = memory_file({});
  if (in < 0 || out < 0 || err < 0) return lacking_errno("memfd_create");
  const pid_t child = fork();
  if (child < 0) return lacking_errno("fork");
  if (child == 0) become(argv, in, out, err);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  Finished finished;
  finished.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  lseek(out, 0, SEEK_SET);
  lseek(err, 0, SEEK_SET);
  finished.output = read_all(out);
  finished.errors = read_all(err);
  close(in);
  close(out);
  close(err);
  if (finished.status == 127) return lacking("the program " + argv[0] + " is not installed");
  return finished;
}

Background::~Background() {
  if (child_ > 0) {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }
  if (out_ >= 0) close(out_);
  if (err_ >= 0) close(err_);
}

Result<void> Background::start(const std::vector<std::string>& argv) {
  const int in = memory_file({});
  out_ = memory_file({});
  err_ = memory_file({});
  if (in < 0 || out_ < 0 || err_ < 0) return lacking_errno("memfd_create");
  child_ = fork();
  if (child_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    become(argv, in, out_, err_);
  }
  close(in);
  return child_ < 0 ? Result<void>(lacking_errno("fork")) : Result<void>{};
}

std::string Background::output() const {
  std::string text;
  std::array<char, 65536> buffer;
  for (off_t at = 0;;) {
    const ssize_t n = pread(out_, buffer.data(), buffer.size(), at);
    if (n <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(n));
    at += n;
  }
}

Result<std::string> read_file(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return lacking_errno(path);
  std::string text = read_all(fd);
  close(fd);
  return text;
}

Result<void> write_file(const std::string& path, std::string_view text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return lacking_errno(path);
  const ssize_t n = write(fd, text.data(), text.size());
  const int error = errno;
  close(fd);
  errno = error;
  if (n != static_cast<ssize_t>(text.size())) return lacking_errno(path);
  return {};
}

tl::unexpected<Error> lacking(std::string text) {
  Error error{std::move(text)};
  error.exit_code = 3;
  return tl::unexpected<Error>(std::move(error));
}

tl::unexpected<Error> lacking_errno(std::string_view what) {
  return lacking(std::string(what) + ": " + std::strerror(errno));
}

}  // namespace utables::lab::kernel
