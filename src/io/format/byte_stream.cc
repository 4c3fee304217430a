#include "io/format/byte_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace utables::io {

namespace {

// Large enough that system calls do not count, small enough to stay in a second-level cache.
constexpr std::size_t kBufferBytes = 512u << 10;

class FileSource final : public ByteSource {
 public:
  FileSource(int fd, bool owned, std::optional<std::uint64_t> size) : fd_(fd), owned_(owned), size_(size) {}
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  ~FileSource() override {
    if (owned_) ::close(fd_);
  }

  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    for (;;) {
      const ssize_t n = ::read(fd_, into.data(), into.size());
      if (n >= 0) {
        taken_ += static_cast<std::uint64_t>(n);
        return static_cast<std::size_t>(n);
      }
      if (errno != EINTR) return fail(std::string("cannot read: ") + std::strerror(errno));
    }
  }
  std::uint64_t taken() const override { return taken_; }
  std::optional<std::uint64_t> total() const override { return size_; }

 private:
  int fd_;
  bool owned_;
  std::optional<std::uint64_t> size_;
  std::uint64_t taken_ = 0;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> open_file(const std::string& path) {
  const bool standard_input = path == "-";
  const int fd = standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(std::string("cannot open: ") + std::strerror(errno));
  std::optional<std::uint64_t> size;
  struct stat status {};
  if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) size = static_cast<std::uint64_t>(status.st_size);
  return std::make_unique<FileSource>(fd, !standard_input, size);
}

ByteStream ByteStream::over(std::span<const std::uint8_t> bytes) {
  ByteStream s;
  s.begin_ = bytes.data();
  s.end_ = bytes.data() + bytes.size();
  s.at_end_ = true;
  return s;
}

ByteStream ByteStream::from(std::unique_ptr<ByteSource> source) {
  ByteStream s;
  s.source_ = std::move(source);
  return s;
}

std::optional<std::uint64_t> ByteStream::total() const {
  return source_ ? source_->total() : offset_ + available();
}

// Moves what is left to the front of the buffer, which grows if n bytes would not fit.
void ByteStream::make_room(std::size_t n) {
  const std::size_t kept = available();
  const std::size_t wanted = n > kBufferBytes ? n : kBufferBytes;
  if (wanted > buffer_size_) {
    auto larger = std::make_unique_for_overwrite<std::uint8_t[]>(wanted);
    if (kept != 0) std::memcpy(larger.get(), begin_, kept);
    buffer_ = std::move(larger);
    buffer_size_ = wanted;
  } else if (kept != 0) {
    std::memmove(buffer_.get(), begin_, kept);
  }
  begin_ = buffer_.get();
  end_ = begin_ + kept;
}

Result<std::size_t> ByteStream::need(std::size_t n) {
  if (available() >= n || at_end_) return available();
  make_room(n);
  while (available() < n) {
    const std::size_t used = available();
    auto got = source_->read(std::span(buffer_.get() + used, buffer_size_ - used));
    if (!got) return tl::unexpected<Error>(std::move(got.error()));
    if (*got == 0) {
      at_end_ = true;
      break;
    }
    end_ += *got;
  }
  return available();
}

}  // namespace utables::io
