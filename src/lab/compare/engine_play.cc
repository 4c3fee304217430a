#include "lab/compare/engine_play.h"

#include <cerrno>
#include <span>

#include "base/jiffies.h"
#include "conntrack/listing.h"
#include "conntrack/tracker.h"
#include "engine/memory.h"
#include "engine/parts.h"
#include "lab/compare/kernel_cookies.h"
#include "lab/compare/kernel_draws.h"
#include "lab/compare/table.h"
#include "packet/facts.h"
#include "rules/syntax/save.h"

namespace utables::lab::compare {
namespace {

constexpr std::uint32_t kRoom = 64;    // for what the engine may add to a packet
constexpr std::uint32_t kGrain = 512;  // ticks: of a timer of up to two minutes

class Recorder final : public Sink {
 public:
  explicit Recorder(const host::Host& host) : host_(host) {}
  std::vector<EngineSent> sent_now;
  std::vector<std::string> told_now, logged_now;
  Outcome last{};
  std::string decided;

  void sent(const Sent& sent) override {
    const host::Interface& interface = host_.at(sent.interface);
    if (interface.kind == host::LinkKind::loopback) return;
    sent_now.push_back({interface.name, {sent.bytes.begin(), sent.bytes.end()}, sent.made_here, sent.time});
  }
  void event(std::string_view line, Time) override { told_now.emplace_back(line); }
  void expectation(std::string_view line, Time) override { told_now.emplace_back(line); }
  [[nodiscard]] bool wants_events() const override { return true; }
  void log(const LogLine& line) override {
    logged_now.push_back("<" + std::to_string(line.level) + ">" + std::string(line.text));
  }
  void outcome(const Outcome& outcome) override {
    last = outcome;
    decided.clear();
    if (!outcome.by.table.empty())
      decided = std::string(outcome.by.table) + " " + std::string(outcome.by.chain) + " " +
                (outcome.by.rule == 0 ? "policy" : std::to_string(outcome.by.rule));
  }

 private:
  const host::Host& host_;
};

/// The interfaces of the scenario by the engine's numbers.
std::vector<InterfaceId> ids_of(const generate::Scenario& scenario, const host::Host& host) {
  std::vector<InterfaceId> ids;
  for (const auto& interface : scenario.interfaces)
    ids.push_back(host.find(interface.name).value_or(kNoInterface));
  return ids;
}

/// A raw socket refuses a packet larger than its device's MTU before any hook sees it. One that is larger
/// than its route's MTU alone goes through OUTPUT and POSTROUTING and fails after them, with the same errno.
bool larger_than_device(std::span<const std::uint8_t> bytes, const host::Host& host) {
  packet::Facts facts;
  const auto size = static_cast<std::uint32_t>(bytes.size());
  if (packet::parse(bytes, size, facts) != DropReason::none) return true;
  const InterfaceId device = host.routes.find(facts.destination, facts.family, facts.tos).device;
  return device == kNoInterface || size > host.at(device).mtu;
}

void list_table(const EngineParts& parts, Time now, EngineReport& report) {
  parts.tracker->for_each(now, [&](const conntrack::Connection& connection) {
    report.table.push_back(entry_of(connection, parts.tracker->settings().accounting));
    report.rest.push_back(connection.deadline - now);
  });
  parts.tracker->for_each_expectation(
      now, [&](const conntrack::Expectation& e, const conntrack::Connection&) {
        report.expectations.push_back(conntrack::proc_expectation_line(e, now));
      });
}

}  // namespace

TickClock::TickClock(const kernel::Report& report) {
  const bool empty = report.packets.empty();
  const Time when = empty ? report.listed_at : report.packets.front().when;
  first_ = empty ? report.listed_tick : report.packets.front().tick;
  const auto phase = static_cast<std::int64_t>(first_ / (kTick / kMillisecond) % kGrain);
  base_ = (ticks_of(when) / kGrain * kGrain + phase) * kTick;
}

Result<EngineReport, Errors> play_in_engine(const generate::Scenario& scenario, const kernel::Report& times) {
  Options options;
  options.track_always = scenario.track_always;
  options.ignore_checksums = scenario.ignore_checksums;
  auto engine = Engine::create(scenario.box, options);
  if (!engine) return tl::unexpected<Errors>(std::move(engine.error()));
  EngineReport report;
  Recorder recorder(engine->parts().host);
  const auto ids = ids_of(scenario, engine->parts().host);
  KernelDraws draws(times);
  engine->parts().tracker->set_port_draw(&draws);
  KernelCookies cookies(*engine->parts().tracker);
  engine->parts().tracker->set_cookies(&cookies);
  Worker worker = engine->worker();
  const TickClock clock(times);
  const Time end = clock.at(times.listed_tick);
  for (std::size_t i = 0; i < scenario.packets.size() && i < times.packets.size(); ++i) {
    const auto& from = scenario.packets[i];
    EnginePlayed& played = report.packets.emplace_back();
    const Time now = clock.at(times.packets[i].tick);
    worker.advance(now, recorder);
    played.before = std::exchange(recorder.sent_now, {});
    played.expired = std::exchange(recorder.told_now, {});
    played.logged_before = std::exchange(recorder.logged_now, {});
    if (times.packets[i].waiting >= 0)
      played.waiting =
          static_cast<std::int32_t>(engine::save_memory(engine->parts(), worker).fragments.size());
    const std::vector<std::uint8_t>& given =
        times.packets[i].given.empty() ? from.bytes : times.packets[i].given;
    played.left_out = from.outbound && times.packets[i].refused == EMSGSIZE &&
                      larger_than_device(given, engine->parts().host);
    if (played.left_out) continue;
    draws.of_packet(times.packets[i]);
    cookies.of_packet(times.packets[i]);
    std::vector<std::uint8_t> bytes = given;
    bytes.resize(bytes.size() + kRoom);
    Packet packet;
    packet.bytes = bytes.data();
    packet.size = packet.wire_size = static_cast<std::uint32_t>(given.size());
    packet.room = static_cast<std::uint32_t>(bytes.size());
    packet.interface = from.outbound ? kNoInterface : ids[from.interface];
    packet.outbound = from.outbound;
    packet.type = from.type;
    packet.link = from.link;
    worker.process({&packet, 1}, now, recorder);
    played.sent = std::exchange(recorder.sent_now, {});
    played.events = std::exchange(recorder.told_now, {});
    played.logged = std::exchange(recorder.logged_now, {});
    played.outcome = recorder.last;
    played.decided_by = recorder.decided;
    ++report.coverage.dropped[static_cast<std::size_t>(recorder.last.reason)];
  }
  worker.advance(end, recorder);
  report.after = std::exchange(recorder.sent_now, {});
  report.expired_after = std::exchange(recorder.told_now, {});
  report.logged_after = std::exchange(recorder.logged_now, {});
  list_table(engine->parts(), end, report);
  report.statistics = engine->parts().tracker->statistics();
  report.proxy_statistics = engine->parts().tracker->proxy_statistics();
  for (const auto& row : engine->parts().tracker->coverage())
    report.coverage.rows[row.name] = {row.count, row.reachable};
  report.saved_rules = rules::save(current_rules(engine->parts()), {.counters = true, .when = end});
  report.saved_rules_v6 =
      rules::save(current_rules(engine->parts(), Family::ipv6), {.counters = true, .when = end});
  return report;
}

}  // namespace utables::lab::compare
