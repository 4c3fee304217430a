// The contract of a kind of capture file, and what the kinds share: the stream, how damage is told, how
// a cut is told. pcap.cc and pcapng.cc implement it; capture.cc chooses by the first four bytes.
#pragma once
#include <utables/result.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "io/capture.h"
#include "io/format/byte_stream.h"

namespace utables::io {

/// Loads in the byte order of a file, which is this machine's or the other.
struct ByteOrder {
  bool swapped = false;

  [[nodiscard]] std::uint16_t u16(const std::uint8_t* p) const {
    std::uint16_t v;
    std::memcpy(&v, p, sizeof v);
    return swapped ? byteswap16(v) : v;
  }
  [[nodiscard]] std::uint32_t u32(const std::uint8_t* p) const {
    std::uint32_t v;
    std::memcpy(&v, p, sizeof v);
    return swapped ? byteswap32(v) : v;
  }
  [[nodiscard]] std::uint64_t u64(const std::uint8_t* p) const {
    std::uint64_t v;
    std::memcpy(&v, p, sizeof v);
    return swapped ? __builtin_bswap64(v) : v;
  }
};

class CaptureFormat {
 public:
  CaptureFormat(std::string name, ByteStream stream) : name_(std::move(name)), stream_(std::move(stream)) {}
  CaptureFormat(const CaptureFormat&) = delete;
  CaptureFormat& operator=(const CaptureFormat&) = delete;
  virtual ~CaptureFormat() = default;

  /// Reads the file's header; called once, first.
  [[nodiscard]] virtual Result<void> begin() = 0;
  /// As CaptureReader::next(), but for what follows an error.
  [[nodiscard]] virtual Result<std::optional<Frame>> next() = 0;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const ByteStream& stream() const { return stream_; }
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  [[nodiscard]] const std::vector<CaptureInterface>& interfaces() const { return interfaces_; }

  bool ended = false;             ///< the end was given
  std::optional<Error> failed{};  ///< the error that was given

 protected:
  /// `what` is the record that begins at `offset`, such as `record 7`.
  [[nodiscard]] tl::unexpected<Error> damaged(std::string_view what, std::uint64_t offset,
                                              std::string_view rule) const;
  /// Notes that the capture ends within `what`.
  void warn_cut(std::string_view what, std::uint64_t offset);

  std::string name_;
  ByteStream stream_;
  std::vector<std::string> warnings_{};
  std::vector<CaptureInterface> interfaces_{};
  std::uint64_t frames_ = 0;  ///< given so far
};

[[nodiscard]] std::unique_ptr<CaptureFormat> make_pcap(std::string name, ByteStream stream);
[[nodiscard]] std::unique_ptr<CaptureFormat> make_pcapng(std::string name, ByteStream stream);
/// The first four bytes, in either byte order, are those of a pcap (pcapng) file.
[[nodiscard]] bool is_pcap_magic(const std::uint8_t* p);
[[nodiscard]] bool is_pcapng_magic(const std::uint8_t* p);

}  // namespace utables::io
