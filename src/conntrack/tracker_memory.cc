// Tracker: its table looked at, saved and restored, and what it counted.
#include "conntrack/tracker_memory.h"

#include <fmt/format.h>

#include "conntrack/tracker_impl.h"

namespace utables::conntrack {

Result<Connection*> Tracker::restore(const Connection& saved) {
  Impl& i = *impl_;
  for (const Tuple& tuple : saved.tuple)
    if (i.table.find_taken(tuple, saved.zone()).connection != nullptr)
      return fail(fmt::format("connection {}: another one has this tuple", to_string(saved.original())));
  if (saved.timeout_policy > i.by_policy.size())
    return fail(fmt::format("connection {}: there is no policy of timeouts number {}",
                            to_string(saved.original()), saved.timeout_policy));
  const std::uint64_t last = i.table.last_serial();
  Connection& connection = i.table.make();
  const Handle handle = connection.handle;
  connection = saved;
  connection.handle = handle;
  connection.labelled = connection.proxied = connection.sequences_adjusted = false;
  connection.status = static_cast<std::uint16_t>(saved.status & ~kDying);
  i.table.set_last_serial(std::max(last, saved.serial));
  i.table.enter(connection);
  if (connection.is(kSourceNatDone)) i.sources.enter(connection);
  i.wheel.schedule(handle, connection.deadline, connection.serial);
  return &connection;
}

TrackerMemory Tracker::memory() const {
  TrackerMemory memory;
  memory.next_serial = impl_->table.last_serial() + 1;
  memory.random = impl_->random.state();
  memory.statistics = impl_->statistics;
  impl_->helping.save(memory);
  save_labels(impl_->labels, impl_->table, memory);
  save_proxied(impl_->proxied, impl_->table, memory);
  memory.proxy_statistics = impl_->proxy_statistics;
  memory.cookies = impl_->own_cookies.secret();
  return memory;
}

Result<void> Tracker::restore(const TrackerMemory& memory) {
  if (memory.next_serial != 0) impl_->table.set_last_serial(memory.next_serial - 1);
  if (memory.random != std::array<std::uint64_t, 4>{}) impl_->random.restore(memory.random);
  impl_->statistics = memory.statistics;
  if (!restore_labels(impl_->labels, impl_->table, memory))
    return fail("labels are of a connection that is not there");
  if (!restore_proxied(impl_->proxied, impl_->table, memory))
    return fail("a connection that is proxied is not there");
  impl_->proxy_statistics = memory.proxy_statistics;
  if (memory.cookies != CookieSecret{}) impl_->own_cookies.restore(memory.cookies);
  return impl_->helping.restore(memory);
}

void Tracker::for_each(Time now, const std::function<void(const Connection&)>& visit) const {
  std::vector<const Connection*> all;
  all.reserve(size());
  impl_->table.for_each([&](const Connection& c) {
    if (c.deadline > now) all.push_back(&c);
  });
  std::sort(all.begin(), all.end(),
            [](const Connection* a, const Connection* b) { return a->serial < b->serial; });
  for (const Connection* c : all) visit(*c);
}

void Tracker::for_each_expectation(
    Time now, const std::function<void(const Expectation&, const Connection&)>& visit) const {
  for (const Expectation& e : impl_->helping.expectations().all()) {
    const Connection* const master = impl_->table.alive(e.master);
    if (e.deadline > now && master != nullptr && master->deadline > now) visit(e, *master);
  }
}

const Connection* Tracker::find(const Tuple& tuple, const Zone& zone, Time now) const {
  const Connection* connection = impl_->table.find_in(tuple, zone).connection;
  if (const Calls& calls = impl_->helping.calls(); connection == nullptr && !calls.empty()) {
    Tuple call = tuple;  // as a packet has it, without its sender's key
    if (call.protocol == packet::kGre && call.source_port == 0) call.source_port = calls.key_of(call);
    connection = impl_->table.find_in(call, zone).connection;
  }
  return connection != nullptr && connection->deadline > now ? connection : nullptr;
}

std::uint32_t Tracker::size() const { return impl_->table.entered(); }
const Statistics& Tracker::statistics() const { return impl_->statistics; }
const Settings& Tracker::settings() const { return impl_->settings; }
const Settings& Tracker::settings_of(const Connection& connection) const {
  return impl_->settings_of(connection);
}
void Tracker::change_settings(const Settings& settings) {
  impl_->settings = settings;
  impl_->by_policy = settings_by_policy(settings);
}
std::size_t Tracker::table_bytes() const { return impl_->table.bytes() + impl_->sources.bytes(); }

const std::array<std::uint64_t, static_cast<std::size_t>(InvalidReason::count_)>& Tracker::invalid_counts()
    const {
  return impl_->invalid_counts;
}

std::vector<Coverage> Tracker::coverage() const {
  std::vector<Coverage> all;
  const Reached& reached = impl_->reached;
  const auto rows = tcp_rows(impl_->settings.profile);
  for (std::size_t i = 0; i < rows.size(); ++i)
    all.push_back({"tcp: " + tcp_row_name(rows[i]), reached.tcp_rows[i], rows[i].reachable});
  for (std::size_t i = 0; i < reached.lifetimes.size(); ++i)
    all.push_back({fmt::format("tcp lifetime: {}", why(static_cast<TcpLifetime>(i))), reached.lifetimes[i],
                   impl_->tcp().lifetimes[i]});
  for (std::size_t i = 0; i < reached.window.size(); ++i)
    all.push_back(
        {fmt::format("tcp window: {}", sentence(static_cast<WindowVerdict>(i))), reached.window[i], true});
  const auto chunk_rows = sctp_rows();
  for (std::size_t i = 0; i < chunk_rows.size(); ++i)
    all.push_back({"sctp: " + sctp_row_name(chunk_rows[i]), reached.sctp_rows[i], chunk_rows[i].reachable});
  for (std::size_t i = 0; i < reached.special.size(); ++i)
    all.push_back({std::string{name(static_cast<Reached::Special>(i))}, reached.special[i], true});
  for (std::size_t i = 0; i < impl_->nat_cases.size(); ++i)
    all.push_back({fmt::format("nat: {}", name(static_cast<NatCase>(i))), impl_->nat_cases[i], true});
  const HelpCases& helped = impl_->helping.cases();
  for (std::size_t i = 0; i < helped.size(); ++i)
    all.push_back({fmt::format("helper: {}", name(static_cast<HelpCase>(i))), helped[i], true});
  for (std::size_t i = 1; i < impl_->invalid_counts.size(); ++i)
    all.push_back({fmt::format("invalid: {}", name(static_cast<InvalidReason>(i))), impl_->invalid_counts[i],
                   i != static_cast<std::size_t>(InvalidReason::later_fragment)});
  return all;
}

}  // namespace utables::conntrack
