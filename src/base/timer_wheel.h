// TimerWheel: which of many things are due, told in exact order at constant cost.
//
// Things are numbered (32 bits) and owned elsewhere; the wheel keeps 12 bytes for each. It is *lazy*: a
// deadline that moved later need not be told (the wheel looks when the old one comes and moves on); one
// that moved earlier must be (schedule()). Slots hold what is due within one tick; what is due in the
// present tick waits in a heap, so that order and moment are exact to the nanosecond.
//
// Invariant: a thing in the wheel stands at or before its deadline.
#pragma once
#include <utables/time.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

namespace utables {

class TimerWheel {
 public:
  /// Puts `id` where it will be looked at when `deadline` comes; moves it if it is there already.
  /// `order` breaks ties.
  void schedule(std::uint32_t id, Time deadline, std::uint64_t order) {
    if (id >= nodes_.size()) nodes_.resize(id + 1);
    unlink(id);
    const std::uint64_t tick = tick_of(deadline);
    if (tick <= now_) {
      near_.push_back({deadline, order, id});
      std::push_heap(near_.begin(), near_.end(), later);
      return;
    }
    link(id, slot_of(tick));
  }

  /// Forgets `id`.
  void cancel(std::uint32_t id) {
    if (id < nodes_.size()) unlink(id);
  }

  /// Lets time come to `now`. `deadline(id)` is the present deadline, -1 when there is no such thing (any
  /// more); `order(id)` its tie breaker; `due(id)` is called for what is due, in order of deadline, then
  /// `order`, and must cancel or re-schedule it.
  template <class Deadline, class Order, class Due>
  void advance(Time now, Deadline deadline, Order order, Due due) {
    const std::uint64_t target = tick_of(now);
    while (now_ < target) {
      const std::uint64_t stop = std::min(target, next_occupied(target));
      now_ = stop;
      cascade(deadline, order);
    }
    while (!near_.empty() && near_.front().deadline <= now) {
      std::pop_heap(near_.begin(), near_.end(), later);
      const Near first = near_.back();
      near_.pop_back();
      const Time actual = deadline(first.id);
      if (actual < 0 || order(first.id) != first.order) continue;
      if (actual == first.deadline)
        due(first.id);
      else if (actual > first.deadline && is_unlinked(first.id))
        schedule(first.id, actual, first.order);
    }
  }

 private:
  static constexpr unsigned kTickShift = 23;  // 8.4 ms
  static constexpr unsigned kBits = 8, kSlots = 1U << kBits, kLevels = 5;
  static constexpr std::uint32_t kNil = 0xffffffff;
  static constexpr std::uint16_t kNowhere = 0xffff;

  struct Node {
    std::uint32_t next = kNil, previous = kNil;
    std::uint16_t slot = kNowhere;
  };
  struct Near {
    Time deadline;
    std::uint64_t order;
    std::uint32_t id;
  };
  static bool later(const Near& a, const Near& b) {
    return a.deadline != b.deadline ? a.deadline > b.deadline : a.order > b.order;
  }
  static std::uint64_t tick_of(Time when) {
    return when <= 0 ? 0 : static_cast<std::uint64_t>(when) >> kTickShift;
  }
  static unsigned index_at(std::uint64_t tick, unsigned level) {
    return static_cast<unsigned>(tick >> (level * kBits)) & (kSlots - 1);
  }

  /// The slot of a tick after now_: the level is that of the highest digit in which both differ.
  [[nodiscard]] std::uint16_t slot_of(std::uint64_t tick) const {
    const unsigned highest = 63U - static_cast<unsigned>(std::countl_zero(tick ^ now_));
    const unsigned level = std::min(highest / kBits, kLevels - 1);
    return static_cast<std::uint16_t>(level * kSlots + index_at(tick, level));
  }

  [[nodiscard]] bool is_unlinked(std::uint32_t id) const { return nodes_[id].slot == kNowhere; }

  void link(std::uint32_t id, std::uint16_t slot) {
    Node& node = nodes_[id];
    node = {heads_[slot], kNil, slot};
    if (node.next != kNil) nodes_[node.next].previous = id;
    heads_[slot] = id;
    occupied_[slot / 64] |= std::uint64_t{1} << (slot % 64);
  }

  void unlink(std::uint32_t id) {
    Node& node = nodes_[id];
    if (node.slot == kNowhere) return;
    if (node.previous != kNil)
      nodes_[node.previous].next = node.next;
    else
      heads_[node.slot] = node.next;
    if (node.next != kNil) nodes_[node.next].previous = node.previous;
    if (heads_[node.slot] == kNil) occupied_[node.slot / 64] &= ~(std::uint64_t{1} << (node.slot % 64));
    node = Node{};
  }

  /// The first tick after now_ (at most `limit`) at which a slot has to be looked at.
  [[nodiscard]] std::uint64_t next_occupied(std::uint64_t limit) const {
    std::uint64_t best = limit;
    for (unsigned level = 0; level < kLevels; ++level) {
      const unsigned from = index_at(now_, level) + 1;
      const int found = first_from(level, from);
      if (found < 0) continue;
      const unsigned shift = level * kBits;
      const std::uint64_t above = now_ >> (shift + kBits) << (shift + kBits);
      best = std::min(best, above | (static_cast<std::uint64_t>(found) << shift));
    }
    return best;
  }

  [[nodiscard]] int first_from(unsigned level, unsigned from) const {
    for (unsigned word = from / 64; word < kSlots / 64; ++word) {
      std::uint64_t bits = occupied_[level * (kSlots / 64) + word];
      if (word == from / 64) bits &= ~std::uint64_t{0} << (from % 64);
      if (bits != 0) return static_cast<int>(word * 64 + static_cast<unsigned>(std::countr_zero(bits)));
    }
    return -1;
  }

  /// now_ has come to a new tick: what stands in its slots moves down, or to the heap.
  template <class Deadline, class Order>
  void cascade(Deadline deadline, Order order) {
    for (unsigned level = kLevels; level-- > 0;) {
      const auto slot = static_cast<std::uint16_t>(level * kSlots + index_at(now_, level));
      std::uint32_t id = heads_[slot];
      while (id != kNil) {
        const std::uint32_t next = nodes_[id].next;
        unlink(id);
        if (const Time when = deadline(id); when >= 0) schedule(id, when, order(id));
        id = next;
      }
    }
  }

  static constexpr std::array<std::uint32_t, kLevels * kSlots> no_heads() {
    std::array<std::uint32_t, kLevels * kSlots> heads{};
    heads.fill(kNil);
    return heads;
  }

  std::uint64_t now_ = 0;
  std::vector<Node> nodes_;
  std::vector<Near> near_;
  std::array<std::uint32_t, kLevels* kSlots> heads_ = no_heads();
  std::array<std::uint64_t, kLevels * kSlots / 64> occupied_{};
};

}  // namespace utables
