// Table: owns the connections (slabs, addressed by handles) and the index of their tuples.
// Life of a connection: make() -> [unconfirmed, known to its packet alone] -> enter() -> [found, listed] ->
// bury() -> [not found any more, memory still readable] -> sweep() -> memory reused.
// Bounds: at most 2^31 - 2 connections; how many are allowed is the tracker's to say.
#pragma once
#include <vector>

#include "base/pages.h"
#include "conntrack/hash.h"
#include "conntrack/index.h"

namespace utables::conntrack {

/// What a look-up found.
struct Found {
  Connection* connection = nullptr;
  Direction direction = Direction::original;
};

class Table {
 public:
  explicit Table(std::uint64_t seed) : hash_(seed) {}

  [[nodiscard]] std::uint64_t hash(const Tuple& tuple) const { return hash_(tuple); }
  void prefetch(std::uint64_t hash) const { index_.prefetch(hash); }
  /// The connection that find() will most likely look at. After prefetch() of the same hash.
  void prefetch_entry(std::uint64_t hash) const {
    const Reference r = index_.candidate(hash);
    if (r.empty()) return;
    const auto* connection = reinterpret_cast<const char*>(&at(r.handle()));
    for (std::size_t offset = 0; offset < sizeof(Connection); offset += 64)
      utables::prefetch(connection + offset);
  }

  [[nodiscard]] std::uint64_t last_serial() const { return serial_; }
  void set_last_serial(std::uint64_t serial) { serial_ = serial; }

  /// A new connection that nobody can find yet.
  Connection& make();
  /// Its tuples can be found from now on. REQUIRES: neither of them is taken (find_taken()).
  void enter(Connection& connection);
  /// Takes it out; its memory stays as it is until sweep().
  void bury(Connection& connection);
  void sweep();

  /// What a packet with this tuple belongs to. REQUIRES: of zones the same both ways alone.
  [[nodiscard]] Found find(const Tuple& tuple, std::uint64_t hash) const;
  /// The same for a packet of any zone, whatever `tuple.zone` is: what went the original way, then what
  /// answers.
  [[nodiscard]] Found find_in(Tuple tuple, const Zone& zone) const;
  /// What already has this very tuple, in `tuple.zone`, as a connection of `zone` sees it.
  [[nodiscard]] Found find_taken(const Tuple& tuple, const Zone& zone) const;
  [[nodiscard]] Connection& at(Handle handle) const { return slabs_[handle / kSlab][handle % kSlab]; }
  /// The connection of a handle, or null when it is not in use.
  [[nodiscard]] Connection* alive(Handle handle) const;

  [[nodiscard]] std::uint32_t entered() const { return entered_; }
  [[nodiscard]] std::uint32_t made() const { return made_; }  ///< unconfirmed ones included
  [[nodiscard]] std::size_t bytes() const;

  template <class Visit>
  void visit_range(std::uint32_t first, std::uint32_t last, Visit visit) const {
    index_.visit_range(first, last, [&](Reference r) { visit(at(r.handle()), r.direction()); });
  }
  /// Every confirmed connection, in order of handles.
  template <class Visit>
  void for_each(Visit visit) const {
    for (Handle h = 0; h < next_; ++h)
      if (const Connection& c = at(h); c.handle == h && c.is(kConfirmed) && !c.is(kDying)) visit(c);
  }

 private:
  static constexpr std::uint32_t kSlab = 1024;
  static constexpr std::size_t kSlabsAPage = kHugePage / (kSlab * sizeof(Connection));
  void add_slabs();
  [[nodiscard]] std::uint64_t hash_of(Reference r) const {
    const Connection& c = at(r.handle());
    return hash_(c.tuple[r.word & 1]);
  }

  /// Of several connections with this tuple, which zones of one direction allow, the one entered last.
  [[nodiscard]] Found newest(const Tuple& tuple, std::uint64_t hash, const Zone& zone) const;

  TupleHash hash_;
  Index index_;
  std::vector<Connection*> slabs_;
  std::vector<Pages> memory_;  ///< of the slabs: small ones at first, then huge pages of several
  std::vector<Handle> free_, buried_;
  Handle next_ = 0;
  std::uint32_t entered_ = 0, made_ = 0;
  std::uint32_t split_ = 0;  ///< of those entered, in a zone of one direction
  std::uint64_t serial_ = 0;
};

static_assert(sizeof(Connection) <= 256, "four cache lines");
static_assert(kHugePage % (std::size_t{1024} * sizeof(Connection)) == 0, "slabs fill a huge page");
static_assert(sizeof(Connection) + 2 * 64 / 5 + 12 <= 320, "a connection, its index and its timer");

}  // namespace utables::conntrack
