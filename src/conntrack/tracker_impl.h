// What a Tracker consists of, and the steps of one packet through it. For tracker.cc, where packets pass, and
// tracker_memory.cc, where the table is looked at, saved and restored.
#pragma once
#include <algorithm>
#include <array>
#include <vector>

#include "base/timer_wheel.h"
#include "conntrack/helper/helping.h"
#include "conntrack/label/label_memory.h"
#include "conntrack/nat/binding.h"
#include "conntrack/proto/icmp_error.h"
#include "conntrack/proto/protocol.h"
#include "conntrack/synproxy/cookies.h"
#include "conntrack/synproxy/proxied.h"
#include "conntrack/synproxy/proxied_memory.h"
#include "conntrack/timeout_policies.h"
#include "conntrack/tracker.h"
#include "conntrack/tracker_memory.h"
#include "packet/extensions.h"

namespace utables::conntrack {

inline constexpr std::uint8_t kLastIcmpType = 18;
inline constexpr std::uint16_t kEventHelper = 64;  // the kernel's IPCT_HELPER: beside NEW alone, for masks
inline constexpr unsigned kEarlyDropRange = 8;     // buckets of Linux's size that early drop looks at

inline Tracked invalid(InvalidReason reason) {
  return {CtInfo::invalid, nullptr, reason, DropReason::none, false};
}

inline CtInfo info_of(const Found& found) {
  if (found.direction == Direction::reply) return CtInfo::established_reply;
  if (found.connection->is(kSeenReply)) return CtInfo::established;
  return found.connection->is(kExpected) ? CtInfo::related : CtInfo::new_;
}

struct Tracker::Impl {
  Settings settings;
  EventSink* events;
  const TcpTables* own_tcp;    ///< given; null: the profile's
  const SctpTables* own_sctp;  ///< the same
  std::uint64_t seed;
  Table table;
  std::vector<Settings> by_policy = settings_by_policy(settings);
  SourceIndex sources{table, seed + 1};
  LabelTable labels{};
  ProxiedTable proxied{};
  ProxyStatistics proxy_statistics{};
  SecretCookies own_cookies{seed ^ 0x73796e};
  CookieDraw* cookies = &own_cookies;
  Statistics statistics{};
  Helping helping{table, events, seed + 2, statistics};
  Random random{seed ^ 0x6e6174};
  RandomPortDraw own_draw{random};
  PortDraw* draw = &own_draw;
  NatCases nat_cases{};
  TimerWheel wheel{};
  Reached reached{};
  std::array<std::uint64_t, static_cast<std::size_t>(InvalidReason::count_)> invalid_counts{};

  [[nodiscard]] const TcpTables& tcp() const {
    return own_tcp != nullptr ? *own_tcp : tcp_tables(settings.profile);
  }
  [[nodiscard]] const Settings& settings_of(const Connection& connection) const {
    return connection.timeout_policy == 0 ? settings : by_policy[connection.timeout_policy - 1U];
  }
  [[nodiscard]] const SctpTables& sctp() const { return own_sctp != nullptr ? *own_sctp : sctp_tables(); }

  Tracked refuse(InvalidReason reason) { return refuse(reason, statistics.invalid); }
  /// `counter`: where Linux counts it.
  Tracked refuse(InvalidReason reason, std::uint64_t& counter) {
    ++counter;
    ++invalid_counts[static_cast<std::size_t>(reason)];
    return invalid(reason);
  }

  // --- events

  void tell(Event::Kind kind, const Connection& connection, Time when, std::uint16_t bits) {
    if (events == nullptr || (bits & connection.events_told) == 0) return;
    const bool shown = kind != Event::Kind::update || (bits & kEventProtoInfo) != 0;
    events->on_event({kind, when, &connection, shown, bits});
  }

  /// Everything that happened to a connection since the last event, in one.
  void tell_pending(Connection& connection, Time now) {
    const std::uint16_t bits = connection.event_bits;
    if (bits == 0 || !connection.is(kConfirmed) || connection.is(kDying)) return;
    connection.event_bits = 0;
    const bool is_new = (bits & (kEventNew | kEventRelated)) != 0;
    tell(is_new ? Event::Kind::new_ : Event::Kind::update, connection, now, bits);
  }

  // --- life and death

  void set_deadline(Connection& connection, Time deadline) {
    const bool earlier = deadline < connection.deadline;
    connection.deadline = deadline;
    if (earlier) wheel.schedule(connection.handle, deadline, connection.serial);
  }

  void bury(Connection& connection, Time when) {
    if (connection.helper != 0 || connection.sequences_adjusted) helping.end(connection, when);
    if (connection.master_helper != 0) helping.awaited_ended(connection);
    sources.leave(connection);
    labels.forget(connection);
    proxied.forget(connection);
    table.bury(connection);
  }

  void destroy(Connection& connection, Time when) {
    if (connection.is(kDying)) return;
    const bool known = connection.is(kConfirmed);
    wheel.cancel(connection.handle);
    if (known) tell(Event::Kind::destroy, connection, when, kEventDestroy);
    bury(connection, when);
  }

  void refresh(Connection& connection, Duration timeout, Time now) {
    if (timeout < 0 || connection.is(kFixedTimeout)) return;
    connection.timeout = timeout;
    if (connection.is(kConfirmed)) set_deadline(connection, now + timeout);
  }

  void advance(Time now) {
    table.sweep();
    labels.sweep();
    proxied.sweep();
    wheel.advance(
        now,
        [this](Handle h) {
          const Connection* c = table.alive(h);
          return c != nullptr && c->is(kConfirmed) ? c->deadline : Time{-1};
        },
        [this](Handle h) { return table.at(h).serial; },
        [this](Handle h) {
          Connection& c = table.at(h);
          if (helping.awaits()) helping.advance(c.deadline);
          destroy(c, c.deadline);
        });
    if (helping.awaits()) helping.advance(now);
  }

  // --- room

  /// Linux's early drop: from the bucket of the packet's hash on, eight buckets; every entry that is not
  /// ASSURED in the first one that has any goes. Buckets are ranges of the keyed hash.
  bool early_drop(std::uint64_t hash, Time now) {
    const std::uint64_t buckets = std::max<std::uint32_t>(settings.buckets, 1);
    std::uint64_t bucket = ((hash >> 32) * buckets) >> 32;
    for (unsigned i = 0; i < std::min<std::uint64_t>(kEarlyDropRange, buckets); ++i) {
      std::vector<Handle> victims;
      const auto first = static_cast<std::uint32_t>(((bucket << 32) + buckets - 1) / buckets);
      const auto last = static_cast<std::uint32_t>((((bucket + 1) << 32) + buckets - 1) / buckets - 1);
      table.visit_range(first, last, [&](Connection& c, Direction d) {
        if (c.is(kAssured) || c.is(kDying)) return;
        const std::uint64_t its = table.hash(c.tuple[static_cast<std::size_t>(d)]);
        if ((((its >> 32) * buckets) >> 32) == bucket) victims.push_back(c.handle);
      });
      std::sort(victims.begin(), victims.end());
      victims.erase(std::unique(victims.begin(), victims.end()), victims.end());
      for (const Handle h : victims) destroy(table.at(h), now);
      statistics.early_drop += victims.size();
      if (!victims.empty()) return true;
      bucket = (bucket + 1) % buckets;
    }
    return false;
  }

  // --- translation

  void bind(Connection& connection, Manipulation manipulation, const NatRange& range, Time now) {
    const bool source = manipulation == Manipulation::source;
    Binder binder(table, sources, *draw, {nat_cases, statistics.found},
                  [this, now](Connection& c) { destroy(c, now); });
    const Tuple chosen = binder.choose(connection, manipulation, range);
    if (const auto reply = inverse(chosen); reply && *reply != connection.reply()) {
      connection.tuple[1] = *reply;
      connection.set(source ? kSourceNat : kDestinationNat);
    }
    connection.set(source ? kSourceNatDone : kDestinationNatDone);
    if (source) sources.enter(connection);
    // Of old a helper is its server's, wherever that really is.
    if (settings.profile == Profile::classic && !connection.is(kExpected))
      connection.helper = Helping::helper_for(connection, connection.helper, settings);
  }

  /// What was awaited of a translated connection goes where that one's announcer is.
  void meet(Connection& made, Time now) {
    const auto met = helping.meet(made, now);
    if (!met || !met->follows) return;
    const Helping::Ways ways = helping.ways_of(made, *met);
    if (ways.destination_first) bind(made, Manipulation::destination, ways.destination, now);
    if (ways.source) bind(made, Manipulation::source, *ways.source, now);
    if (!ways.destination_first) bind(made, Manipulation::destination, ways.destination, now);
  }

  // --- packets

  /// The packet's connection, found or made. Null: `tracked` says why.
  Connection* resolve(const Tuple& tuple, const Template& as, std::uint64_t hash, Time now,
                      Tracked& tracked) {
    const Found found = as.zone.same_both_ways() ? table.find(tuple, hash) : table.find_in(tuple, as.zone);
    if (found.connection != nullptr) {
      tracked.info = info_of(found);
      return found.connection;
    }
    const auto answer = inverse(tuple);
    if (!answer) {
      const bool own = tuple.protocol == (tuple.family == Family::ipv4 ? packet::kIcmp : packet::kIcmpv6);
      tracked = refuse(own ? InvalidReason::icmp_opens_nothing : InvalidReason::wrong_family);
      return nullptr;
    }
    if (settings.max != 0 && table.made() >= settings.max && !early_drop(hash, now)) {
      ++statistics.drop;
      tracked = {CtInfo::none, nullptr, InvalidReason::none, DropReason::table_full, false};
      return nullptr;
    }
    Connection& made = table.make();
    made.tuple = {tuple, *answer};
    if (as.zone != Zone{}) made.set_zone(as.zone);
    made.timeout_policy = as.timeout_policy;
    if (as.proxied) proxied.give(made, {});
    if (as.some_told) {
      made.events_told = as.events_told;
      made.expectations_told = as.expectations_told & 3;
    }
    if (settings.accounting) made.set(kAccounted);
    if (settings.timestamp) made.set(kTimestamped);
    if (helping.awaits()) meet(made, now);
    if (!made.is(kExpected)) made.helper = Helping::helper_for(made, as.helper, settings);
    tracked.info = made.is(kExpected) ? CtInfo::related : CtInfo::new_;
    return &made;
  }

  static void account(Connection& connection, CtInfo info, const packet::Buffer& packet, Tracked& tracked) {
    tracked.accounted = true;
    if (!connection.is(kAccounted)) return;
    Accounting& counter = connection.counters[is_reply(info) ? 1 : 0];
    ++counter.packets;
    counter.bytes += packet.facts.total_length;
  }

  /// One pass: find, judge, apply. `again`: the connection was replaced, once more with the new one.
  Tracked pass(const Seen& base, const Tuple& tuple, const Template& as, std::uint64_t hash, bool& again) {
    Tracked tracked;
    Connection* connection = resolve(tuple, as, hash, base.now, tracked);
    if (connection == nullptr) return tracked;
    Seen seen = base;
    seen.settings = &settings_of(*connection);
    seen.direction = is_reply(tracked.info) ? Direction::reply : Direction::original;
    if (connection->sequences_adjusted) seen.sequences = helping.sequences_of(*connection);
    const Judged judged = protocol_of(tuple.protocol).packet(*connection, seen);
    switch (judged.kind) {
      case Judged::Kind::invalid:
        if (connection->is(kConfirmed))
          refresh(*connection, judged.timeout, base.now);
        else
          destroy(*connection, base.now);
        return refuse(judged.reason);
      case Judged::Kind::reopen:
        destroy(*connection, base.now);
        again = true;
        return tracked;
      case Judged::Kind::destroy:
      case Judged::Kind::accept:
        break;
    }
    tracked.connection = connection;
    if (judged.counted) account(*connection, tracked.info, base.packet, tracked);
    refresh(*connection, judged.timeout, base.now);
    if (judged.kind == Judged::Kind::destroy) destroy(*connection, base.now);
    if (tracked.info == CtInfo::established_reply && !connection->is(kSeenReply)) {
      connection->set(kSeenReply);
      connection->event_bits |= kEventReply;
    }
    return tracked;
  }

  bool unknown_icmp(const packet::Facts& facts, Tracked& tracked) {
    if (facts.icmp_type <= kLastIcmpType) return false;
    tracked = refuse(InvalidReason::icmp_unknown_type, statistics.error);
    return true;
  }
  /// Neighbour discovery and multicast listeners' messages are exempt.
  static bool housekeeping(const packet::Facts& facts, Tracked& tracked) {
    if (!packet::icmpv6::is_housekeeping(facts.icmp_type)) return false;
    tracked.info = CtInfo::untracked;
    return true;
  }

  /// ICMP's own rules, which come before any connection. True: `tracked` is the answer.
  bool icmp_first(const Seen& seen, const Zone& zone, Tracked& tracked) {
    const packet::Facts& facts = seen.facts();
    if (!facts.has_transport_header) {
      tracked = refuse(InvalidReason::truncated_header, statistics.error);
      return true;
    }
    if (checksum_refused(seen.packet, settings, seen.arriving)) {
      tracked = refuse(InvalidReason::bad_checksum, statistics.error);
      return true;
    }
    if (facts.is_ipv6() ? housekeeping(facts, tracked) : unknown_icmp(facts, tracked)) return true;
    const bool quotes =
        facts.is_ipv6() ? packet::icmpv6::quotes(facts.icmp_type) : packet::icmp::is_error(facts.icmp_type);
    if (!quotes) return false;
    const ErrorSubject subject = subject_of_error(seen.packet, zone, table, helping.calls());
    if (subject.reason == InvalidReason::icmp_opens_nothing) return false;
    if (subject.reason != InvalidReason::none) {
      tracked = refuse(subject.reason, statistics.error);
      return true;
    }
    tracked.connection = subject.found.connection;
    tracked.info = subject.found.direction == Direction::reply ? CtInfo::related_reply : CtInfo::related;
    if (settings.profile == Profile::classic) destroy(*tracked.connection, seen.now);
    return true;
  }
};

}  // namespace utables::conntrack
