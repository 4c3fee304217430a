// What a verification found, for people and as JSON.
#include <fmt/format.h>
#include <sys/utsname.h>

#include <nlohmann/json.hpp>

#include "lab/report/packet_line.h"
#include "lab/report/text.h"
#include "lab/verify.h"

namespace utables::lab {
namespace {

using Json = nlohmann::ordered_json;
using Bytes = std::vector<std::uint8_t>;

constexpr std::array<std::string_view, 6> kKinds{"box", "sent", "entry", "counter", "event", "log"};

std::string line_of(const Bytes& bytes) {
  return packet_text(bytes, static_cast<std::uint32_t>(bytes.size()));
}

bool about_a_packet(const Verification& verification, const compare::Difference& difference) {
  return difference.packet < verification.input.scenario.packets.size();
}

std::string came(const generate::Scenario& scenario, const generate::ScenarioPacket& packet) {
  return packet.outbound ? "from a program of the box" : "in " + scenario.interfaces[packet.interface].name;
}

std::string with_dump(std::string_view what, const Bytes& bytes) {
  return fmt::format("  {:<9} {}\n{}\n", what, line_of(bytes), compare::hexdump(bytes));
}

std::string whole(const Verification& verification, const compare::Difference& difference) {
  if (difference.kind != compare::Difference::Kind::sent) {
    std::string text = difference.text;
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text + "\n";
  }
  std::string text;
  if (about_a_packet(verification, difference)) {
    const auto& scenario = verification.input.scenario;
    const auto& packet = scenario.packets[difference.packet];
    const bool before = difference.place.rfind("before", 0) == 0;
    text = fmt::format("{}{}: {}\n", before ? "before " : "",
                       verification.input.scenario.packets[difference.packet].name, came(scenario, packet));
    text += with_dump("packet", packet.bytes);
    if (!before) text += fmt::format("  {}\n", difference.outcome);
  } else {
    text = difference.place + "\n";
  }
  text += fmt::format("  sent on {}: kernel {}, utables {}\n", difference.device, difference.kernel.size(),
                      difference.utables.size());
  for (const Bytes& bytes : difference.kernel) text += with_dump("kernel", bytes);
  for (const Bytes& bytes : difference.utables) text += with_dump("utables", bytes);
  return text;
}

std::string in_short(const Verification& verification, const compare::Difference& difference) {
  if (difference.kind != compare::Difference::Kind::sent) {
    std::string line = difference.text;
    while (!line.empty() && line.back() == '\n') line.pop_back();
    return line;
  }
  const std::string place = about_a_packet(verification, difference)
                                ? verification.input.scenario.packets[difference.packet].name
                                : difference.place;
  return fmt::format("{}: sent on {}: kernel {}, utables {}", place, difference.device,
                     difference.kernel.size(), difference.utables.size());
}

struct LeftOut {
  std::uint64_t count;
  std::string_view key, words;
};

std::vector<LeftOut> left_out(const VerifyInput& input) {
  const auto& seen = input.counts.observations;
  return {{input.counts.not_ip_frames(), "not_ip", "not IP"},
          {input.counts.damaged_frames(), "damaged", "damaged at the link layer"},
          {seen.predicted, "predicted", "sent by the box as predicted"},
          {seen.unpredicted, "unpredicted", "sent by the box, not predicted"},
          {seen.looped, "looped", "of the box to itself, a second time"},
          {input.unsendable, "unsendable", "such as no program of the box can send"}};
}

Json packets_json(const std::vector<Bytes>& packets) {
  Json list = Json::array();
  for (const Bytes& bytes : packets) {
    std::string hex;
    for (const std::uint8_t byte : bytes) hex += fmt::format("{:02x}", byte);
    list.push_back({{"packet", line_of(bytes)}, {"bytes", hex}});
  }
  return list;
}

Json difference_json(const Verification& verification, const compare::Difference& difference) {
  Json out{{"kind", kKinds[static_cast<std::size_t>(difference.kind)]}};
  if (about_a_packet(verification, difference)) {
    const auto& scenario = verification.input.scenario;
    const auto& packet = scenario.packets[difference.packet];
    out["frame"] = verification.input.scenario.packets[difference.packet].name;
    if (packet.outbound)
      out["own"] = true;
    else
      out["in"] = scenario.interfaces[packet.interface].name;
    out["packet"] = packets_json({packet.bytes})[0];
    out["outcome"] = difference.outcome;
  }
  if (difference.kind == compare::Difference::Kind::sent) {
    out["on"] = difference.device;
    out["kernel"] = packets_json(difference.kernel);
    out["utables"] = packets_json(difference.utables);
  } else {
    out["text"] = difference.text;
  }
  return out;
}

std::string kernel_name() {
  utsname names{};
  return uname(&names) == 0 ? std::string(names.sysname) + " " + names.release : "this machine's kernel";
}

}  // namespace

std::string verification_text(const Verification& verification, bool all) {
  const auto& input = verification.input;
  const auto& result = verification.comparison;
  std::string text = fmt::format("{} played{}", counted(input.scenario.packets.size(), "packet"),
                                 input.scenario.paced ? " with their pauses" : " at wire speed");
  for (const LeftOut& row : left_out(input))
    if (row.count != 0) text += fmt::format("; {} left out: {}", thousands(row.count), row.words);
  text += fmt::format("\ncompared: {} sent, {}, {} of the table, {}\n", counted(result.sent, "packet"),
                      counted(result.events, "event"),
                      result.entries == 1 ? "1 entry" : thousands(result.entries) + " entries",
                      counted(result.counters, "counter"));
  if (!input.scenario.log_tags.mark.empty())
    text += fmt::format("and {} of LOG\n", counted(result.logged, "line"));
  for (const std::string& note : input.scenario.notes) text += "note: " + note + "\n";
  for (const std::string& note : result.notes) text += "note: " + note + "\n";
  if (verification.equal()) return text + fmt::format("utables and {} did the same\n", kernel_name());
  text += fmt::format("utables differs from {} in {}{}\n", kernel_name(),
                      result.differences.size() > 1 ? "at least " : "",
                      counted(result.differences.size(), "place"));
  if (result.held_up())
    text += "note: the machine was held up: limits, timeouts and pauses may differ for that\n";
  for (std::size_t i = 0; i < result.differences.size(); ++i)
    text += i == 0 || all ? "\n" + whole(verification, result.differences[i])
                          : (i == 1 ? "\n" : "") + in_short(verification, result.differences[i]) + "\n";
  return text;
}

std::string verification_json(const Verification& verification) {
  const auto& result = verification.comparison;
  Json out{{"v", 1},
           {"kind", "verification"},
           {"kernel", kernel_name()},
           {"equal", verification.equal()},
           {"packets", result.packets},
           {"sent", result.sent},
           {"events", result.events},
           {"logged", result.logged},
           {"entries", result.entries},
           {"counters", result.counters},
           {"held_up", result.held_up()}};
  Json left = Json::object();
  for (const LeftOut& row : left_out(verification.input)) left[std::string(row.key)] = row.count;
  out["left_out"] = left;
  out["notes"] = verification.input.scenario.notes;
  for (const std::string& note : result.notes) out["notes"].push_back(note);
  out["warnings"] = verification.input.warnings;
  out["differences"] = Json::array();
  for (const auto& difference : result.differences)
    out["differences"].push_back(difference_json(verification, difference));
  return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace utables::lab
