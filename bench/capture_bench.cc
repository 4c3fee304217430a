// How fast captures are read and written: frames a second, link layer included, from a file in the page
// cache and from memory. The frames are Ethernet, 64 to 1,514 bytes, of which the capture holds `kept`.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "io/capture.h"
#include "io/format/capture_bytes.h"
#include "io/link.h"
#include "io/pcapng_writer.h"

namespace {

using namespace utables;

constexpr std::uint32_t kFrames = 500'000;

std::vector<std::uint8_t> frame_bytes(std::uint32_t kept) {
  std::vector<std::uint8_t> v(kept, 0);
  v[12] = 0x08;
  v[14] = 0x45;
  return v;
}

std::vector<std::uint8_t> pcap(std::uint32_t kept) {
  io::test::Bytes b = io::test::pcap_header();
  const auto data = frame_bytes(kept);
  b.data.reserve(kFrames * std::size_t{kept + 16});
  for (std::uint32_t n = 0; n < kFrames; ++n) io::test::put_record(b, {n / 1'000, n % 1'000, data, 1'514});
  return b.data;
}

std::vector<std::uint8_t> pcapng(std::uint32_t kept) {
  io::StringSink sink;
  io::PcapngWriter writer(sink);
  const auto data = frame_bytes(kept);
  if (!writer.begin("bench") || !writer.add_interface("wan", io::linktype::kEthernet)) std::abort();
  io::FrameToWrite frame;
  frame.bytes = data;
  frame.direction = io::Direction::inbound;
  for (std::uint32_t n = 0; n < kFrames; ++n) {
    frame.time = n * kMicrosecond;
    if (!writer.write(frame)) std::abort();
  }
  return {sink.text().begin(), sink.text().end()};
}

using Make = std::vector<std::uint8_t> (*)(std::uint32_t);

void read_to_the_end(io::CaptureReader& reader, benchmark::State& state) {
  std::uint64_t frames = 0, sum = 0;
  for (;;) {
    auto frame = reader.next();
    if (!frame) std::abort();
    if (!*frame) break;
    io::LinkLayer link;
    if (io::parse_link(**frame, link) != io::LinkProblem::none) std::abort();
    sum += (*frame)->bytes[link.offset];
    ++frames;
  }
  benchmark::DoNotOptimize(sum);
  if (frames != kFrames) state.SkipWithError("frames are missing");
}

void count(benchmark::State& state, std::size_t bytes) {
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kFrames);
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(bytes));
}

void read_memory(benchmark::State& state, Make make) {
  const auto bytes = make(static_cast<std::uint32_t>(state.range(0)));
  for (auto _ : state) {
    auto reader = io::CaptureReader::from_memory(bytes, "memory");
    if (!reader) std::abort();
    read_to_the_end(*reader, state);
  }
  count(state, bytes.size());
}

void read_file(benchmark::State& state, Make make) {
  const auto bytes = make(static_cast<std::uint32_t>(state.range(0)));
  const auto path = std::filesystem::temp_directory_path() / ("utables-bench-" + std::to_string(::getpid()));
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  for (auto _ : state) {
    auto reader = io::CaptureReader::open(path);
    if (!reader) std::abort();
    read_to_the_end(*reader, state);
  }
  count(state, bytes.size());
  std::filesystem::remove(path);
}

void gzipped(benchmark::State& state, Make make) {
  const auto bytes = io::test::gzip(make(static_cast<std::uint32_t>(state.range(0))));
  for (auto _ : state) {
    auto reader = io::CaptureReader::from_memory(bytes, "memory");
    if (!reader) std::abort();
    read_to_the_end(*reader, state);
  }
  count(state, bytes.size());
}

void write_pcapng(benchmark::State& state) {
  const auto data = frame_bytes(static_cast<std::uint32_t>(state.range(0)));
  for (auto _ : state) {
    auto file = io::FileWriter::create("/dev/null");
    if (!file) std::abort();
    io::PcapngWriter writer(*file);
    if (!writer.begin("bench") || !writer.add_interface("wan")) std::abort();
    io::FrameToWrite frame;
    frame.bytes = data;
    frame.comment = "8131 accept";
    for (std::uint32_t n = 0; n < kFrames; ++n) {
      frame.time = n;
      if (!writer.write(frame)) std::abort();
    }
  }
  count(state, kFrames * data.size());
}

BENCHMARK_CAPTURE(read_memory, pcap, pcap)->Arg(96)->Arg(1'514)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_memory, pcapng, pcapng)->Arg(96)->Arg(1'514)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_file, pcap, pcap)->Arg(96)->Arg(1'514)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_file, pcapng, pcapng)->Arg(96)->Arg(1'514)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(gzipped, pcap, pcap)->Arg(96)->Unit(benchmark::kMillisecond);
BENCHMARK(write_pcapng)->Arg(96)->Arg(1'514)->Unit(benchmark::kMillisecond);

}  // namespace
