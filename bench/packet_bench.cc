// What it takes to parse a packet once into facts, and to judge its checksums, by kind of packet. Items are
// packets; each of a ring of 256 packets that lie one after the other in memory.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <vector>

#include "packet/build.h"
#include "packet/checksum.h"
#include "packet/facts.h"

namespace {

using namespace utables;
using namespace utables::packet;

constexpr std::size_t kRing = 256;

enum class Kind : std::uint8_t { udp, tcp, tcp_options, icmp_error, later_fragment };

IpPart ends(std::uint32_t n) {
  IpPart ip;
  ip.source = Address::from_v4(0x0a000001 + n);
  ip.destination = Address::from_v4(0xcb007109);
  return ip;
}

Bytes make(Kind kind, std::uint32_t n, std::size_t payload) {
  IpPart ip = ends(n);
  const auto port = static_cast<std::uint16_t>(4000 + n);
  const Bytes data(payload, 0x61);
  switch (kind) {
    case Kind::udp:
      return build_udp(ip, port, 53, data);
    case Kind::tcp:
      return build_tcp(ip, {.source_port = port, .destination_port = 80, .flags = tcp::kAck}, data);
    case Kind::tcp_options:  // two NOPs and a timestamp, as most segments have
      return build_tcp(
          ip,
          {.source_port = port,
           .destination_port = 80,
           .flags = tcp::kAck,
           .options = {tcp::kOptNop, tcp::kOptNop, tcp::kOptTimestamp, 10, 1, 2, 3, 4, 5, 6, 7, 8}},
          data);
    case Kind::icmp_error:
      return build_icmp(ip, {.type = icmp::kUnreachable, .code = 1}, build_udp(ip, port, 53));
    case Kind::later_fragment:
      ip.fragment_offset = 1480;
      return build_ip(ip, kUdp, data);
  }
  std::abort();
}

std::vector<Bytes> ring(Kind kind, std::size_t payload) {
  std::vector<Bytes> packets;
  for (std::uint32_t n = 0; n < kRing; ++n) packets.push_back(make(kind, n, payload));
  return packets;
}

void parsing(benchmark::State& state, Kind kind) {
  const auto packets = ring(kind, 64);
  std::size_t n = 0;
  for (auto _ : state) {
    const Bytes& bytes = packets[n++ % kRing];
    Facts facts;
    if (parse(bytes, static_cast<std::uint32_t>(bytes.size()), facts) != DropReason::none) std::abort();
    benchmark::DoNotOptimize(facts);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(parsing, udp, Kind::udp);
BENCHMARK_CAPTURE(parsing, tcp, Kind::tcp);
BENCHMARK_CAPTURE(parsing, tcp_options, Kind::tcp_options);
BENCHMARK_CAPTURE(parsing, icmp_error, Kind::icmp_error);
BENCHMARK_CAPTURE(parsing, later_fragment, Kind::later_fragment);

/// Both checksums, of the header and of the transport; the argument is the payload's size.
void checksums(benchmark::State& state) {
  const auto packets = ring(Kind::tcp, static_cast<std::size_t>(state.range(0)));
  std::vector<Facts> facts(kRing);
  for (std::size_t i = 0; i < kRing; ++i)
    if (parse(packets[i], static_cast<std::uint32_t>(packets[i].size()), facts[i]) != DropReason::none)
      std::abort();
  std::size_t n = 0;
  for (auto _ : state) {
    const std::size_t i = n++ % kRing;
    const bool good = ip_checksum_good(std::span(packets[i]).first(20)) &&
                      transport_checksum(packets[i], facts[i]) == ChecksumState::good;
    if (!good) std::abort();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(checksums)->Arg(0)->Arg(64)->Arg(512)->Arg(1'460);

}  // namespace
