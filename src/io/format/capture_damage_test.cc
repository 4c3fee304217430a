// Ways to damage a compressed capture, changes anywhere, and files that cannot be read.
#include "io/format/capture_damage.h"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace utables::io {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::StartsWith;

// Compressed captures. The good one is 200 records of bytes that do not compress away.

Bytes large_pcap() {
  Bytes b = pcap_header();
  std::uint32_t x = 1;
  for (std::uint32_t n = 0; n < 200; ++n) {
    std::vector<std::uint8_t> data(100);
    for (std::uint8_t& byte : data) byte = static_cast<std::uint8_t>((x = x * 1'103'515'245 + 12'345) >> 24);
    put_record(b, {n, 0, data});
  }
  return b;
}

auto gz(const std::function<void(std::vector<std::uint8_t>&)>& damage) {
  return [damage](Bytes& b) {
    b.data = gzip(large_pcap().data);
    damage(b.data);
  };
}
auto zst(const std::function<void(std::vector<std::uint8_t>&)>& damage) {
  return [damage](Bytes& b) {
    b.data = zstd(large_pcap().data);
    damage(b.data);
  };
}
auto at(std::ptrdiff_t place, std::uint8_t value) {
  return [=](std::vector<std::uint8_t>& v) {
    v[place < 0 ? v.size() - static_cast<std::size_t>(-place) : static_cast<std::size_t>(place)] ^= value;
  };
}

std::vector<Row> compressed_rows() {
  const std::string gzip_damage = "gzip data damaged at byte ", zstd_damage = "zstd data damaged at byte ";
  return {
      {"gzip_method", gz(at(2, 0x0f)), gzip_damage, "unknown compression method"},
      {"gzip_flags", gz(at(3, 0xe0)), gzip_damage, "unknown header flags set"},
      {"gzip_second_magic_byte", gz(at(1, 1)), kNoCapture, "not a capture"},
      {"gzip_block_type", gz(at(10, 0x06)), gzip_damage, "invalid"},
      {"gzip_checksum", gz(at(-8, 1)), gzip_damage, "incorrect data check"},
      {"gzip_length", gz(at(-4, 1)), gzip_damage, "incorrect length check"},
      {"gzip_followed_by_text", gz([](auto& v) {
         v.insert(v.end(), {'t', 'e', 'x', 't'});
       }),
       "record 201 at offset", "what follows a member is no gzip member"},
      {"gzip_followed_by_a_byte", gz([](auto& v) { v.push_back(0x1f); }), "record 201 at offset",
       "what follows a member is no gzip member"},
      {"gzip_of_gzip", [](Bytes& b) { b.data = gzip(gzip(b.data)); }, kNoCapture, "begins with 1f 8b"},
      {"gzip_of_text", [](Bytes& b) { b.data = gzip(Bytes{}.text("*filter\nCOMMIT\n").data); }, kNoCapture,
       "not a capture"},
      {"gzip_of_nothing", [](Bytes& b) { b.data = gzip({}); }, kNoCapture, "empty"},
      {"gzip_of_damage",
       [](Bytes& b) {
         b.set32(32, 11);
         b.data = gzip(b.data);
       },
       "record 1 at offset 24", "11 is above the original length 10"},
      {"gzip_header_alone", gz([](auto& v) { v.resize(10); }), kNoCapture, "empty"},
      {"zstd_descriptor", zst(at(4, 0x08)), zstd_damage, "Unsupported"},
      {"zstd_checksum", zst(at(-1, 1)), zstd_damage, "checksum"},
      {"zstd_block_type", zst(at(7, 0x06)), zstd_damage, "orrupt"},
      {"zstd_followed_by_text", zst([](auto& v) {
         v.insert(v.end(), {'t', 'e', 'x', 't'});
       }),
       "record 201 at offset", "Unknown frame descriptor"},
      {"zstd_of_text", [](Bytes& b) { b.data = zstd(Bytes{}.text("*filter\nCOMMIT\n").data); }, kNoCapture,
       "not a capture"},
      {"zstd_of_nothing", [](Bytes& b) { b.data = zstd({}); }, kNoCapture, "empty"},
      {"zstd_window_too_large",
       [](Bytes& b) {
         b.data = Bytes{}.u32(0xfd2fb528).u8(0x00).u8(0xa8).u8(1).u16(0).data;  // 2^31 bytes
       },
       zstd_damage, "requires too much memory"},
      {"zstd_of_damage",
       [](Bytes& b) {
         b.set32(58, 12);
         b.data = zstd(b.data);
       },
       "record 2 at offset 50", "12 is above the original length 11"},
  };
}

class DamagedCompressed : public testing::TestWithParam<Row> {};
INSTANTIATE_TEST_SUITE_P(Compressed, DamagedCompressed, testing::ValuesIn(compressed_rows()), test_name);

TEST_P(DamagedCompressed, IsAnError) {
  Bytes b = good_pcap();
  GetParam().damage(b);
  expect_error(b.data, GetParam());
}

// Each bit of the checksums, and a bit of each byte in between: nothing of it passes for a good capture.
TEST(Damage, FiftyWaysForEachCompression) {
  struct Form {
    std::vector<std::uint8_t> whole;
    std::size_t header, trailer;  // bytes that are not data; of the header some may be anything
  };
  for (const Form& form : {Form{gzip(large_pcap().data), 10, 8}, Form{zstd(large_pcap().data), 12, 4}}) {
    const std::size_t end = form.whole.size();
    ASSERT_EQ(read_all(form.whole, "damaged.cap").error, "");
    std::vector<std::pair<std::size_t, unsigned>> bits;
    for (std::size_t i = end - form.trailer; i < end; ++i)
      for (unsigned bit = 0; bit < 8; ++bit) bits.emplace_back(i, bit);
    for (std::size_t i = form.header; i < end - form.trailer; i += 97) bits.emplace_back(i, i % 8);
    EXPECT_GE(bits.size(), 50U);
    for (const auto& [place, bit] : bits) {
      std::vector<std::uint8_t> changed = form.whole;
      changed[place] = static_cast<std::uint8_t>(changed[place] ^ 1U << bit);
      const std::string error = read_all(changed, "damaged.cap").error;
      EXPECT_THAT(error, StartsWith("damaged.cap: record ")) << "bit " << bit << " of byte " << place;
      EXPECT_THAT(error, HasSubstr(" at offset ")) << "bit " << bit << " of byte " << place;
    }
  }
}

// Whatever happens to the bytes, the reader ends, and an error names the file.
TEST(Damage, AnyByteChanged) {
  const std::vector<std::vector<std::uint8_t>> captures{
      good_pcap().data,         good_pcap(true, 0xa1b23c4d).data, good_pcapng().data,
      good_pcapng(true).data,   gzip(good_pcap().data),           zstd(good_pcap().data),
      section_claiming(56).data};
  int errors = 0;
  for (const auto& capture : captures) {
    for (std::size_t i = 0; i < capture.size(); ++i) {
      for (const int change : {0x01, 0x80, 0xff}) {
        std::vector<std::uint8_t> changed = capture;
        changed[i] = static_cast<std::uint8_t>(changed[i] ^ change);
        const ReadResult r = read_all(changed, "damaged.cap");
        if (r.error.empty()) continue;
        ++errors;
        EXPECT_THAT(r.error, StartsWith("damaged.cap: "));
        EXPECT_THAT(r.error, HasSubstr(" at offset "));
      }
    }
  }
  EXPECT_GT(errors, 500);
}

TEST(Damage, AnErrorIsGivenAgain) {
  Bytes b = good_pcap();
  b.set32(58, 12);
  auto reader = CaptureReader::from_memory(b.data, "x");
  ASSERT_TRUE(reader);
  ASSERT_TRUE(reader->next());
  const auto first = reader->next(), second = reader->next();
  ASSERT_FALSE(first || second);
  EXPECT_EQ(first.error().str(), second.error().str());
  EXPECT_EQ(first.error().exit_code, 2);
  EXPECT_EQ(first.error().file, "x");
}

TEST(Damage, InterfacesAreBounded) {
  Bytes b;
  put_section(b);
  for (std::uint32_t i = 0; i <= kMaxInterfaces; ++i) put_interface(b, 1);
  EXPECT_THAT(read_all(b.data).error, HasSubstr("more than 65536 interfaces in a section"));
}

TEST(Damage, FilesThatCannotBeRead) {
  EXPECT_EQ(read_file("/nonexistent/x.pcap").error,
            "/nonexistent/x.pcap: cannot open: No such file or directory");
  const std::string directory = std::filesystem::temp_directory_path();
  EXPECT_EQ(read_file(directory).error, directory + ": cannot read: Is a directory");
}

}  // namespace
}  // namespace utables::io
