// What every feature of a capture file reads as; damage is tested in io/format.
#include "io/capture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/scan.h"
#include "io/format/capture_bytes.h"

namespace utables::io {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class BothOrders : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(ByteOrder, BothOrders, testing::Bool(),
                         [](const auto& i) { return i.param ? "big" : "little"; });

// pcap

TEST_P(BothOrders, PcapMicroseconds) {
  Bytes b = pcap_header(GetParam());
  put_record(b, {1'000, 250'000, counting(5), 60});
  put_record(b, {4'000'000'000, 999'999, counting(3)});
  const ReadResult r = read_all(b.data);
  EXPECT_EQ(r.error, "");
  EXPECT_THAT(r.warnings, IsEmpty());
  ASSERT_EQ(r.frames.size(), 2u);
  const Frame& first = r.frames[0].frame;
  EXPECT_EQ(first.number, 1u);
  EXPECT_EQ(first.time, 1'000'250'000'000);
  EXPECT_EQ(first.link_type, 1);
  EXPECT_EQ(first.wire_size, 60u);
  EXPECT_EQ(first.direction, Direction::unknown);
  EXPECT_EQ(r.frames[0].bytes, counting(5));
  EXPECT_EQ(r.frames[1].frame.number, 2u);
  EXPECT_EQ(r.frames[1].frame.time, 4'000'000'000'999'999'000);
  EXPECT_EQ(r.frames[1].frame.wire_size, 3u);
}

TEST_P(BothOrders, PcapNanoseconds) {
  Bytes b = pcap_header(GetParam(), 0xa1b23c4d, 101);
  put_record(b, {7, 123'456'789, counting(20)});
  const ReadResult r = read_all(b.data);
  ASSERT_EQ(r.frames.size(), 1u) << r.error;
  EXPECT_EQ(r.frames[0].frame.time, 7'123'456'789);
  EXPECT_EQ(r.frames[0].frame.link_type, 101);
}

TEST_P(BothOrders, PcapKuznetzovSaysThePacketType) {
  Bytes b = pcap_header(GetParam(), 0xa1b2cd34);
  b.u32(1).u32(2).u32(3).u32(4).u32(9).u16(8).u8(4).u8(0).bytes(counting(3));
  b.u32(1).u32(2).u32(2).u32(2).u32(9).u16(8).u8(2).u8(0).bytes(counting(2));
  const ReadResult r = read_all(b.data);
  ASSERT_EQ(r.frames.size(), 2u) << r.error;
  EXPECT_EQ(r.frames[0].bytes, counting(3));
  EXPECT_EQ(r.frames[0].frame.direction, Direction::outbound);
  EXPECT_EQ(r.frames[1].frame.direction, Direction::inbound);
  EXPECT_EQ(r.frames[1].frame.type, PacketType::multicast);
}

TEST(Pcap, OldVersionsExchangeTheLengths) {
  for (const unsigned minor : {0u, 2u, 3u}) {
    Bytes b = pcap_header(false, 0xa1b2c3d4, 1, static_cast<std::uint16_t>(minor));
    b.u32(1).u32(2).u32(60).u32(4).bytes(counting(4));
    const ReadResult r = read_all(b.data);
    ASSERT_EQ(r.frames.size(), 1u) << minor << r.error;
    EXPECT_EQ(r.frames[0].frame.wire_size, 60u);
    EXPECT_EQ(r.frames[0].bytes, counting(4));
  }
}

TEST(Pcap, FrameCheckSequenceIsCutOff) {
  Bytes b = pcap_header(false, 0xa1b2c3d4, 0x24000001);  // two 16-bit units of it
  put_record(b, {0, 0, counting(64)});
  put_record(b, {0, 0, counting(30), 64});  // cut by the snap length before it
  const ReadResult r = read_all(b.data);
  ASSERT_EQ(r.frames.size(), 2u) << r.error;
  EXPECT_EQ(r.frames[0].bytes, counting(60));
  EXPECT_EQ(r.frames[0].frame.wire_size, 60u);
  EXPECT_EQ(r.frames[0].frame.link_type, 1);
  EXPECT_EQ(r.frames[1].bytes, counting(30));
  EXPECT_EQ(r.frames[1].frame.wire_size, 60u);
}

TEST(Pcap, AFractionAboveASecondIsCarriedAndSaid) {
  Bytes b = pcap_header();
  put_record(b, {5, 1'011'041, counting(1)});
  put_record(b, {5, 1'000'000, counting(1)});
  const ReadResult r = read_all(b.data);
  ASSERT_EQ(r.frames.size(), 2u) << r.error;
  EXPECT_EQ(r.frames[0].frame.time, 6'011'041'000);
  EXPECT_THAT(r.warnings, ElementsAre(HasSubstr("x.pcap: record 1 at offset 24 has 1011041 microseconds")));
}

TEST(Pcap, WithoutRecordsIsEmpty) {
  const ReadResult r = read_all(pcap_header().data);
  EXPECT_EQ(r.error, "");
  EXPECT_THAT(r.frames, IsEmpty());
  EXPECT_THAT(r.warnings, IsEmpty());
}

// pcapng

TEST_P(BothOrders, PcapngEnhancedPacket) {
  Bytes b{{}, GetParam()};
  put_section(b, ~0ull, {text_option(3, "Linux"), text_option(4, "test")});
  put_interface(b, 1, {text_option(2, "wan")});
  put_interface(b, 101, {text_option(2, "lan0\0"), {9, {9}}}, 96);
  const Bytes flags = Bytes{{}, GetParam()}.u32(0x8001000e);  // outbound, reception 3, errors
  put_packet(b, {1, 0x0123456789abcdef, counting(7), 1'500, {text_option(1, "seen"), {2, flags.data}}});
  put_packet(b, {0, 2'000'001, counting(4), 0, {}});
  const ReadResult r = read_all(b.data);
  ASSERT_EQ(r.frames.size(), 2u) << r.error;
  const Kept& first = r.frames[0];
  EXPECT_EQ(first.bytes, counting(7));
  EXPECT_EQ(first.frame.wire_size, 1'500u);
  EXPECT_EQ(first.frame.time, 0x0123456789abcdef);
  EXPECT_EQ(first.frame.interface, 1u);
  EXPECT_EQ(first.interface_name, "lan0");
  EXPECT_EQ(first.frame.link_type, 101);
  EXPECT_EQ(first.comment, "seen");
  EXPECT_EQ(first.frame.direction, Direction::outbound);
  EXPECT_EQ(first.frame.type, PacketType::broadcast);
  EXPECT_EQ(first.frame.link_errors, 0x8001u);
  const Kept& second = r.frames[1];
  EXPECT_EQ(second.frame.number, 2u);
  EXPECT_EQ(second.frame.time, 2'000'001'000);  // microseconds unless the interface says otherwise
  EXPECT_EQ(second.interface_name, "wan");
  EXPECT_EQ(second.comment, "");
  EXPECT_EQ(second.frame.direction, Direction::unknown);
  EXPECT_EQ(second.frame.type, std::nullopt);
}

TEST(Pcapng, SectionsWithDifferentByteOrders) {
  Bytes little;
  put_section(little);
  put_interface(little, 1, {text_option(2, "a")});
  put_packet(little, {0, 1, counting(1), 0, {}});
  Bytes big{{}, true};
  put_section(big);
  put_interface(big, 113, {text_option(2, "b")});
  put_packet(big, {0, 2, counting(2), 0, {}});
  Bytes all;
  all.bytes(little.data).bytes(big.data).bytes(little.data);
  const ReadResult r = read_all(all.data);
  ASSERT_EQ(r.frames.size(), 3u) << r.error;
  EXPECT_EQ(r.frames[0].frame.section, 0u);
  EXPECT_EQ(r.frames[1].frame.section, 1u);
  EXPECT_EQ(r.frames[1].interface_name, "b");
  EXPECT_EQ(r.frames[1].frame.link_type, 113);
  EXPECT_EQ(r.frames[1].frame.time, 2'000);
  EXPECT_EQ(r.frames[2].frame.section, 2u);
  EXPECT_EQ(r.frames[2].frame.number, 3u);
}

TEST(Pcapng, SectionLengthsThatHold) {
  Bytes body;
  put_interface(body, 1);
  put_packet(body, {0, 1, counting(1), 0, {}});
  Bytes b;
  put_section(b, body.data.size());
  b.bytes(body.data);
  put_section(b, body.data.size());
  b.bytes(body.data);
  const ReadResult r = read_all(b.data);
  EXPECT_EQ(r.error, "");
  EXPECT_EQ(r.frames.size(), 2u);
  EXPECT_THAT(r.warnings, IsEmpty());
}

struct Resolution {
  std::uint8_t field;
  std::uint64_t time;
  Time nanoseconds;
};
class Resolutions : public testing::TestWithParam<Resolution> {};
INSTANTIATE_TEST_SUITE_P(All, Resolutions,
                         testing::Values(Resolution{0, 5, 5'000'000'000}, Resolution{1, 25, 2'500'000'000},
                                         Resolution{3, 1'500, 1'500'000'000}, Resolution{6, 7, 7'000},
                                         Resolution{8, 7, 70}, Resolution{9, 7, 7},
                                         Resolution{10, 79, 7},  // rounded down
                                         Resolution{12, 1'700'000'000'123'456'789, 1'700'000'000'123'456},
                                         Resolution{19, 18'446'744'073'709'551'615u, 1'844'674'407},
                                         Resolution{0x80, 3, 3'000'000'000},
                                         Resolution{0x81, 3, 1'500'000'000},
                                         Resolution{0x8a, 1'025, 1'000'976'562},  // 2^-10: 976,562.5 ns over
                                         Resolution{0xa0, 0x1'8000'0000, 1'500'000'000},
                                         Resolution{0xbf, 0x8000'0000'0000'0000u, 1'000'000'000}));

TEST_P(Resolutions, BecomeNanoseconds) {
  Bytes b;
  put_section(b);
  put_interface(b, 1, {{9, {GetParam().field}}});
  put_packet(b, {0, GetParam().time, counting(1), 0, {}});
  const ReadResult r = read_all(b.data);
  ASSERT_EQ(r.frames.size(), 1u) << r.error;
  EXPECT_EQ(r.frames[0].frame.time, GetParam().nanoseconds);
}

TEST_P(BothOrders, PcapngTimeOffsets) {
  Bytes b{{}, GetParam()};
  put_section(b);
  put_interface(b, 1, {{14, Bytes{{}, GetParam()}.u64(1'000).data}});
  put_interface(b, 1, {{14, Bytes{{}, GetParam()}.u64(static_cast<std::uint64_t>(-3)).data}});
  put_packet(b, {0, 5, counting(1), 0, {}});
  put_packet(b, {1, 5'000'000, counting(1), 0, {}});
  const ReadResult r = read_all(b.data);
  ASSERT_EQ(r.frames.size(), 2u) << r.error;
  EXPECT_EQ(r.frames[0].frame.time, 1'000'000'005'000);
  EXPECT_EQ(r.frames[1].frame.time, 2'000'000'000);
}

TEST_P(BothOrders, PcapngSimplePackets) {
  Bytes b{{}, GetParam()};
  put_section(b);
  put_interface(b, 1, {}, 6);
  put_packet(b, {0, 11, counting(2), 0, {}});
  put_block(b, 3, Bytes{{}, GetParam()}.u32(100).bytes(counting(6)));  // cut at the snap length
  put_block(b, 3, Bytes{{}, GetParam()}.u32(5).bytes(counting(5)));
  const ReadResult r = read_all(b.data);
  ASSERT_EQ(r.frames.size(), 3u) << r.error;
  EXPECT_EQ(r.frames[1].bytes, counting(6));
  EXPECT_EQ(r.frames[1].frame.wire_size, 100u);
  EXPECT_FALSE(r.frames[1].frame.has_time);
  EXPECT_EQ(r.frames[1].frame.time, 11'000);
  EXPECT_TRUE(r.frames[0].frame.has_time);
  EXPECT_EQ(r.frames[2].bytes, counting(5));
}

TEST_P(BothOrders, PcapngObsoletePackets) {
  Bytes b{{}, GetParam()};
  put_section(b);
  put_interface(b, 1);
  put_interface(b, 12, {text_option(2, "old")});
  Bytes body{{}, GetParam()};
  body.u16(1).u16(7).u32(0).u32(9).u32(5).u32(8).bytes(counting(5)).pad();
  put_options(body, {{2, Bytes{{}, GetParam()}.u32(1).data}});
  put_block(b, 2, body);
  const ReadResult r = read_all(b.data);
  ASSERT_EQ(r.frames.size(), 1u) << r.error;
  EXPECT_EQ(r.frames[0].interface_name, "old");
  EXPECT_EQ(r.frames[0].frame.direction, Direction::inbound);
  EXPECT_EQ(r.frames[0].frame.time, 9'000);
  EXPECT_EQ(r.frames[0].frame.wire_size, 8u);
  EXPECT_EQ(r.frames[0].bytes, counting(5));
}

TEST(Pcapng, OtherBlocksAreSkipped) {
  Bytes b;
  put_section(b);
  put_block(b, 0x00000bad, Bytes{}.u32(32'473).text("custom"));
  put_interface(b, 1);
  put_block(b, 4, Bytes{}.u32(0));
  put_block(b, 5, Bytes{}.u32(0).u64(0));
  put_block(b, 10, Bytes{}.u32(0x544c534b).u32(4).text("keys"));
  put_block(b, 0x80001234, Bytes{}.bytes(counting(40)));
  put_packet(b, {0, 1, counting(1), 0, {}});
  put_block(b, 0x40000bad, Bytes{}.u32(32'473));
  const ReadResult r = read_all(b.data);
  EXPECT_EQ(r.error, "");
  EXPECT_EQ(r.frames.size(), 1u);
}

TEST(Pcapng, FrameCheckSequenceOfInterfaceOrPacket) {
  Bytes b;
  put_section(b);
  put_interface(b, 1, {{13, {4}}});
  put_packet(b, {0, 1, counting(64), 0, {}});
  put_packet(b, {0, 1, counting(64), 0, {{2, Bytes{}.u32(2 << 5).data}}});
  put_packet(b, {0, 1, counting(3), 0, {}});
  const ReadResult r = read_all(b.data);
  ASSERT_EQ(r.frames.size(), 3u) << r.error;
  EXPECT_EQ(r.frames[0].bytes, counting(60));
  EXPECT_EQ(r.frames[0].frame.wire_size, 60u);
  EXPECT_EQ(r.frames[1].bytes, counting(62));
  EXPECT_THAT(r.frames[2].bytes, IsEmpty());
}

TEST(Pcapng, InterfacesOfTheSectionAreListed) {
  Bytes b;
  put_section(b);
  put_interface(b, 1, {text_option(2, "wan")}, 128);
  put_interface(b, 101);
  auto reader = CaptureReader::from_memory(b.data, "x");
  ASSERT_TRUE(reader);
  const auto end = reader->next();
  ASSERT_TRUE(end && !*end);
  ASSERT_EQ(reader->interfaces().size(), 2u);
  EXPECT_EQ(reader->interfaces()[0].name, "wan");
  EXPECT_EQ(reader->interfaces()[0].snap_length, 128u);
  EXPECT_EQ(reader->interfaces()[1].link_type, 101);
}

// A cut capture is used up to the cut.

std::vector<std::uint8_t> small_pcap() {
  Bytes b = pcap_header();
  for (std::uint8_t n = 10; n < 13; ++n) put_record(b, {n, 0, counting(n)});
  return b.data;
}

std::vector<std::uint8_t> small_pcapng() {
  Bytes b;
  put_section(b);
  put_interface(b, 1, {text_option(2, "wan")});
  for (std::uint8_t n = 10; n < 13; ++n) put_packet(b, {0, n, counting(n), 0, {text_option(1, "c")}});
  return b.data;
}

TEST(Cut, PcapAtEveryByte) {
  const std::vector<std::uint8_t> whole = small_pcap();
  for (std::size_t size = 24; size <= whole.size(); ++size) {
    const ReadResult r = read_all({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
    const std::size_t ends[] = {24, 50, 77, 105};
    const auto complete = static_cast<std::size_t>(std::upper_bound(ends, ends + 4, size) - ends) - 1;
    EXPECT_EQ(r.error, "") << size;
    EXPECT_EQ(r.frames.size(), complete) << size;
    ASSERT_EQ(r.warnings.size(), size == ends[complete] ? 0u : 1u) << size;
    if (size != ends[complete]) {
      EXPECT_THAT(r.warnings[0], HasSubstr("x.pcap: cut within record " + std::to_string(complete + 1) +
                                           " at offset " + std::to_string(ends[complete])));
    }
  }
}

TEST(Cut, PcapngAtEveryByte) {
  const std::vector<std::uint8_t> whole = small_pcapng();
  const std::size_t section = 28;
  std::size_t most = 0;
  for (std::size_t size = section; size < whole.size(); ++size) {
    const ReadResult r = read_all({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
    EXPECT_EQ(r.error, "") << size;
    EXPECT_LE(r.frames.size(), 2u);
    EXPECT_LE(r.warnings.size(), 1u);
    EXPECT_GE(r.frames.size(), most);
    most = r.frames.size();
  }
  EXPECT_EQ(most, 2u);
  EXPECT_EQ(read_all(whole).frames.size(), 3u);
}

TEST(Cut, ASectionThatClaimsMore) {
  Bytes body;
  put_interface(body, 1);
  put_packet(body, {0, 1, counting(1), 0, {}});
  Bytes b;
  put_section(b, body.data.size() + 48);
  b.bytes(body.data);
  const ReadResult r = read_all(b.data);
  EXPECT_EQ(r.frames.size(), 1u) << r.error;
  EXPECT_THAT(r.warnings, ElementsAre(HasSubstr("cut within section 1")));
}

TEST(Cut, CompressedFilesAreUsedAsFarAsTheyGo) {
  Bytes b = pcap_header();
  for (std::uint32_t n = 0; n < 1'000; ++n) {
    std::vector<std::uint8_t> data = counting(60);
    for (std::size_t i = 0; i < data.size(); ++i)
      data[i] = static_cast<std::uint8_t>(data[i] * n * 31 + n % 7 * i);
    put_record(b, {n, 0, data});
  }
  std::vector<std::uint8_t> gz = gzip(b.data);
  gz.resize(gz.size() / 2);
  const ReadResult r = read_all(gz);
  EXPECT_EQ(r.error, "");
  EXPECT_GT(r.frames.size(), 100u);
  EXPECT_LT(r.frames.size(), 1'000u);
  EXPECT_THAT(r.warnings, ElementsAre(HasSubstr("cut within record")));
  // Cut in the trailer alone: everything is there, and yet the file is cut.
  gz = gzip(b.data);
  gz.resize(gz.size() - 3);
  const ReadResult trailer = read_all(gz);
  EXPECT_EQ(trailer.frames.size(), 1'000u) << trailer.error;
  EXPECT_THAT(trailer.warnings, ElementsAre(HasSubstr("cut within record 1001")));
  std::vector<std::uint8_t> zst = zstd(b.data);
  zst.resize(zst.size() - 3);
  const ReadResult z = read_all(zst);
  EXPECT_EQ(z.error, "");
  EXPECT_THAT(z.warnings, ElementsAre(HasSubstr("cut within record")));
}

// Compressed, streams, files

TEST(Compressed, ByContentInAnyNumberOfMembers) {
  const std::vector<std::uint8_t> whole = small_pcap();
  const std::vector<std::uint8_t> front(whole.begin(), whole.begin() + 33),
      back(whole.begin() + 33, whole.end());
  EXPECT_EQ(read_all(gzip(whole)).frames.size(), 3u);
  EXPECT_EQ(read_all(zstd(whole)).frames.size(), 3u);
  EXPECT_EQ(read_all(gzip(small_pcapng())).frames.size(), 3u);
  EXPECT_EQ(read_all(Bytes{}.bytes(gzip(front)).bytes(gzip(back)).data).frames.size(), 3u);
  EXPECT_EQ(read_all(Bytes{}.bytes(gzip({})).bytes(gzip(whole)).data).frames.size(), 3u);
  EXPECT_EQ(read_all(Bytes{}.bytes(zstd(front)).bytes(zstd(back)).data).frames.size(), 3u);
  Bytes skippable;
  skippable.u32(0x184d2a50).u32(5).bytes(counting(5)).bytes(zstd(whole));
  EXPECT_EQ(read_all(skippable.data).frames.size(), 3u);
}

// Larger than every buffer, so that records lie across refills.
TEST(Streams, RecordsAcrossBuffersReadAlike) {
  Bytes b = pcap_header();
  for (std::uint32_t n = 0; n < 3'000; ++n) put_record(b, {n, n, counting(n % 1'500)});
  put_record(b, {3'000, 0, counting(kMaxFrameBytes)});
  put_record(b, {3'001, 0, counting(9)});
  const auto path =
      std::filesystem::temp_directory_path() / ("utables-streams-" + std::to_string(::getpid()));
  for (const auto& stored : {b.data, gzip(b.data), zstd(b.data)}) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(stored.data()), static_cast<std::streamsize>(stored.size()));
    const ReadResult r = read_file(path);
    EXPECT_EQ(r.error, "");
    ASSERT_EQ(r.frames.size(), 3'002u);
    for (std::uint32_t n = 0; n < 3'000; ++n) {
      ASSERT_EQ(r.frames[n].bytes, counting(n % 1'500)) << n;
      ASSERT_EQ(r.frames[n].frame.time, n * kSecond + n * kMicrosecond);
    }
    EXPECT_EQ(r.frames[3'000].bytes.size(), kMaxFrameBytes);
    EXPECT_EQ(r.frames[3'001].bytes, counting(9));
  }
  std::filesystem::remove(path);
}

TEST(Streams, StandardInput) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const std::vector<std::uint8_t> whole = small_pcapng();
  ASSERT_EQ(::write(ends[1], whole.data(), whole.size()), static_cast<ssize_t>(whole.size()));
  ::close(ends[1]);
  const int saved = ::dup(STDIN_FILENO);
  ::dup2(ends[0], STDIN_FILENO);
  ::close(ends[0]);
  const ReadResult r = read_file("-");
  ::dup2(saved, STDIN_FILENO);
  ::close(saved);
  EXPECT_EQ(r.frames.size(), 3u) << r.error;
}

TEST(Streams, ProgressCountsStoredBytes) {
  const std::vector<std::uint8_t> stored = gzip(small_pcap());
  auto reader = CaptureReader::from_memory(stored, "x");
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->bytes_total(), stored.size());
  ReadResult r;
  read_all(*reader, r);
  EXPECT_EQ(reader->bytes_taken(), stored.size());
  EXPECT_EQ(reader->name(), "x");
}

// Real material

std::filesystem::path real_captures() {
  const char* set = std::getenv("UTABLES_DATA");
  const std::filesystem::path data =
      set != nullptr ? std::filesystem::path(set) : std::filesystem::path(UTABLES_SOURCE_DIR) / "../shared";
  return data / "pcaps";
}

TEST(RealMaterial, EveryCaptureHasTheFramesOfItsIndex) {
  std::ifstream index(real_captures() / "index.tsv");
  if (!index)
    GTEST_SKIP() << "no real captures: " << real_captures() / "index.tsv"
                 << " is not there (UTABLES_DATA)";
  std::string line;
  std::getline(index, line);
  int files = 0;
  while (std::getline(index, line)) {
    const auto fields = split(line, '\t');
    ASSERT_GE(fields.size(), 5u);
    const std::string file(fields[0]);
    const ReadResult r = read_file(real_captures() / file);
    EXPECT_EQ(r.error, "") << file;
    EXPECT_EQ(std::to_string(r.frames.size()), fields[4]) << file;
    ++files;
  }
  EXPECT_GT(files, 0);
}

}  // namespace
}  // namespace utables::io
