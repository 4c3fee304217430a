#include "conntrack/helper/helping.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "conntrack/helper/rewrite.h"
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

void count(HelpCases& cases, HelpCase which) { ++cases[static_cast<std::size_t>(which)]; }

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
  count(cases_, met.follows ? HelpCase::met_translated : HelpCase::met);
  ++statistics_.expect_new;
  made.set(kExpected);
  made.mark = master->mark;
  made.master_helper = met.helper;
  made.helper = met.new_helper;
  if (!met.permanent) expectations_.remove(met, now);
  if (met.tuple.protocol == packet::kGre) meet_call(made, met, *master, now);
  return met;
}

std::uint8_t Helping::helper_for(const Connection& made, std::uint8_t wished, const Settings& settings) {
  if (wished != 0 || settings.profile == Profile::modern || !settings.automatic_helpers) return wished;
  const Helper* const by_port =
      find_helper(made.reply().source_port, made.original().protocol, made.original().family);
  return by_port == nullptr ? std::uint8_t{0} : static_cast<std::uint8_t>(by_port->id);
}

/// Turns what one packet's helper read into an expectation.
class Helping::Awaiting final : public HelperServices {
 public:
  /// `sequences`: of the master.
  Awaiting(Helping& helping, const Connection& master, Direction direction, packet::Buffer& packet,
           Sequences& sequences, const World& world)
      : helping_(helping),
        expectations_(helping.expectations_),
        master_(master),
        direction_(direction),
        packet_(packet),
        sequences_(sequences),
        world_(world),
        cases_(helping.cases_) {}

  bool expect(const Announcement& announced) override {
    Expectation e;
    const Family family = master_.original().family;
    e.tuple = {announced.from, announced.to, 0, announced.port, announced.protocol, family};
    if (!announced.from.is_zero()) e.mask.source = mask_of(address_bits(family), family);
    if (announced.mask) {
      e.mask = *announced.mask;
      e.tuple.source_port = announced.from_port;
    }
    e.permanent = announced.permanent;
    e.master = master_.handle;
    e.zone = master_.zone().id;
    e.helper = master_.helper;
    e.expect_class = announced.expect_class;
    e.direction = announced.announcer;
    e.own_port = announced.own_port;
    e.follows = announced.follows && (master_.is(kSourceNat) || master_.is(kDestinationNat));
    if (e.follows && announced.spell != nullptr) return add_and_announce(e, announced);
    return add(e) == Expectations::Added::yes;
  }
  void refresh(Duration timeout) override { refresh_ = timeout; }
  bool overwrite(std::uint32_t place, std::uint16_t value) override {
    const std::array<char, 2> bytes{static_cast<char>(value >> 8), static_cast<char>(value)};
    if (!rewrite_payload(packet_, place, 2, {bytes.data(), bytes.size()})) return false;
    count(cases_, HelpCase::rewritten);
    return true;
  }
  void expect_call(const CallIds& ids) override;
  void end_call(const CallIds& ids) override { helping_.end_call(master_, ids, world_.now); }
  [[nodiscard]] Duration refreshed() const { return refresh_; }

 private:
  Expectations::Added add(const Expectation& e) {
    const ExpectationPolicy& policy = helper_of(master_.helper)->classes[e.expect_class];
    const auto added = expectations_.add(e, policy, world_.settings.expect_max, world_.now);
    if (added != Expectations::Added::yes) return added;
    ++helping_.statistics_.expect_create;
    count(cases_, HelpCase::awaited);
    ++awaited_;
    helping_.tell(ExpectationEvent::Kind::new_, expectations_.all().back(), world_.now);
    return added;
  }

  /// The port announced, or another one above it where that is awaited already. 0: none; port 0 is awaited,
  /// and none all the same, as in Linux.
  std::uint16_t add_at_a_port(Expectation& e) {
    constexpr std::uint32_t kTries = 128;
    const std::uint16_t first = e.tuple.destination_port;
    const std::uint32_t range = 65535U - first;
    for (std::uint32_t left = std::min(range, kTries);; --left) {
      const auto added = add(e);
      if (added == Expectations::Added::yes) return e.tuple.destination_port;
      if (added != Expectations::Added::clashes || left == 0) return 0;
      count(cases_, HelpCase::port_drawn);
      e.tuple.destination_port =
          static_cast<std::uint16_t>(first + world_.draw.draw_announced(awaited_, first, range) % range);
    }
  }

  bool add_and_announce(Expectation& e, const Announcement& announced) {
    const std::uint16_t port = add_at_a_port(e);
    if (port == 0) return false;
    const bool tcp = packet_.facts.protocol == packet::kTcp;
    const std::uint32_t sequence = tcp ? load32(packet_.transport() + 4) : 0;
    const std::string text = announced.spell(announced.to, port, e.tuple.family);
    if (!rewrite_payload(packet_, announced.place, announced.length, text)) {
      expectations_.remove(expectations_.all().back(), world_.now);
      return false;
    }
    count(cases_, HelpCase::rewritten);
    if (!tcp) return true;
    sequences_[static_cast<std::size_t>(direction_)].change(
        sequence, static_cast<std::uint32_t>(text.size()) - announced.length);
    return true;
  }

  Helping& helping_;
  Expectations& expectations_;
  const Connection& master_;
  Direction direction_;
  packet::Buffer& packet_;
  Sequences& sequences_;
  const World& world_;
  HelpCases& cases_;
  unsigned awaited_ = 0;  ///< by this packet so far
  Duration refresh_ = -1;
};

/// All of it, or nothing.
void Helping::Awaiting::expect_call(const CallIds& ids) {
  const bool follows = master_.is(kSourceNat) || master_.is(kDestinationNat);
  const std::uint16_t own_client = follows ? ids.own_client : ids.client;
  struct Way {
    Direction direction;
    std::uint16_t from, to, own;
  };
  const std::array<Way, 2> ways{{{Direction::original, own_client, ids.server, ids.client},
                                 {Direction::reply, ids.server, ids.client, own_client}}};
  std::vector<Expectation> added;
  const auto give_up = [&] {
    for (; !added.empty(); added.pop_back()) expectations_.remove(added.back(), world_.now);
  };
  for (const Way& way : ways) {
    Expectation e;
    e.tuple = call_tuple(master_.tuple[static_cast<std::size_t>(way.direction)], way.from, way.to);
    e.mask = {mask_of(address_bits(e.tuple.family), e.tuple.family), 0xffff};
    e.master = master_.handle;
    e.zone = master_.zone().id;
    e.helper = master_.helper;
    e.direction = other(way.direction);
    e.own_port = way.own;
    e.follows = follows;
    if (add(e) != Expectations::Added::yes) return give_up();
    added.push_back(expectations_.all().back());
  }
  Calls& calls = helping_.calls_;
  if (!calls.add(master_.handle, Direction::original, added[0].tuple)) return give_up();
  if (calls.add(master_.handle, Direction::reply, added[1].tuple)) return;
  calls.remove_of(master_.handle);
  give_up();
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
  const Helped helped = conntrack::help(
      {connection, direction, established, packet, {}, beside.memory, services, world.broadcast});
  connection.sequences_adjusted = beside.sequences != Sequences{};
  if (helped != Helped::accept) {
    count(cases_, HelpCase::refused);
    return {false, services.refreshed()};
  }
  if (!shifted) return {true, services.refreshed()};
  count(cases_, HelpCase::shifted);
  const bool passed = shift_sequences(packet, beside.sequences, direction);
  if (!passed) ++statistics_.drop;
  return {passed, services.refreshed()};
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
    const Handle handle = find_helped(saved.connection);
    if (handle == kNoHandle) return fail(fmt::format("connection {} has no helper", saved.connection));
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
