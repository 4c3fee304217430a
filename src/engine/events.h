// EventTeller: hands the tracker's events to whoever receives the engine's, as lines of `conntrack -E`.
#pragma once
#include <utables/sink.h>

#include "conntrack/tracker.h"

namespace utables::engine {

class EventTeller final : public conntrack::EventSink {
 public:
  /// From now on events go there; null: nowhere.
  void tell(Sink* sink) { sink_ = sink; }
  void on_event(const conntrack::Event& event) override;
  void on_expectation(const conntrack::ExpectationEvent& event) override;

 private:
  Sink* sink_ = nullptr;
};

}  // namespace utables::engine
