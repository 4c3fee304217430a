#include "conntrack/helper/helping.h"

#include <fmt/format.h>

#include <algorithm>

#include "conntrack/helper/awaiting.h"
#include "conntrack/tracker_memory.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(HelpCase::count_)> kCases{
    "a connection is awaited",
    "a drawn port is announced",
    "a payload is rewritten",
    "a packet is refused",
    "sequence numbers are shifted",
    "what was awaited comes",
    "what was awaited comes, and is translated"};

}  // namespace

std::string_view name(HelpCase help_case) { return kCases[static_cast<std::size_t>(help_case)]; }

Helping::Helping(const Table& table, EventSink* events, std::uint64_t seed, Statistics& statistics)
    : table_(table), events_(events), expectations_(seed), statistics_(statistics) {
  expectations_.on_gone([this](const Expectation& e, Time when) {
    ++statistics_.expect_delete;
    tell(ExpectationEvent::Kind::destroy, e, when);
  });
}

void Helping::tell(ExpectationEvent::Kind kind, const Expectation& expectation, Time when) {
  const Connection* const master = table_.alive(expectation.master);
  if (events_ == nullptr || master == nullptr) return;
  if ((master->expectations_told >> static_cast<unsigned>(kind) & 1) == 0) return;
  events_->on_expectation({kind, when, &expectation, master});
}

std::optional<Expectation> Helping::meet(Connection& made, Time now) {
  const Expectation* const found = expectations_.find(made.original(), made.zone().id);
  if (found == nullptr) return std::nullopt;
  const Connection* const master = table_.alive(found->master);
  if (master == nullptr || !master->is(kConfirmed)) return std::nullopt;
  const Expectation met = *found;
  count(met.follows ? HelpCase::met_translated : HelpCase::met);
  ++statistics_.expect_new;
  made.set(kExpected);
  made.mark = master->mark;
  made.master_helper = met.helper;
  made.helper = met.new_helper;
  if (!met.permanent) expectations_.remove(met, now);
  if (met.tuple.protocol == packet::kGre) meet_call(made, met, *master, now);
  return met;
}

Helping::Ways Helping::ways_of(const Connection& made, const Expectation& met) const {
  const Connection& master = table_.at(met.master);
  const Tuple& announcer = master.tuple[static_cast<std::size_t>(met.direction)];
  const auto to = [](const Address& address, std::optional<std::uint16_t> port) {
    NatRange range;
    range.has_addresses = true;
    range.first = range.last = address;
    range.has_ports = port.has_value();
    range.first_port = range.last_port = port.value_or(0);
    return range;
  };
  if (helper_of(met.helper)->help == help_sip) {
    Ways ways{.destination = to(announcer.source, met.own_port), .destination_first = true};
    if (const Expectation* const same = pair_of(made, met))
      ways.source = to(same->tuple.destination, same->tuple.destination_port);
    else if (made.original().source == master.tuple[static_cast<std::size_t>(other(met.direction))].source)
      ways.source = to(announcer.destination, std::nullopt);
    return ways;
  }
  // A key of GRE is its receiver's: it is the client's that is another one on the other side.
  const bool reply_call = made.original().protocol == packet::kGre && met.direction == Direction::reply;
  const auto port = [&](bool given) { return given ? std::optional(met.own_port) : std::nullopt; };
  return {.destination = to(announcer.source, port(!reply_call)),
          .source = to(announcer.destination, port(reply_call))};
}

/// What the same master awaits at the place that `made` comes from: media of sip go both ways.
const Expectation* Helping::pair_of(const Connection& made, const Expectation& met) const {
  if (met.expect_class == 0) return nullptr;
  const Tuple& tuple = made.original();
  const Connection& master = table_.at(met.master);
  const auto& all = expectations_.all();
  const auto found = std::find_if(all.rbegin(), all.rend(), [&](const Expectation& e) {
    return e.master == met.master && e.expect_class == met.expect_class && e.follows &&
           e.tuple.protocol == tuple.protocol && e.own_port == tuple.source_port &&
           master.tuple[static_cast<std::size_t>(e.direction)].source == tuple.source;
  });
  return found == all.rend() ? nullptr : &*found;
}

std::uint8_t Helping::helper_for(const Connection& made, std::uint8_t wished, const Settings& settings) {
  if (wished != 0 || settings.profile == Profile::modern || !settings.automatic_helpers) return wished;
  const Helper* const by_port =
      find_helper(made.reply().source_port, made.original().protocol, made.original().family);
  return by_port == nullptr ? std::uint8_t{0} : static_cast<std::uint8_t>(by_port->id);
}

CallIds Helping::call_of(const Connection& master) const {
  const auto at = beside_.find(master.handle);
  const auto* const pptp = at == beside_.end() ? nullptr : std::get_if<PptpMemory>(&at->second.memory);
  return pptp == nullptr ? CallIds{} : pptp->ids;
}

/// One connection has both directions of a call: what is awaited of the other one is over. Under NAT Linux
/// finds that only where the client's packet comes first.
void Helping::meet_call(const Connection& made, const Expectation& met, const Connection& master, Time now) {
  calls_.met(made.handle, master.handle);
  if (met.follows && met.direction == Direction::original) return;
  const CallIds ids = call_of(master);
  const Tuple answer =
      met.follows ? call_tuple(master.reply(), ids.server, ids.client) : *inverse(made.original());
  if (const Expectation* const awaited = expectations_.find(answer, made.zone().id))
    expectations_.remove(*awaited, now);
}

/// Linux looks for both directions by the ids as the server knows them.
void Helping::end_call(const Connection& master, const CallIds& ids, Time when) {
  calls_.remove_of(master.handle);
  for (const Tuple& tuple : {call_tuple(master.original(), ids.client, ids.server),
                             call_tuple(master.reply(), ids.server, ids.client)}) {
    if (const Found found = table_.find_in(tuple, master.zone()); found.connection != nullptr)
      kill_(*found.connection, when);
    else if (const Expectation* const awaited = expectations_.find(tuple, master.zone().id))
      expectations_.remove(*awaited, when);
  }
}

Helping::Outcome Helping::help(Connection& connection, CtInfo info, packet::Buffer& packet,
                               const World& world) {
  const Direction direction = is_reply(info) ? Direction::reply : Direction::original;
  const bool established = info == CtInfo::established || info == CtInfo::established_reply;
  const bool shifted = connection.sequences_adjusted && !world.over_lo;
  Beside& beside = beside_[connection.handle];
  Awaiting services(*this, connection, direction, packet, beside.sequences, world);
  const Helped helped =
      connection.helper == 0
          ? Helped::accept
          : conntrack::help(
                {connection, direction, established, packet, {}, beside.memory, services, world.broadcast});
  if (beside.sequences != Sequences{}) connection.sequences_adjusted = true;
  if (helped != Helped::accept) {
    count(HelpCase::refused);
    return {false, services.refreshed()};
  }
  if (!shifted) return {true, services.refreshed()};
  count(HelpCase::shifted);
  const bool passed = shift_sequences(packet, beside.sequences, direction);
  if (!passed) ++statistics_.drop;
  return {passed, services.refreshed()};
}

void Helping::shift(Connection& connection, Direction direction, std::uint32_t by) {
  beside_[connection.handle].sequences[static_cast<std::size_t>(direction)].set(by);
  connection.sequences_adjusted = true;
}

const Sequences* Helping::sequences_of(const Connection& connection) const {
  const auto at = beside_.find(connection.handle);
  return at == beside_.end() || !connection.sequences_adjusted ? nullptr : &at->second.sequences;
}

void Helping::end(const Connection& connection, Time when) {
  if (connection.helper == static_cast<std::uint8_t>(HelperId::pptp) && connection.is(kConfirmed))
    end_call(connection, call_of(connection), when);
  calls_.ended(connection.handle);
  expectations_.remove_of(connection.handle, when);
  beside_.erase(connection.handle);
}

void Helping::save(TrackerMemory& into) const {
  for (const Expectation& e : expectations_.all())
    if (const Connection* master = table_.alive(e.master)) into.awaited.push_back({e, master->serial});
  for (const auto& [handle, beside] : beside_)
    if (const Connection* c = table_.alive(handle); c != nullptr && beside != Beside{})
      into.helped.push_back({c->serial, beside.memory, beside.sequences});
  std::sort(into.helped.begin(), into.helped.end(),
            [](const auto& a, const auto& b) { return a.connection < b.connection; });
  for (const Calls::Key& key : calls_.keys())
    if (const Connection* master = table_.alive(key.master))
      into.call_keys.push_back({master->serial, key.direction, key.tuple});
  for (const Calls::Met& met : calls_.all_met()) {
    const Connection *c = table_.alive(met.connection), *master = table_.alive(met.master);
    if (c != nullptr && master != nullptr && c->is(kConfirmed))
      into.calls_met.push_back({c->serial, master->serial});
  }
}

Result<void> Helping::restore(const TrackerMemory& memory) {
  if (memory.awaited.empty() && memory.helped.empty() && memory.call_keys.empty() && memory.calls_met.empty())
    return {};
  std::unordered_map<std::uint64_t, Handle> by_serial;
  table_.for_each([&](const Connection& c) { by_serial.emplace(c.serial, c.handle); });
  const auto find = [&](std::uint64_t serial) {
    const auto found = by_serial.find(serial);
    return found == by_serial.end() ? kNoHandle : found->second;
  };
  const auto find_helped = [&](std::uint64_t serial) {
    const Handle handle = find(serial);
    return handle == kNoHandle || table_.at(handle).helper == 0 ? kNoHandle : handle;
  };
  for (const auto& [saved, master] : memory.awaited) {
    Expectation e = saved;
    e.master = find_helped(master);
    if (e.master == kNoHandle) return fail(fmt::format("no connection {} could announce one", master));
    expectations_.restore(e);
  }
  for (const auto& saved : memory.helped) {
    const Handle handle = find(saved.connection);
    if (handle == kNoHandle || (table_.at(handle).helper == 0 && !table_.at(handle).proxied))
      return fail(fmt::format("connection {} has no helper, and is not proxied", saved.connection));
    beside_[handle] = {saved.memory, saved.sequences};
    table_.at(handle).sequences_adjusted = saved.sequences != Sequences{};
  }
  for (const auto& key : memory.call_keys) {
    const Handle master = find_helped(key.master);
    if (master == kNoHandle) return fail(fmt::format("connection {} has no helper", key.master));
    (void)calls_.add(master, key.direction, key.tuple);
  }
  for (const auto& met : memory.calls_met) {
    const Handle connection = find(met.connection), master = find_helped(met.master);
    if (connection == kNoHandle || master == kNoHandle)
      return fail(fmt::format("connection {} is no call of {}", met.connection, met.master));
    calls_.met(connection, master);
  }
  return {};
}

}  // namespace utables::conntrack
