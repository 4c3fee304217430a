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

Entries::Entries(const Settings& settings, const Beginning& beginning, Statistics& statistics)
    : settings_(settings),
      now_(beginning.now),
      labels_used_(beginning.labels_used),
      statistics_(statistics),
      table_(0) {
  table_.set_last_serial(beginning.next_serial == 0 ? 0 : beginning.next_serial - 1);
  expectations_.on_gone([this](const Expectation&, Time) { ++statistics_.expect_delete; });
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
  if (wanted.label_change && wanted.label_change->which.beyond) return Refusal::out_of_range;
  Connection made;
  const Refusal refusal = make_connection(wanted, settings_, now_, made);
  if (refusal == Refusal::invalid || refusal == Refusal::unsupported) return refusal;
  if (find(made.original(), made.zone()) != nullptr) return Refusal::exists;
  if (refusal != Refusal::none) return refusal;
  settle_port(made);
  if (taken(made.reply(), made)) {
    ++statistics_.insert_failed;
    return Refusal::exists;
  }
  if (settings_.max != 0 && table_.entered() >= settings_.max) return Refusal::full;
  ++statistics_.insert;
  if (made.deadline <= now_) return Refusal::none;
  Connection& connection = table_.make();
  made.handle = connection.handle;
  made.serial = connection.serial;
  connection = made;
  table_.enter(connection);
  if (wanted.label_change && labels_used_) give(connection, wanted.label_change->which.labels);
  return Refusal::none;
}

Refusal Entries::change(Connection& connection, const Parameters& wanted) {
  const std::optional<LabelChange>& labels = wanted.label_change;
  // Beside labels that are there already those that cannot be are cut off.
  if (labels && labels->adds && labels->which.beyond && labels_of(connection) == Labels{})
    return Refusal::out_of_range;
  Refusal refusal = change_connection(connection, wanted, now_);
  if (refusal == Refusal::none && labels) refusal = change_labels(connection, *labels);
  if (connection.deadline <= now_) remove(connection);
  return refusal;
}

Refusal Entries::change_labels(Connection& connection, const LabelChange& wanted) {
  Labels labels = labels_of(connection);
  if (!wanted.adds && labels == Labels{}) return Refusal::none;
  if (!labels_used_) return Refusal::no_labels;
  // From this one on taking away one takes away all, with conntrack(8); but not together with one beyond.
  constexpr unsigned kWithAll = 96;
  const LabelParts& which = wanted.which;
  const bool last = !wanted.adds && !which.beyond && which.labels.words[1] >> (kWithAll - 64) != 0;
  for (std::size_t i = 0; i < labels.words.size(); ++i) {
    const std::uint64_t named = wanted.all || last ? ~std::uint64_t{0} : which.labels.words[i];
    labels.words[i] = wanted.adds ? labels.words[i] | named : labels.words[i] & ~named;
  }
  give(connection, labels);
  return Refusal::none;
}

void Entries::remove(Connection& connection) {
  expectations_.remove_of(connection.handle, now_);
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
