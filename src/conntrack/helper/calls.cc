#include "conntrack/helper/calls.h"

#include <algorithm>

#include "packet/headers.h"

namespace utables::conntrack {
namespace {

/// As far as a packet of it says.
bool same_receiver(const Tuple& a, const Tuple& b) {
  return a.source == b.source && a.destination == b.destination && a.destination_port == b.destination_port &&
         a.family == b.family;
}

}  // namespace

Tuple call_tuple(const Tuple& way, std::uint16_t from, std::uint16_t to) {
  return {way.source, way.destination, from, to, packet::kGre, way.family};
}

bool Calls::has_key(const Tuple& tuple, std::span<const std::uint8_t> gre) {
  return tuple.protocol == packet::kGre && gre.size() >= 8 && (gre[1] & 7) == 1;
}

std::uint16_t Calls::key_of(const Tuple& tuple) const {
  const auto found = std::find_if(keys_.begin(), keys_.end(),
                                  [&](const Key& key) { return same_receiver(key.tuple, tuple); });
  return found == keys_.end() ? std::uint16_t{0} : found->tuple.source_port;
}

bool Calls::add(Handle master, Direction direction, const Tuple& tuple) {
  for (const Key& key : keys_)
    if (key.master == master && key.direction == direction) return same_receiver(key.tuple, tuple);
  keys_.push_back({master, direction, tuple});
  return true;
}

void Calls::remove_of(Handle master) {
  std::erase_if(keys_, [master](const Key& key) { return key.master == master; });
}

void Calls::ended(Handle connection) {
  for (const Met& met : met_)
    if (met.connection == connection) remove_of(met.master);
  remove_of(connection);
  std::erase_if(met_, [connection](const Met& met) {
    return met.connection == connection || met.master == connection;
  });
}

}  // namespace utables::conntrack
