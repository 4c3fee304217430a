// Tracker: the order of things around one packet. Which protocol it is and what the packet means to it is
// proto/; where connections live is table.h; here is when they are made, entered, told of and destroyed.
#include <cassert>

#include "conntrack/tracker_impl.h"

namespace utables::conntrack {

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

}  // namespace utables::conntrack
