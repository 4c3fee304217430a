// How long a route takes to find: a small office's table, and a large one of random prefixes.
#include <benchmark/benchmark.h>

#include "base/random.h"
#include "host/configure.h"
#include "host/host.h"
#include "host/net_ip.h"

namespace {

using namespace utables;
using namespace utables::host;

constexpr std::size_t kQuestions = 4096;

void ask(benchmark::State& state, const RouteTable& routes, std::uint32_t base, std::uint32_t mask) {
  Random random(1);
  std::vector<Address> questions;
  for (std::size_t i = 0; i < kQuestions; ++i)
    questions.push_back(Address::from_v4(base | (random.next32() & mask)));
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(routes.find(questions[i++ % kQuestions], Family::ipv4));
}

void office(benchmark::State& state) {
  Host host;
  Errors errors;
  read_net_ip(
      "addr add 192.0.2.2/24 dev wan\naddr add 10.10.0.1/24 dev lan\naddr add 10.20.0.1/24 dev dmz\n"
      "route add default via 192.0.2.1\nroute add unreachable 10.0.0.0/8\n",
      "net.ip", host, errors);
  host.settle();
  ask(state, host.routes, 0x0a000000, 0x001e00ff);
}
BENCHMARK(office);

void random_prefixes(benchmark::State& state) {
  Random random(2);
  RouteTable routes;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    Route r;
    r.destination.length = static_cast<std::uint8_t>(8 + random.below(17));
    r.destination.address = Address::from_v4(random.next32()) & mask_of(r.destination.length, Family::ipv4);
    r.device = static_cast<InterfaceId>(random.below(4));
    routes.add(r);
  }
  ask(state, routes, 0, 0xffffffff);
}
BENCHMARK(random_prefixes)->Arg(1000)->Arg(100000);

}  // namespace
