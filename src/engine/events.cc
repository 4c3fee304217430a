#include "engine/events.h"

#include "conntrack/listing.h"

namespace utables::engine {

void EventTeller::on_event(const conntrack::Event& event) {
  if (sink_ != nullptr && sink_->wants_events()) sink_->event(conntrack::event_line(event), event.when);
}

}  // namespace utables::engine
