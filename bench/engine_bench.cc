// How fast packets go through the engine: established UDP and TCP flows at 1 k, 100 k and 1 M connections
// under ten rules, one table of 10, 100 and 1,000 rules without tracking, and new connections. Items are
// packets (connections); the time is the processor's, without building the packets.
#include <benchmark/benchmark.h>
#include <utables/engine.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "traffic.h"

namespace {

using namespace utables;
using namespace utables::bench;

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

struct Count final : Sink {
  std::uint64_t sent_packets = 0;
  void sent(const Sent&) override { ++sent_packets; }
};

/// An engine with that many connections, both ways seen. Filling one takes seconds, and the library calls a
/// benchmark several times to find how often to run it, so the last one is kept.
struct Filled {
  Filled(Protocol p, std::uint32_t connections)
      : protocol(p),
        count(connections),
        engine(make_engine(ruleset(10, true))),
        worker(engine.worker()),
        traffic(p, connections),
        choice(connections) {
    for (std::uint32_t flow = 0; flow < connections; flow += kBatch)
      for (const Step step : {Step::syn, Step::syn_ack, Step::data}) {
        for (std::uint32_t i = 0; i < kBatch; ++i)
          traffic.set(i, (flow + i) % connections, step == Step::syn_ack, step);
        worker.process(traffic.batch(), kStart, sink);
      }
  }
  Protocol protocol;
  std::uint32_t count;
  Count sink{};
  Engine engine;
  Worker worker;
  Traffic traffic;
  Choice choice;
  Time now = kStart + 3 * kSecond;
};

Filled& filled(Protocol protocol, std::uint32_t connections) {
  static std::unique_ptr<Filled> last;
  if (last == nullptr || last->protocol != protocol || last->count != connections) {
    last.reset();
    last = std::make_unique<Filled>(protocol, connections);
  }
  return *last;
}

void established(benchmark::State& state, Protocol protocol) {
  Filled& f = filled(protocol, static_cast<std::uint32_t>(state.range(0)));
  const std::uint64_t before = f.sink.sent_packets;
  Watch watch(state);
  for (auto _ : state) {
    for (std::uint32_t i = 0; i < kBatch; ++i) {
      const std::uint32_t flow = f.choice.flow();
      f.traffic.set(i, flow, f.choice.reply());
    }
    f.now += 64 * kMicrosecond;
    watch.start();
    f.worker.process(f.traffic.batch(), f.now, f.sink);
    watch.stop();
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
  if (f.sink.sent_packets - before != static_cast<std::uint64_t>(state.iterations()) * kBatch)
    state.SkipWithError("packets were lost");
}
BENCHMARK_CAPTURE(established, udp, Protocol::udp)->Arg(1'000)->Arg(100'000)->Arg(1'000'000)->UseManualTime();
BENCHMARK_CAPTURE(established, tcp, Protocol::tcp)->Arg(1'000)->Arg(100'000)->Arg(1'000'000)->UseManualTime();

void traversal(benchmark::State& state) {
  Engine engine = make_engine(ruleset(static_cast<int>(state.range(0)), false));
  Worker worker = engine.worker();
  Traffic traffic(Protocol::udp, kBatch);
  Count sink;
  Watch watch(state);
  for (auto _ : state) {
    for (std::uint32_t i = 0; i < kBatch; ++i) traffic.set(i, i, false);
    watch.start();
    worker.process(traffic.batch(), kStart, sink);
    watch.stop();
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(traversal)->Arg(1)->Arg(10)->Arg(100)->Arg(1'000)->UseManualTime();

/// Connections that nobody answers: each packet opens one; time lets them expire.
void new_connections(benchmark::State& state, Protocol protocol) {
  constexpr std::uint32_t kFlows = 1U << 24;
  Engine engine = make_engine(ruleset(10, true));
  Worker worker = engine.worker();
  Traffic traffic(protocol, kFlows);
  Count sink;
  std::uint32_t flow = 0;
  Time now = kStart;
  Watch watch(state);
  for (auto _ : state) {
    for (std::uint32_t i = 0; i < kBatch; ++i) traffic.set(i, flow++ % kFlows, false, Step::syn);
    now += (protocol == Protocol::udp ? 8 : 32) * kMillisecond;  // about a million at a time
    watch.start();
    worker.process(traffic.batch(), now, sink);
    watch.stop();
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK_CAPTURE(new_connections, udp, Protocol::udp)->UseManualTime();
BENCHMARK_CAPTURE(new_connections, tcp, Protocol::tcp)->UseManualTime();

}  // namespace
