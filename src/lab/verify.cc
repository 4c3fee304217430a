#include "lab/verify.h"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <sys/utsname.h>

#include <algorithm>

#include "engine/parts.h"
#include "lab/report/text.h"

namespace utables::lab {
namespace {

/// Keeps every packet that is played.
class Collector final : public ReplayListener {
 public:
  Collector(const Replay& replay, generate::Scenario& scenario) : replay_(replay), scenario_(scenario) {
    for (const auto& interface : replay.host().interfaces)
      if (interface.kind != host::LinkKind::loopback) {
        positions_.push_back(static_cast<std::uint16_t>(scenario.interfaces.size()));
        scenario.interfaces.push_back({interface.name, interface.hardware_address.has_value()});
      } else {
        positions_.push_back(0);
      }
  }
  [[nodiscard]] bool wants_original() const override { return true; }
  void outcome(const Outcome&, const InputPacket& input) override {
    if (!input.original.empty() && input.original[0] >> 4 == 6) {
      ++ipv6;
      return;
    }
    generate::ScenarioPacket packet;
    packet.bytes.assign(input.original.begin(), input.original.end());
    if (input.wire_size > packet.bytes.size()) ++cut;
    packet.bytes.resize(std::max<std::size_t>(packet.bytes.size(), input.wire_size));
    packet.outbound = input.placed.outbound;
    packet.interface = packet.outbound ? std::uint16_t{0} : positions_[input.placed.interface];
    packet.type = input.placed.type;
    packet.link = input.link;
    packet.name = replay_.name(input.frame);
    if (scenario_.packets.empty()) first_ = input.time;
    packet.at = input.time - first_;
    if (!packet.outbound && packet.link.present) scenario_.interfaces[packet.interface].ethernet = true;
    scenario_.packets.push_back(std::move(packet));
  }
  std::uint64_t ipv6 = 0, cut = 0;

 private:
  const Replay& replay_;
  generate::Scenario& scenario_;
  std::vector<std::uint16_t> positions_;  // of interfaces in the scenario, by InterfaceId
  Time first_ = 0;
};

Errors one(std::string text) {
  Errors errors;
  errors.push_back(Error{std::move(text)});
  return errors;
}

std::string kernel_name() {
  utsname names{};
  return uname(&names) == 0 ? std::string(names.sysname) + " " + names.release : "the kernel";
}

void print(const compare::Comparison& result, const VerifyOptions& options, std::ostream& out) {
  for (const auto& note : result.notes) fmt::print(out, "note: {}\n", note);
  const std::string played =
      fmt::format("{} through {} and through utables", counted(result.packets, "packet"), kernel_name());
  if (result.differences.empty()) {
    if (!options.quiet)
      fmt::print(out, "{}: equal ({} sent, {} connections, {} counters)\n", played, thousands(result.sent),
                 thousands(result.entries), thousands(result.counters));
    return;
  }
  fmt::print(out, "{}: {}{}\n", played, counted(result.differences.size(), "difference"),
             options.all ? "" : "; the first:");
  for (const auto& difference : result.differences) {
    fmt::print(out, "{}\n", difference.text);
    if (!options.all) return;
  }
}

}  // namespace

Result<generate::Scenario, Errors> scenario_of(const Box& box, const VerifyOptions& options) {
  ReplayOptions reading = options.replay;
  if (reading.checksums == ChecksumMode::automatic) reading.checksums = ChecksumMode::check;
  auto replay = Replay::create(box, reading);
  if (!replay) return tl::unexpected<Errors>(std::move(replay.error()));
  generate::Scenario scenario;
  scenario.box = box.text;
  scenario.paced = options.paced;
  scenario.track_always = reading.engine.track_always || (!box.text.has_rules_v4 && !box.text.has_rules_v6);
  scenario.ignore_checksums = reading.checksums == ChecksumMode::ignore;
  scenario.linger = options.paced ? reading.until : 0;
  Collector collector(*replay, scenario);
  replay->add(collector);
  if (auto run = replay->run(); !run) return tl::unexpected<Errors>(Errors{run.error()});
  if (collector.ipv6 != 0)
    scenario.notes.push_back(fmt::format("{} of IPv6 left out", counted(collector.ipv6, "packet")));
  if (collector.cut != 0)
    scenario.notes.push_back(fmt::format("{} cut by the capture's snap length filled up with zeros",
                                         counted(collector.cut, "packet")));
  if (!box.text.state.empty())
    scenario.notes.emplace_back("state.jsonl left out: a kernel cannot be given it");
  return scenario;
}

Result<int, Errors> verify(const Box& box, const VerifyOptions& options, std::ostream& out) {
  if (options.replay.engine.profile == Profile::classic)
    return tl::unexpected<Errors>(
        one("verify compares with today's kernel; --profile classic is not what it does"));
  const auto scenario = scenario_of(box, options);
  if (!scenario) return tl::unexpected<Errors>(scenario.error());
  compare::CompareOptions wanted;
  wanted.most_differences = options.all ? 10'000 : 20;
  auto result = compare::play_and_compare(*scenario, wanted);
  for (int again = 0;
       again < 3 && result && !result->differences.empty() && (result->straddles || result->too_slow);
       ++again)
    result = compare::play_and_compare(*scenario, wanted);
  if (!result) return tl::unexpected<Errors>(Errors{result.error()});
  result->notes.insert(result->notes.begin(), scenario->notes.begin(), scenario->notes.end());
  print(*result, options, out);
  return result->differences.empty() ? 0 : 1;
}

}  // namespace utables::lab
