// EngineParts: what an Engine is made of, for the layers above (lab, daemon, cli).
#pragma once
#include <utables/engine.h>

#include <array>
#include <memory>
#include <string>

#include "conntrack/tracker.h"
#include "host/host.h"
#include "rules/model.h"

namespace utables::engine {
class EventTeller;  // engine/events.h: the tracker's events on their way to a sink
class Observer;     // engine/observer.h: told each step of a packet's way
class Compiled;     // engine/compiled.h: a ruleset ready for traversal, with its counters and rule states
}  // namespace utables::engine

namespace utables {

struct EngineParts {
  Options options;
  host::Host host;
  std::unique_ptr<engine::EventTeller> events;
  std::unique_ptr<conntrack::Tracker> tracker;
  std::unique_ptr<engine::Compiled> rules_v4, rules_v6;
  bool tracking = false;  ///< of either family
  /// IPv4, IPv6: some rule of the family needs it, or it was asked for.
  std::array<bool, 2> tracked_families{};
  [[nodiscard]] bool tracks(Family family) const { return tracked_families[family == Family::ipv6 ? 1 : 0]; }
  std::uint64_t seed = 1;

  /// Told each step of each packet's way; null: nobody is, at no cost.
  engine::Observer* observer = nullptr;

  [[nodiscard]] engine::Compiled& rules(Family family) const {
    return family == Family::ipv6 ? *rules_v6 : *rules_v4;
  }
  /// Some rule of either family needs tracking.
  [[nodiscard]] bool rules_need_tracking() const;

  EngineParts();
  ~EngineParts();
};

/// The rules with their counters as they stand now.
[[nodiscard]] rules::Ruleset current_rules(const EngineParts& parts, Family family = Family::ipv4);

}  // namespace utables
