#include "conntrack/helper/awaiting.h"

#include <algorithm>

#include "base/bytes.h"
#include "conntrack/helper/rewrite.h"
#include "packet/headers.h"

namespace utables::conntrack {

bool Helping::Awaiting::expect(const Announcement& announced) {
  Expectation e;
  const Family family = master_.original().family;
  e.tuple = {announced.from, announced.to, 0, announced.port, announced.protocol, family};
  if (!announced.from.is_zero()) e.mask.source = mask_of(address_bits(family), family);
  if (announced.mask) {
    e.mask = *announced.mask;
    e.tuple.source_port = announced.from_port;
  }
  e.permanent = announced.permanent;
  e.expect_class = announced.expect_class;
  e.direction = announced.announcer;
  e.own_port = announced.own_port;
  e.follows = announced.follows && (master_.is(kSourceNat) || master_.is(kDestinationNat));
  if (e.follows && announced.spell != nullptr) return add_and_announce(e, announced);
  return add(e, false) == Expectations::Added::yes;
}

bool Helping::Awaiting::overwrite(std::uint32_t place, std::uint16_t value) {
  const std::array<char, 2> bytes{static_cast<char>(value >> 8), static_cast<char>(value)};
  return reword(place, 2, {bytes.data(), bytes.size()});
}

bool Helping::Awaiting::reword(std::uint32_t place, std::uint32_t length, std::string_view text) {
  if (!rewrite_payload(packet_, place, length, text)) return false;
  count(cases_, HelpCase::rewritten);
  return true;
}

void Helping::Awaiting::shift(std::uint32_t longer) {
  if (packet_.facts.protocol != packet::kTcp) return;
  sequences_[static_cast<std::size_t>(direction_)].change(load32(packet_.transport() + 4), longer);
}

Expectations::Added Helping::Awaiting::add(Expectation e, bool whoever) {
  e.master = master_.handle;
  e.zone = master_.zone().id;
  e.helper = master_.helper;
  const ExpectationPolicy& policy = helper_of(master_.helper)->classes[e.expect_class];
  const auto added = expectations_.add(e, policy, {world_.settings.expect_max, whoever}, world_.now);
  if (added != Expectations::Added::yes) return added;
  ++helping_.statistics_.expect_create;
  count(cases_, HelpCase::awaited);
  ++awaited_;
  helping_.tell(ExpectationEvent::Kind::new_, expectations_.all().back(), world_.now);
  return added;
}

/// Port 0 is awaited, and none all the same, as in Linux.
std::uint16_t Helping::Awaiting::add_at_a_port(Expectation e) {
  constexpr std::uint32_t kTries = 128;
  const std::uint16_t first = e.tuple.destination_port;
  const std::uint32_t range = 65535U - first;
  for (std::uint32_t left = std::min(range, kTries);; --left) {
    const auto added = add(e, false);
    if (added == Expectations::Added::yes) return e.tuple.destination_port;
    if (added != Expectations::Added::clashes || left == 0) return 0;
    moved_on();
    e.tuple.destination_port =
        static_cast<std::uint16_t>(first + world_.draw.draw_announced(awaited_, first, range) % range);
  }
}

bool Helping::Awaiting::add_and_announce(const Expectation& e, const Announcement& announced) {
  const std::uint16_t port = add_at_a_port(e);
  if (port == 0) return false;
  const std::string text = announced.spell(announced.to, port, e.tuple.family);
  if (!reword(announced.place, announced.length, text)) {
    expectations_.remove(expectations_.all().back(), world_.now);
    return false;
  }
  shift(static_cast<std::uint32_t>(text.size()) - announced.length);
  return true;
}

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
    e.direction = other(way.direction);
    e.own_port = way.own;
    e.follows = follows;
    if (add(e, false) != Expectations::Added::yes) return give_up();
    added.push_back(expectations_.all().back());
  }
  Calls& calls = helping_.calls_;
  if (!calls.add(master_.handle, Direction::original, added[0].tuple)) return give_up();
  if (calls.add(master_.handle, Direction::reply, added[1].tuple)) return;
  calls.remove_of(master_.handle);
  give_up();
}

}  // namespace utables::conntrack
