#include "conntrack/table.h"

#include <tuple>

namespace utables::conntrack {

void Table::add_slabs() {
  const std::size_t count = slabs_.size() < kSlabsAPage ? 1 : kSlabsAPage;
  auto* const first = static_cast<Connection*>(
      memory_.emplace_back(allocate_pages(count * kSlab * sizeof(Connection))).get());
  for (std::size_t i = 0; i < count; ++i) slabs_.push_back(first + i * kSlab);
}

Connection& Table::make() {
  Handle handle = next_;
  if (free_.empty()) {
    if (handle / kSlab == slabs_.size()) add_slabs();
    ++next_;
  } else {
    handle = free_.back();
    free_.pop_back();
  }
  Connection& connection = at(handle);
  connection = Connection{};
  connection.handle = handle;
  connection.serial = ++serial_;
  ++made_;
  return connection;
}

void Table::enter(Connection& connection) {
  const auto hash_again = [this](Reference r) { return hash_of(r); };
  for (const Direction d : {Direction::original, Direction::reply}) {
    const Reference reference = Reference::of(connection.handle, d);
    index_.insert(hash_of(reference), reference, hash_again);
  }
  connection.set(kConfirmed);
  ++entered_;
  if (connection.zone_directions != Zone::kBoth) ++split_;
}

void Table::bury(Connection& connection) {
  if (connection.is(kDying)) return;
  if (connection.is(kConfirmed)) {
    for (const Direction d : {Direction::original, Direction::reply}) {
      const Reference reference = Reference::of(connection.handle, d);
      index_.remove(hash_of(reference), reference);
    }
    --entered_;
    if (connection.zone_directions != Zone::kBoth) --split_;
  }
  connection.set(kDying);
  --made_;
  buried_.push_back(connection.handle);
}

void Table::sweep() {
  for (const Handle handle : buried_) {
    at(handle).handle = kNoHandle;
    free_.push_back(handle);
  }
  buried_.clear();
}

Found Table::find(const Tuple& tuple, std::uint64_t hash) const {
  if (split_ != 0) return newest(tuple, hash, Zone{tuple.zone});
  const Reference r = index_.find(
      hash, [&](Reference candidate) { return at(candidate.handle()).tuple[candidate.word & 1] == tuple; });
  if (r.empty()) return {};
  Connection& c = at(r.handle());
  // Of a connection of an address with itself, or that NAT turned round, both tuples may be the same: Linux
  // finds the reply first.
  if (c.tuple[0] == c.tuple[1]) return {&c, Direction::reply};
  return {&c, r.direction()};
}

Found Table::newest(const Tuple& tuple, std::uint64_t hash, const Zone& zone) const {
  const auto age = [this](Reference r) { return at(r.handle()).serial * 2 + (r.word & 1); };
  Reference newest;
  std::ignore = index_.find(hash, [&](Reference r) {
    // In the zone of one direction only tuples of that direction are its own.
    const bool same = at(r.handle()).tuple[r.word & 1] == tuple && zone.of(r.direction()) == tuple.zone;
    if (same && (newest.empty() || age(newest) < age(r))) newest = r;
    return false;
  });
  return newest.empty() ? Found{} : Found{&at(newest.handle()), newest.direction()};
}

Found Table::find_taken(const Tuple& tuple, const Zone& zone) const {
  const std::uint64_t hashed = hash(tuple);
  return zone.same_both_ways() ? find(tuple, hashed) : newest(tuple, hashed, zone);
}

Found Table::find_in(Tuple tuple, const Zone& zone) const {
  tuple.zone = zone.of(Direction::original);
  const Found found = find_taken(tuple, zone);
  if (found.connection != nullptr || zone.same_both_ways()) return found;
  tuple.zone = zone.of(Direction::reply);
  return find_taken(tuple, zone);
}

Connection* Table::alive(Handle handle) const {
  if (handle >= next_) return nullptr;
  Connection& c = at(handle);
  return c.handle == handle && !c.is(kDying) ? &c : nullptr;
}

std::size_t Table::bytes() const {
  return slabs_.size() * kSlab * sizeof(Connection) + index_.bytes() + next_ * 12;
}

}  // namespace utables::conntrack
