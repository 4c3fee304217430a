// Shrinking: of a scenario that differs, the fewest packets, rules and settings that still do.
#pragma once
#include "lab/compare/compare.h"

namespace utables::lab::compare {

/// Plays smaller and smaller versions in the kernel, at most `most_runs` times. The result differs in
/// the same kind of thing first. REQUIRES: the scenario differs.
[[nodiscard]] generate::Scenario shrink(const generate::Scenario& scenario, std::size_t most_runs = 400);

}  // namespace utables::lab::compare
