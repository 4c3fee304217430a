// Capture files: pcap and pcapng, plain, gzip or zstd (told apart by content, never by name), read from
// a file, from standard input or from memory.
//
// A *frame* is one captured packet with its link layer; frames are numbered from 1, as everywhere in the
// output (`FILE:N`). The reader streams: its memory is bounded whatever the file's size, and a frame's
// bytes, names and comment are views of its buffer, valid until the next call of next().
//
// A capture whose last record is cut is used up to there, with a warning. Every other damage is an
// error that names file, record (pcapng: block), offset (in the uncompressed bytes) and the rule broken;
// after an error the reader gives no more frames. Bounds are kMax... below.
//
// Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng, RFC 1952 (gzip), RFC 8878 (zstd).
#pragma once
#include <utables/packet.h>
#include <utables/result.h>
#include <utables/time.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace utables::io {

inline constexpr std::uint32_t kMaxFrameBytes = 1u << 20;     ///< captured bytes of a frame
inline constexpr std::uint32_t kMaxBlockBytes = 16u << 20;    ///< a pcapng block
inline constexpr std::uint32_t kMaxInterfaces = 65'536;       ///< interfaces of a pcapng section
inline constexpr std::uint32_t kMaxInterfaceNameBytes = 255;  ///< if_name

/// Which way a frame went through the interface that it was captured on, as far as the file says so.
enum class Direction : std::uint8_t { unknown, inbound, outbound };

/// An interface of a pcapng section; a pcap file has one, without a name.
struct CaptureInterface {
  std::string name{};             ///< if_name; empty: not known
  std::uint16_t link_type = 0;    ///< LINKTYPE_... (link.h)
  std::uint32_t snap_length = 0;  ///< bytes; 0: no limit
};

/// One captured packet. The views are valid until the next call of CaptureReader::next().
struct Frame {
  std::uint64_t number = 0;                  ///< from 1, in the order of the file
  Time time = 0;                             ///< rounded down to nanoseconds
  bool has_time = true;                      ///< false: a simple packet block; `time` is its predecessor's
  std::uint16_t link_type = 0;               ///< LINKTYPE_... (link.h)
  Direction direction = Direction::unknown;  ///< of the flags in the file; cooked link layers: see link.h
  std::uint32_t interface = 0;               ///< index within the section; 0 in a pcap file
  std::uint32_t section = 0;                 ///< from 0; 0 in a pcap file
  std::span<const std::uint8_t> bytes{};     ///< what was captured, from the link layer on, without the FCS
  std::uint32_t wire_size = 0;               ///< bytes on the wire, without the FCS; >= bytes.size()
  std::uint32_t link_errors = 0;      ///< bits 16 to 31 of the flags in the file: CRC, length, ... errors
  std::optional<PacketType> type{};   ///< reception type of the flags in the file, if it says
  std::string_view interface_name{};  ///< empty: not known
  std::string_view comment{};         ///< the first one; empty: none
};

/// What a kind of capture file does: implemented in io/format.
class CaptureFormat;

/// Reads one capture from its beginning to its end. Not thread-safe; moveable.
class CaptureReader {
 public:
  /// Opens a file, or standard input for `-`, and reads its header.
  [[nodiscard]] static Result<CaptureReader> open(const std::string& path);
  /// Reads from memory, which must outlive the reader; `name` stands for the file in errors.
  [[nodiscard]] static Result<CaptureReader> from_memory(std::span<const std::uint8_t> bytes,
                                                         std::string name);

  CaptureReader(CaptureReader&&) noexcept;
  CaptureReader& operator=(CaptureReader&&) noexcept;
  ~CaptureReader();

  /// The next frame; an empty optional at the end.
  [[nodiscard]] Result<std::optional<Frame>> next();

  /// Sentences for people, each naming the file; complete once next() returned the end.
  [[nodiscard]] const std::vector<std::string>& warnings() const;
  /// The interfaces of the current section that were described so far.
  [[nodiscard]] std::span<const CaptureInterface> interfaces() const;
  /// As given to open().
  [[nodiscard]] const std::string& name() const;
  /// Bytes of the file (as stored, maybe compressed) taken so far: for a progress bar.
  [[nodiscard]] std::uint64_t bytes_taken() const;
  /// The size of the file in bytes, where it has one (not a pipe).
  [[nodiscard]] std::optional<std::uint64_t> bytes_total() const;

 private:
  explicit CaptureReader(std::unique_ptr<CaptureFormat> format);
  std::unique_ptr<CaptureFormat> format_;
};

}  // namespace utables::io
