#include "conntrack/synproxy/proxied_memory.h"

#include <algorithm>
#include <map>

namespace utables::conntrack {

void save_proxied(ProxiedTable& proxied, const Table& table, TrackerMemory& into) {
  table.for_each([&](const Connection& c) {
    if (const Proxied* const its = proxied.of(c)) into.proxied.push_back({c.serial, *its});
  });
  std::sort(into.proxied.begin(), into.proxied.end(),
            [](const auto& a, const auto& b) { return a.connection < b.connection; });
}

bool restore_proxied(ProxiedTable& proxied, const Table& table, const TrackerMemory& memory) {
  if (memory.proxied.empty()) return true;
  std::map<std::uint64_t, Proxied> by_serial;
  for (const auto& [serial, its] : memory.proxied) by_serial.emplace(serial, its);
  table.for_each([&](const Connection& c) {
    const auto found = by_serial.find(c.serial);
    if (found == by_serial.end()) return;
    proxied.give(table.at(c.handle), found->second);
    by_serial.erase(found);
  });
  return by_serial.empty();
}

}  // namespace utables::conntrack
