// EngineParts: what an Engine is made of, for the layers above (lab, daemon, cli).
#pragma once
#include <utables/engine.h>

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
  std::unique_ptr<engine::Compiled> rules_v4;
  bool tracking = false;  ///< some rule needs it, or it was asked for
  std::uint64_t seed = 1;

  /// Told each step of each packet's way; null: nobody is, at no cost.
  engine::Observer* observer = nullptr;

  EngineParts();
  ~EngineParts();
};

/// The rules with their counters as they stand now.
[[nodiscard]] rules::Ruleset current_rules(const EngineParts& parts);

}  // namespace utables
