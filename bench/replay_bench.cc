// `utables replay` from file to report, by the very calls that the command makes: a million packets in a pcap
// file, three rules, tracking on. Items are packets; the time is the processor's, the kernel's share (reading
// and writing files) included.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "engine/parts.h"
#include "io/format/capture_bytes.h"
#include "lab/outputs.h"
#include "lab/replay.h"
#include "lab/report/report.h"
#include "lab/report/tally.h"
#include "traffic.h"

namespace {

using namespace utables;
using namespace utables::bench;

constexpr std::uint32_t kPackets = 1'000'000;
constexpr std::uint32_t kRawIp = 101;  // LINKTYPE_RAW
constexpr const char* kNet =
    "addr add 10.255.255.254/8 dev lan\naddr add 192.0.2.254/24 dev wan\nroute add default via 192.0.2.1 dev "
    "wan\n";
constexpr const char* kRules =
    "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"
    "-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n"
    "-A FORWARD -m conntrack --ctstate INVALID -j DROP\n-A FORWARD -i lan -j ACCEPT\nCOMMIT\n";

[[noreturn]] void give_up(const Errors& errors) {
  for (const Error& error : errors) std::fprintf(stderr, "%s\n", error.str().c_str());
  std::abort();
}

/// A folder of this process, with a capture of every flow in turn; gone with it.
class Scratch {
 public:
  Scratch(Protocol protocol, std::uint32_t flows) {
    std::filesystem::create_directory(folder_);
    io::test::Bytes file = io::test::pcap_header(false, 0xa1b2c3d4, kRawIp);
    Traffic traffic(protocol, flows);
    for (std::uint32_t n = 0; n < kPackets; ++n) {
      const std::uint32_t round = n / flows, micros = n;
      const Step step = round == 0 ? Step::syn : round == 1 ? Step::syn_ack : Step::data;
      const Packet& p = traffic.set(0, n % flows, round % 2 == 1, step);
      io::test::put_record(file, {micros / 1'000'000, micros % 1'000'000, {p.bytes, p.bytes + p.size}, 0});
    }
    std::ofstream(capture(), std::ios::binary)
        .write(reinterpret_cast<const char*>(file.data.data()),
               static_cast<std::streamsize>(file.data.size()));
  }
  ~Scratch() { std::filesystem::remove_all(folder_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] std::string capture() const { return (folder_ / "bench.pcap").string(); }
  [[nodiscard]] std::string out() const { return (folder_ / "out").string(); }

 private:
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("utables-bench-" + std::to_string(::getpid()));
};

/// What `utables replay` does; returns the report's size. `out`: of --out, empty for none.
std::size_t play(const lab::Box& box, const std::string& capture, const std::string& out) {
  lab::ReplayOptions options;
  options.captures = {capture};
  auto replay = lab::Replay::create(box, options);
  if (!replay) give_up(replay.error());
  auto outputs = lab::Outputs::create({out, {}}, box, *replay);
  if (!outputs) give_up({outputs.error()});
  const std::array<rules::Ruleset, 2> before{current_rules(replay->parts(), Family::ipv4),
                                             current_rules(replay->parts(), Family::ipv6)};
  lab::Tally tally(replay->host().interfaces.size(), replay->parts().tracker.get());
  replay->add(tally);
  outputs->listen(*replay);
  if (auto played = replay->run(); !played) give_up({played.error()});
  if (auto written = outputs->commit(); !written) give_up({written.error()});
  const lab::Report report = lab::make_report(*replay, tally, {box, options, before});
  if (report.read.inputs != kPackets || report.left != kPackets) std::abort();
  return lab::report_text(report, {}).size();
}

lab::Box make_box() {
  lab::Box box;
  box.text.net_ip = kNet;
  box.text.rules_v4 = kRules;
  box.text.has_net_ip = box.text.has_rules_v4 = true;
  box.shown = box.directory = "bench";
  return box;
}

void replay(benchmark::State& state, Protocol protocol, bool with_outputs) {
  const Scratch scratch(protocol, static_cast<std::uint32_t>(state.range(0)));
  const lab::Box box = make_box();
  for (auto _ : state)
    benchmark::DoNotOptimize(play(box, scratch.capture(), with_outputs ? scratch.out() : std::string()));
  state.SetItemsProcessed(state.iterations() * kPackets);
}
BENCHMARK_CAPTURE(replay, udp, Protocol::udp, false)
    ->Arg(1'000)
    ->Arg(100'000)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(replay, tcp, Protocol::tcp, false)
    ->Arg(1'000)
    ->Arg(100'000)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(replay, tcp_with_outputs, Protocol::tcp, true)
    ->Arg(1'000)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
