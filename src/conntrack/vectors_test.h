// Recorded packet sequences and what Linux made of them: data/conntrack/*.txt.
//   V PROTOCOL PORT PORT   a new sequence, and which tuple from 10.0.0.1 to 10.0.1.1 is asked for
//   SIDE HEX CTSTATE | TIMEOUT STATE FLAGS SOURCE     a packet and the entry afterwards
//   E STATE TAG REPLYTAG STATUS SECONDS    an SCTP entry that was there before, from 10.0.0.1
//   F                 the table was emptied
// SIDE 0 comes from 10.0.0.1, 1 from 10.0.1.1. CTSTATE `NONE?`: the packet did not get as far as that.
// STATE is TCP's or SCTP's number or `-`; FLAGS are R (reply seen) or U, and A (assured) or n; SOURCE is the
// original direction's; for SCTP the two verification tags follow, TAG/REPLYTAG. `| -`: there is no entry.
#pragma once
#include <fmt/format.h>

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "base/scan.h"
#include "conntrack/script_test.h"

namespace utables::conntrack::test {

struct VectorStep {
  Bytes packet;
  std::string ctstate, entry, line;
  bool flush = false;
};
struct Vector {
  Tuple asked{};
  std::optional<Connection> before{};
  std::vector<VectorStep> steps{};
};

inline Connection entry_before(const Tuple& asked, std::string_view line) {
  const auto fields = words(line);
  const auto number = [&](std::size_t i, unsigned base) {
    return scan_unsigned(fields.at(i), base, 0xffffffff).value_or(0);
  };
  Connection c;
  c.tuple = {asked, inverse(asked).value()};
  c.sctp.state = static_cast<SctpState>(number(1, 10));
  c.sctp.tag = {static_cast<std::uint32_t>(number(2, 16)), static_cast<std::uint32_t>(number(3, 16))};
  c.status = static_cast<std::uint16_t>(number(4, 10));
  c.deadline = static_cast<Time>(number(5, 10)) * kSecond;
  return c;
}

inline std::vector<Vector> read_vectors(const std::string& file) {
  std::vector<Vector> all;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == 'V') {
      const auto fields = words(line);
      const auto number = [&](std::size_t i) { return scan_unsigned(fields.at(i), 10, 65535).value_or(0); };
      Tuple asked{parse_address("10.0.0.1", Family::ipv4).value(),
                  parse_address("10.0.1.1", Family::ipv4).value()};
      asked.protocol = static_cast<std::uint8_t>(number(1));
      asked.source_port = static_cast<std::uint16_t>(number(2));
      asked.destination_port = static_cast<std::uint16_t>(number(3));
      all.push_back({asked});
      continue;
    }
    if (line[0] == 'E') {
      all.back().before = entry_before(all.back().asked, line);
      continue;
    }
    VectorStep step;
    step.line = line;
    step.flush = line[0] == 'F';
    if (!step.flush) {
      const auto hex = line.find(' ') + 1, state = line.find(' ', hex) + 1, bar = line.find(" | ");
      step.packet = bytes_of_hex(line.substr(hex, state - 1 - hex));
      step.ctstate = line.substr(state, bar - state);
      step.entry = line.substr(bar + 3);
    }
    all.back().steps.push_back(step);
  }
  return all;
}

/// The entry that is asked for, as the file has it.
inline std::string entry_of(const Wire& w, const Tuple& asked, Time now) {
  const Connection* c = w.tracker.find(asked, {}, now);
  if (c == nullptr) return "-";
  const std::uint8_t protocol = c->original().protocol;
  std::string state = "-", tags;
  if (protocol == packet::kTcp) state = std::to_string(static_cast<int>(c->tcp.state));
  if (protocol == packet::kSctp) {
    state = std::to_string(static_cast<int>(c->sctp.state));
    tags = fmt::format(" {:x}/{:x}", c->sctp.tag[0], c->sctp.tag[1]);
  }
  return std::to_string((c->deadline - now) / kSecond) + " " + state + (c->is(kSeenReply) ? " R" : " U") +
         (c->is(kAssured) ? "A" : "n") + " " + to_string(c->original().source, Family::ipv4) + tags;
}

/// The same but for the timeout, in which a second may have passed while it was recorded.
inline bool same_entry(const std::string& here, const std::string& recorded) {
  const auto a = here.find(' '), b = recorded.find(' ');
  if (a == std::string::npos || b == std::string::npos) return here == recorded;
  const int difference = std::stoi(here.substr(0, a)) - std::stoi(recorded.substr(0, b));
  return (difference == 0 || difference == 1) && here.substr(a) == recorded.substr(b);
}

/// Plays a sequence; empty: as recorded, else what differs first.
inline std::string play(const Vector& vector, const Settings& settings, const TcpTables* tcp = nullptr,
                        const SctpTables* sctp = nullptr) {
  Wire wire(settings, tcp, sctp);
  if (vector.before && !wire.tracker.restore(*vector.before)) return "the entry before could not be restored";
  std::string past;
  for (const VectorStep& step : vector.steps) {
    if (step.flush) break;
    const Tracked tracked = wire.send(step.packet, 0);
    const std::string info{name(tracked.info)};
    const std::string entry = entry_of(wire, vector.asked, 0);
    past += step.line + "\n";
    if ((step.ctstate == "NONE?" || info == step.ctstate) && same_entry(entry, step.entry)) continue;
    return past + "  here: " + info + " (" + std::string{name(tracked.invalid)} + ") | " + entry;
  }
  return {};
}

}  // namespace utables::conntrack::test
