#include "io/file_writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace utables::io {

namespace {

constexpr std::size_t kBufferBytes = 1u << 20;

/// `DIR/` of `DIR/NAME`; empty: the current directory.
std::string directory_of(const std::string& path) { return path.substr(0, path.find_last_of('/') + 1); }

// The provisional name is `DIR/.NAME.PID-N.partial`, in the target's directory, so that the rename stays in
// one file system. Others may be left there by a run that was killed: N tells apart. `make` returns -1 and
// EEXIST for a name that is taken.
template <class Make>
int take_name(const std::string& path, std::string& provisional, Make make) {
  constexpr int kAttempts = 100;
  const std::string directory = directory_of(path);
  for (int n = 0; n < kAttempts; ++n) {
    provisional = fmt::format("{}.{}.{}-{}.partial", directory, path.substr(directory.size()), ::getpid(), n);
    const int made = make(provisional.c_str());
    if (made >= 0 || errno != EEXIST) return made;
  }
  return -1;
}

int create_beside(const std::string& path, std::string& provisional) {
  return take_name(path, provisional, [](const char* name) {
    return ::open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  });
}

std::string proc_name(int fd) { return fmt::format("/proc/self/fd/{}", fd); }

/// A file without a name, of which nothing remains even if this process is killed; -1 where the file system
/// has none, or no /proc is there to name it by.
int create_nameless(const std::string& path) {
  const std::string directory = directory_of(path);
  const int fd = ::open(directory.empty() ? "." : directory.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
  if (fd < 0 || ::access(proc_name(fd).c_str(), F_OK) == 0) return fd;
  ::close(fd);
  return -1;
}

int give_name(int fd, const std::string& path, std::string& provisional) {
  const std::string from = proc_name(fd);
  return take_name(path, provisional, [&](const char* name) {
    return ::linkat(AT_FDCWD, from.c_str(), AT_FDCWD, name, AT_SYMLINK_FOLLOW);
  });
}

Error cannot(const std::string& path, std::string_view doing) {
  return Error{fmt::format("cannot {}: {}", doing, std::strerror(errno)), path};
}

}  // namespace

Result<void> StringSink::write(std::span<const std::uint8_t> bytes) {
  text_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return {};
}

Result<FileWriter> FileWriter::create(const std::string& path) {
  if (path == "-") {
    FileWriter w(path, {}, STDOUT_FILENO);
    w.owns_fd_ = false;
    return w;
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);  // a directory fails here
    if (fd < 0) return tl::unexpected<Error>(cannot(path, "write"));
    return FileWriter(path, {}, fd);
  }
  if (const int fd = create_nameless(path); fd >= 0) {
    FileWriter w(path, {}, fd);
    w.nameless_ = true;
    return w;
  }
  std::string provisional;
  const int fd = create_beside(path, provisional);
  if (fd < 0) return tl::unexpected<Error>(cannot(path, "create"));
  return FileWriter(path, std::move(provisional), fd);
}

FileWriter::FileWriter(std::string path, std::string provisional, int fd)
    : path_(std::move(path)), provisional_(std::move(provisional)), fd_(fd) {}

FileWriter::FileWriter(FileWriter&& other) noexcept
    : path_(std::move(other.path_)),
      provisional_(std::exchange(other.provisional_, {})),
      fd_(std::exchange(other.fd_, -1)),
      owns_fd_(other.owns_fd_),
      nameless_(other.nameless_),
      finished_(other.finished_),
      error_(std::move(other.error_)),
      buffer_(std::move(other.buffer_)) {}

FileWriter& FileWriter::operator=(FileWriter&& other) noexcept {
  if (this == &other) return *this;
  abandon();
  path_ = std::move(other.path_);
  provisional_ = std::exchange(other.provisional_, {});
  fd_ = std::exchange(other.fd_, -1);
  owns_fd_ = other.owns_fd_;
  nameless_ = other.nameless_;
  finished_ = other.finished_;
  error_ = std::move(other.error_);
  buffer_ = std::move(other.buffer_);
  return *this;
}

FileWriter::~FileWriter() { abandon(); }

void FileWriter::abandon() noexcept {
  if (fd_ >= 0 && owns_fd_) ::close(fd_);
  fd_ = -1;
  if (!provisional_.empty()) ::unlink(provisional_.c_str());
  provisional_.clear();
}

Result<void> FileWriter::failed(std::string_view doing) {
  error_ = fmt::format("cannot {}: {}", doing, std::strerror(errno));
  return tl::unexpected<Error>(Error{error_, path_});
}

Result<void> FileWriter::flush() {
  for (std::size_t done = 0; done < buffer_.size();) {
    const ssize_t n = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("write");
    done += static_cast<std::size_t>(n);
  }
  buffer_.clear();
  return {};
}

Result<void> FileWriter::write(std::span<const std::uint8_t> bytes) {
  if (!error_.empty()) return tl::unexpected<Error>(Error{error_, path_});
  if (finished_) return tl::unexpected<Error>(Error{"written to after its end", path_});
  if (buffer_.capacity() == 0) buffer_.reserve(kBufferBytes);
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  return buffer_.size() >= kBufferBytes / 2 ? flush() : Result<void>{};
}

Result<void> FileWriter::finish(Durable durable) {
  if (!error_.empty()) return tl::unexpected<Error>(Error{error_, path_});
  if (finished_) return {};
  if (auto ok = flush(); !ok) return ok;
  if (durable == Durable::yes && (nameless_ || !provisional_.empty()) && ::fsync(fd_) != 0)
    return failed("write");
  if (nameless_) {
    std::string name;
    if (give_name(fd_, path_, name) != 0) return failed("create");
    provisional_ = std::move(name);
  }
  finished_ = true;
  if (!owns_fd_) return {};
  if (::close(std::exchange(fd_, -1)) != 0) return failed("close");
  return {};
}

Result<void> FileWriter::commit(Durable durable) {
  if (auto ok = finish(durable); !ok) return ok;
  if (provisional_.empty()) return {};
  if (::rename(provisional_.c_str(), path_.c_str()) != 0) return failed("rename to its name");
  provisional_.clear();
  return {};
}

}  // namespace utables::io
