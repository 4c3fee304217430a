// A stream of bytes seen through a window: what a reader of binary files stands on.
//
// ByteSource gives bytes in order (a descriptor, a decompressor). ByteStream keeps a window of them that
// is contiguous, so that records are read in place; the window grows to what need() asks for and no
// further. Over memory the window is the memory itself. What data() points to stays valid until the next
// need() that has to fetch.
#pragma once
#include <utables/result.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace utables::io {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills the front of `into` (not empty); returns how many bytes, 0 at the end.
  [[nodiscard]] virtual Result<std::size_t> read(std::span<std::uint8_t> into) = 0;
  /// The end that was met is not where the data's own format ends (a compressed file that is cut).
  [[nodiscard]] virtual bool cut() const { return false; }
  /// Bytes of the file taken so far, as stored.
  [[nodiscard]] virtual std::uint64_t taken() const = 0;
  /// The file's size as stored, if it has one.
  [[nodiscard]] virtual std::optional<std::uint64_t> total() const = 0;
};

class ByteStream {
 public:
  /// REQUIRES: `bytes` outlive the stream.
  [[nodiscard]] static ByteStream over(std::span<const std::uint8_t> bytes);
  [[nodiscard]] static ByteStream from(std::unique_ptr<ByteSource> source);

  [[nodiscard]] std::size_t available() const { return static_cast<std::size_t>(end_ - begin_); }
  [[nodiscard]] const std::uint8_t* data() const { return begin_; }
  /// Position of data() in the stream, in bytes.
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  /// REQUIRES: n <= available().
  void skip(std::size_t n) {
    begin_ += n;
    offset_ += n;
  }
  /// Makes n bytes available, fewer only at the end; returns available().
  [[nodiscard]] Result<std::size_t> need(std::size_t n);
  [[nodiscard]] bool cut() const { return source_ && source_->cut(); }
  [[nodiscard]] std::uint64_t taken() const { return source_ ? source_->taken() : offset_; }
  [[nodiscard]] std::optional<std::uint64_t> total() const;

 private:
  void make_room(std::size_t n);

  const std::uint8_t* begin_ = nullptr;
  const std::uint8_t* end_ = nullptr;
  std::uint64_t offset_ = 0;
  std::unique_ptr<ByteSource> source_{};  ///< none: over memory
  std::unique_ptr<std::uint8_t[]> buffer_{};
  std::size_t buffer_size_ = 0;
  bool at_end_ = false;
};

/// A file, or standard input for `-`.
[[nodiscard]] Result<std::unique_ptr<ByteSource>> open_file(const std::string& path);
/// If the stream begins as gzip or zstd does, a stream of what is in it; else the stream itself.
[[nodiscard]] Result<ByteStream> decompressed(ByteStream stream);

}  // namespace utables::io
