// Ways to damage a pcapng file; the good one is in capture_damage.h. A cut is no damage: capture_test.cc.
#include <algorithm>

#include "io/format/capture_damage.h"

namespace utables::io {
namespace {

using namespace test;

// Sets both lengths of the block at `at`, which stays `size` bytes long.
auto both_lengths(std::size_t at, std::uint32_t size, std::uint32_t claimed) {
  return [=](Bytes& b) {
    b.set32(at + 4, claimed);
    b.set32(at + size - 4, claimed);
  };
}

auto appended(const std::function<void(Bytes&)>& put) {
  return [put](Bytes& b) { put(b); };
}

auto block_appended(std::uint32_t type, const Bytes& body) {
  return [=](Bytes& b) { put_block(b, type, body); };
}

auto interface_appended(const std::vector<Option>& options) {
  return [=](Bytes& b) { put_interface(b, 1, options); };
}

const std::string kBlock1 = "block 1 (section header) at offset 0",
                  kBlock2 = "block 2 (interface description) at offset 28",
                  kBlock3 = "block 3 (enhanced packet) at offset 68",
                  kBlock4 = "block 4 (enhanced packet) at offset 132",
                  kBlock5 = "block 5 (enhanced packet) at offset 196", kBlock6 = ") at offset 260";

std::vector<Row> pcapng_header_rows() {
  return {
      {"magic_alone", truncate_to(4), "block 1 at offset 0", "ends within its section header, 4 bytes in"},
      {"section_header_cut_at_8", truncate_to(8), "block 1 at offset 0", "8 bytes in"},
      {"section_header_cut_at_12", truncate_to(12), "block 1 at offset 0", "12 bytes in"},
      {"section_header_cut_at_27", truncate_to(27), "block 1 at offset 0", "27 bytes in"},
      {"magic_first_byte", set32(0, 0x0a0d0d0b), kNoCapture, "not a capture"},
      {"line_ends_translated", set32(0, 0x0a0d0a0a), kNoCapture, "begins with 0a 0a 0d 0a"},
      {"byte_order_magic_zero", set32(8, 0), "block 1 at offset 0",
       "byte-order magic 0x00000000 is not 0x1a2b3c4d"},
      {"byte_order_magic_wrong", set32(8, 0x1a2b3c4e), "block 1 at offset 0", "in either order"},
      {"byte_order_magic_middle", set32(8, 0x3c4d1a2b), "block 1 at offset 0", "byte-order magic 0x3c4d1a2b"},
      {"byte_order_changed", set32(8, 0x4d3c2b1a), kBlock1, "above the limit"},
      {"major_zero", set16(12, 0), kBlock1, "version 0.0 is unknown"},
      {"major_two", set16(12, 2), kBlock1, "version 2.0 is unknown: 1.0 is read"},
      {"minor_one", set16(14, 1), kBlock1, "version 1.1 is unknown"},
      {"minor_large", set16(14, 0xff00), kBlock1, "version 1.65280 is unknown"},
      {"section_header_too_short", replaced_by([] {
         Bytes b;
         put_block(b, 0x0a0d0d0a, Bytes{}.u32(0x1a2b3c4d).u16(1).u16(0).u32(0));
         return b;
       }()),
       kBlock1, "12 bytes are too short for its fixed part of 16"},
      {"section_header_without_body", replaced_by([] {
         Bytes b;
         return b.u32(0x0a0d0d0a).u32(12).u32(0x1a2b3c4d).u32(0);
       }()),
       kBlock1, "block length 12 at its beginning is 439041101 at its end"},
      {"section_option_overruns", replaced_by([] {
         Bytes b;
         Bytes body;
         body.u32(0x1a2b3c4d).u16(1).u16(0).u64(~0ull).u16(4).u16(9).text("four");
         put_block(b, 0x0a0d0d0a, body);
         return b;
       }()),
       kBlock1, "option 4 claims 9 bytes, 4 are left"},
      {"section_length_not_a_multiple", replaced_by(section_claiming(58)), kBlock1,
       "section length 58 is not a multiple of 4"},
      {"section_length_huge", replaced_by(section_claiming(0xfffffffffffffff0)), kBlock1, "above the limit"},
      {"section_length_zero", replaced_by(section_claiming(0)), "block 2 at offset 28",
       "no section header follows"},
      {"section_length_within_block", replaced_by(section_claiming(28)), "block 3 at offset 48",
       "36 bytes go past the section's end at offset 56"},
      {"section_length_a_block_short", replaced_by(section_claiming(20)), "block 3 at offset 48",
       "claims to end here, but no section header follows"},
      {"section_length_too_long", replaced_by(section_claiming(60)), "block 4 at offset 84",
       "claims to end at offset 88"},
      {"section_length_far_too_long", replaced_by(section_claiming(100'000)), "block 4 at offset 84",
       "a section begins here"},
      {"second_section_bad_magic", appended([](Bytes& b) {
         const std::size_t at = put_section(b);
         b.set32(at + 8, 0x11223344);
       }),
       "block 6 at offset 260", "byte-order magic 0x11223344"},
      {"second_section_bad_version", appended([](Bytes& b) {
         const std::size_t at = put_section(b);
         b.set16(at + 12, 9);
       }),
       "block 6 (section header) at offset 260", "version 9.0"},
      {"second_section_forgets_interfaces", appended([](Bytes& b) {
         put_section(b);
         put_packet(b, {0, 1, counting(1), 0, {}});
       }),
       "block 7 (enhanced packet) at offset 288", "interface 0 is not described: the section has 0"},
  };
}

std::vector<Row> pcapng_block_rows() {
  return {
      {"length_zero", both_lengths(kSecond, 64, 0), kBlock4, "block length 0 is below 12"},
      {"length_eight", both_lengths(kSecond, 64, 8), kBlock4, "block length 8 is below 12"},
      {"length_odd", both_lengths(kSecond, 64, 63), kBlock4, "block length 63 is not a multiple of 4"},
      {"length_not_a_multiple", both_lengths(kSecond, 64, 66), kBlock4,
       "block length 66 is not a multiple of 4"},
      {"length_above_limit", both_lengths(kSecond, 64, kMaxBlockBytes + 4), kBlock4,
       "16777220 is above the limit of 16777216"},
      {"length_swapped", both_lengths(kSecond, 64, 0x40000000), kBlock4, "above the limit"},
      {"length_all_ones", both_lengths(kSecond, 64, 0xfffffffc), kBlock4, "above the limit"},
      {"first_length_too_small", set32(kSecond + 4, 60), kBlock4, "block length 60 at its beginning is"},
      {"first_length_too_large", set32(kSecond + 4, 68), kBlock4, "block length 68 at its beginning is"},
      {"last_length_too_small", set32(kThird - 4, 60), kBlock4,
       "block length 64 at its beginning is 60 at its end"},
      {"last_length_zero", set32(kThird - 4, 0), kBlock4, "64 at its beginning is 0 at its end"},
      {"last_length_swapped", set32(kThird - 4, 0x40000000), kBlock4,
       "64 at its beginning is 1073741824 at its end"},
      {"interface_length", set32(kInterfaceAt + 4, 32), kBlock2, "block length 32 at its beginning"},
      {"interface_too_short", block_appended(1, Bytes{}.u32(1)), "block 6 (interface description" + kBlock6,
       "4 bytes are too short for its fixed part of 8"},
      {"interface_empty", block_appended(1, {}), "block 6 (interface description" + kBlock6,
       "0 bytes are too short"},
      {"resolution_too_fine", interface_appended({{9, {20}}}), "block 6 (interface description" + kBlock6,
       "time resolution 10^-20 is finer than 10^-19"},
      {"resolution_absurd", interface_appended({{9, {0x7f}}}), "at offset 260", "time resolution 10^-127"},
      {"resolution_of_two_too_fine", interface_appended({{9, {0xc0}}}), "at offset 260",
       "time resolution 2^-64 is finer than 2^-63"},
      {"resolution_without_value", interface_appended({{9, {}}}), "at offset 260",
       "option 9 has 0 bytes instead of 1"},
      {"resolution_of_four_bytes", interface_appended({{9, {6, 0, 0, 0}}}), "at offset 260",
       "option 9 has 4 bytes instead of 1"},
      {"time_offset_of_four_bytes", interface_appended({{14, {0, 0, 0, 0}}}), "at offset 260",
       "option 14 has 4 bytes instead of 8"},
      {"fcs_length_of_two_bytes", interface_appended({{13, {4, 0}}}), "at offset 260",
       "option 13 has 2 bytes instead of 1"},
      {"interface_name_too_long", interface_appended({text_option(2, std::string(256, 'x'))}),
       "at offset 260", "interface name of 256 bytes: at most 255"},
      {"interface_option_overruns",
       block_appended(1, Bytes{}.u16(1).u16(0).u32(0).u16(2).u16(5).text("four")), "at offset 260",
       "option 2 claims 5 bytes, 4 are left in the block"},
      {"interface_option_far_overrun",
       block_appended(1, Bytes{}.u16(1).u16(0).u32(0).u16(2).u16(0xffff).text("four")), "at offset 260",
       "option 2 claims 65535 bytes"},
      {"interface_end_of_options_with_value",
       block_appended(1, Bytes{}.u16(1).u16(0).u32(0).u16(0).u16(4).text("four")), "at offset 260",
       "the end of options claims 4 bytes"},
      {"comment_overruns", set16(kSecond + 42, 0x4001), kBlock4, "option 1 claims 16385 bytes, 16 are left"},
      {"comment_just_overruns", set16(kSecond + 42, 17), kBlock4, "option 1 claims 17 bytes, 16 are left"},
      {"flags_of_two_bytes", set16(kSecond + 50, 2), kBlock4, "option 2 has 2 bytes instead of 4"},
      {"flags_overrun", set16(kSecond + 50, 9), kBlock4, "option 2 claims 9 bytes, 8 are left"},
      {"flags_without_value", set16(kSecond + 50, 0), kBlock4, "option 2 has 0 bytes instead of 4"},
      {"packet_end_of_options_with_value", set16(kSecond + 58, 1), kBlock4,
       "the end of options claims 1 bytes"},
      {"interface_out_of_range", set32(kFirst + 8, 1), kBlock3,
       "interface 1 is not described: the section has 1"},
      {"interface_all_ones", set32(kThird + 8, 0xffffffff), kBlock5, "interface 4294967295 is not described"},
      {"captured_above_original", set32(kFirst + 20, 11), kBlock3, "11 is above the original length 10"},
      {"original_zero", set32(kFirst + 24, 0), kBlock3, "10 is above the original length 0"},
      {"captured_above_block",
       [](Bytes& b) {
         b.set32(kFirst + 20, 33);
         b.set32(kFirst + 24, 33);
       },
       kBlock3, "33 is above the 32 bytes that are left"},
      {"captured_padding_above_block",
       [](Bytes& b) { put_block(b, 6, Bytes{}.u32(0).u64(0).u32(5).u32(5).u32(0)); },
       "block 6 (enhanced packet" + kBlock6, "5 is above the 4 bytes that are left"},
      {"captured_above_limit",
       [](Bytes& b) {
         b.set32(kFirst + 20, kMaxFrameBytes + 1);
         b.set32(kFirst + 24, kMaxFrameBytes + 1);
       },
       kBlock3, "1048577 is above the limit of 1048576"},
      {"captured_all_ones",
       [](Bytes& b) {
         b.set32(kFirst + 20, 0xffffffff);
         b.set32(kFirst + 24, 0xffffffff);
       },
       kBlock3, "4294967295 is above the limit"},
      {"time_past_2262", set32(kFirst + 12, 0xffffffff), kBlock3, "outside the years 1970 to 2262"},
      {"time_before_1970", appended([](Bytes& b) {
         put_interface(b, 1, {{14, Bytes{}.u64(static_cast<std::uint64_t>(-1)).data}});
         put_packet(b, {1, 999'999, counting(1), 0, {}});
       }),
       "block 7 (enhanced packet)", "outside the years 1970 to 2262"},
      {"time_offset_absurd", appended([](Bytes& b) {
         put_interface(b, 1, {{14, Bytes{}.u64(INT64_MAX).data}});
         put_packet(b, {1, 1, counting(1), 0, {}});
       }),
       "block 7 (enhanced packet)", "offset 9223372036854775807 s"},
      {"enhanced_too_short", block_appended(6, Bytes{}.u32(0).u64(0).u32(0)),
       "block 6 (enhanced packet" + kBlock6, "16 bytes are too short for its fixed part of 20"},
      {"enhanced_empty", block_appended(6, {}), "at offset 260", "0 bytes are too short"},
      {"simple_too_short", block_appended(3, {}), "block 6 (simple packet" + kBlock6,
       "too short for its fixed part of 4"},
      {"simple_claims_more", block_appended(3, Bytes{}.u32(9).bytes(counting(8))),
       "block 6 (simple packet" + kBlock6, "captured length 9 is above the 8 bytes that are left"},
      {"simple_all_ones", block_appended(3, Bytes{}.u32(0xffffffff)), "at offset 260", "above the limit"},
      {"simple_without_interface", replaced_by([] {
         Bytes b;
         put_section(b);
         put_block(b, 3, Bytes{}.u32(0));
         return b;
       }()),
       "block 2 (simple packet) at offset 28", "interface 0 is not described"},
      {"obsolete_too_short", block_appended(2, Bytes{}.u32(0)), "block 6 (packet" + kBlock6,
       "fixed part of 20"},
      {"obsolete_interface", block_appended(2, Bytes{}.u16(7).u16(0).u64(0).u32(0).u32(0)),
       "block 6 (packet" + kBlock6, "interface 7 is not described"},
      {"obsolete_captured", block_appended(2, Bytes{}.u16(0).u16(0).u64(0).u32(8).u32(8).u32(1)),
       "at offset 260", "8 is above the 4 bytes"},
      {"unknown_block_lengths_differ", appended([](Bytes& b) {
         const std::size_t at = put_block(b, 0x4444, Bytes{}.u32(1));
         b.set32(at + 12, 12);
       }),
       "block 6 (type 0x00004444) at offset 260", "16 at its beginning is 12 at its end"},
      {"custom_block_length_odd", both_lengths(kThird, 64, 61), kBlock5, "not a multiple of 4"},
      {"word_lost_in_packet", [](Bytes& b) { b.data.erase(b.data.begin() + 100, b.data.begin() + 104); },
       kBlock3, "block length 64 at its beginning"},
      {"word_added_in_packet", [](Bytes& b) { b.data.insert(b.data.begin() + 100, 4, 0); }, kBlock3,
       "block length 64 at its beginning"},
      {"byte_lost_in_packet", [](Bytes& b) { b.data.erase(b.data.begin() + 100); }, kBlock3,
       "block length 64"},
      {"zeros_appended", [](Bytes& b) { b.data.resize(kEnd + 12); },
       "block 6 (type 0x00000000) at offset 260", "block length 0 is below 12"},
      {"text_appended", [](Bytes& b) { b.text("some text after it all"); }, "block 6", "block length"},
      {"pcap_appended", [](Bytes& b) { b.bytes(good_pcap().data); },
       "block 6 (type 0xa1b2c3d4) at offset 260", "block length 262146 is not a multiple of 4"},
      {"big_endian_interface", replaced_by([] {
         Bytes b = good_pcapng(true);
         b.set32(kFirst + 8, 3);
         return b;
       }()),
       kBlock3, "interface 3 is not described"},
      {"big_endian_length", replaced_by([] {
         Bytes b = good_pcapng(true);
         b.set32(kThird - 4, 60);
         return b;
       }()),
       kBlock4, "64 at its beginning is 60 at its end"},
      {"big_endian_option", replaced_by([] {
         Bytes b = good_pcapng(true);
         b.set16(kSecond + 42, 17);
         return b;
       }()),
       kBlock4, "option 1 claims 17 bytes"},
  };
}

class DamagedPcapng : public testing::TestWithParam<Row> {};
INSTANTIATE_TEST_SUITE_P(Headers, DamagedPcapng, testing::ValuesIn(pcapng_header_rows()), test_name);
INSTANTIATE_TEST_SUITE_P(Blocks, DamagedPcapng, testing::ValuesIn(pcapng_block_rows()), test_name);

TEST_P(DamagedPcapng, IsAnError) {
  Bytes b = good_pcapng();
  GetParam().damage(b);
  expect_error(b.data, GetParam());
}

TEST(Damage, FiftyWaysForPcapng) {
  for (const bool big : {false, true}) {
    const ReadResult r = read_all(good_pcapng(big).data);
    EXPECT_EQ(r.error, "");
    EXPECT_EQ(r.frames.size(), 3u);
  }
  EXPECT_GE(pcapng_header_rows().size() + pcapng_block_rows().size(), 50u);
}

}  // namespace
}  // namespace utables::io
