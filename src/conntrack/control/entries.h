// Entries: a table that stands still, for looking at it and changing it by hand. Time does not pass in it.
// Owns its connections; a reference is valid until that connection is removed.
#pragma once
#include <utables/result.h>

#include <vector>

#include "conntrack/control/change.h"
#include "conntrack/label/labels.h"
#include "conntrack/table.h"

namespace utables::conntrack {

class Entries {
 public:
  /// `next_serial`: of the next connection that is made.
  Entries(const Settings& settings, Time now, std::uint64_t next_serial);

  /// Takes one that was saved; what has expired is left out. Fails when a tuple of it is taken.
  [[nodiscard]] Result<void> restore(const Connection& saved);

  /// Makes an entry. One whose time is over at once is made and gone: Refusal::none.
  [[nodiscard]] Refusal create(const Parameters& wanted);
  /// Changes one; it goes when its time is over with that.
  [[nodiscard]] Refusal change(Connection& connection, const Parameters& wanted);
  void remove(Connection& connection);

  [[nodiscard]] Connection* find(const Tuple& tuple, const Zone& zone) const;
  [[nodiscard]] bool taken(const Tuple& tuple, const Connection& by) const;
  [[nodiscard]] Labels labels_of(const Connection& connection) const { return labels_.of(connection); }
  void give(Connection& connection, const Labels& labels) { labels_.give(connection, labels); }
  /// In order of creation.
  [[nodiscard]] std::vector<Connection*> all() const;
  [[nodiscard]] std::uint32_t size() const { return table_.entered(); }
  [[nodiscard]] std::uint64_t next_serial() const { return table_.last_serial() + 1; }
  [[nodiscard]] Time now() const { return now_; }

 private:
  void settle_port(Connection& made) const;

  Settings settings_;
  Time now_;
  Table table_;
  LabelTable labels_;
};

}  // namespace utables::conntrack
