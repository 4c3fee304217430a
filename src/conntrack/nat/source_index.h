// SourceIndex: the connections of one source (address, port, protocol, zone of the original direction), the
// latest first. A source that was mapped once keeps its mapping towards other destinations; here its mappings
// are found.
//
// The connections of a source are a list through their `source_older` and `source_newer` handles, and the
// index holds its head: entering and leaving cost the same however many there are.
#pragma once
#include "conntrack/table.h"

namespace utables::conntrack {

class SourceIndex {
 public:
  SourceIndex(const Table& table, std::uint64_t seed) : table_(table), hash_(seed) {}

  void enter(Connection& connection);
  /// Nothing if it is not there.
  void leave(Connection& connection);

  /// The latest connection of the same source for which `fits(connection)` holds; null if there is none.
  template <class Fits>
  [[nodiscard]] const Connection* find(const Connection& connection, Fits fits) const {
    const Reference head = head_of(connection);
    for (Handle h = head.empty() ? kNoHandle : head.handle(); h != kNoHandle; h = table_.at(h).source_older)
      if (const Connection& c = table_.at(h); fits(c)) return &c;
    return nullptr;
  }
  [[nodiscard]] std::size_t bytes() const { return used_ ? index_.bytes() : 0; }

 private:
  [[nodiscard]] std::uint64_t hash_of(const Connection& connection) const;
  [[nodiscard]] Reference head_of(const Connection& connection) const;
  void put(Connection& connection);

  const Table& table_;
  TupleHash hash_;
  Index index_;
  bool used_ = false;
};

}  // namespace utables::conntrack
