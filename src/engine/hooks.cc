// Hooks: the tables in their order, reassembly and tracking among them, confirmation at the end.
#include <algorithm>

#include "base/bytes.h"
#include "conntrack/complaint.h"
#include "engine/path.h"
#include "packet/extensions.h"
#include "packet/headers.h"
#include "rules/target/npt.h"

namespace utables::engine {

using rules::Hook;
using rules::TableId;

namespace {
constexpr bool begins_here(Hook hook) { return hook == Hook::prerouting || hook == Hook::output; }
constexpr std::uint8_t kNotice = 5;  // syslog's level
constexpr bool ends_here(Hook hook) { return hook == Hook::input || hook == Hook::postrouting; }
/// What reassembly wants to see; over IPv6 a fragment header is enough, but not in a jumbogram.
bool has_fragment(const packet::Facts& facts, const packet::Buffer& buffer) {
  if (!facts.is_ipv6()) return facts.is_fragment();
  return facts.fragment_header != 0 && load16(buffer.bytes + 4) != 0;
}
/// What an ICMPv6 error quotes is out of the reach of prefix translation: the error's header is a program's
/// own, and Linux does not know where it ends, or the quoted header goes on behind the first fragment.
bool quote_is_hidden(const Flight& flight) {
  constexpr std::uint32_t kQuoteEnd = 8 + packet::kIpv6Header;
  if (flight.geometry == nullptr) return flight.in == kNoInterface && !flight.made_here;
  const auto& sizes = flight.geometry->sizes;
  return !sizes.empty() && std::max<std::uint32_t>(sizes.front(), flight.buffer.pulled) < kQuoteEnd;
}
bool header_is_cut(const packet::Facts& facts) {
  if (facts.is_later_fragment() || facts.chain_broken || facts.protocol == packet::kNoNextHeader)
    return false;
  const bool known =
      facts.protocol == packet::kTcp || facts.protocol == packet::kUdp || facts.protocol == packet::kIcmpv6;
  return known ? !facts.has_transport_header : facts.header_size >= facts.size;
}
/// What came back over lo is in the zone of its direction; anything else has none yet.
std::uint16_t zone_of(const Flight& flight) {
  const conntrack::Connection* const known = flight.tracked.connection;
  if (known == nullptr) return 0;
  return known->tuple[is_reply(flight.tracked.info) ? 1 : 0].zone;
}
}  // namespace

bool Path::hook(Hook hook, Flight& flight, End& end) {
  if (parts_.observer != nullptr) parts_.observer->hook(hook);
  if (begins_here(hook) && parts_.tracks(flight.facts().family) &&
      has_fragment(flight.facts(), flight.buffer) && !reassemble(hook, flight, end))
    return false;
  if (!rules_of(flight).any(hook)) {
    if (begins_here(hook) && !track(hook, flight, end)) return false;
    return !ends_here(hook) || confirm(flight, end);
  }
  Flight* const outer = std::exchange(current_, &flight);
  rules::Context context = context_at(hook, flight);
  const HookOrder& order = kHookOrder[static_cast<std::size_t>(hook)];
  bool goes_on = true;
  for (std::uint8_t i = 0; goes_on && i < order.count; ++i) {
    goes_on = table(order.tables[i], context, flight, end);
    if (i == 0 && begins_here(hook) && goes_on) goes_on = track(hook, flight, end);
  }
  current_ = outer;
  if (goes_on && ends_here(hook)) goes_on = confirm(flight, end);
  return goes_on;
}

rules::Context Path::context_at(Hook hook, Flight& flight) {
  return {.packet = flight.buffer,
          .host = host_,
          .hook = hook,
          .in = flight.in,
          .out = flight.out,
          .tracked = &flight.tracked,
          .mark = flight.mark,
          .type = flight.type,
          .headers_given = quote_is_hidden(flight),
          .link = &flight.link,
          .route_mtu = flight.way.mtu,
          .route_source_mtu = wants_reply_mtu_ && hook != Hook::prerouting ? reply_mtu(flight) : 0,
          .now = now_,
          .random = random_,
          .services = *this};
}

bool Path::table(TableId table, rules::Context& context, Flight& flight, End& end) {
  const Compiled& rules = rules_of(flight);
  if (rules.entry(table, context.hook) == kNoPlace) return true;
  if (table == TableId::nat) return nat(context, flight, end);
  const packet::Facts& facts = flight.facts();
  const Address source = facts.source, destination = facts.destination;
  const std::uint32_t mark = flight.mark;
  const std::uint8_t tos = facts.tos, hops = facts.is_ipv6() ? facts.ttl : std::uint8_t{0};
  if (!ask_table(table, context, flight, end)) return false;
  if (table != TableId::mangle || context.hook != Hook::output) return true;
  const bool same = facts.source == source && facts.destination == destination && flight.mark == mark &&
                    facts.tos == tos && (!facts.is_ipv6() || facts.ttl == hops);
  if (same || reroute(flight)) {
    context.route_mtu = flight.way.mtu;
    return true;
  }
  end = End::refused(flight.way.refusal);
  return false;
}

/// Asks a table's rules; false: they ended the packet's way.
bool Path::ask_table(TableId table, rules::Context& context, Flight& flight, End& end) {
  const Compiled& rules = rules_of(flight);
  TraversalMemory& memory = memory_[at(flight.facts().family)];
  rejected_ = false;
  TableVerdict verdict;
  if (parts_.observer == nullptr) {
    verdict = Traversal<Unwatched>(rules, memory, context, Unwatched{}).run(table);
  } else {
    parts_.observer->table_begins(table, context.hook);
    verdict = Traversal<Watched>(rules, memory, context, Watched{*parts_.observer, table}).run(table);
  }
  if (table == TableId::filter) flight.decided = verdict.place;
  if (verdict.action == rules::Action::accept) return true;
  const rules::Rule* const rule = rules.rule(verdict.place);
  const rules::TargetDescriptor* const target =
      rule != nullptr && !verdict.hot_drop ? rule->target.extension : nullptr;
  if (const auto field = target != nullptr ? rules::field_not_made_good(*target) : std::nullopt)
    send_error6(flight, {packet::icmpv6::kParameterProblem, 0, *field});
  end.fate = rejected_ ? Fate::rejected : Fate::dropped;
  end.place = verdict.place;
  if (verdict.action == rules::Action::stolen) {
    end.fate = Fate::proxied;
    end.reason = DropReason::none;
    return false;
  }
  end.reason = verdict.hot_drop  ? DropReason::hot_drop
               : rule == nullptr ? DropReason::policy
                                 : DropReason::rule;
  return false;
}

bool Path::reassemble(Hook hook, Flight& flight, End& end) {
  // What came back over lo is put together again, with the connection that it has; what is exempted, not.
  if (flight.tracked.info == CtInfo::untracked) return true;
  const packet::Facts& facts = flight.facts();
  if (facts.is_ipv6()) {
    // Over IPv6 what came back over lo stays cut, and a first fragment without its whole transport header is
    // let pass as it is (RFC 8200 4.5).
    if (flight.tracked.connection != nullptr || header_is_cut(facts)) return true;
    if (facts.size < facts.fragment_header + packet::kFragmentHeader) {
      end = End::refused(DropReason::fragment_malformed);
      return false;
    }
  }
  return join(hook == Hook::prerouting ? packet::DefragUser::conntrack_in : packet::DefragUser::conntrack_out,
              flight, end);
}

/// Takes a fragment; goes on only with the whole packet, in `flight` then.
bool Path::join(packet::DefragUser user, Flight& flight, End& end) {
  const packet::FragmentArrival arrival{
      flight.buffer.view(), flight.facts(), user, zone_of(flight), flight.in, flight.type, flight.link};
  packet::Reassembled& whole = joined_.emplace_back();
  const packet::DefragOutcome outcome = defragmenter(flight.facts().family).add(arrival, now_, whole);
  if (outcome.kind == packet::DefragOutcome::Kind::passed) {
    joined_.pop_back();
    return true;
  }
  if (outcome.kind != packet::DefragOutcome::Kind::complete) {
    joined_.pop_back();
    end = outcome.kind == packet::DefragOutcome::Kind::held ? End{Fate::held, DropReason::none, kNoPlace}
                                                            : End::refused(outcome.reason);
    return false;
  }
  const auto size = static_cast<std::uint32_t>(whole.bytes.size());
  whole.bytes.resize(size + kSpareRoom);
  flight.buffer.bytes = whole.bytes.data();
  flight.buffer.size = size;
  flight.buffer.room = size + kSpareRoom;
  flight.buffer.facts = whole.facts;
  flight.geometry = &whole.geometry;
  flight.type = whole.type;
  // The first one's header is there to be looked at, on the interface by which the last one came.
  whole.link.present = whole.link.present && flight.link.present;
  flight.link = whole.link;
  flight.first_in = whole.interface;
  if (parts_.observer != nullptr) parts_.observer->note("reassembled");
  return true;
}

/// What CT said of the packet, its zone's number settled.
conntrack::Template Path::template_of(const Flight& flight) {
  conntrack::Template as = flight.tracked.as == nullptr ? conntrack::Template{} : *flight.tracked.as;
  if (as.zone_of_mark) as.zone.id = static_cast<std::uint16_t>(flight.mark);
  return as;
}

bool Path::track(Hook hook, Flight& flight, End& end) {
  if (!parts_.tracks(flight.facts().family)) return true;
  conntrack::Tracked& tracked = flight.tracked;
  if (tracked.connection != nullptr || tracked.info == CtInfo::untracked) {  // seen already, or exempted
    if (tracked.info == CtInfo::untracked && parts_.observer != nullptr) parts_.observer->note("not tracked");
    return true;
  }
  if (!flight.facts().is_ipv6() && flight.facts().is_fragment()) return true;
  // SCTP's own checksum is judged over a header in one piece.
  const bool judged = hook == Hook::prerouting && parts_.tracker->settings().checksum;
  if (judged && flight.facts().protocol == packet::kSctp) flight.pull_transport(12);
  const bool complains = conntrack::complains(parts_.tracker->settings(), flight.facts().protocol);
  const bool not_exempt = tracked.not_exempt;
  if (parts_.observer == nullptr && !complains) {
    const std::uint64_t foreseen = std::exchange(flight.foreseen, 0);
    tracked = tracked.as == nullptr ? parts_.tracker->track(flight.buffer, now_, hook == Hook::prerouting,
                                                            nullptr, {}, foreseen)
                                    : parts_.tracker->track(flight.buffer, now_, hook == Hook::prerouting,
                                                            nullptr, template_of(flight));
  } else {
    track_watched(hook, flight);
  }
  tracked.not_exempt = not_exempt;
  if (hook == Hook::prerouting) remember_sum(flight);
  if (tracked.drop == DropReason::none) return true;
  end = End::refused(tracked.drop);
  return false;
}

/// The same for whoever wants to know why: an observer, nf_conntrack_log_invalid.
void Path::track_watched(Hook hook, Flight& flight) {
  conntrack::Connection before;
  const conntrack::Connection* known = nullptr;
  const conntrack::Template as = template_of(flight);
  const auto tuple = parts_.observer != nullptr ? conntrack::tuple_of(flight.facts()) : std::nullopt;
  if (tuple)
    if (const conntrack::Connection* found = parts_.tracker->find(*tuple, as.zone, now_)) {
      before = *found;
      known = &before;
    }
  conntrack::Judgement judgement;
  flight.tracked = parts_.tracker->track(flight.buffer, now_, hook == Hook::prerouting, &judgement, as);
  if (parts_.observer != nullptr) parts_.observer->tracked(flight.tracked, judgement, known);
  for (const std::string& complaint :
       conntrack::complaints(flight.buffer, flight.tracked, judgement, parts_.tracker->settings()))
    log(context_at(hook, flight), {.prefix = complaint,
                                   .level = kNotice,
                                   .tcp_sequence = true,
                                   .tcp_options = true,
                                   .ip_options = true,
                                   .uid = true});
}

bool Path::confirm(Flight& flight, End& end) {
  if (flight.tracked.connection == nullptr) {
    if (flight.clashed) end = End::refused(DropReason::confirm_clash);
    return !flight.clashed;
  }
  if (flight.tracked.connection->proxied && !step_proxy(flight, end)) return false;
  const conntrack::Connection& its = *flight.tracked.connection;
  if ((its.helper != 0 || its.sequences_adjusted) && !help(flight, end)) return false;
  // An answer follows another packet's connection, which it does not confirm (the tracker sees that), but
  // for an answer to an answer: it goes the way of the first packet again.
  const bool known = flight.tracked.connection->is(conntrack::kConfirmed);
  const DropReason refused = parts_.tracker->confirm(flight.tracked, flight.buffer, now_);
  const conntrack::Connection* now = flight.tracked.connection;
  if (!known && parts_.observer != nullptr && now != nullptr &&
      (refused != DropReason::none || now->is(conntrack::kConfirmed)))
    parts_.observer->confirmed(*flight.tracked.connection, refused);
  if (refused == DropReason::none) return true;
  end = End::refused(refused);
  return false;
}

/// The network to whose broadcast address a program of the box sends this.
const Prefix* Path::asks_network(const Flight& flight) const {
  const bool by_program =
      flight.in == kNoInterface && !flight.made_here && !flight.copied && flight.way.broadcast;
  if (!by_program || flight.facts().is_ipv6()) return nullptr;
  for (const host::InterfaceAddress& own : host_.at(flight.out).addresses)
    if (own.broadcast == flight.facts().destination && !own.broadcast.is_zero()) return &own.prefix;
  return nullptr;
}

/// The connection's helper reads the packet, and may rewrite or refuse it.
bool Path::help(Flight& flight, End& end) {
  const conntrack::HelpFacts facts{flight.looped && flight.way.is_local(), asks_network(flight)};
  bool accepted = true;
  change(flight, [&] { accepted = parts_.tracker->help(flight.tracked, flight.buffer, now_, facts); });
  if (!accepted) end = End::refused(DropReason::helper_refused);
  return accepted;
}

bool Path::has_label(const rules::Context& context, unsigned label) {
  return parts_.tracker->labels_of(*context.tracked->connection).has(label);
}

void Path::set_label(const rules::Context& context, unsigned label) {
  parts_.tracker->set_label(*context.tracked->connection, label);
}

/// A packet that did not get through takes its new connection with it.
void Path::forget(Flight& flight) {
  if (flight.tracked.connection == nullptr || flight.attached) return;
  if (!flight.tracked.connection->is(conntrack::kConfirmed)) parts_.tracker->drop(flight.tracked, now_);
}

std::uint32_t Path::reply_mtu(const Flight& flight) const {
  Way way;
  const Address& source = flight.facts().source;
  if (flight.facts().is_ipv6()) {
    if (route_outbound6(source, flight.in, way) != DropReason::none) return 0xffffffff;
  } else if (way_out(source, host_.routes.find(source, Family::ipv4, 0), way) != DropReason::none) {
    return 0xffffffff;
  }
  return way.mtu;
}

}  // namespace utables::engine
