// What is saved of labels: by the serials of their connections (TrackerMemory).
#pragma once
#include "conntrack/label/labels.h"
#include "conntrack/table.h"
#include "conntrack/tracker_memory.h"

namespace utables::conntrack {

void save_labels(const LabelTable& labels, const Table& table, TrackerMemory& into);
/// False: some are of a connection that is not there.
[[nodiscard]] bool restore_labels(LabelTable& labels, const Table& table, const TrackerMemory& memory);

}  // namespace utables::conntrack
