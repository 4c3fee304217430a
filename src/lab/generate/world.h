// World: the network around a generated box. Networks with the box's interfaces, hosts on them and
// beyond, and special places (no route, blackhole, ...); as `net.ip` and `sysctl.conf` text too.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/random.h"
#include "lab/generate/packets.h"
#include "lab/generate/scenario.h"

namespace utables::lab::generate {

struct Network {
  std::string device;
  bool ethernet = false;
  std::uint32_t prefix = 0;  ///< host order
  std::uint8_t length = 24;
  std::uint32_t box = 0;  ///< the box's address there
  std::uint32_t mtu = 1500;
  std::vector<std::uint32_t> hosts{};  ///< on the link or beyond it: who sends and is sent to
  [[nodiscard]] std::uint32_t broadcast() const { return prefix | ((1U << (32 - length)) - 1); }
};

class World {
 public:
  /// Draws a world. `paced`: timeouts of 1 to 3 s.
  World(Random& random, bool paced);

  std::vector<Network> networks;  ///< at least two; the default route, if any, is the second's
  std::vector<std::uint32_t>
      unreachable;  ///< destinations that no route, or a route of another type, leads to
  std::string net_ip, sysctl_conf;
  bool accounting = false, checksums = true;
  bool ipv6 = false;   ///< most flows are carried over IPv6
  bool nat = false;    ///< rules translate, and clients are few enough to meet in a port
  bool paced = false;  ///< its flows live long enough to meet their timeouts

  [[nodiscard]] std::uint32_t any_host(Random& random) const;
  [[nodiscard]] std::uint32_t any_box_address(Random& random) const;
  [[nodiscard]] bool is_box(std::uint32_t address) const;
  /// The network by which packets from that host come in; the first for strangers.
  [[nodiscard]] std::size_t network_of(std::uint32_t address) const;

 private:
  void draw_networks(Random& random);
  void draw_routes(Random& random);
  void draw_sysctls(Random& random);
};

/// Small draws used all over the generator.
[[nodiscard]] inline bool chance(Random& random, unsigned percent) { return random.below(100) < percent; }
template <class List>
[[nodiscard]] const auto& pick(Random& random, const List& list) {
  return list[random.below(static_cast<std::uint32_t>(list.size()))];
}
[[nodiscard]] std::string dotted(std::uint32_t address);

}  // namespace utables::lab::generate
