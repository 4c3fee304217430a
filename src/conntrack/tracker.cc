// Tracker: the order of things around one packet. Which protocol it is and what the packet means to it is
// proto/; where connections live is table.h; here is when they are made, entered, told of and destroyed.
#include "conntrack/tracker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

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
#include "conntrack/tracker_memory.h"
#include "packet/extensions.h"

namespace utables::conntrack {
namespace {

constexpr std::uint8_t kLastIcmpType = 18;
constexpr std::uint16_t kEventHelper = 64;  // the kernel's IPCT_HELPER: beside NEW alone, for masks
constexpr unsigned kEarlyDropRange = 8;     // buckets of Linux's size that early drop looks at

Tracked invalid(InvalidReason reason) { return {CtInfo::invalid, nullptr, reason, DropReason::none, false}; }

CtInfo info_of(const Found& found) {
  if (found.direction == Direction::reply) return CtInfo::established_reply;
  if (found.connection->is(kSeenReply)) return CtInfo::established;
  return found.connection->is(kExpected) ? CtInfo::related : CtInfo::new_;
}

}  // namespace

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

Tracker::Tracker(const Settings& settings, std::uint64_t seed, EventSink* events, const TcpTables* tcp,
                 const SctpTables* sctp)
    : impl_(new Impl{settings, events, tcp, sctp, seed, Table(seed)}) {
  impl_->helping.on_kill(
      [i = impl_.get()](Connection& connection, Time when) { i->destroy(connection, when); });
}
Tracker::~Tracker() = default;

Tracked Tracker::track(const packet::Buffer& packet, Time now, bool arriving, Judgement* judgement,
                       const Template& as, std::uint64_t foreseen) {
  Impl& i = *impl_;
  i.advance(now);
  const Seen seen{packet,
                  &i.settings,
                  i.tcp(),
                  i.sctp(),
                  i.reached,
                  Direction::original,
                  arriving,
                  now,
                  judgement != nullptr ? &judgement->tcp : nullptr,
                  judgement != nullptr ? &judgement->sctp : nullptr};
  if (packet.facts.is_later_fragment()) return i.refuse(InvalidReason::later_fragment);
  if (packet.facts.chain_broken) return i.refuse(InvalidReason::extensions_cut);
  if (packet.facts.is_ipv6() && packet.facts.protocol == packet::kNoNextHeader)
    return i.refuse(InvalidReason::no_next_header);
  Tracked tracked;
  const std::uint8_t icmp = packet.facts.is_ipv6() ? packet::kIcmpv6 : packet::kIcmp;
  if (packet.facts.protocol == icmp && i.icmp_first(seen, as.zone, tracked)) return tracked;
  auto tuple = tuple_of(packet.facts);
  if (!tuple) return i.refuse(InvalidReason::no_tuple);
  tuple->zone = as.zone.of(Direction::original);
  // What was foreseen of a call did not know its sender's key.
  const bool a_call = tuple->protocol == packet::kGre && !i.helping.calls().empty();
  if (a_call) i.helping.calls().complete(*tuple, packet.view().subspan(packet.facts.header_size));
  const std::uint64_t hash = foreseen != 0 && !a_call ? foreseen : i.table.hash(*tuple);
  assert(hash == i.table.hash(*tuple));
  bool again = false;
  tracked = i.pass(seen, *tuple, as, hash, again);
  if (again) tracked = i.pass(seen, *tuple, as, hash, again);
  return tracked;
}

bool Tracker::help(Tracked& tracked, packet::Buffer& packet, Time now, const HelpFacts& facts) {
  // What the box sends in answer the other way is not read.
  if (tracked.info == CtInfo::related_reply) return true;
  const auto outcome =
      impl_->helping.help(*tracked.connection, tracked.info, packet,
                          {impl_->settings, *impl_->draw, now, facts.over_lo, facts.broadcast});
  impl_->refresh(*tracked.connection, outcome.refresh, now);
  return outcome.accepted;
}

ProxyStep Tracker::proxy(Tracked& tracked, packet::Buffer& packet) {
  Proxied* const proxied = impl_->proxied.of(*tracked.connection);
  if (proxied == nullptr) return {};
  const Direction direction = is_reply(tracked.info) ? Direction::reply : Direction::original;
  ProxyStep step = step_proxied(*tracked.connection, *proxied, direction, packet, impl_->proxy_statistics);
  if (!step.shift_now) return step;
  if (!tracked.connection->is(kDying)) {
    impl_->helping.shift(*tracked.connection, direction, step.shift);
    return step;
  }
  Sequences once{};  // the connection is gone with this packet
  once[static_cast<std::size_t>(direction)].set(step.shift);
  if (conntrack::shift_sequences(packet, once, direction)) return step;
  step.kind = ProxyStep::Kind::drop;
  ++impl_->statistics.drop;
  return step;
}

const Proxied* Tracker::proxied(const Connection& connection) const { return impl_->proxied.of(connection); }

void Tracker::shift_sequences(Connection& connection, Direction direction, std::uint32_t by) {
  connection.event_bits |= kEventSequences;
  if (by != 0 && !connection.is(kDying)) impl_->helping.shift(connection, direction, by);
}

CookieDraw& Tracker::cookies() { return *impl_->cookies; }
void Tracker::set_cookies(CookieDraw* cookies) {
  impl_->cookies = cookies != nullptr ? cookies : &impl_->own_cookies;
}
ProxyStatistics& Tracker::proxy_statistics() { return impl_->proxy_statistics; }

DropReason Tracker::confirm(Tracked& tracked, const packet::Buffer&, Time now) {
  Impl& i = *impl_;
  Connection* connection = tracked.connection;
  if (connection == nullptr) return DropReason::none;
  if (connection->is(kConfirmed)) {
    i.tell_pending(*connection, now);
    return DropReason::none;
  }
  // What goes the other way before the first packet got through is the box's own answer to it.
  if (is_reply(tracked.info)) return DropReason::none;
  if (connection->is(kDying)) {
    ++i.statistics.insert_failed;
    return DropReason::confirm_clash;
  }
  for (const Tuple& tuple : connection->tuple) {
    const Found taken = i.table.find_taken(tuple, connection->zone());
    if (taken.connection == nullptr) continue;
    const bool same =
        taken.connection->tuple == connection->tuple && connection->original().protocol != packet::kTcp;
    i.destroy(*connection, now);
    if (!same) {
      ++i.statistics.insert_failed;
      ++i.statistics.drop;
      tracked.connection = nullptr;
      return DropReason::confirm_clash;
    }
    ++i.statistics.clash_resolve;
    tracked.connection = taken.connection;
    tracked.info = info_of(taken);
    return DropReason::none;
  }
  connection->created = now;
  connection->deadline = now + connection->timeout;
  connection->event_bits |= connection->is(kExpected) ? kEventRelated : kEventNew;
  if (connection->helper != 0) connection->event_bits |= kEventHelper;
  i.table.enter(*connection);
  i.wheel.schedule(connection->handle, connection->deadline, connection->serial);
  i.tell_pending(*connection, now);
  return DropReason::none;
}

std::uint64_t Tracker::foresee(const packet::Facts& facts) const {
  const auto tuple = tuple_of(facts);
  if (!tuple) return 0;
  const std::uint64_t hash = impl_->table.hash(*tuple);
  impl_->table.prefetch(hash);
  return hash;
}

void Tracker::foresee_entry(std::uint64_t hash) const {
  if (hash != 0) impl_->table.prefetch_entry(hash);
}

Tracked Tracker::attach(const Tracked& cause) {
  if (cause.connection == nullptr) return {};
  Tracked answer;
  answer.connection = cause.connection;
  answer.info = is_reply(cause.info) ? CtInfo::related : CtInfo::related_reply;
  return answer;
}

void Tracker::drop(Tracked& tracked, Time now) {
  if (tracked.connection == nullptr || is_reply(tracked.info)) return;
  if (tracked.connection->is(kConfirmed)) return;
  impl_->bury(*tracked.connection, now);
  tracked.connection = nullptr;
}

void Tracker::close(Tracked& tracked, Time now) {
  Connection* connection = tracked.connection;
  if (connection == nullptr || connection->original().protocol != packet::kTcp) return;
  if (!connection->is(kConfirmed) || connection->tcp.state == TcpState::close) return;
  connection->tcp.state = TcpState::close;
  connection->event_bits |= kEventProtoInfo;
  if (!connection->is(kDying))
    impl_->refresh(*connection,
                   impl_->settings_of(*connection).tcp_timeout[static_cast<std::size_t>(TcpState::close)],
                   now);
}

void Tracker::bind(Connection& connection, Manipulation manipulation, const NatRange& range, Time now) {
  if (!connection.is(kConfirmed)) impl_->bind(connection, manipulation, range, now);
}

void Tracker::bind_null(Connection& connection, Manipulation manipulation, Time now) {
  NatRange range;
  range.has_addresses = true;
  const Tuple& reply = connection.reply();
  range.first = range.last = manipulation == Manipulation::source ? reply.destination : reply.source;
  bind(connection, manipulation, range, now);
}

void Tracker::set_port_draw(PortDraw* draw) { impl_->draw = draw != nullptr ? draw : &impl_->own_draw; }

Labels Tracker::labels_of(const Connection& connection) const { return impl_->labels.of(connection); }

void Tracker::set_label(Connection& connection, unsigned label) {
  Labels labels = impl_->labels.of(connection);
  if (labels.has(label)) return;
  labels.set(label);
  impl_->labels.give(connection, labels);
  connection.event_bits |= kEventLabel;
}

void Tracker::kill(Tracked& tracked, Time now) {
  if (tracked.connection != nullptr) impl_->destroy(*tracked.connection, now);
}

void Tracker::advance(Time now) { impl_->advance(now); }

Result<Connection*> Tracker::restore(const Connection& saved) {
  Impl& i = *impl_;
  for (const Tuple& tuple : saved.tuple)
    if (i.table.find_taken(tuple, saved.zone()).connection != nullptr)
      return fail(fmt::format("connection {}: another one has this tuple", to_string(saved.original())));
  if (saved.timeout_policy > i.by_policy.size())
    return fail(fmt::format("connection {}: there is no policy of timeouts number {}",
                            to_string(saved.original()), saved.timeout_policy));
  const std::uint64_t last = i.table.last_serial();
  Connection& connection = i.table.make();
  const Handle handle = connection.handle;
  connection = saved;
  connection.handle = handle;
  connection.labelled = connection.proxied = connection.sequences_adjusted = false;
  connection.status = static_cast<std::uint16_t>(saved.status & ~kDying);
  i.table.set_last_serial(std::max(last, saved.serial));
  i.table.enter(connection);
  if (connection.is(kSourceNatDone)) i.sources.enter(connection);
  i.wheel.schedule(handle, connection.deadline, connection.serial);
  return &connection;
}

TrackerMemory Tracker::memory() const {
  TrackerMemory memory;
  memory.next_serial = impl_->table.last_serial() + 1;
  memory.random = impl_->random.state();
  memory.statistics = impl_->statistics;
  impl_->helping.save(memory);
  save_labels(impl_->labels, impl_->table, memory);
  save_proxied(impl_->proxied, impl_->table, memory);
  memory.proxy_statistics = impl_->proxy_statistics;
  memory.cookies = impl_->own_cookies.secret();
  return memory;
}

Result<void> Tracker::restore(const TrackerMemory& memory) {
  if (memory.next_serial != 0) impl_->table.set_last_serial(memory.next_serial - 1);
  if (memory.random != std::array<std::uint64_t, 4>{}) impl_->random.restore(memory.random);
  impl_->statistics = memory.statistics;
  if (!restore_labels(impl_->labels, impl_->table, memory))
    return fail("labels are of a connection that is not there");
  if (!restore_proxied(impl_->proxied, impl_->table, memory))
    return fail("a connection that is proxied is not there");
  impl_->proxy_statistics = memory.proxy_statistics;
  if (memory.cookies != CookieSecret{}) impl_->own_cookies.restore(memory.cookies);
  return impl_->helping.restore(memory);
}

void Tracker::for_each(Time now, const std::function<void(const Connection&)>& visit) const {
  std::vector<const Connection*> all;
  all.reserve(size());
  impl_->table.for_each([&](const Connection& c) {
    if (c.deadline > now) all.push_back(&c);
  });
  std::sort(all.begin(), all.end(),
            [](const Connection* a, const Connection* b) { return a->serial < b->serial; });
  for (const Connection* c : all) visit(*c);
}

void Tracker::for_each_expectation(
    Time now, const std::function<void(const Expectation&, const Connection&)>& visit) const {
  for (const Expectation& e : impl_->helping.expectations().all()) {
    const Connection* const master = impl_->table.alive(e.master);
    if (e.deadline > now && master != nullptr && master->deadline > now) visit(e, *master);
  }
}

const Connection* Tracker::find(const Tuple& tuple, const Zone& zone, Time now) const {
  const Connection* connection = impl_->table.find_in(tuple, zone).connection;
  if (const Calls& calls = impl_->helping.calls(); connection == nullptr && !calls.empty()) {
    Tuple call = tuple;  // as a packet has it, without its sender's key
    if (call.protocol == packet::kGre && call.source_port == 0) call.source_port = calls.key_of(call);
    connection = impl_->table.find_in(call, zone).connection;
  }
  return connection != nullptr && connection->deadline > now ? connection : nullptr;
}

std::uint32_t Tracker::size() const { return impl_->table.entered(); }
const Statistics& Tracker::statistics() const { return impl_->statistics; }
const Settings& Tracker::settings() const { return impl_->settings; }
const Settings& Tracker::settings_of(const Connection& connection) const {
  return impl_->settings_of(connection);
}
void Tracker::change_settings(const Settings& settings) {
  impl_->settings = settings;
  impl_->by_policy = settings_by_policy(settings);
}
std::size_t Tracker::table_bytes() const { return impl_->table.bytes() + impl_->sources.bytes(); }

const std::array<std::uint64_t, static_cast<std::size_t>(InvalidReason::count_)>& Tracker::invalid_counts()
    const {
  return impl_->invalid_counts;
}

std::vector<Coverage> Tracker::coverage() const {
  std::vector<Coverage> all;
  const Reached& reached = impl_->reached;
  const auto rows = tcp_rows(impl_->settings.profile);
  for (std::size_t i = 0; i < rows.size(); ++i)
    all.push_back({"tcp: " + tcp_row_name(rows[i]), reached.tcp_rows[i], rows[i].reachable});
  for (std::size_t i = 0; i < reached.lifetimes.size(); ++i)
    all.push_back({fmt::format("tcp lifetime: {}", why(static_cast<TcpLifetime>(i))), reached.lifetimes[i],
                   impl_->tcp().lifetimes[i]});
  for (std::size_t i = 0; i < reached.window.size(); ++i)
    all.push_back(
        {fmt::format("tcp window: {}", sentence(static_cast<WindowVerdict>(i))), reached.window[i], true});
  const auto chunk_rows = sctp_rows();
  for (std::size_t i = 0; i < chunk_rows.size(); ++i)
    all.push_back({"sctp: " + sctp_row_name(chunk_rows[i]), reached.sctp_rows[i], chunk_rows[i].reachable});
  for (std::size_t i = 0; i < reached.special.size(); ++i)
    all.push_back({std::string{name(static_cast<Reached::Special>(i))}, reached.special[i], true});
  for (std::size_t i = 0; i < impl_->nat_cases.size(); ++i)
    all.push_back({fmt::format("nat: {}", name(static_cast<NatCase>(i))), impl_->nat_cases[i], true});
  const HelpCases& helped = impl_->helping.cases();
  for (std::size_t i = 0; i < helped.size(); ++i)
    all.push_back({fmt::format("helper: {}", name(static_cast<HelpCase>(i))), helped[i], true});
  for (std::size_t i = 1; i < impl_->invalid_counts.size(); ++i)
    all.push_back({fmt::format("invalid: {}", name(static_cast<InvalidReason>(i))), impl_->invalid_counts[i],
                   i != static_cast<std::size_t>(InvalidReason::later_fragment)});
  return all;
}

}  // namespace utables::conntrack
