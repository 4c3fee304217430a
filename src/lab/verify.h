// verify: captures through a box, in this machine's own kernel and in utables, and what differs.
//
// What is played is what `replay` would play (directions, observations); frames cut by a snap length are
// filled up with zeros for both, and checksums are judged as on the wire.
#pragma once
#include <utables/result.h>

#include <ostream>
#include <string>

#include "lab/box_directory.h"
#include "lab/compare/compare.h"
#include "lab/replay.h"

namespace utables::lab {

struct VerifyOptions {
  ReplayOptions replay;  ///< captures and how they are read
  bool paced = false;    ///< with the capture's pauses, not at wire speed
  bool all = false;      ///< every difference, not the first alone
  bool quiet = false;    ///< nothing when all is equal
};

/// The box and captures as a scenario. Errors are the box's and the captures'.
[[nodiscard]] Result<generate::Scenario, Errors> scenario_of(const Box& box, const VerifyOptions& options);

/// Plays, compares, prints. Exit codes: 0 equal, 1 differs, 2 bad input, 3 no kernel to compare with.
[[nodiscard]] Result<int, Errors> verify(const Box& box, const VerifyOptions& options, std::ostream& out);

}  // namespace utables::lab
