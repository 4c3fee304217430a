// Any bytes as a packet of either family: parsed, judged, its options filled in, described, answered, cut.
// The first two bytes choose the size on the wire and the MTU, over IPv6 the size of its fragments too.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "packet/build.h"
#include "packet/checksum.h"
#include "packet/describe.h"
#include "packet/extensions.h"
#include "packet/fragment.h"
#include "packet/ip_options.h"

using namespace utables;
using namespace utables::packet;

namespace {

void answer(const std::vector<std::uint8_t>& bytes, const Facts& facts, const IcmpError& error) {
  const Bytes made = build_icmp_error(bytes, facts, error);
  const std::size_t most = facts.is_ipv6() ? kIpv6LeastMtu : 576;
  Facts made_facts;
  if (!made.empty() && (made.size() > most || parse(made, 0, made_facts) != DropReason::none)) std::abort();
}

/// As if it had come in two fragments of which the first one had `first` bytes of payload.
void cut_again(const std::vector<std::uint8_t>& bytes, const Facts& facts, std::uint32_t first) {
  const FragmentPlace place = fragment_place(bytes);
  if (place.offset >= facts.size || facts.total_length > 0xffff) return;
  const std::uint32_t payload = facts.total_length - place.offset;
  first = std::min(first & ~7U, payload);
  Geometry geometry;
  geometry.sizes = {static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(payload - first)};
  geometry.max_size = place.offset + kFragmentHeader + std::max(first, payload - first);
  geometry.header = place.offset;
  geometry.least_header = place.offset + kFragmentHeader;
  std::size_t sent = 0;
  const bool done =
      cut(bytes, facts, geometry, 0xffff, {.identification = 7}, [&](std::span<const std::uint8_t> part) {
        sent += part.size() - place.offset - kFragmentHeader;
        Facts part_facts;
        if (parse(part, 0x20000, part_facts) != DropReason::none || part_facts.fragment_header == 0)
          std::abort();
      });
  if (done && sent != facts.size - place.offset) std::abort();
}

void go_through_v6(const std::vector<std::uint8_t>& bytes, const Facts& facts, std::uint32_t mtu) {
  if (icmp_error_allowed(bytes, facts)) {
    IcmpError error;
    error.icmp.type = 3;
    answer(bytes, facts, error);
  }
  if (judge_size(facts, {}, mtu) == Cutting::cut) std::abort();
  cut_again(bytes, facts, mtu);
}

void go_through(std::vector<std::uint8_t>& bytes, std::uint32_t wire, std::uint32_t mtu) {
  Facts facts;
  if (parse(bytes, wire, facts) != DropReason::none) return;
  bytes.resize(facts.size);
  (void)transport_checksum(bytes, facts);
  if (describe(bytes, facts).empty()) std::abort();
  if (tcp_reset_allowed(facts)) (void)build_tcp_reset(facts);
  if (facts.is_ipv6()) return go_through_v6(bytes, facts, mtu);
  const std::span header = std::span(bytes).first(facts.header_size);
  IpOptions options = receive_options(
      header, {Address::from_v4(0x0a0000fe), 12345, [](const Address& a) { return a.v4() % 2 == 0; }});
  if (!options.malformed && options.source_route != 0)
    (void)step_source_route(header, options, static_cast<HopKind>(mtu % 3),
                            [](const Address& a) { return static_cast<HopKind>(a.v4() % 3); });
  const auto echoed = echo_options(header, options, {Address::from_v4(0x0a0000fe), 12345, {}});
  if (icmp_error_allowed(bytes, facts) && echoed.possible) {
    IcmpError error;
    error.icmp.type = 11;
    error.mtu = mtu;
    error.options = echoed.bytes;
    answer(bytes, facts, error);
  }
  if (!options.malformed) forward_options(header, options, Address::from_v4(0xc0000201));
  if (judge_size(facts, {}, mtu) != Cutting::cut) return;
  std::size_t payload = 0;
  const bool done = cut(bytes, facts, {}, mtu, {.thin = true}, [&](std::span<const std::uint8_t> part) {
    payload += part.size() - facts.header_size;
    Facts part_facts;
    if (parse(part, 0x10000, part_facts) != DropReason::none || part_facts.total_length > mtu) std::abort();
  });
  if (done && payload != facts.size - facts.header_size) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 4096) return 0;
  std::vector<std::uint8_t> bytes(data + 2, data + size);
  go_through(bytes, static_cast<std::uint32_t>(bytes.size()) + data[0], data[1] * 8U);
  return 0;
}
