#include "lab/state/state.h"

namespace utables::lab {

void begin_at(State& state, Time when) {
  if (state.time != 0) return;
  state.time = when;
  for (conntrack::Connection& c : state.connections) {
    c.deadline += when;
    c.created += when;
    if (c.stream_since != 0) c.stream_since += when;
  }
}

}  // namespace utables::lab
