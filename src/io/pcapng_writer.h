// Writes pcapng: one section, interfaces with nanosecond time, a block for each packet.
// Source: draft-ietf-opsawg-pcapng. Byte order is this machine's (little-endian).
#pragma once
#include <utables/result.h>
#include <utables/time.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/capture.h"
#include "io/file_writer.h"

namespace utables::io {

/// One packet to write; the views are read during the call alone.
struct FrameToWrite {
  Time time = 0;  ///< >= 0
  std::uint32_t interface = 0;
  Direction direction = Direction::unknown;
  std::span<const std::uint8_t> bytes{};  ///< at most kMaxFrameBytes
  std::uint32_t wire_size = 0;            ///< >= bytes.size(); 0: bytes.size()
  std::string_view comment{};             ///< UTF-8, at most 65,535 bytes; empty: none
};

/// REQUIRES: the sink outlives the writer. Errors are the sink's, or name the rule that the frame broke.
class PcapngWriter {
 public:
  explicit PcapngWriter(ByteSink& sink) : sink_(sink) {}

  /// Writes the section header; `application` is what the file says it was written by.
  [[nodiscard]] Result<void> begin(std::string_view application);
  /// Describes an interface; the first is 0, the next 1, and so on. REQUIRES: begin() was called.
  [[nodiscard]] Result<void> add_interface(std::string_view name, std::uint16_t link_type = 101);
  [[nodiscard]] Result<void> write(const FrameToWrite& frame);

 private:
  ByteSink& sink_;
  std::uint32_t interfaces_ = 0;
  std::vector<std::uint8_t> block_;  ///< the block being made, kept for its memory
};

}  // namespace utables::io
