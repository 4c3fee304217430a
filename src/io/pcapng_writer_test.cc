// What is written is read back alike: by our own reader, and by tshark where it is installed.
#include "io/pcapng_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "io/format/capture_bytes.h"
#include "io/link.h"

namespace utables::io {
namespace {

using namespace test;
using testing::HasSubstr;

void write_example(ByteSink& sink) {
  PcapngWriter w(sink);
  ASSERT_TRUE(w.begin("utables test"));
  ASSERT_TRUE(w.add_interface("wan"));
  ASSERT_TRUE(w.add_interface("lan", linktype::kEthernet));
  std::vector<std::uint8_t> ip(20, 0);
  ip[0] = 0x45;
  ip[3] = 20;
  ip[8] = 64;
  ip[9] = 253;
  FrameToWrite f;
  f.bytes = ip;
  f.time = 1'795'308'671'749'686'001;
  f.comment = "8131 accept";
  f.direction = Direction::outbound;
  ASSERT_TRUE(w.write(f));
  const std::vector<std::uint8_t> odd = counting(61);
  FrameToWrite g;
  g.bytes = odd;
  g.interface = 1;
  g.wire_size = 1'514;
  g.time = 1'795'308'672'000'000'000;
  g.direction = Direction::inbound;
  ASSERT_TRUE(w.write(g));
  g.direction = Direction::unknown;
  g.bytes = {};
  g.wire_size = 0;
  ASSERT_TRUE(w.write(g));
}

TEST(PcapngWriter, IsReadBack) {
  StringSink sink;
  write_example(sink);
  const ReadResult r = read_all({sink.text().begin(), sink.text().end()});
  EXPECT_EQ(r.error, "");
  ASSERT_EQ(r.frames.size(), 3u);
  const Kept& first = r.frames[0];
  EXPECT_EQ(first.frame.time, 1'795'308'671'749'686'001);
  EXPECT_EQ(first.frame.link_type, linktype::kRaw);
  EXPECT_EQ(first.interface_name, "wan");
  EXPECT_EQ(first.comment, "8131 accept");
  EXPECT_EQ(first.frame.direction, Direction::outbound);
  EXPECT_EQ(first.frame.wire_size, 20u);
  const Kept& second = r.frames[1];
  EXPECT_EQ(second.bytes, counting(61));
  EXPECT_EQ(second.frame.wire_size, 1'514u);
  EXPECT_EQ(second.interface_name, "lan");
  EXPECT_EQ(second.frame.direction, Direction::inbound);
  EXPECT_EQ(second.comment, "");
  EXPECT_EQ(r.frames[2].frame.direction, Direction::unknown);
  EXPECT_TRUE(r.frames[2].bytes.empty());
}

TEST(PcapngWriter, RefusesWhatItCannotWrite) {
  StringSink sink;
  PcapngWriter w(sink);
  ASSERT_TRUE(w.begin(""));
  EXPECT_THAT(w.write({}).error().text, HasSubstr("interface 0 is not described"));
  EXPECT_THAT(w.add_interface(std::string(256, 'x')).error().text, HasSubstr("at most 255"));
  ASSERT_TRUE(w.add_interface(""));
  FrameToWrite f;
  f.time = -1;
  EXPECT_THAT(w.write(f).error().text, HasSubstr("before 1970"));
  f.time = 0;
  const std::string comment(65'536, 'x');
  f.comment = comment;
  EXPECT_THAT(w.write(f).error().text, HasSubstr("comment of more than 65,535 bytes"));
  f.comment = {};
  const std::vector<std::uint8_t> large(kMaxFrameBytes + 1);
  f.bytes = large;
  EXPECT_THAT(w.write(f).error().text, HasSubstr("a frame of 1048577 bytes"));
  f.bytes = std::span(large).first(10);
  f.wire_size = 9;
  EXPECT_THAT(w.write(f).error().text, HasSubstr("10 bytes of a frame of 9"));
}

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return out;
  char buffer[4'096];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) out.append(buffer, n);
  ::pclose(pipe);
  return out;
}

TEST(PcapngWriter, TsharkReadsTheSame) {
  if (std::system("command -v tshark >/dev/null 2>&1") != 0) GTEST_SKIP() << "tshark is not installed";
  const std::string path =
      std::filesystem::temp_directory_path() / ("utables-tshark-" + std::to_string(::getpid()));
  auto file = FileWriter::create(path);
  ASSERT_TRUE(file);
  write_example(*file);
  ASSERT_TRUE(file->commit());
  const std::string out = output_of(
      "tshark -r " + path +
      " -T fields -E separator='|' -e frame.number -e frame.time_epoch -e frame.cap_len -e frame.len"
      " -e frame.interface_name -e frame.comment -e frame.packet_flags_direction -e ip.proto");
  EXPECT_THAT(out, HasSubstr("1|1795308671.749686001|20|20|wan|8131 accept|0x00000002|253\n"));
  EXPECT_THAT(out, HasSubstr("2|1795308672.000000000|61|1514|lan||0x00000001|"));
  EXPECT_THAT(out, HasSubstr("3|1795308672.000000000|0|0|lan||"));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace utables::io
