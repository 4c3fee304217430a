// ICMP errors about packets of the traffic.
#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "lab/generate/traffic.h"
#include "packet/headers.h"

namespace utables::lab::generate {
namespace {

struct ErrorKind {
  std::uint8_t type, codes;  ///< codes: drawn below this
  Kind kind;
};
constexpr std::array<ErrorKind, 7> kErrors{{{3, 16, Kind::icmp_unreachable},
                                            {3, 5, Kind::icmp_unreachable},
                                            {4, 1, Kind::icmp_source_quench},
                                            {5, 4, Kind::icmp_redirect},
                                            {11, 2, Kind::icmp_time_exceeded},
                                            {12, 3, Kind::icmp_parameter_problem},
                                            {3, 1, Kind::icmp_unreachable}}};

/// Who sends it: the destination, a router beyond, the box.
std::uint32_t draw_sender(const World& world, Random& random, std::uint32_t destination) {
  const auto roll = random.below(10);
  if (roll < 5) return destination;
  return roll < 9 ? world.any_host(random) : world.any_box_address(random);
}

}  // namespace

Planned icmp_error(const World& world, Random& random, const Planned& about) {
  Bytes quote = about.bytes;
  if (quote.size() < 20) quote.resize(20);
  const std::uint32_t source = load32(&quote[12]), destination = load32(&quote[16]);
  const ErrorKind& error = pick(random, kErrors);
  Kinds kind = kinds(error.kind);
  if (quote[9] == packet::kIcmp && quote.size() > 20 && packet::icmp::is_error(quote[20]))
    kind.set(static_cast<std::size_t>(Kind::icmp_error_about_error));
  // Its TTL was lowered on the way, or its checksum was not kept: neither matters.
  if (chance(random, 50)) quote[8] = static_cast<std::uint8_t>(quote[8] - 1);
  if (chance(random, 60)) fix_ip_checksum(quote);
  const std::size_t header = std::min<std::size_t>(quote.size(), static_cast<std::size_t>(quote[0] & 15) * 4);
  if (chance(random, 60)) quote.resize(std::min(quote.size(), header + 8));
  if (chance(random, 15)) {
    quote.resize(
        random.below(static_cast<std::uint32_t>(std::min<std::size_t>(quote.size(), header + 9)) + 1));
    kind.set(static_cast<std::size_t>(Kind::icmp_error_cut_quote));
  }
  IpFields ip;
  ip.destination = source;
  ip.protocol = packet::kIcmp;
  ip.tos = 0xc0;
  ip.identification = static_cast<std::uint16_t>(1 + random.below(65535));
  ip.source = draw_sender(world, random, destination);
  if (chance(random, 10)) {
    ip.destination = world.any_host(random);
    kind.set(static_cast<std::size_t>(Kind::icmp_error_wrong_destination));
  }
  const auto code = static_cast<std::uint8_t>(random.below(error.codes));
  const std::uint32_t rest = error.type == 3 && code == 4 ? 68 + random.below(1400)
                             : error.type == 5            ? world.any_host(random)
                                                          : random.below(2) * random.next32();
  // It comes from where the packet went, whoever signs it.
  const std::uint32_t from = world.is_box(ip.source) ? ip.source
                             : chance(random, 90)    ? destination
                                                     : world.any_host(random);
  return {ip_packet(ip, icmp_message(error.type, code, rest, quote)), from, kind};
}

}  // namespace utables::lab::generate
