#include "lab/generate/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/ipv6_address.h"
#include "lab/generate/ipv6.h"
#include "lab/generate/proxied.h"
#include "lab/generate/ruleset.h"
#include "lab/generate/track_as.h"
#include "lab/generate/traffic.h"
#include "packet/extensions.h"
#include "packet/headers.h"

namespace utables::lab::generate {
namespace {

/// Between bursts of a paced scenario. No sum of one of these comes nearer than 100 ms to 1, 2 or 3 s.
constexpr std::array<Duration, 3> kPauses{700 * kMillisecond, 450 * kMillisecond, 550 * kMillisecond};
constexpr unsigned kBursts = 12;

/// Only for those who read the kernel's log: such lines do not say whose they are. `random` by value: it
/// changes nothing else of a seed's scenario.
std::string draw_log_invalid(Random random) {
  constexpr std::array<unsigned, 6> kProtocols{255, 255, 255, 6, 17, 132};
  if (chance(random, 50)) return {};
  return fmt::format("net.netfilter.nf_conntrack_log_invalid = {}\n", pick(random, kProtocols));
}

/// Of some scenarios; 0: not of this one. By value, likewise.
std::uint64_t draw_track_as_seed(Random random) {
  const std::uint64_t seed = random.next();
  return chance(random, 25) ? seed | 1 : 0;
}

class Generation {
 public:
  explicit Generation(const Wish& wish)
      : random_(wish.seed * 2 + (wish.paced ? 1 : 0)),
        world_(random_, wish.paced),
        paced_(wish.paced),
        log_(wish.log),
        ipv6_(wish.ipv6),
        helpers_(wish.helpers),
        proxies_(wish.proxies) {
    world_.nat = world_.nat || wish.nat;
    if (helpers_ && chance(random_, 50)) world_.nat = true;
    if (proxies_) world_.sysctl_conf += draw_proxy_sysctl(random_);
    if (log_) world_.sysctl_conf += draw_log_invalid(random_);
    world_.ipv6 = ipv6_;
    if (!ipv6_) return;
    for (Network& network : world_.networks) network.mtu = std::max(network.mtu, packet::kIpv6LeastMtu);
    world_.net_ip = net_ip_of_both(world_.net_ip, random_);
    world_.sysctl_conf = sysctl_of_both(world_.sysctl_conf);
  }

  Scenario draw() {
    Scenario scenario;
    scenario.paced = paced_;
    scenario.box.has_net_ip = scenario.box.has_rules_v4 = true;
    scenario.box.net_ip = world_.net_ip;
    scenario.box.sysctl_conf = world_.sysctl_conf;
    RulesetOptions options{chance(random_, 92), paced_, log_, helpers_};
    if (options.track) options.track_as = draw_track_as_seed(random_);
    if (options.track_as != 0) {
      Random aside(options.track_as + 1);
      scenario.box.nfct_conf = draw_timeout_policies(aside, paced_);
    }
    scenario.box.rules_v4 = draw_ruleset(world_, random_, options);
    if (proxies_) scenario.box.rules_v4 = with_proxies(std::move(scenario.box.rules_v4), random_);
    if (ipv6_) {
      scenario.box.has_rules_v6 = true;
      scenario.box.rules_v6 = rules_v6_of(scenario.box.rules_v4, random_);
    }
    scenario.ignore_checksums = !world_.checksums;
    for (const auto& network : world_.networks)
      scenario.interfaces.push_back({network.device, network.ethernet});
    draw_flows(300 + random_.below(301));
    shuffle_together(scenario);
    lay_in_time(scenario);
    return scenario;
  }

 private:
  void draw_flows(std::size_t wanted) {
    for (std::size_t count = 0; count < wanted;) {
      const auto roll = random_.below(100);
      Flow flow = proxies_ && chance(random_, 60)   ? proxied_flow(world_, random_)
                  : helpers_ && chance(random_, 50) ? helped_flow(world_, random_)
                  : roll < 50                       ? tcp_flow(world_, random_)
                  : roll < 63                       ? udp_flow(world_, random_)
                  : roll < 66                       ? udplite_flow(world_, random_)
                  : roll < 78                       ? sctp_flow(world_, random_)
                  : roll < 89                       ? icmp_flow(world_, random_)
                  : roll < 94                       ? other_flow(world_, random_)
                                                    : odd_flow(world_, random_);
      name_ends(flow);
      flow = bend(std::move(flow));
      if (ipv6_ && chance(random_, 80)) flow = flow6(std::move(flow), random_);
      std::erase_if(
          flow, [this](const Planned& each) { return world_.is_box(each.from) && !sendable(each.bytes); });
      if (count + flow.size() > wanted) flow.resize(wanted - count);
      count += flow.size();
      flows_.push_back(std::move(flow));
    }
  }

  /// Where there is NAT the two ends of a flow answer what the box really sent.
  void name_ends(Flow& flow) const {
    if (flow.empty()) return;
    const bool looped = world_.nat || flow.front().part.proxied;
    if (!looped)
      for (Planned& packet : flow) packet.part = {};
    if (!looped) return;
    const auto source = [](const Planned& p) { return p.bytes.size() < 20 ? 0 : load32(&p.bytes[12]); };
    const std::uint32_t first = source(flow.front());
    for (Planned& packet : flow) {
      const auto number = static_cast<std::uint32_t>(flows_.size());
      if (packet.part.flow != kernel::Part::kNone) {  // announced: it has its ends, and a number in its flow
        packet.part.control = number;
        packet.part.flow = number | packet.part.flow << 16;
        continue;
      }
      packet.part.flow = number;
      packet.part.end = source(packet) == first ? 0 : 1;
    }
  }

  /// Errors about its packets, damage, fragments.
  Flow bend(Flow flow) {
    Flow out;
    const unsigned cut = chance(random_, 15) ? 40 : 2, errors = chance(random_, 30) ? 25 : 2;
    for (auto& packet : flow) {
      const Planned sound = packet;
      if (chance(random_, 4)) damage(random_, packet);
      if (chance(random_, cut)) {
        for (auto& each : fragments(random_, packet)) {
          each.part = sound.part;
          out.push_back(std::move(each));
        }
      } else {
        out.push_back(std::move(packet));
      }
      if (!chance(random_, errors)) continue;
      Planned error = icmp_error(world_, random_, out.empty() || chance(random_, 90) ? sound : out.back());
      if (world_.nat && chance(random_, 75)) {
        error.part = sound.part;
        error.part.error = true;
      }
      out.push_back(error);
      if (chance(random_, 10)) out.push_back(icmp_error(world_, random_, error));
    }
    return out;
  }

  void shuffle_together(Scenario& scenario) {
    const std::size_t at_once = paced_ ? 20 + random_.below(40) : 1 + random_.below(12);
    std::vector<std::pair<std::size_t, std::size_t>> active;  // flow, next packet of it
    std::size_t next = 0;
    while (next < flows_.size() || !active.empty()) {
      while (active.size() < at_once && next < flows_.size()) active.emplace_back(next++, 0);
      const auto slot = random_.below(static_cast<std::uint32_t>(active.size()));
      auto& [flow, at] = active[slot];
      if (at < flows_[flow].size()) place(scenario, flows_[flow][at++]);
      if (at >= flows_[flow].size()) active.erase(active.begin() + slot);
    }
  }

  /// A program of the box can send it, through a raw socket, as it is.
  [[nodiscard]] bool sendable(const Bytes& bytes) const {
    std::uint32_t mtu = 65535;
    for (const auto& network : world_.networks) mtu = std::min(mtu, network.mtu);
    if (is_ipv6(bytes)) {
      if (bytes.size() < packet::kIpv6Header || bytes.size() > mtu) return false;
      const Address destination = Address::load(&bytes[24], Family::ipv6);
      const bool of_link = ipv6::is_multicast(destination) || ipv6::is_link_local(destination);
      // A raw socket takes :: for ::1.
      return !of_link && !destination.is_zero() && world_.is_box(load32(&bytes[20])) && bytes[8] == 0x20;
    }
    if (bytes.size() < 20 || (bytes[0] >> 4) != 4 || bytes.size() > mtu) return false;
    const std::size_t header = static_cast<std::size_t>(bytes[0] & 15) * 4;
    // A raw socket fills in an identification of zero. What the box did not sign could, in a capture, also
    // be a packet that it forwarded.
    if (!world_.is_box(load32(&bytes[12]))) return false;
    return header >= 20 && header <= bytes.size() && load32(&bytes[16]) != 0 && load16(&bytes[4]) != 0;
  }

  void place(Scenario& scenario, Planned& planned) {
    ScenarioPacket packet;
    packet.kinds = planned.kinds;
    packet.part = planned.part;
    const std::uint32_t destination = destination_of(planned.bytes);
    if (world_.is_box(planned.from)) {
      if (is_ipv6(planned.bytes))
        store16(&planned.bytes[4], static_cast<std::uint16_t>(planned.bytes.size() - 40));
      else
        fix_ip_length(planned.bytes);
      packet.outbound = true;
      mark(packet, Kind::from_box);
    } else {
      if (is_ipv6(planned.bytes) && chance(random_, 80)) as_routers_redirect(planned.bytes, random_);
      const std::size_t network = chance(random_, 97)
                                      ? world_.network_of(planned.from)
                                      : random_.below(static_cast<std::uint32_t>(world_.networks.size()));
      packet.interface = static_cast<std::uint16_t>(network);
      const Network& out = world_.networks[world_.network_of(destination)];
      if (world_.is_box(destination))
        mark(packet, Kind::to_box);
      else if (&out == &world_.networks[network])
        mark(packet, Kind::same_interface);
      if (planned.bytes.size() > out.mtu) mark(packet, Kind::too_big);
      if (world_.networks[network].ethernet)
        address_frame(packet, planned, destination, world_.networks[network], network);
    }
    if (std::find(world_.unreachable.begin(), world_.unreachable.end(), destination) !=
        world_.unreachable.end())
      mark(packet, Kind::no_route);
    packet.bytes = std::move(planned.bytes);
    scenario.packets.push_back(std::move(packet));
  }

  void address_frame(ScenarioPacket& packet, const Planned& planned, std::uint32_t destination,
                     const Network& network, std::size_t number) {
    packet.link.present = true;
    packet.link.type = is_ipv6(planned.bytes) ? 0x86dd : 0x0800;
    packet.link.source = {2, 0, 0, 0, 2, static_cast<std::uint8_t>(1 + planned.from % 6)};
    packet.link.destination = {2, 0, 0, 0, 1, static_cast<std::uint8_t>(number)};
    const auto roll = random_.below(100);
    if (roll < 2)
      packet.type = PacketType::other_host;
    else if (roll < 4 || destination == network.broadcast() || destination == 0xffffffff)
      packet.type = PacketType::broadcast;
    else if (roll < 5 || (is_ipv6(planned.bytes) ? planned.bytes.size() > 24 && planned.bytes[24] == 0xff
                                                 : destination >> 28 == 14))
      packet.type = PacketType::multicast;
    if (packet.type == PacketType::broadcast) packet.link.destination.fill(0xff);
    if (packet.type == PacketType::other_host) packet.link.destination = {2, 0xfe, 0xfe, 0xfe, 0xfe, 0xfe};
    if (packet.type == PacketType::multicast)
      packet.link.destination = {1,
                                 0,
                                 0x5e,
                                 static_cast<std::uint8_t>(destination >> 16 & 0x7f),
                                 static_cast<std::uint8_t>(destination >> 8),
                                 static_cast<std::uint8_t>(destination)};
  }

  void lay_in_time(Scenario& scenario) {
    const Duration pause = pick(random_, kPauses);
    const std::size_t count = std::max<std::size_t>(scenario.packets.size(), 1);
    for (std::size_t i = 0; i < scenario.packets.size(); ++i)
      scenario.packets[i].at = paced_ ? static_cast<Duration>(i * kBursts / count) * pause
                                      : static_cast<Duration>(i) * 10 * kMicrosecond;
    if (paced_) scenario.linger = pause;
  }

  static bool is_ipv6(const Bytes& bytes) { return !bytes.empty() && bytes[0] >> 4 == 6; }
  /// In host order; of an IPv6 address its last four bytes, which are the host's of IPv4.
  static std::uint32_t destination_of(const Bytes& bytes) {
    const std::size_t at = is_ipv6(bytes) ? 36 : 16;
    return bytes.size() >= at + 4 ? load32(&bytes[at]) : 0;
  }
  static void mark(ScenarioPacket& packet, Kind kind) { packet.kinds.set(static_cast<std::size_t>(kind)); }

  Random random_;
  World world_;
  bool paced_, log_, ipv6_, helpers_, proxies_;
  std::vector<Flow> flows_;
};

}  // namespace

Scenario generate(const Wish& wish) { return Generation(wish).draw(); }

}  // namespace utables::lab::generate
