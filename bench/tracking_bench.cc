// Connection tracking by itself, at 1 k, 100 k and 1 M connections: finding a tuple, and following packets of
// established UDP and TCP flows; and what a connection takes of memory. Items are look-ups and packets; the
// time of tracking is the processor's, without building and parsing the packets.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <memory>
#include <vector>

#include "conntrack/table.h"
#include "conntrack/tracker.h"
#include "traffic.h"

namespace {

using namespace utables;
using namespace utables::bench;
using namespace utables::conntrack;

/// Packets whose memory is fetched before the first is tracked, as the engine does.
constexpr std::uint32_t kAhead = 16;

void sizes(benchmark::internal::Benchmark* b) { b->Arg(1'000)->Arg(100'000)->Arg(1'000'000); }

Tuple tuple_at(std::uint32_t flow) {
  Tuple t;
  t.source = Address::from_v4(0x0a000001 + flow / 32768);
  t.destination = Address::from_v4(0xcb007109);
  t.source_port = static_cast<std::uint16_t>(1024 + flow % 32768);
  t.destination_port = 53;
  t.protocol = packet::kUdp;
  return t;
}

Table filled_table(std::uint32_t connections) {
  Table table(1);
  for (std::uint32_t flow = 0; flow < connections; ++flow) {
    Connection& c = table.make();
    c.tuple = {tuple_at(flow), *inverse(tuple_at(flow))};
    table.enter(c);
  }
  return table;
}

/// One after the other: each look-up waits for its memory.
void look_up(benchmark::State& state) {
  const auto connections = static_cast<std::uint32_t>(state.range(0));
  const Table table = filled_table(connections);
  Choice choice(connections);
  for (auto _ : state) {
    const Tuple tuple = tuple_at(choice.flow());
    const Found found = table.find(tuple, table.hash(tuple));
    if (found.connection == nullptr) std::abort();
    benchmark::DoNotOptimize(found.connection->deadline);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(look_up)->Apply(sizes);

/// Read ahead, as the engine does with a batch.
void look_up_ahead(benchmark::State& state) {
  const auto connections = static_cast<std::uint32_t>(state.range(0));
  const Table table = filled_table(connections);
  Choice choice(connections);
  std::array<Tuple, kAhead> tuples{};
  std::array<std::uint64_t, kAhead> hashes{};
  for (auto _ : state) {
    for (std::uint32_t i = 0; i < kAhead; ++i) {
      tuples[i] = tuple_at(choice.flow());
      table.prefetch(hashes[i] = table.hash(tuples[i]));
    }
    for (const std::uint64_t hash : hashes) table.prefetch_entry(hash);
    for (std::uint32_t i = 0; i < kAhead; ++i) {
      const Found found = table.find(tuples[i], hashes[i]);
      if (found.connection == nullptr) std::abort();
      benchmark::DoNotOptimize(found.connection->deadline);
    }
  }
  state.SetItemsProcessed(state.iterations() * kAhead);
}
BENCHMARK(look_up_ahead)->Apply(sizes);

/// A tracker, its traffic, and the packets of a batch as parsing left them.
class Followed {
 public:
  Followed(Protocol p, std::uint32_t connections)
      : protocol(p), count(connections), traffic_(p, connections), choice_(connections), buffers_(kBatch) {
    Settings settings = defaults(Profile::modern);
    settings.max = 4'000'000;
    tracker_ = std::make_unique<Tracker>(settings, 1, nullptr);
    for (std::uint32_t flow = 0; flow < connections; flow += kBatch)
      for (const Step step : {Step::syn, Step::syn_ack, Step::data}) {
        for (std::uint32_t i = 0; i < kBatch; ++i)
          put(i, traffic_.set(i, (flow + i) % connections, step == Step::syn_ack, step));
        track();
      }
    bytes = static_cast<double>(tracker_->table_bytes()) / tracker_->size();
    now_ += 3 * kSecond;
  }

  void prepare() {
    now_ += 64 * kMicrosecond;
    for (std::uint32_t i = 0; i < kBatch; ++i) {
      const std::uint32_t flow = choice_.flow();
      put(i, traffic_.set(i, flow, choice_.reply()));
    }
  }
  void track() {
    for (std::uint32_t first = 0; first < kBatch; first += kAhead) {
      std::array<std::uint64_t, kAhead> hashes{};
      for (std::uint32_t i = 0; i < kAhead; ++i) hashes[i] = tracker_->foresee(buffers_[first + i].facts);
      for (const std::uint64_t hash : hashes) tracker_->foresee_entry(hash);
      for (std::uint32_t i = 0; i < kAhead; ++i) {
        Tracked tracked = tracker_->track(buffers_[first + i], now_, true);
        if (tracked.info == CtInfo::invalid) std::abort();
        if (tracker_->confirm(tracked, buffers_[first + i], now_) != DropReason::none) std::abort();
      }
    }
  }

  Protocol protocol;
  std::uint32_t count;
  double bytes = 0;  ///< of memory for a connection, as the table accounts for it

 private:
  void put(std::uint32_t place, const Packet& packet) {
    packet::Buffer& buffer = buffers_[place];
    buffer.bytes = packet.bytes;
    buffer.size = packet.size;
    buffer.room = packet.room;
    if (packet::parse(buffer.view(), packet.size, buffer.facts) != DropReason::none) std::abort();
  }

  Traffic traffic_;
  Choice choice_;
  std::vector<packet::Buffer> buffers_;
  std::unique_ptr<Tracker> tracker_;
  Time now_ = kStart;
};

/// The last one is kept: the library calls a benchmark several times to find how often to run it.
Followed& followed(Protocol protocol, std::uint32_t connections) {
  static std::unique_ptr<Followed> last;
  if (last == nullptr || last->protocol != protocol || last->count != connections) {
    last.reset();
    last = std::make_unique<Followed>(protocol, connections);
  }
  return *last;
}

void tracking(benchmark::State& state, Protocol protocol) {
  Followed& f = followed(protocol, static_cast<std::uint32_t>(state.range(0)));
  Watch watch(state);
  for (auto _ : state) {
    f.prepare();
    watch.start();
    f.track();
    watch.stop();
  }
  state.SetItemsProcessed(state.iterations() * kBatch);
  state.counters["bytes/connection"] = f.bytes;
}
BENCHMARK_CAPTURE(tracking, udp, Protocol::udp)->Apply(sizes)->UseManualTime();
BENCHMARK_CAPTURE(tracking, tcp, Protocol::tcp)->Apply(sizes)->UseManualTime();

}  // namespace
