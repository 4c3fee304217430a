// Path: the way of a packet through the box, as a router of IPv4 and IPv6 with netfilter has it.
//
//   arriving  checks · PREROUTING · routing · options · INPUT -> delivered | forwarding -> FORWARD ->
//   POSTROUTING -> left outbound  routing · OUTPUT (routed again if mangle changed it) · POSTROUTING -> left
//   | lo -> arriving again
//
// Within a hook: raw (after reassembly), tracking, then the tables by priority; last of all in INPUT and
// POSTROUTING the connection is confirmed. What the box answers (ICMP errors, resets) starts as an
// outbound packet while the packet that it answers is still on its way, with that one's connection.
//
// One Path belongs to one worker. It processes one packet at a time and remembers between packets only
// what the box remembers: the tracker's table, fragments, limits of answers, identifications, counters.
//
// Files: receive.cc (arriving), route.cc (routing decisions), forward.cc, output.cc (outbound and
// leaving), hooks.cc (tables, tracking), nat.cc, respond.cc (answers), synproxy.cc, ipv6.cc (what an IPv6
// router does otherwise), limits.h (how often answers are sent).
#pragma once
#include <utables/engine.h>

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "conntrack/synproxy/proxied.h"
#include "engine/compiled.h"
#include "engine/flight.h"
#include "engine/limits.h"
#include "engine/observer.h"
#include "engine/parts.h"
#include "engine/traverse.h"
#include "packet/build.h"
#include "packet/defrag.h"
#include "rules/context.h"

namespace utables::engine {

/// Bytes past a packet that targets may use.
inline constexpr std::uint32_t kSpareRoom = 64;
/// How many packets may be under way over lo for one packet given; beyond it they are lost.
inline constexpr std::size_t kMaxLooped = 64;
/// Counters of identifications for packets made here (a power of two).
inline constexpr std::size_t kIdentificationCounters = 2048;

struct Memory;

class Path final : public rules::Services {
 public:
  Path(EngineParts& parts, std::uint64_t seed);

  /// Takes each packet of a batch to its end, in order, and tells the sink of everything it caused, its
  /// outcome last. A few packets ahead are read and their connections fetched, so that memory is not
  /// waited for; the result is that of one at a time.
  void process(std::span<const Packet> batch, Time now, Sink& sink);
  /// Lets time pass: connections and unfinished fragments expire.
  void advance(Time now, Sink& sink);
  /// What it remembers between packets (memory.h); rule states apart.
  void save(Memory& memory) const;
  [[nodiscard]] Result<void> restore(const Memory& memory);

  void reject(const rules::Context& context, rules::RejectWith with) override;
  void log(const rules::Context& context, const rules::LogParameters& parameters) override;
  rules::Action bind(rules::Context& context, conntrack::Manipulation manipulation,
                     const conntrack::NatRange& range) override;
  rules::Action masquerade(rules::Context& context, const conntrack::NatRange& range) override;
  rules::Action proxy(rules::Context& context, const rules::SynproxyOptions& wanted) override;
  bool has_label(const rules::Context& context, unsigned label) override;
  void set_label(const rules::Context& context, unsigned label) override;

 private:
  /// An ICMP error to be sent about a packet.
  struct IcmpError {
    std::uint8_t type = 0, code = 0;
    std::uint32_t info = 0;  ///< the second word of the ICMP header
  };

  /// A packet of the batch as it was read ahead.
  struct Ahead {
    packet::Facts facts{};
    std::uint64_t hash = 0;  ///< of its tuple; 0: not known
    DropReason parsed = DropReason::none;
  };
  static constexpr std::size_t kAhead = 16;

  // receive.cc
  void look_ahead(std::span<const Packet> packets);
  void process_one(const Packet& packet, const Ahead& ahead, Time now, Sink& sink);
  End begin(const Packet& packet, const Ahead& ahead, Flight& flight);
  End arrive(Flight& flight);
  bool read_options(Flight& flight, End& end);
  bool step_source_route(Flight& flight, End& end);
  End deliver(Flight& flight);
  void run_loop(End& end);
  void tell_outcome(const Flight& flight, const End& end, std::uint64_t connection);
  void move_clock(Time to);
  void expire_fragments();
  void fragments_timed_out(const packet::ExpiredQueue& queue);
  // route.cc
  /// Why nothing goes by a route of this type; `none`: the type does not say so.
  [[nodiscard]] static DropReason refusal_of(host::RouteType type);
  DropReason route_arriving(Flight& flight);
  DropReason route_multicast(Flight& flight);
  DropReason hear_broadcast(Flight& flight);
  [[nodiscard]] bool may_redirect(const Flight& flight, const host::Lookup& found) const;
  DropReason take_route(Flight& flight, const host::Lookup& found);
  /// How the box sees a source: refused, or whether it is a direct neighbour (`on_link`).
  DropReason validate_source(const Flight& flight, InterfaceId out, bool& on_link) const;
  DropReason validate_reverse_path(const Flight& flight, bool& on_link) const;
  DropReason route_outbound(const Address& destination, std::uint8_t tos, Way& way) const;
  /// The same for a packet that bears its source already.
  DropReason route_signed(const packet::Facts& facts, Way& way) const;
  void send_to_all_by(InterfaceId device, const Address& destination, Way& way) const;
  DropReason way_out(const Address& destination, const host::Lookup& found, Way& way) const;
  DropReason judge_way_back(const Flight& flight, const host::Lookup& back, bool& on_link) const;
  /// Tells an observer, if there is one; returns `refused`.
  DropReason tell_route(const Flight& flight, RouteStep::Question question, const host::Lookup* found,
                        DropReason refused, std::string_view why = {}) const;
  [[nodiscard]] std::uint32_t mtu_of(const host::Lookup& found) const;
  /// Makes a change of the packet, and tells an observer what it was.
  template <class Make>
  void change(Flight& flight, Make make) {
    if (parts_.observer == nullptr) return make();
    const Fields before(flight.buffer, {flight.mark, &flight.tracked});
    make();
    before.tell_changes(*parts_.observer, flight.buffer, {flight.mark, &flight.tracked});
  }
  [[nodiscard]] DropReason route_back(const Flight& about, const Address& destination, std::uint8_t tos,
                                      Way& way) const;
  // ipv6.cc
  [[nodiscard]] static DropReason judge_addresses6(const Flight& flight, bool over_lo);
  bool read_hop_options6(Flight& flight, End& end);
  DropReason route_arriving6(Flight& flight) const;
  DropReason route_outbound6(const Address& destination, InterfaceId link, Way& way) const;
  [[nodiscard]] std::uint32_t mtu_of6(const host::Lookup& found, bool forwarding) const;
  End forward6(Flight& flight);
  End tell_unreachable6(Flight& flight);
  void send_error6(Flight& about, const IcmpError& error);
  [[nodiscard]] Address error_source6(const Flight& about, const host::Lookup& back) const;
  // forward.cc
  End forward(Flight& flight);
  End tell_unreachable(Flight& flight);
  void send_redirect(Flight& flight);
  // output.cc
  End outbound(Flight& flight);
  void complete_header(Flight& flight);
  bool reroute(Flight& flight);
  End leave(Flight& flight);
  bool hear_own(Flight& flight, End& end);
  End transmit(Flight& flight);
  [[nodiscard]] std::uint32_t headroom(const Flight& flight) const;
  void emit(const Flight& flight, std::span<const std::uint8_t> bytes);
  void loop_back(const Flight& flight, std::span<const std::uint8_t> bytes, InterfaceId in, PacketType type);
  // hooks.cc
  /// Runs a hook; false: the packet's way ended as `end` says (or it is held).
  bool hook(rules::Hook hook, Flight& flight, End& end);
  rules::Context context_at(rules::Hook hook, Flight& flight);
  bool table(rules::TableId table, rules::Context& context, Flight& flight, End& end);
  bool ask_table(rules::TableId table, rules::Context& context, Flight& flight, End& end);
  bool reassemble(rules::Hook hook, Flight& flight, End& end);
  bool join(packet::DefragUser user, Flight& flight, End& end);
  bool track(rules::Hook hook, Flight& flight, End& end);
  void track_watched(rules::Hook hook, Flight& flight);
  static conntrack::Template template_of(const Flight& flight);
  bool help(Flight& flight, End& end);
  [[nodiscard]] const Prefix* asks_network(const Flight& flight) const;
  bool confirm(Flight& flight, End& end);
  void forget(Flight& flight);
  [[nodiscard]] std::uint32_t reply_mtu(const Flight& flight) const;
  // nat.cc
  bool nat(rules::Context& context, Flight& flight, End& end);
  bool nat_packet(rules::Context& context, Flight& flight, bool related, End& end);
  bool nat_error(rules::Hook hook, Flight& flight, End& end);
  bool error_checksum_good(rules::Hook hook, Flight& flight) const;
  void remember_sum(Flight& flight) const;
  [[nodiscard]] bool masquerade_moved(rules::Hook hook, const Flight& flight) const;
  bool route_after_nat(rules::Context& context, Flight& flight, const Address& before, End& end);
  static conntrack::Direction direction_of(const Flight& flight) {
    return is_reply(flight.tracked.info) ? conntrack::Direction::reply : conntrack::Direction::original;
  }
  // respond.cc
  bool may_answer(const Flight& flight, const IcmpError& error) const;
  void send_error(Flight& about, const IcmpError& error);
  [[nodiscard]] packet::EchoedOptions echo_options(const Flight& about, const Address& outgoing) const;
  void send_reset(Flight& about);
  bool whole_checksum_good(const Flight& flight) const;
  bool checksum_was_judged(const Flight& flight) const;
  struct Made {
    std::string_view why;
    bool unsummed = false;  ///< Flight::unsummed
  };
  void send_made(packet::Bytes bytes, const Way& way, const conntrack::Tracked& tracked, const Made& made);
  static packet::Bytes build_error(Flight& about, const packet::IcmpError& made);
  void send_answer(packet::Bytes bytes, const Way& way, const Flight& about, std::string_view why);
  [[nodiscard]] std::uint16_t next_identification(const Address& source, const Address& destination);
  [[nodiscard]] std::uint8_t reply_tos(const Flight& about) const;

  // synproxy.cc
  void answer_syn(Flight& about, conntrack::ProxyOptions options, const rules::SynproxyOptions& wanted);
  bool open_proxied(const Flight& about, conntrack::ProxyOptions options, std::uint32_t number);
  bool step_proxy(Flight& flight, End& end);
  void meet_server(Flight& flight, const conntrack::ProxyStep& step);
  static conntrack::Tracked as_answer(const Flight& about);
  void send_proxied(const Flight& about, bool backwards, packet::TcpPart& tcp,
                    const conntrack::Tracked& tracked, std::string_view why);

  /// The address that the box answers the packet from (fib_compute_spec_dst).
  [[nodiscard]] Address specific_address(const Flight& flight) const;
  [[nodiscard]] const Compiled& rules_of(const Flight& flight) const {
    return *rules_[at(flight.facts().family)];
  }
  [[nodiscard]] const host::InterfaceSettings& settings(InterfaceId id) const {
    return host_.settings.interfaces[id];
  }

  static constexpr std::size_t at(Family family) { return family == Family::ipv6 ? 1 : 0; }
  [[nodiscard]] packet::Defragmenter& defragmenter(Family family) { return defragmenters_[at(family)]; }

  EngineParts& parts_;
  const host::Host& host_;
  std::array<const Compiled*, 2> rules_;  ///< IPv4, IPv6
  std::array<TraversalMemory, 2> memory_;
  Random random_;
  Limits limits_;
  std::array<packet::Defragmenter, 2> defragmenters_;
  std::vector<std::uint16_t>
      identifications_;           ///< counters, by a hash of source and destination; drawn at the start
  bool wants_reply_mtu_ = false;  ///< some rule clamps MSS to the way back

  std::array<Ahead, kAhead> ahead_{};

  // While a packet is processed:
  Time now_ = 0;
  Sink* sink_ = nullptr;
  std::uint32_t index_ = 0;
  Flight* current_ = nullptr;  ///< whose rules are being asked
  bool rejected_ = false;      ///< REJECT answered the packet whose rules are being asked
  bool icmp_busy_ = false;     ///< an ICMP error is on its way: none about it
  struct Looped {
    Flight flight;
    std::vector<std::uint8_t> bytes;
    bool is_the_packet = false;  ///< the packet given, not an answer or a copy: its end is the outcome
  };
  std::deque<Looped> loop_;                 ///< left by lo, not yet come back
  std::deque<packet::Reassembled> joined_;  ///< what this packet's fragments made whole
};

}  // namespace utables::engine
