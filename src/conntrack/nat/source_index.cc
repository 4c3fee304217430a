#include "conntrack/nat/source_index.h"

namespace utables::conntrack {
namespace {

bool same_source(const Tuple& a, const Tuple& b) {
  return a.protocol == b.protocol && a.family == b.family && a.source_port == b.source_port &&
         a.source == b.source && a.zone == b.zone;
}

}  // namespace

/// A zone of one direction is none here, as in Linux: sources of it are looked for apart from those of the
/// same zone in both.
std::uint64_t SourceIndex::hash_of(const Connection& connection) const {
  Tuple source = connection.original();
  source.destination = {};
  source.destination_port = 0;
  if (connection.zone_directions != Zone::kBoth) source.zone = 0;
  return hash_(source);
}

Reference SourceIndex::head_of(const Connection& connection) const {
  if (!used_) return {};
  return index_.find(hash_of(connection), [&](Reference r) {
    return same_source(table_.at(r.handle()).original(), connection.original());
  });
}

void SourceIndex::put(Connection& connection) {
  index_.insert(hash_of(connection), Reference::of(connection.handle, Direction::original),
                [this](Reference r) { return hash_of(table_.at(r.handle())); });
}

void SourceIndex::enter(Connection& connection) {
  used_ = true;
  const Reference head = head_of(connection);
  connection.source_older = kNoHandle;
  connection.source_newer = kNoHandle;
  connection.in_source_index = true;
  if (!head.empty()) {
    Connection& older = table_.at(head.handle());
    index_.remove(hash_of(older), head);
    connection.source_older = older.handle;
    older.source_newer = connection.handle;
  }
  put(connection);
}

void SourceIndex::leave(Connection& connection) {
  if (!connection.in_source_index) return;
  connection.in_source_index = false;
  Connection* const older =
      connection.source_older == kNoHandle ? nullptr : &table_.at(connection.source_older);
  if (older != nullptr) older->source_newer = connection.source_newer;
  if (connection.source_newer != kNoHandle) {
    table_.at(connection.source_newer).source_older = connection.source_older;
    return;
  }
  index_.remove(hash_of(connection), Reference::of(connection.handle, Direction::original));
  if (older != nullptr) put(*older);
}

}  // namespace utables::conntrack
