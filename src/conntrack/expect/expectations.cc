#include "conntrack/expect/expectations.h"

#include <algorithm>
#include <limits>

namespace utables::conntrack {
namespace {

constexpr Time kNever = std::numeric_limits<Time>::max();

bool same_destination(const Tuple& a, const Tuple& b) {
  return a.destination == b.destination && a.destination_port == b.destination_port &&
         a.protocol == b.protocol && a.family == b.family;
}

bool fits(const Expectation& e, const Tuple& tuple, std::uint16_t zone) {
  return e.zone == zone && same_destination(e.tuple, tuple) &&
         (tuple.source & e.mask.source) == (e.tuple.source & e.mask.source) &&
         (tuple.source_port & e.mask.source_port) == (e.tuple.source_port & e.mask.source_port);
}

/// Some packet would meet both.
bool overlap(const Expectation& a, const Expectation& b) {
  const Address both = a.mask.source & b.mask.source;
  const auto ports = static_cast<std::uint16_t>(a.mask.source_port & b.mask.source_port);
  return a.zone == b.zone && same_destination(a.tuple, b.tuple) &&
         (a.tuple.source & both) == (b.tuple.source & both) &&
         (a.tuple.source_port & ports) == (b.tuple.source_port & ports);
}

}  // namespace

std::size_t Expectations::place_of(std::uint64_t serial) const {
  const auto at = std::lower_bound(all_.begin(), all_.end(), serial,
                                   [](const Expectation& e, std::uint64_t s) { return e.serial < s; });
  return static_cast<std::size_t>(at - all_.begin());
}

void Expectations::erase(std::size_t place, Time when) {
  const Expectation gone = all_[place];
  const auto at = by_destination_.find(key_of(gone.tuple, gone.zone));
  std::erase(at->second, gone.serial);
  if (at->second.empty()) by_destination_.erase(at);
  all_.erase(all_.begin() + static_cast<std::ptrdiff_t>(place));
  if (gone_) gone_(gone, when);
}

Expectations::Added Expectations::add(Expectation e, const ExpectationPolicy& policy, Terms terms, Time now) {
  if (const auto same = by_destination_.find(key_of(e.tuple, e.zone)); same != by_destination_.end()) {
    for (const std::uint64_t serial : std::vector<std::uint64_t>(same->second)) {
      const Expectation& other = all_[place_of(serial)];
      if (!overlap(e, other)) continue;
      const bool same_master = other.master == e.master;
      if (other.tuple != e.tuple || other.mask != e.mask || (!same_master && !terms.whoever))
        return Added::clashes;
      if (!same_master || other.expect_class != e.expect_class) return Added::already;
      erase(place_of(serial), now);
    }
  }
  std::size_t awaited = 0;
  const Expectation* oldest = nullptr;
  for (const Expectation& other : all_) {
    if (other.master != e.master || other.expect_class != e.expect_class) continue;
    if (oldest == nullptr) oldest = &other;
    ++awaited;
  }
  if (policy.most != 0 && awaited >= policy.most) erase(place_of(oldest->serial), now);
  if (all_.size() >= terms.most) return Added::table_full;
  e.deadline = now + policy.timeout;
  e.serial = ++serial_;
  restore(e);
  return Added::yes;
}

void Expectations::restore(const Expectation& saved) {
  next_deadline_ = all_.empty() ? saved.deadline : std::min(next_deadline_, saved.deadline);
  serial_ = std::max(serial_, saved.serial);
  by_destination_[key_of(saved.tuple, saved.zone)].push_back(saved.serial);
  all_.push_back(saved);
}

const Expectation* Expectations::find(const Tuple& tuple, std::uint16_t zone, Inactive inactive) const {
  if (all_.empty()) return nullptr;
  const auto at = by_destination_.find(key_of(tuple, zone));
  if (at == by_destination_.end()) return nullptr;
  for (auto serial = at->second.rbegin(); serial != at->second.rend(); ++serial) {
    const Expectation& e = all_[place_of(*serial)];
    if (fits(e, tuple, zone) && (inactive == Inactive::too || !e.inactive)) return &e;
  }
  return nullptr;
}

void Expectations::remove(const Expectation& expectation, Time now) {
  const std::size_t place = place_of(expectation.serial);
  if (place < all_.size() && all_[place].serial == expectation.serial) erase(place, now);
}

void Expectations::renew(const Expectation& expectation, Time deadline) {
  const std::size_t place = place_of(expectation.serial);
  if (place >= all_.size() || all_[place].serial != expectation.serial) return;
  all_[place].inactive = false;
  all_[place].deadline = deadline;
  next_deadline_ = std::min(next_deadline_, deadline);
}

void Expectations::remove_of(Handle master, Time now) {
  for (std::size_t i = all_.size(); i-- > 0;)
    if (all_[i].master == master) erase(i, now);
}

void Expectations::advance(Time now) {
  if (all_.empty() || next_deadline_ > now) return;
  Time next = kNever;
  for (std::size_t i = 0; i < all_.size();) {
    if (all_[i].deadline <= now) {
      erase(i, all_[i].deadline);
      continue;
    }
    next = std::min(next, all_[i++].deadline);
  }
  next_deadline_ = next;
}

}  // namespace utables::conntrack
