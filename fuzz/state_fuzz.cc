// state.jsonl from arbitrary bytes: reading never crashes, and what was read can be written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "host/host.h"
#include "lab/state/state.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace utables;
  static const host::Host host = [] {
    BoxText box;
    return *host::build(box);
  }();
  const auto state = lab::read_state({reinterpret_cast<const char*>(data), size}, "state.jsonl", host);
  if (!state) return 0;
  std::string text;
  lab::append_state_head(text, *state);
  for (const conntrack::Connection& c : state->connections) lab::append_connection(text, c);
  lab::append_state_rest(text, *state, host);
  if (!lab::read_state(text, "state.jsonl", host)) std::abort();
  return 0;
}
