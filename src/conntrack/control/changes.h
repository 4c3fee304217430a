// Changes: what became of entries from one look at them to the next, as `conntrack -E` tells it. What lies
// between two looks is one change; what came and went between them is none.
//
// Told is what Linux tells of what is done by hand: entries made and removed; of one that stays its status,
// state, timeout, mark, labels and helper. Counters are not. Where time went on, a timeout alone is no
// change: packets do that.
#pragma once
#include <vector>

#include "conntrack/control/entries.h"
#include "conntrack/tracker.h"

namespace utables::conntrack {

/// Entries as they were at a look. Owns copies.
struct Look {
  struct Entry {
    Connection connection{};
    Labels labels{};
  };
  struct Awaited {
    Expectation expectation{};
    Connection master{};
  };
  Time time = 0;
  std::vector<Entry> entries{};    ///< in order of creation
  std::vector<Awaited> awaited{};  ///< likewise
};
[[nodiscard]] Look look_at(const Entries& entries);

/// `event.connection` and `labels` are those of the looks, and valid as long as they are.
struct Change {
  Event event{};
  Labels labels{};
};
/// In order of creation.
[[nodiscard]] std::vector<Change> changes(const Look& before, const Look& after);
/// What ended, then what began.
[[nodiscard]] std::vector<ExpectationEvent> awaited_changes(const Look& before, const Look& after);

}  // namespace utables::conntrack
