// Expectations: connections that a helper read about in another one's payload, and that are RELATED when
// they come. An expectation is met once, by the first packet whose tuple it fits, and is then gone.
//
// Vocabulary: the *master* is the connection that announced; a helper's *class* sorts what it expects, each
// with its own limit and lifetime. Learned from Linux 6.18:
// - one master may await so many of a class; one more drives out its oldest;
// - what awaits the same tuples as another does is refused if the other is another master's or class's; a
//   master's own is replaced. A helper may ask to be told that it is there already, whoever awaits it;
// - the master's end is the end of what it expects.
#pragma once
#include <utables/time.h>

#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "conntrack/connection.h"
#include "conntrack/hash.h"

namespace utables::conntrack {

/// What a packet's source must be; its destination must be the tuple's.
struct ExpectationMask {
  Address source{};
  std::uint16_t source_port = 0;
  friend bool operator==(const ExpectationMask&, const ExpectationMask&) = default;
};

struct Expectation {
  Tuple tuple{};
  ExpectationMask mask{};
  Handle master = kNoHandle;
  std::uint16_t zone = 0;       ///< its master's, whatever its directions
  std::uint8_t helper = 0;      ///< the master's (helper/helper.h), for listings
  std::uint8_t new_helper = 0;  ///< of the connection that meets it; 0: none
  std::uint8_t expect_class = 0;
  bool permanent = false;                     ///< it may be met again
  bool inactive = false;                      ///< it cannot be met yet
  Direction direction = Direction::original;  ///< which end of the master announced it
  bool follows = false;        ///< its master is translated: what meets it is translated likewise
  std::uint16_t own_port = 0;  ///< ... by which port the announcer knows itself
  Time deadline = 0;
  std::uint64_t serial = 0;  ///< order of creation, never reused
};

/// How many a master may await of a class, and how long.
struct ExpectationPolicy {
  std::string_view name;
  std::uint32_t most = 1;
  Duration timeout = 0;
};

class Expectations {
 public:
  explicit Expectations(std::uint64_t seed) : hash_(seed) {}
  /// `already`: the same is awaited, of another class, or of another master and that is of no matter.
  enum class Added : std::uint8_t { yes, already, clashes, table_full };
  enum class Inactive : std::uint8_t { not_found, too };
  using Gone = std::function<void(const Expectation&, Time when)>;

  /// `gone` is told of each that ends, however it does.
  void on_gone(Gone gone) { gone_ = std::move(gone); }

  struct Terms {
    std::uint32_t most;    ///< in the whole table; a full table refuses
    bool whoever = false;  ///< the same of another master is not in the way, but there already
  };
  /// Takes one in.
  Added add(Expectation expectation, const ExpectationPolicy& policy, Terms terms, Time now);
  /// The one that a packet meets; the newest where several fit. Null: none.
  [[nodiscard]] const Expectation* find(const Tuple& tuple, std::uint16_t zone,
                                        Inactive inactive = Inactive::not_found) const;
  /// It is awaited until then, and not inactive any more.
  void renew(const Expectation& expectation, Time deadline);
  /// Nothing if it has ended already.
  void remove(const Expectation& expectation, Time now);
  /// The master's end.
  void remove_of(Handle master, Time now);
  /// Removes what has expired up to and including `now`.
  void advance(Time now);
  /// As saved (state.jsonl), in their order.
  void restore(const Expectation& saved);

  /// In order of creation.
  [[nodiscard]] const std::vector<Expectation>& all() const { return all_; }
  [[nodiscard]] bool empty() const { return all_.empty(); }

 private:
  /// Expectations meet by destination: those of one hash lie together.
  [[nodiscard]] std::uint64_t key_of(const Tuple& tuple, std::uint16_t zone) const {
    Tuple destination = tuple;
    destination.source = {};
    destination.source_port = 0;
    destination.zone = zone;
    return hash_(destination);
  }
  void erase(std::size_t place, Time when);
  [[nodiscard]] std::size_t place_of(std::uint64_t serial) const;

  TupleHash hash_;
  std::vector<Expectation> all_;
  std::unordered_map<std::uint64_t, std::vector<std::uint64_t>> by_destination_;  ///< serials, oldest first
  Time next_deadline_ = 0;                                                        ///< none is due before it
  std::uint64_t serial_ = 0;
  Gone gone_;
};

}  // namespace utables::conntrack
