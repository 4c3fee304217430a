// For the tests of damage: rows of a table of ways to damage a good capture, and the good captures.
// Each row is an error whose text names the file, the record (pcapng: block), the offset and the rule.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "io/format/capture_bytes.h"

namespace utables::io::test {

struct Row {
  std::string name;                    ///< of the test
  std::function<void(Bytes&)> damage;  ///< to the good capture
  std::string place;                   ///< record or block, and offset
  std::string rule;
};

inline void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

inline std::string test_name(const testing::TestParamInfo<Row>& i) { return i.param.name; }

inline void expect_error(const std::vector<std::uint8_t>& bytes, const Row& row) {
  const ReadResult r = read_all(bytes, "damaged.cap");
  EXPECT_THAT(r.error, testing::StartsWith("damaged.cap: "));
  EXPECT_THAT(r.error, testing::HasSubstr(row.place));
  EXPECT_THAT(r.error, testing::HasSubstr(row.rule));
}

inline auto truncate_to(std::size_t n) {
  return [n](Bytes& b) { b.data.resize(n); };
}
inline auto set16(std::size_t at, std::uint16_t v) {
  return [at, v](Bytes& b) { b.set16(at, v); };
}
inline auto set32(std::size_t at, std::uint32_t v) {
  return [at, v](Bytes& b) { b.set32(at, v); };
}
inline auto begins_with(std::string_view text) {
  return [text](Bytes& b) { b.overwrite(0, Bytes{}.text(text)); };
}
inline auto replaced_by(const Bytes& with) {
  return [with](Bytes& b) { b = with; };
}

/// Where what is no capture at all is said to be wrong.
inline constexpr const char* kNoCapture = "record 0 at offset 0";

// pcap: three records of 10, 11 and 12 bytes, at 24, 50 and 77; the end is 105.
inline Bytes good_pcap(bool big = false, std::uint32_t magic = 0xa1b2c3d4, std::uint16_t minor = 4) {
  Bytes b = pcap_header(big, magic, 1, minor);
  for (std::uint8_t n = 10; n < 13; ++n) {
    if (magic == 0xa1b2cd34) {
      b.u32(n).u32(0).u32(n).u32(n).u32(1).u16(0x0800).u8(0).u8(0).bytes(counting(n));
    } else {
      put_record(b, {n, 0, counting(n)});
    }
  }
  return b;
}

// pcapng: section header at 0 (28 bytes), interface at 28 (40), enhanced packets of 10, 11, 12 bytes with
// comment and flags at 68, 132 and 196 (64 each: 8 + 20 + 12 data + 8 comment + 8 flags + 4 end + 4).
inline constexpr std::size_t kInterfaceAt = 28, kFirst = 68, kSecond = 132, kThird = 196, kEnd = 260;

inline Bytes good_pcapng(bool big = false) {
  Bytes b{{}, big};
  put_section(b);
  EXPECT_EQ(put_interface(b, 1, {text_option(2, "wan"), {9, {6}}}), kInterfaceAt);
  const std::size_t places[] = {kFirst, kSecond, kThird};
  for (std::uint8_t n = 10; n < 13; ++n) {
    const std::vector<std::uint8_t> flags = Bytes{{}, big}.u32(1).data;
    EXPECT_EQ(put_packet(b, {0, n, counting(n), 0, {text_option(1, "note"), {2, flags}}}), places[n - 10]);
  }
  EXPECT_EQ(b.data.size(), kEnd);
  return b;
}

// A section whose header claims `length`, and a packet in it.
inline Bytes section_claiming(std::uint64_t length) {
  Bytes b;
  put_section(b, length);
  put_interface(b, 1);                        // at 28, 20 bytes
  put_packet(b, {0, 1, counting(4), 0, {}});  // at 48, 36 bytes
  put_section(b);                             // at 84
  return b;
}

}  // namespace utables::io::test
