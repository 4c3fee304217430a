#include "conntrack/control/entries.h"

#include <fmt/format.h>

#include <algorithm>

#include "conntrack/port_kind.h"

namespace utables::conntrack {
namespace {

/// The ports among which a translated one is chosen (RFC 6056 has them; Linux keeps a port in its class).
struct PortClass {
  std::uint16_t first, last;
};
constexpr PortClass class_of(std::uint16_t port) {
  if (port < 512) return {1, 511};
  return port < 1024 ? PortClass{512, 1023} : PortClass{1024, 65535};
}

}  // namespace

Entries::Entries(const Settings& settings, Time now, std::uint64_t next_serial)
    : settings_(settings), now_(now), table_(0) {
  table_.set_last_serial(next_serial == 0 ? 0 : next_serial - 1);
}

Result<void> Entries::restore(const Connection& saved) {
  if (saved.deadline <= now_) return {};
  for (const Tuple& tuple : saved.tuple)
    if (taken(tuple, saved))
      return fail(fmt::format("connection {} ({}): another one has this tuple", saved.serial,
                              to_string(saved.original())));
  const std::uint64_t last = table_.last_serial();
  Connection& connection = table_.make();
  const Handle handle = connection.handle;
  connection = saved;
  connection.handle = handle;
  connection.labelled = false;
  table_.set_last_serial(std::max(last, saved.serial));
  table_.enter(connection);
  return {};
}

Connection* Entries::find(const Tuple& tuple, const Zone& zone) const {
  return table_.find_in(tuple, zone).connection;
}

bool Entries::taken(const Tuple& tuple, const Connection& by) const {
  return table_.find_taken(tuple, by.zone()).connection != nullptr;
}

/// A translated reply that is taken gets the next free port of its class, where it has ports.
void Entries::settle_port(Connection& made) const {
  Tuple& reply = made.tuple[1];
  if (!made.is(kSourceNat) && !made.is(kDestinationNat)) return;
  if (port_kind(reply.protocol) != PortKind::ports || !taken(reply, made)) return;
  std::uint16_t& port = made.is(kSourceNat) ? reply.destination_port : reply.source_port;
  const PortClass range = class_of(port);
  const std::uint16_t given = port;
  do {
    port = port >= range.last ? range.first : static_cast<std::uint16_t>(port + 1);
  } while (port != given && taken(reply, made));
}

Refusal Entries::create(const Parameters& wanted) {
  Connection made;
  const Refusal refusal = make_connection(wanted, settings_, now_, made);
  if (refusal == Refusal::invalid || refusal == Refusal::unsupported) return refusal;
  if (find(made.original(), made.zone()) != nullptr) return Refusal::exists;
  if (refusal != Refusal::none) return refusal;
  settle_port(made);
  if (taken(made.reply(), made)) return Refusal::exists;
  if (settings_.max != 0 && table_.entered() >= settings_.max) return Refusal::full;
  if (made.deadline <= now_) return Refusal::none;
  Connection& connection = table_.make();
  made.handle = connection.handle;
  made.serial = connection.serial;
  connection = made;
  table_.enter(connection);
  return Refusal::none;
}

Refusal Entries::change(Connection& connection, const Parameters& wanted) {
  const Refusal refusal = change_connection(connection, wanted, now_);
  if (connection.deadline <= now_) remove(connection);
  return refusal;
}

void Entries::remove(Connection& connection) {
  labels_.forget(connection);
  table_.bury(connection);
  labels_.sweep();
}

std::vector<Connection*> Entries::all() const {
  std::vector<Connection*> all;
  all.reserve(size());
  table_.for_each([&](const Connection& c) { all.push_back(&table_.at(c.handle)); });
  std::sort(all.begin(), all.end(),
            [](const Connection* a, const Connection* b) { return a->serial < b->serial; });
  return all;
}

}  // namespace utables::conntrack
