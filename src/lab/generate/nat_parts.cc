// NAT's targets, drawn so that translations meet: few addresses, short ranges of ports.
#include <array>

#include "lab/generate/rule_parts.h"

namespace utables::lab::generate {
namespace {

using rules::Hook;

bool has_ports(const Place& place) {
  return place.protocol == "tcp" || place.protocol == "udp" || place.protocol == "icmp";
}

/// `PORT[-PORT]`, of every class that Linux tells apart.
std::string ports(Random& random) {
  constexpr std::array<std::uint32_t, 7> kFirst{1024, 5000, 1, 500, 600, 65530, 80};
  const std::uint32_t first = pick(random, kFirst);
  if (chance(random, 35)) return std::to_string(first);
  const std::uint32_t last =
      std::min<std::uint32_t>(65535, first + (chance(random, 70) ? random.below(4) : random.below(2000)));
  return std::to_string(first) + "-" + std::to_string(last);
}

std::string range(Random& random, std::uint32_t address) {
  if (!chance(random, 30)) return dotted(address);
  return dotted(address) + "-" + dotted(address + 1 + random.below(5));
}

std::string random_options(Random& random, bool fully, bool persistent) {
  std::string text;
  if (chance(random, 12)) text += " --random";
  if (fully && chance(random, 12)) text += " --random-fully";
  if (persistent && chance(random, 15)) text += " --persistent";
  return text;
}

std::string netmap(const World& world, Random& random) {
  const Network& network = pick(random, world.networks);
  const std::uint32_t length = 24 + random.below(9);
  return " -j NETMAP --to " + dotted(chance(random, 70) ? network.prefix : 0xc6336400) + "/" +
         std::to_string(length);
}

std::string destination(const World& world, Random& random, const Place& place) {
  const auto roll = random.below(100);
  if (roll < 18) return netmap(world, random);
  if (roll < 38) {
    std::string text = " -j REDIRECT";
    if (has_ports(place) && chance(random, 60)) text += " --to-ports " + ports(random);
    return text + random_options(random, false, false);
  }
  const std::uint32_t host = chance(random, 85) ? world.any_host(random) : world.any_box_address(random);
  std::string to = range(random, host);
  if (has_ports(place) && chance(random, 60)) {
    const std::string which = ports(random);
    if (chance(random, 15)) to.clear();
    to += ":" + which;
    if (which.find('-') != std::string::npos && chance(random, 40))
      to += "/" + std::to_string(1 + random.below(6000));
  }
  return " -j DNAT --to-destination " + to + random_options(random, false, true);
}

std::string source(const World& world, Random& random, const Place& place) {
  const auto roll = random.below(100);
  if (roll < 15) return netmap(world, random);
  if (roll < 55 && place.hook == Hook::postrouting) {
    std::string text = " -j MASQUERADE";
    if (has_ports(place) && chance(random, 35)) text += " --to-ports " + ports(random);
    return text + random_options(random, true, false);
  }
  const Network& network = pick(random, world.networks);
  const std::uint32_t address = chance(random, 50) ? network.box : network.prefix + 10 + random.below(3);
  std::string to = range(random, address);
  if (has_ports(place) && chance(random, 40)) to += ":" + ports(random);
  return " -j SNAT --to-source " + to + random_options(random, true, true);
}

}  // namespace

std::string draw_nat_target(const World& world, Random& random, const Place& place) {
  return place.hook == Hook::prerouting || place.hook == Hook::output ? destination(world, random, place)
                                                                      : source(world, random, place);
}

}  // namespace utables::lab::generate
