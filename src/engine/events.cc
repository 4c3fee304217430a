#include "engine/events.h"

#include "conntrack/listing.h"

namespace utables::engine {

void EventTeller::on_event(const conntrack::Event& event) {
  if (sink_ != nullptr && sink_->wants_events()) sink_->event(conntrack::event_line(event), event.when);
}

void EventTeller::on_expectation(const conntrack::ExpectationEvent& event) {
  if (sink_ != nullptr && sink_->wants_events())
    sink_->expectation(conntrack::expectation_event_line(event), event.when);
}

}  // namespace utables::engine
