// Two saves of the same rules, compared: the rules' text and every counter.
#pragma once
#include <string_view>
#include <vector>

#include "lab/compare/compare.h"

namespace utables::lab::compare {

/// Appends what differs; returns how many counters were compared. Tables may stand in any order.
std::size_t compare_saves(std::string_view kernel, std::string_view ours,
                          std::vector<Difference>& differences);

}  // namespace utables::lab::compare
