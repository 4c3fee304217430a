// Entries: a table that stands still, for looking at it and changing it by hand: its connections, their
// labels, and what they expect. Time does not pass in it. Owns its connections and expectations; a reference
// is valid until what it refers to is removed.
#pragma once
#include <utables/result.h>

#include <vector>

#include "conntrack/control/change.h"
#include "conntrack/expect/expectations.h"
#include "conntrack/label/labels.h"
#include "conntrack/statistics.h"
#include "conntrack/table.h"

namespace utables::conntrack {

class Entries {
 public:
  /// What it begins with, and what it counts into.
  struct Beginning {
    Time now = 0;
    std::uint64_t next_serial = 0;  ///< of the next connection that is made
    bool labels_used = true;        ///< a rule asks for labels; else nothing gets any
  };
  Entries(const Settings& settings, const Beginning& beginning, Statistics& statistics);

  /// Takes one that was saved; what has expired is left out. Fails when a tuple of it is taken.
  [[nodiscard]] Result<void> restore(const Connection& saved);

  /// Makes an entry. One whose time is over at once is made and gone: Refusal::none.
  [[nodiscard]] Refusal create(const Parameters& wanted);
  /// Changes one, its labels last; it goes when its time is over with that.
  [[nodiscard]] Refusal change(Connection& connection, const Parameters& wanted);
  /// What it expects goes with it.
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

  // Expectations (awaited.cc).
  /// Takes one that was saved, of `master`; what has expired is left out.
  void restore(const Expectation& saved, const Connection& master);
  /// Makes one of the connection that `master` names, as its helper would: class 0, and that class's time.
  [[nodiscard]] Refusal expect(const Parameters& master, const AwaitedParts& wanted);
  /// The one that a packet of the original tuple of `wanted` would meet. Null: none.
  [[nodiscard]] const Expectation* find_awaited(const Parameters& wanted) const;
  void remove(const Expectation& expectation);
  /// In order of creation.
  [[nodiscard]] const std::vector<Expectation>& awaited() const { return expectations_.all(); }
  [[nodiscard]] const Connection& master_of(const Expectation& e) const { return table_.at(e.master); }

 private:
  void settle_port(Connection& made) const;
  [[nodiscard]] Refusal change_labels(Connection& connection, const LabelChange& wanted);

  Settings settings_;
  Time now_;
  bool labels_used_;
  Statistics& statistics_;
  Table table_;
  LabelTable labels_;
  Expectations expectations_{0};
};

}  // namespace utables::conntrack
