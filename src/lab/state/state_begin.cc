#include <unordered_set>

#include "lab/state/state.h"

namespace utables::lab {

void keep_known(State& state) {
  if (!state.tracker.labelled.empty() || !state.tracker.proxied.empty()) {
    std::unordered_set<std::uint64_t> there;
    for (const conntrack::Connection& c : state.connections) there.insert(c.serial);
    const auto gone = [&](const auto& one) { return there.count(one.connection) == 0; };
    std::erase_if(state.tracker.labelled, gone);
    std::erase_if(state.tracker.proxied, gone);
  }
  if (state.tracker.awaited.empty() && state.tracker.helped.empty()) return;
  std::unordered_set<std::uint64_t> known;
  for (const conntrack::Connection& c : state.connections)
    if (c.helper != 0) known.insert(c.serial);
  for (const auto& proxied : state.tracker.proxied) known.insert(proxied.connection);
  std::erase_if(state.tracker.awaited, [&](const auto& awaited) {
    return awaited.expectation.deadline <= state.time || known.count(awaited.master) == 0;
  });
  std::uint64_t serial = 0;  // their order alone counts
  for (auto& awaited : state.tracker.awaited) awaited.expectation.serial = ++serial;
  std::erase_if(state.tracker.helped,
                [&](const auto& helped) { return known.count(helped.connection) == 0; });
}

void begin_at(State& state, Time when) {
  if (state.time != 0) return;
  state.time = when;
  for (conntrack::Connection& c : state.connections) {
    c.deadline += when;
    c.created += when;
    if (c.stream_since != 0) c.stream_since += when;
  }
  for (auto& awaited : state.tracker.awaited) awaited.expectation.deadline += when;
}

}  // namespace utables::lab
