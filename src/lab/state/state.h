// State: `state.jsonl`, the memory of a box, one JSON object a line (schema in docs/output.md).
//
//   {"v":1,"kind":"state",...}      first line: profile, moment, random streams, serial of the next
//   connection
//   {"kind":"connection",...}       one a line, in order of creation
//   {"kind":"expectation",...}      connections that are awaited, in order of creation
//   {"kind":"helper",...}           what a helper remembers of a connection
//   {"kind":"rule",...}             what one rule keeps
//   {"kind":"fragments",...}        fragments of one packet that wait for the others
//   {"kind":"limit",...} {"kind":"identifications",...}   how the box answers
//   {"kind":"prediction",...} {"kind":"senders",...}      what a replay needs to tell observations
//   (observations.h)
//   {"kind":"answered",...}         SYNs whose cookie the capture may tell (recorded_cookies.h)
//
// Complete: a replay cut anywhere and resumed equals one uncut. Reading checks every field: an unknown
// kind or field, a missing one, a value out of range is an error that names file, line and field.
#pragma once
#include <utables/engine.h>
#include <utables/result.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "conntrack/connection.h"
#include "conntrack/tracker.h"
#include "conntrack/tracker_memory.h"
#include "engine/memory.h"
#include "host/host.h"
#include "lab/capture/observations.h"
#include "lab/capture/recorded_cookies.h"

namespace utables::lab {

inline constexpr std::uint64_t kStateVersion = 1;
/// How much of a state is taken: bytes a line, entries of each kind.
inline constexpr std::size_t kStateLineBytes = 16U << 20, kStateEntries = 16U << 20;

struct State {
  Profile profile = Profile::modern;
  Time time = 0;  ///< the moment that it shows; 0: it is still to come (begin_at)
  std::vector<std::string> tables{}, tables_v6{};  ///< in the order in which they were loaded
  std::vector<conntrack::Connection> connections{};
  conntrack::TrackerMemory tracker{};
  engine::Memory engine{};
  std::vector<SavedPrediction> predictions{};
  std::vector<std::uint64_t> senders{};
  std::vector<AnsweredSyn> answered{};  ///< SYNs that a proxy answered, the oldest first
};

/// Reads a state. `host` names the interfaces. `file` stands in errors.
[[nodiscard]] Result<State, Errors> read_state(std::string_view text, const std::string& file,
                                               const host::Host& host);

/// The order of tables that a state's first line tells; empty if it cannot be read (read_state says why).
[[nodiscard]] std::vector<std::string> saved_tables(std::string_view text, Family family);

/// What was remembered of connections that are no more there goes with them; expectations are numbered anew.
void keep_known(State& state);

/// A state made by hand has no moment yet (`time` 0): it begins at `when`, with every deadline as far away as
/// it was.
void begin_at(State& state, Time when);

/// Appends the lines of a state; connections apart, which are appended one by one.
void append_state_head(std::string& out, const State& state);
void append_connection(std::string& out, const conntrack::Connection& connection);
void append_state_rest(std::string& out, const State& state, const host::Host& host);

}  // namespace utables::lab
