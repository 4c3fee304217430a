#include "io/capture.h"

#include <fmt/format.h>

#include <utility>

#include "io/format/capture_format.h"

namespace utables::io {

tl::unexpected<Error> CaptureFormat::damaged(std::string_view what, std::uint64_t offset,
                                             std::string_view rule) const {
  return tl::unexpected<Error>(Error{fmt::format("{} at offset {}: {}", what, offset, rule), name_});
}

void CaptureFormat::warn_cut(std::string_view what, std::uint64_t offset) {
  warnings_.push_back(fmt::format("{}: cut within {} at offset {}: used up to there, {} frame{}", name_, what,
                                  offset, frames_, frames_ == 1 ? "" : "s"));
}

namespace {

tl::unexpected<Error> in_file(Error error, const std::string& name) {
  error.file = name;
  return tl::unexpected<Error>(std::move(error));
}

Result<std::unique_ptr<CaptureFormat>> recognise(ByteStream raw, const std::string& name) {
  auto stream = decompressed(std::move(raw));
  if (!stream) return in_file(std::move(stream.error()), name);
  auto have = stream->need(4);
  if (!have) return in_file(Error{"record 0 at offset 0: " + have.error().text}, name);
  if (*have == 0) return in_file(Error{"record 0 at offset 0: the file is empty, not a capture"}, name);
  if (*have < 4)
    return in_file(Error{fmt::format("record 0 at offset 0: {} bytes are no capture", *have)}, name);
  const std::uint8_t* p = stream->data();
  if (is_pcapng_magic(p)) return make_pcapng(name, std::move(*stream));
  if (is_pcap_magic(p)) return make_pcap(name, std::move(*stream));
  return in_file(
      Error{fmt::format("record 0 at offset 0: not a capture: it begins with {:02x} {:02x} {:02x} {:02x}, "
                        "as neither pcap nor pcapng does (nor gzip or zstd)",
                        p[0], p[1], p[2], p[3])},
      name);
}

}  // namespace

CaptureReader::CaptureReader(std::unique_ptr<CaptureFormat> format) : format_(std::move(format)) {}
CaptureReader::CaptureReader(CaptureReader&&) noexcept = default;
CaptureReader& CaptureReader::operator=(CaptureReader&&) noexcept = default;
CaptureReader::~CaptureReader() = default;

namespace {

Result<std::unique_ptr<CaptureFormat>> begun(ByteStream stream, const std::string& name) {
  auto format = recognise(std::move(stream), name);
  if (!format) return format;
  if (auto header = (*format)->begin(); !header) return tl::unexpected<Error>(std::move(header.error()));
  return format;
}

}  // namespace

Result<CaptureReader> CaptureReader::open(const std::string& path) {
  auto source = open_file(path);
  if (!source) return in_file(std::move(source.error()), path);
  auto format = begun(ByteStream::from(std::move(*source)), path);
  if (!format) return tl::unexpected<Error>(std::move(format.error()));
  return CaptureReader(std::move(*format));
}

Result<CaptureReader> CaptureReader::from_memory(std::span<const std::uint8_t> bytes, std::string name) {
  auto format = begun(ByteStream::over(bytes), name);
  if (!format) return tl::unexpected<Error>(std::move(format.error()));
  return CaptureReader(std::move(*format));
}

Result<std::optional<Frame>> CaptureReader::next() {
  if (format_->failed) return tl::unexpected<Error>(*format_->failed);
  if (format_->ended) return std::optional<Frame>{};
  auto frame = format_->next();
  if (!frame) {
    format_->failed = frame.error();
  } else if (!*frame) {
    format_->ended = true;
  }
  return frame;
}

const std::vector<std::string>& CaptureReader::warnings() const { return format_->warnings(); }
std::span<const CaptureInterface> CaptureReader::interfaces() const { return format_->interfaces(); }
const std::string& CaptureReader::name() const { return format_->name(); }
std::uint64_t CaptureReader::bytes_taken() const { return format_->stream().taken(); }
std::optional<std::uint64_t> CaptureReader::bytes_total() const { return format_->stream().total(); }

}  // namespace utables::io
