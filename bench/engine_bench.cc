// How fast packets go through the engine: established flows at 1 k, 100 k and 1 M connections under ten
// rules, one table of 10, 100 and 1,000 rules, and new connections. Items are packets (connections).
#include <benchmark/benchmark.h>
#include <utables/engine.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "packet/build.h"

namespace {

using namespace utables;

constexpr Time kStart = 1'795'308'671 * kSecond;
constexpr std::uint32_t kBatch = 32, kRoom = 128;
constexpr const char* kNet =
    "addr add 10.255.255.254/8 dev lan\naddr add 192.0.2.254/24 dev wan\nroute add default via 192.0.2.1 dev "
    "wan\n";

/// `count` rules of which the last accepts; tracking is on if `tracked`.
std::string ruleset(int count, bool tracked) {
  std::string text = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n";
  for (int i = 0; i < count - 1; ++i)
    text += "-A FORWARD -s 172.16." + std::to_string(i / 250) + "." + std::to_string(i % 250) +
            " -p tcp -m tcp --dport 22 -j DROP\n";
  text +=
      tracked ? "-A FORWARD -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT\n" : "-A FORWARD -j ACCEPT\n";
  return text + "COMMIT\n";
}

Engine make_engine(const std::string& rules) {
  BoxText box;
  box.net_ip = kNet;
  box.has_net_ip = box.has_rules_v4 = true;
  box.rules_v4 = rules;
  box.sysctl_conf = "net.netfilter.nf_conntrack_max=4000000\n";
  auto engine = Engine::create(box);
  if (!engine) {
    for (const Error& error : engine.error()) std::fprintf(stderr, "%s\n", error.str().c_str());
    std::abort();
  }
  return std::move(*engine);
}

/// Batches of UDP packets of chosen flows, built anew for each batch (the engine works in place).
class Traffic {
 public:
  Traffic() : bytes_(kBatch * kRoom), batch_(kBatch) {
    packet::IpPart ip;
    ip.source = Address::from_v4(0x0a000001);
    ip.destination = Address::from_v4(0xcb007109);
    const packet::Bytes made = packet::build_udp(ip, 4000, 53, packet::Bytes(8));
    template_.assign(made.begin(), made.end());
    store16(&template_[26], 0);  // no UDP checksum: the flow may be changed freely
  }
  /// `flow` chooses source address and port; `reply` turns it around.
  void set(std::uint32_t place, std::uint32_t flow, bool reply) {
    std::uint8_t* p = &bytes_[place * kRoom];
    std::copy(template_.begin(), template_.end(), p);
    const std::uint32_t client = 0x0a000001 + flow / 32768;
    const auto port = static_cast<std::uint16_t>(1024 + flow % 32768);
    store32(p + 12, reply ? 0xcb007109 : client);
    store32(p + 16, reply ? client : 0xcb007109);
    store16(p + 20, reply ? 53 : port);
    store16(p + 22, reply ? port : 53);
    store16(p + 10, 0);
    std::uint32_t sum = 0;
    for (unsigned i = 0; i < 20; i += 2) sum += load16(p + i);
    sum = (sum & 0xffff) + (sum >> 16);
    store16(p + 10, static_cast<std::uint16_t>(~((sum & 0xffff) + (sum >> 16))));
    Packet packet;
    packet.bytes = p;
    packet.size = static_cast<std::uint32_t>(template_.size());
    packet.room = kRoom;
    packet.interface = reply ? 2 : 1;
    batch_[place] = packet;
  }
  std::span<Packet> batch() { return batch_; }

 private:
  std::vector<std::uint8_t> template_, bytes_;
  std::vector<Packet> batch_;
};

struct Count final : Sink {
  std::uint64_t sent_packets = 0;
  void sent(const Sent&) override { ++sent_packets; }
};

/// An engine with that many connections, both ways seen. Filling one takes seconds, and the library calls a
/// benchmark several times to find how often to run it, so the last one is kept.
struct Filled {
  explicit Filled(std::uint32_t connections)
      : count(connections), engine(make_engine(ruleset(10, true))), worker(engine.worker()) {
    Count sink;
    for (std::uint32_t flow = 0; flow < connections; flow += kBatch)
      for (const bool reply : {false, true}) {
        for (std::uint32_t i = 0; i < kBatch; ++i) traffic.set(i, (flow + i) % connections, reply);
        worker.process(traffic.batch(), kStart, sink);
      }
  }
  std::uint32_t count;
  Engine engine;
  Worker worker;
  Traffic traffic;
};

Filled& filled(std::uint32_t connections) {
  static std::unique_ptr<Filled> last;
  if (last == nullptr || last->count != connections) {
    last.reset();
    last = std::make_unique<Filled>(connections);
  }
  return *last;
}

void established(benchmark::State& state) {
  const auto connections = static_cast<std::uint32_t>(state.range(0));
  auto& [count, engine, worker, traffic] = filled(connections);
  Count sink;
  const std::uint64_t before = sink.sent_packets;
  std::uint32_t next = 1;
  for (auto _ : state) {
    for (std::uint32_t i = 0; i < kBatch; ++i) {
      next = next * 1664525 + 1013904223;
      traffic.set(i, static_cast<std::uint32_t>((std::uint64_t{next} * connections) >> 32), (next & 1) != 0);
    }
    worker.process(traffic.batch(), kStart + kSecond, sink);
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
  if (sink.sent_packets - before != static_cast<std::uint64_t>(state.iterations()) * kBatch)
    state.SkipWithError("packets were lost");
}
BENCHMARK(established)->Arg(1'000)->Arg(100'000)->Arg(1'000'000);

/// What building the batches costs alone, to be taken off the others.
void only_building(benchmark::State& state) {
  Traffic traffic;
  std::uint32_t next = 1;
  for (auto _ : state) {
    for (std::uint32_t i = 0; i < kBatch; ++i) {
      next = next * 1664525 + 1013904223;
      traffic.set(i, next >> 12, (next & 1) != 0);
    }
    benchmark::DoNotOptimize(traffic.batch().data());
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(only_building);

void traversal(benchmark::State& state) {
  Engine engine = make_engine(ruleset(static_cast<int>(state.range(0)), false));
  Worker worker = engine.worker();
  Traffic traffic;
  Count sink;
  for (auto _ : state) {
    for (std::uint32_t i = 0; i < kBatch; ++i) traffic.set(i, i, false);
    worker.process(traffic.batch(), kStart, sink);
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(traversal)->Arg(10)->Arg(100)->Arg(1'000);

/// Connections that nobody answers: each packet opens one; time lets them expire.
void new_connections(benchmark::State& state) {
  Engine engine = make_engine(ruleset(10, true));
  Worker worker = engine.worker();
  Traffic traffic;
  Count sink;
  std::uint32_t flow = 0;
  Time now = kStart;
  for (auto _ : state) {
    for (std::uint32_t i = 0; i < kBatch; ++i) traffic.set(i, flow++ % 100'000'000, false);
    worker.process(traffic.batch(), now, sink);
    now += kMillisecond;
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(new_connections);

}  // namespace
