// What is kept of proxied connections, to be saved and taken up again.
#pragma once
#include "conntrack/synproxy/proxied.h"
#include "conntrack/table.h"
#include "conntrack/tracker_memory.h"

namespace utables::conntrack {

void save_proxied(ProxiedTable& proxied, const Table& table, TrackerMemory& into);
/// False: one of a connection that is not there.
[[nodiscard]] bool restore_proxied(ProxiedTable& proxied, const Table& table, const TrackerMemory& memory);

}  // namespace utables::conntrack
