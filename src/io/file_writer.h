// Where bytes go: a string, or a file that appears whole or not at all.
#pragma once
#include <utables/result.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace utables::io {

/// Takes bytes in order. An error sticks: what is written after it is refused with the same error.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  [[nodiscard]] virtual Result<void> write(std::span<const std::uint8_t> bytes) = 0;
  [[nodiscard]] Result<void> write(std::string_view text) {
    return write(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  }
};

/// Appends to a string of its own.
class StringSink final : public ByteSink {
 public:
  using ByteSink::write;
  [[nodiscard]] Result<void> write(std::span<const std::uint8_t> bytes) override;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// Writes to a file without a name (beside its target, where the file system has none) and takes the
/// target's name in commit(); without commit() nothing remains.
/// A target that exists and is no regular file (a pipe, /dev/null) and `-` (standard output) are written
/// to directly. Not thread-safe; moveable.
class FileWriter final : public ByteSink {
 public:
  enum class Durable : std::uint8_t { no, yes };  ///< yes: fsync before the rename

  [[nodiscard]] static Result<FileWriter> create(const std::string& path);
  FileWriter(FileWriter&& other) noexcept;
  FileWriter& operator=(FileWriter&& other) noexcept;
  ~FileWriter() override;

  using ByteSink::write;
  [[nodiscard]] Result<void> write(std::span<const std::uint8_t> bytes) override;
  /// Writes out what is buffered and closes the file, which has a provisional name then: so a set of files
  /// can be known to be complete before the first of them appears.
  [[nodiscard]] Result<void> finish(Durable durable = Durable::no);
  /// finish(), then the rename.
  [[nodiscard]] Result<void> commit(Durable durable = Durable::no);
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  FileWriter(std::string path, std::string provisional, int fd);
  [[nodiscard]] Result<void> flush();
  [[nodiscard]] Result<void> failed(std::string_view doing);
  void abandon() noexcept;

  std::string path_;
  std::string provisional_;  ///< empty: written to directly
  int fd_ = -1;
  bool owns_fd_ = true;
  bool nameless_ = false;  ///< a file without a name until finish()
  bool finished_ = false;
  std::string error_;
  std::vector<std::uint8_t> buffer_;
};

}  // namespace utables::io
