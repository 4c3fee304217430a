// Ways to damage a pcap file; the good one is in capture_damage.h. A cut is no damage: capture_test.cc.
#include <algorithm>

#include "io/format/capture_damage.h"

namespace utables::io {
namespace {

using namespace test;

const std::string kHeader = "the file header at offset ";

std::vector<Row> pcap_rows() {
  std::vector<Row> rows{
      {"empty", truncate_to(0), kNoCapture, "the file is empty"},
      {"one_byte", truncate_to(1), kNoCapture, "1 bytes are no capture"},
      {"three_bytes", truncate_to(3), kNoCapture, "3 bytes are no capture"},
      {"magic_alone", truncate_to(4), kHeader + "0", "4 bytes are there, a header has 24"},
      {"header_cut_in_version", truncate_to(7), kHeader + "0", "7 bytes are there"},
      {"header_cut_in_zone", truncate_to(12), kHeader + "0", "12 bytes are there"},
      {"header_cut_in_snap_length", truncate_to(18), kHeader + "0", "18 bytes are there"},
      {"header_cut_in_link_type", truncate_to(23), kHeader + "0", "23 bytes are there"},
      {"magic_zero", set32(0, 0), kNoCapture, "begins with 00 00 00 00"},
      {"magic_all_ones", set32(0, 0xffffffff), kNoCapture, "neither pcap nor pcapng"},
      {"magic_half_swapped", set32(0, 0xc3d4a1b2), kNoCapture, "not a capture"},
      {"magic_first_byte", set32(0, 0xa1b2c3d5), kNoCapture, "d5 c3 b2 a1"},
      {"magic_last_byte", set32(0, 0xa0b2c3d4), kNoCapture, "d4 c3 b2 a0"},
      {"magic_of_snoop", begins_with("snoop\0\0\0"), kNoCapture, "73 6e 6f 6f"},
      {"magic_of_text", begins_with("*filter\n"), kNoCapture, "not a capture"},
      {"magic_of_bzip2", begins_with("BZh9"), kNoCapture, "not a capture"},
      {"magic_of_xz",
       begins_with("\xfd"
                   "7zXZ"),
       kNoCapture, "not a capture"},
      {"leading_byte", [](Bytes& b) { b.data.insert(b.data.begin(), 0); }, kNoCapture, "not a capture"},
      {"leading_byte_lost", [](Bytes& b) { b.data.erase(b.data.begin()); }, kNoCapture, "not a capture"},
      {"line_ends_translated", [](Bytes& b) { b.data.insert(b.data.begin() + 4, '\r'); }, kHeader + "4",
       "version"},
      {"major_zero", set16(4, 0), kHeader + "4", "version 0.4 is unknown"},
      {"major_one", set16(4, 1), kHeader + "4", "version 1.4 is unknown"},
      {"major_three", set16(4, 3), kHeader + "4", "version 3.4 is unknown"},
      {"major_swapped", set16(4, 0x200), kHeader + "4", "version 512.4 is unknown"},
      {"minor_five", set16(6, 5), kHeader + "4", "version 2.5 is unknown: 2.0 to 2.4"},
      {"minor_large", set16(6, 0xffff), kHeader + "4", "version 2.65535 is unknown"},
      {"link_type_swapped", set32(20, 0x01000000), kHeader + "20", "reserved bits"},
      {"link_type_reserved_low", set32(20, 0x00010001), kHeader + "20", "0x00010001 has reserved bits"},
      {"link_type_reserved_high", set32(20, 0x08000001), kHeader + "20", "reserved bits"},
      {"link_type_all_ones", set32(20, 0xffffffff), kHeader + "20", "reserved bits"},
      {"first_captured_above_original", set32(32, 11), "record 1 at offset 24",
       "11 is above the original length 10"},
      {"second_captured_above_original", set32(58, 12), "record 2 at offset 50",
       "above the original length 11"},
      {"last_captured_above_original", set32(85, 13), "record 3 at offset 77",
       "above the original length 12"},
      {"original_zero", set32(36, 0), "record 1 at offset 24", "10 is above the original length 0"},
      {"original_one_less", set32(62, 10), "record 2 at offset 50", "11 is above the original length 10"},
      {"captured_just_above_limit", set32(32, kMaxFrameBytes + 1), "record 1 at offset 24",
       "1048577 is above the limit of 1048576"},
      {"captured_negative", set32(58, 0x80000000), "record 2 at offset 50", "above the limit"},
      {"captured_all_ones", set32(85, 0xffffffff), "record 3 at offset 77", "4294967295 is above the limit"},
      {"captured_swapped", set32(32, 0x0a000000), "record 1 at offset 24", "above the limit"},
      {"microseconds_four_seconds", set32(28, 4'000'000), "record 1 at offset 24", "4000000 microseconds"},
      {"microseconds_all_ones", set32(54, 0xffffffff), "record 2 at offset 50", "a second has 1000000"},
      {"microseconds_are_nanoseconds", set32(81, 999'999'999), "record 3 at offset 77",
       "999999999 microseconds"},
      {"byte_lost_in_record_1", [](Bytes& b) { b.data.erase(b.data.begin() + 45); }, "record 2 at offset 50",
       "184549376 microseconds"},
      {"bytes_added_in_record_1", [](Bytes& b) { b.data.insert(b.data.begin() + 45, 3, 0); },
       "record 2 at offset 50", "184549376 is above the limit"},
      {"byte_lost_in_header_2", [](Bytes& b) { b.data.erase(b.data.begin() + 53); }, "record 2 at offset 50",
       "184549376 microseconds"},
      {"record_2_overwritten", [](Bytes& b) { std::fill(b.data.begin() + 50, b.data.begin() + 66, 0xaa); },
       "record 2 at offset 50", "microseconds"},
      {"second_file_appended", [](Bytes& b) { b.bytes(good_pcap().data); }, "record 5 at offset 121",
       "10 is above the original length 0"},
      {"text_appended", [](Bytes& b) { b.text("and then there was some text"); }, "record 4 at offset 105",
       "microseconds"},
      {"garbage_appended", [](Bytes& b) { b.bytes(std::vector<std::uint8_t>(16, 0xff)); },
       "record 4 at offset 105", "microseconds"},
      {"big_endian_captured", replaced_by([] {
         Bytes b = good_pcap(true);
         b.set32(58, 12);
         return b;
       }()),
       "record 2 at offset 50", "12 is above the original length 11"},
      {"big_endian_version", replaced_by([] {
         Bytes b = good_pcap(true);
         b.set16(4, 3);
         return b;
       }()),
       kHeader + "4", "version 3.4"},
      {"order_changes_at_record_2", replaced_by([] {
         Bytes b = pcap_header();
         put_record(b, {10, 0, counting(10)});
         b.big = true;
         put_record(b, {11, 0, counting(11)});
         return b;
       }()),
       "record 2 at offset 50", "184549376 is above the limit"},
      {"nanoseconds_above_four_seconds", replaced_by([] {
         Bytes b = good_pcap(false, 0xa1b23c4d);
         b.set32(28, 4'000'000'000);
         return b;
       }()),
       "record 1 at offset 24", "4000000000 nanoseconds in its time"},
      {"nanoseconds_captured", replaced_by([] {
         Bytes b = good_pcap(false, 0xa1b23c4d);
         b.set32(32, 5'000'000);
         return b;
       }()),
       "record 1 at offset 24", "5000000 is above the limit"},
      {"kuznetzov_captured", replaced_by([] {
         Bytes b = good_pcap(false, 0xa1b2cd34);
         b.set32(24 + 34 + 8, 12);
         return b;
       }()),
       "record 2 at offset 58", "12 is above the original length 11"},
      {"kuznetzov_without_its_headers", replaced_by([] {
         Bytes b = good_pcap();
         b.set32(0, 0xa1b2cd34);
         return b;
       }()),
       "record 2 at offset 58", "above"},
      {"old_version_captured", replaced_by([] {
         Bytes b = good_pcap(false, 0xa1b2c3d4, 2);
         b.set32(62, 12);
         return b;
       }()),
       "record 2 at offset 50", "12 is above the original length 11"},
  };
  return rows;
}

class DamagedPcap : public testing::TestWithParam<Row> {};
INSTANTIATE_TEST_SUITE_P(Pcap, DamagedPcap, testing::ValuesIn(pcap_rows()), test_name);

TEST_P(DamagedPcap, IsAnError) {
  Bytes b = good_pcap();
  GetParam().damage(b);
  expect_error(b.data, GetParam());
}

TEST(Damage, FiftyWaysForEachFormat) {
  EXPECT_EQ(read_all(good_pcap().data).frames.size(), 3u);
  EXPECT_GE(pcap_rows().size(), 50u);
}

}  // namespace
}  // namespace utables::io
