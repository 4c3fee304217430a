#include "conntrack/label/label_memory.h"

#include <algorithm>
#include <map>

namespace utables::conntrack {

void save_labels(const LabelTable& labels, const Table& table, TrackerMemory& into) {
  table.for_each([&](const Connection& c) {
    if (c.labelled) into.labelled.push_back({c.serial, labels.of(c)});
  });
  std::sort(into.labelled.begin(), into.labelled.end(),
            [](const auto& a, const auto& b) { return a.connection < b.connection; });
}

bool restore_labels(LabelTable& labels, const Table& table, const TrackerMemory& memory) {
  if (memory.labelled.empty()) return true;
  std::map<std::uint64_t, Labels> by_serial;
  for (const auto& [serial, its] : memory.labelled) by_serial.emplace(serial, its);
  table.for_each([&](const Connection& c) {
    const auto found = by_serial.find(c.serial);
    if (found == by_serial.end()) return;
    labels.give(table.at(c.handle), found->second);
    by_serial.erase(found);
  });
  return by_serial.empty();
}

}  // namespace utables::conntrack
