// Context: everything that a match or a target may look at. Matches get it const.
#pragma once
#include <utables/packet.h>
#include <utables/verdict.h>

#include <cstdint>
#include <string_view>

#include "base/random.h"
#include "conntrack/connection.h"
#include "conntrack/nat/range.h"
#include "conntrack/tracker.h"
#include "host/host.h"
#include "packet/buffer.h"
#include "rules/hook.h"

namespace utables::rules {

/// The answers of REJECT; the names are iptables' (`icmp-port-unreachable`), those of ip6tables (`icmp6-...`)
/// come last.
enum class RejectWith : std::uint8_t {
  net_unreachable,
  host_unreachable,
  proto_unreachable,
  port_unreachable,
  net_prohibited,
  host_prohibited,
  admin_prohibited,
  tcp_reset,
  v6_no_route,
  v6_admin_prohibited,
  v6_address_unreachable,
  v6_port_unreachable,
  v6_policy_fail,
  v6_reject_route
};

struct LogParameters {
  std::string_view prefix;
  std::uint8_t level = 4;  ///< syslog's
  bool tcp_sequence = false, tcp_options = false, ip_options = false, uid = false, macdecode = false;
};

/// What a target decides.
enum class Action : std::uint8_t { continue_, accept, drop, return_, stolen };

/// What SYNPROXY is told of the servers behind it, which it tells their clients.
struct SynproxyOptions {
  bool mss_set = false, scale_set = false, sack = false, timestamp = false, ecn = false;
  std::uint16_t mss = 0;
  std::uint8_t scale = 0;
  friend bool operator==(const SynproxyOptions&, const SynproxyOptions&) = default;
};

struct Context;

/// What targets ask of the engine. Implemented by the engine alone.
class Services {
 public:
  virtual ~Services() = default;
  /// Answers the packet as REJECT does; whether anything is sent is the engine's to judge.
  virtual void reject(const Context& context, RejectWith with) = 0;
  virtual void log(const Context& context, const LogParameters& parameters) = 0;
  /// NAT: the packet's connection is bound, as `range` says. Returns what the rule decides.
  virtual Action bind(Context& context, conntrack::Manipulation manipulation,
                      const conntrack::NatRange& range) = 0;
  /// ... to the address of the interface by which the packet leaves; `range` has the ports.
  virtual Action masquerade(Context& context, const conntrack::NatRange& range) = 0;
  /// SYNPROXY: answers a SYN, or opens the connection of a client that answered rightly. Returns what the
  /// rule decides.
  virtual Action proxy(Context& context, const SynproxyOptions& options) = 0;
  /// A label of the packet's connection. REQUIRES: it has one.
  virtual bool has_label(const Context& context, unsigned label) = 0;
  virtual void set_label(const Context& context, unsigned label) = 0;
};

struct Context {
  packet::Buffer& packet;
  const host::Host& host;
  Hook hook = Hook::prerouting;
  InterfaceId in = kNoInterface, out = kNoInterface;
  conntrack::Tracked* tracked = nullptr;  ///< never null; its info is `none` before tracking
  std::uint32_t& mark;
  PacketType type = PacketType::host;
  bool headers_given = false;          ///< a program made its headers: Linux does not know where they end
  const LinkFacts* link = nullptr;     ///< never null
  std::uint32_t route_mtu = 0;         ///< MTU of the route taken, once routed; 0 before
  std::uint32_t route_source_mtu = 0;  ///< MTU towards the packet's source (TCPMSS clamp uses the lesser)
  Time now = 0;
  Random& random;
  Services& services;

  [[nodiscard]] const packet::Facts& facts() const { return packet.facts; }
  [[nodiscard]] const conntrack::Connection* connection() const { return tracked->connection; }
  [[nodiscard]] conntrack::Direction direction() const {
    return is_reply(tracked->info) ? conntrack::Direction::reply : conntrack::Direction::original;
  }
};

/// A match's answer. `no(option)` names the option (row of its table) that failed first, for explanations.
struct Answer {
  enum class Kind : std::uint8_t { yes, no, hot_drop, yes_and_drop } kind = Kind::yes;
  std::uint8_t option = 0;
  static constexpr Answer yes() { return {Kind::yes, 0}; }
  static constexpr Answer no(unsigned option = 0) { return {Kind::no, static_cast<std::uint8_t>(option)}; }
  /// The packet is impossible: Linux drops it on the spot (a cut TCP header, say).
  static constexpr Answer hot_drop() { return {Kind::hot_drop, 0}; }
  /// The same under `!`, where Linux goes on with the rule first: it counts and its target acts.
  static constexpr Answer yes_and_drop() { return {Kind::yes_and_drop, 0}; }
};

/// What an extension looks at, so that the engine knows what it may remember (contract.md).
enum class LooksAt : std::uint8_t { flow, packet, memory };

}  // namespace utables::rules
