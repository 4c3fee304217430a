// Helping: helpers at work for one tracker: who gets one, what it remembers of each connection, and the
// connections that are awaited.
//
// What a helper remembers lies beside the table, by the connection's handle, from its first word to the
// connection's end: connections without a helper pay nothing for it.
#pragma once
#include <functional>
#include <optional>
#include <unordered_map>

#include "conntrack/expect/expectations.h"
#include "conntrack/helper/calls.h"
#include "conntrack/helper/helper.h"
#include "conntrack/helper/sequences.h"
#include "conntrack/nat/binding.h"
#include "conntrack/settings.h"
#include "conntrack/table.h"
#include "conntrack/tracker.h"

namespace utables::conntrack {

/// What helpers did, for the coverage of comparisons.
enum class HelpCase : std::uint8_t {
  awaited,
  port_drawn,  ///< another port is announced: the own one is awaited already
  rewritten,   ///< the payload says another place
  refused,     ///< the packet is dropped
  shifted,     ///< sequence numbers of a packet
  met,
  met_translated,
  count_
};
[[nodiscard]] std::string_view name(HelpCase help_case);
using HelpCases = std::array<std::uint64_t, static_cast<std::size_t>(HelpCase::count_)>;

class Helping {
 public:
  /// What a helper works with besides its connection.
  struct World {
    const Settings& settings;
    PortDraw& draw;
    Time now = 0;
    bool over_lo = false;               ///< come back over lo: its numbers were shifted when it left
    const Prefix* broadcast = nullptr;  ///< as in HelperCall
  };
  /// `table` and `statistics` must outlive it; `events` may be null.
  Helping(const Table& table, EventSink* events, std::uint64_t seed, Statistics& statistics);
  Helping(const Helping&) = delete;
  Helping& operator=(const Helping&) = delete;

  /// Some connection is awaited.
  [[nodiscard]] bool awaits() const { return !expectations_.empty(); }
  /// A new connection meets what awaits it, if anything does: it is EXPECTED, with its master's mark.
  std::optional<Expectation> meet(Connection& made, Time now);
  /// Where what meets it is translated to.
  struct Ways {
    NatRange destination{};
    std::optional<NatRange> source{};  ///< none: the nat table says
    bool destination_first = false;
  };
  /// REQUIRES: it follows its master.
  [[nodiscard]] Ways ways_of(const Connection& made, const Expectation& met) const;
  /// The helper of a new connection that was not awaited; `wished`: by CT --helper.
  [[nodiscard]] static std::uint8_t helper_for(const Connection& made, std::uint8_t wished,
                                               const Settings& settings);
  struct Outcome {
    bool accepted;     ///< else the packet must be dropped
    Duration refresh;  ///< how long the connection lasts from now on; negative: as before
  };
  /// The connection's helper, if it has one, reads a packet of it; sequence numbers are shifted.
  [[nodiscard]] Outcome help(Connection& connection, CtInfo info, packet::Buffer& packet, const World& world);
  /// From now on the numbers of a direction are shifted by so much.
  void shift(Connection& connection, Direction direction, std::uint32_t by);
  /// Null: nothing was shifted.
  [[nodiscard]] const Sequences* sequences_of(const Connection& connection) const;
  /// The end of a connection that has a helper or is shifted, while the table still knows it.
  void end(const Connection& connection, Time when);
  /// The end of a connection that was awaited.
  void awaited_ended(const Connection& connection) { calls_.ended(connection.handle); }
  /// Ends a connection with the one that announced it; set by the tracker.
  void on_kill(std::function<void(Connection&, Time)> kill) { kill_ = std::move(kill); }
  [[nodiscard]] const Calls& calls() const { return calls_; }
  /// Ends what has been awaited long enough.
  void advance(Time now) { expectations_.advance(now); }

  [[nodiscard]] const HelpCases& cases() const { return cases_; }
  [[nodiscard]] const Expectations& expectations() const { return expectations_; }
  void save(TrackerMemory& into) const;
  /// REQUIRES: the table has the connections. Fails when one is not there, or has no helper.
  [[nodiscard]] Result<void> restore(const TrackerMemory& memory);

 private:
  class Awaiting;
  void count(HelpCase which) { ++cases_[static_cast<std::size_t>(which)]; }
  void tell(ExpectationEvent::Kind kind, const Expectation& expectation, Time when);
  void meet_call(const Connection& made, const Expectation& met, const Connection& master, Time now);
  void end_call(const Connection& master, const CallIds& ids, Time when);
  [[nodiscard]] const Expectation* pair_of(const Connection& made, const Expectation& met) const;
  [[nodiscard]] CallIds call_of(const Connection& master) const;

  const Table& table_;
  HelpCases cases_{};
  EventSink* events_;
  Expectations expectations_;
  Statistics& statistics_;
  Calls calls_;
  std::function<void(Connection&, Time)> kill_;
  struct Beside {
    HelperMemory memory{};
    Sequences sequences{};
    friend bool operator==(const Beside&, const Beside&) = default;
  };
  std::unordered_map<Handle, Beside> beside_;
};

}  // namespace utables::conntrack
