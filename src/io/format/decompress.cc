// gzip and zstd, as ByteSources over a stream of the compressed bytes. Several members or frames one
// after the other are one content, as for gzip(1) and zstd(1). Memory: zlib's 32 KiB window; zstd's is
// bounded by kZstdWindowLog.
#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <utility>

#include "io/format/byte_stream.h"

namespace utables::io {

namespace {

constexpr int kZstdWindowLog = 27;  // 128 MiB: what zstd(1) itself takes without being told to take more

bool begins_as_gzip(const std::uint8_t* p, std::size_t n) { return n >= 2 && p[0] == 0x1f && p[1] == 0x8b; }

bool begins_as_zstd(const std::uint8_t* p, std::size_t n) {
  const bool frame = n >= 4 && p[0] == 0x28 && p[1] == 0xb5 && p[2] == 0x2f && p[3] == 0xfd;
  const bool skippable = n >= 4 && (p[0] & 0xf0) == 0x50 && p[1] == 0x2a && p[2] == 0x4d && p[3] == 0x18;
  return frame || skippable;
}

class Decompressor : public ByteSource {
 public:
  explicit Decompressor(ByteStream input) : input_(std::move(input)) {}
  bool cut() const override { return cut_; }
  std::uint64_t taken() const override { return input_.taken(); }
  std::optional<std::uint64_t> total() const override { return input_.total(); }

 protected:
  tl::unexpected<Error> damaged(const char* format, const char* rule) const {
    return fail(
        fmt::format("{} data damaged at byte {} of the compressed file: {}", format, input_.offset(), rule));
  }

  ByteStream input_;
  bool cut_ = false;
};

class GzipSource final : public Decompressor {
 public:
  explicit GzipSource(ByteStream input) : Decompressor(std::move(input)) {}
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;
  ~GzipSource() override {
    if (started_) inflateEnd(&z_);
  }

  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    z_.next_out = into.data();
    z_.avail_out = static_cast<uInt>(into.size());
    while (z_.avail_out == into.size()) {
      auto left = input_.need(in_member_ ? 1 : 2);
      if (!left) return tl::unexpected<Error>(std::move(left.error()));
      if (*left == 0 && !in_member_) return 0;
      if (!in_member_) {
        if (auto begun = begin_member(); !begun) return tl::unexpected<Error>(std::move(begun.error()));
      }
      // With no input left the decompressor may still hold output.
      if (auto done = inflate_some(); !done) return tl::unexpected<Error>(std::move(done.error()));
      if (*left == 0 && z_.avail_out == into.size()) {
        cut_ = true;
        return 0;
      }
    }
    return into.size() - z_.avail_out;
  }

 private:
  Result<void> begin_member() {
    if (!begins_as_gzip(input_.data(), input_.available()))
      return damaged("gzip", "what follows a member is no gzip member");
    constexpr int kGzipOnly = 16;
    const int status = started_ ? inflateReset(&z_) : inflateInit2(&z_, MAX_WBITS + kGzipOnly);
    if (status != Z_OK) return damaged("gzip", "no memory for the decompressor");
    started_ = in_member_ = true;
    return {};
  }

  Result<void> inflate_some() {
    z_.next_in = const_cast<Bytef*>(input_.data());
    z_.avail_in = static_cast<uInt>(input_.available());
    const auto before = z_.avail_in;
    const int status = inflate(&z_, Z_NO_FLUSH);
    input_.skip(before - z_.avail_in);
    if (status == Z_STREAM_END) {
      in_member_ = false;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      return damaged("gzip", z_.msg != nullptr ? z_.msg : "a dictionary would be needed");
    }
    return {};
  }

  z_stream z_{};
  bool started_ = false;
  bool in_member_ = false;
};

class ZstdSource final : public Decompressor {
 public:
  explicit ZstdSource(ByteStream input) : Decompressor(std::move(input)), context_(ZSTD_createDCtx()) {
    if (context_ != nullptr) ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kZstdWindowLog);
  }
  ZstdSource(const ZstdSource&) = delete;
  ZstdSource& operator=(const ZstdSource&) = delete;
  ~ZstdSource() override { ZSTD_freeDCtx(context_); }

  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    if (context_ == nullptr) return damaged("zstd", "no memory for the decompressor");
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    while (out.pos == 0) {
      auto left = input_.need(1);
      if (!left) return tl::unexpected<Error>(std::move(left.error()));
      // With no input left the decompressor may still hold output.
      ZSTD_inBuffer in{input_.data(), *left, 0};
      if (*left == 0 && !in_frame_) return 0;
      const std::size_t status = ZSTD_decompressStream(context_, &out, &in);
      input_.skip(in.pos);
      if (ZSTD_isError(status)) return damaged("zstd", ZSTD_getErrorName(status));
      in_frame_ = status != 0;
      if (*left == 0 && out.pos == 0) {
        cut_ = in_frame_;
        return 0;
      }
    }
    return out.pos;
  }

 private:
  ZSTD_DCtx* context_;
  bool in_frame_ = false;
};

}  // namespace

Result<ByteStream> decompressed(ByteStream stream) {
  auto have = stream.need(4);
  if (!have) return tl::unexpected<Error>(std::move(have.error()));
  if (begins_as_gzip(stream.data(), *have))
    return ByteStream::from(std::make_unique<GzipSource>(std::move(stream)));
  if (begins_as_zstd(stream.data(), *have))
    return ByteStream::from(std::make_unique<ZstdSource>(std::move(stream)));
  return stream;
}

}  // namespace utables::io
