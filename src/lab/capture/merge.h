// Merge: the frames of one or several captures, in the order of time.
//
// Several files are merged by their frames' times (equal times: the order of the command line). Within a
// file of several interfaces, whose frames lie in it as their buffers were read, frames are put in order
// too, within a bounded window; the frames of one interface stay in the order of the file. A time that
// runs backwards even so is taken as its predecessor's, and counted.
#pragma once
#include <utables/result.h>
#include <utables/time.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/capture.h"

namespace utables::lab {

/// How far apart frames of several interfaces may stand in a file and still be put in order.
inline constexpr Duration kOrderWindow = 2 * kSecond;
inline constexpr std::size_t kOrderFrames = 8192;
inline constexpr std::size_t kOrderBytes = 32U << 20;

/// A frame with its file. Its views are valid until the next call of CaptureMerge::next().
struct MergedFrame {
  io::Frame frame{};
  std::uint16_t file = 0;  ///< position in the list of captures
  Time time = 0;           ///< never before its predecessor's
};

class CaptureMerge {
 public:
  /// Opens every file; `-` is standard input.
  [[nodiscard]] static Result<CaptureMerge> open(const std::vector<std::string>& paths);
  /// Takes readers that are open already.
  explicit CaptureMerge(std::vector<io::CaptureReader> readers);
  CaptureMerge(CaptureMerge&&) noexcept;
  CaptureMerge& operator=(CaptureMerge&&) noexcept;
  ~CaptureMerge();

  /// The next frame in the order of time; null at the end of all files.
  [[nodiscard]] Result<const MergedFrame*> next();

  [[nodiscard]] std::vector<std::string> warnings() const;
  [[nodiscard]] const std::string& file_name(std::uint16_t file) const;
  [[nodiscard]] std::size_t files() const;
  [[nodiscard]] std::uint64_t backwards() const { return backwards_; }  ///< frames whose time ran backwards
  /// Between 0 and 1; none where a file has no size (a pipe).
  [[nodiscard]] std::optional<double> progress() const;

 private:
  class Source;
  std::vector<std::unique_ptr<Source>> sources_;
  MergedFrame current_{};
  std::size_t taken_from_ = SIZE_MAX;  ///< whose head was handed out
  bool begun_ = false;
  Time last_ = 0;
  std::uint64_t backwards_ = 0;
};

}  // namespace utables::lab
