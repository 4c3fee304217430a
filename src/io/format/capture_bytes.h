// For tests: captures made byte by byte, in either byte order, and their compressed forms.
#pragma once
#include <zlib.h>
#include <zstd.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/capture.h"

namespace utables::io::test {

/// Bytes that numbers are appended to in the order of `big`.
struct Bytes {
  std::vector<std::uint8_t> data{};
  bool big = false;

  template <class Number>
  Bytes& put(Number value) {
    for (std::size_t i = 0; i < sizeof value; ++i) {
      const std::size_t shift = 8 * (big ? sizeof value - 1 - i : i);
      data.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> shift));
    }
    return *this;
  }
  Bytes& u8(std::uint8_t v) { return put(v); }
  Bytes& u16(std::uint16_t v) { return put(v); }
  Bytes& u32(std::uint32_t v) { return put(v); }
  Bytes& u64(std::uint64_t v) { return put(v); }
  Bytes& text(std::string_view s) {
    data.insert(data.end(), s.begin(), s.end());
    return *this;
  }
  Bytes& bytes(const std::vector<std::uint8_t>& b) {
    data.insert(data.end(), b.begin(), b.end());
    return *this;
  }
  Bytes& pad() {
    while (data.size() % 4 != 0) data.push_back(0);
    return *this;
  }
  /// Overwrites 2 or 4 bytes at a position.
  void set16(std::size_t at, std::uint16_t v) { overwrite(at, Bytes{{}, big}.u16(v)); }
  void set32(std::size_t at, std::uint32_t v) { overwrite(at, Bytes{{}, big}.u32(v)); }
  void overwrite(std::size_t at, const Bytes& with) {
    std::memcpy(data.data() + at, with.data.data(), with.data.size());
  }
};

/// n bytes: 1, 2, 3, ...
inline std::vector<std::uint8_t> counting(std::size_t n) {
  std::vector<std::uint8_t> v(n);
  for (std::size_t i = 0; i < n; ++i) v[i] = static_cast<std::uint8_t>(i + 1);
  return v;
}

// pcap

inline Bytes pcap_header(bool big = false, std::uint32_t magic = 0xa1b2c3d4, std::uint32_t link_type = 1,
                         std::uint16_t minor = 4) {
  Bytes b{{}, big};
  return b.u32(magic).u16(2).u16(minor).u32(0).u32(0).u32(65'535).u32(link_type);
}

struct PcapRecord {
  std::uint32_t seconds = 0, units = 0;
  std::vector<std::uint8_t> data{};
  std::uint32_t wire = 0;  ///< 0: data.size()
};

inline void put_record(Bytes& b, const PcapRecord& r) {
  const auto size = static_cast<std::uint32_t>(r.data.size());
  b.u32(r.seconds).u32(r.units).u32(size).u32(r.wire == 0 ? size : r.wire).bytes(r.data);
}

// pcapng

struct Option {
  std::uint16_t code = 0;
  std::vector<std::uint8_t> value{};
};

inline Option text_option(std::uint16_t code, std::string_view text) {
  return {code, {text.begin(), text.end()}};
}

inline void put_options(Bytes& b, const std::vector<Option>& options) {
  for (const Option& o : options)
    b.u16(o.code).u16(static_cast<std::uint16_t>(o.value.size())).bytes(o.value).pad();
  if (!options.empty()) b.u32(0);
}

/// Appends a block of `type` around `body` (in the same byte order); returns where it begins.
inline std::size_t put_block(Bytes& b, std::uint32_t type, Bytes body) {
  const std::size_t at = b.data.size();
  body.pad();
  const auto size = static_cast<std::uint32_t>(body.data.size() + 12);
  b.u32(type).u32(size).bytes(body.data).u32(size);
  return at;
}

inline std::size_t put_section(Bytes& b, std::uint64_t length = ~0ull,
                               const std::vector<Option>& options = {}) {
  Bytes body{{}, b.big};
  body.u32(0x1a2b3c4d).u16(1).u16(0).u64(length);
  put_options(body, options);
  return put_block(b, 0x0a0d0d0a, body);
}

inline std::size_t put_interface(Bytes& b, std::uint16_t link_type, const std::vector<Option>& options = {},
                                 std::uint32_t snap = 0) {
  Bytes body{{}, b.big};
  body.u16(link_type).u16(0).u32(snap);
  put_options(body, options);
  return put_block(b, 1, body);
}

struct EnhancedPacket {
  std::uint32_t interface = 0;
  std::uint64_t time = 0;
  std::vector<std::uint8_t> data{};
  std::uint32_t wire = 0;  ///< 0: data.size()
  std::vector<Option> options{};
};

inline std::size_t put_packet(Bytes& b, const EnhancedPacket& p) {
  Bytes body{{}, b.big};
  const auto size = static_cast<std::uint32_t>(p.data.size());
  body.u32(p.interface).u32(static_cast<std::uint32_t>(p.time >> 32)).u32(static_cast<std::uint32_t>(p.time));
  body.u32(size).u32(p.wire == 0 ? size : p.wire).bytes(p.data).pad();
  put_options(body, p.options);
  return put_block(b, 6, body);
}

// Compressed

inline std::vector<std::uint8_t> gzip(const std::vector<std::uint8_t>& in) {
  z_stream z{};
  deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  std::vector<std::uint8_t> out(deflateBound(&z, in.size()) + 64);
  z.next_in = const_cast<Bytef*>(in.data());
  z.avail_in = static_cast<uInt>(in.size());
  z.next_out = out.data();
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

inline std::vector<std::uint8_t> zstd(const std::vector<std::uint8_t>& in) {
  std::vector<std::uint8_t> out(ZSTD_compressBound(in.size()));
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  out.resize(ZSTD_compress2(context, out.data(), out.size(), in.data(), in.size()));
  ZSTD_freeCCtx(context);
  return out;
}

// Reading

/// A frame with its views made its own.
struct Kept {
  Frame frame{};
  std::vector<std::uint8_t> bytes{};
  std::string interface_name{}, comment{};
};

struct ReadResult {
  std::vector<Kept> frames{};
  std::vector<std::string> warnings{};
  std::string error{};  ///< empty: read to its end
};

inline void read_all(CaptureReader& reader, ReadResult& out) {
  for (;;) {
    auto frame = reader.next();
    if (!frame) out.error = frame.error().str();
    if (!frame || !*frame) break;
    const Frame& f = **frame;
    out.frames.push_back(
        {f, {f.bytes.begin(), f.bytes.end()}, std::string(f.interface_name), std::string(f.comment)});
  }
  out.warnings = reader.warnings();
}

inline ReadResult read_all(const std::vector<std::uint8_t>& bytes, const std::string& name = "x.pcap") {
  ReadResult out;
  auto reader = CaptureReader::from_memory(bytes, name);
  if (reader)
    read_all(*reader, out);
  else
    out.error = reader.error().str();
  return out;
}

inline ReadResult read_file(const std::string& path) {
  ReadResult out;
  auto reader = CaptureReader::open(path);
  if (reader)
    read_all(*reader, out);
  else
    out.error = reader.error().str();
  return out;
}

}  // namespace utables::io::test
