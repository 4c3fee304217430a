// A connection as conntrack(8)'s own command line: `conntrack -L -o save`.
// The mark, labels, counters and helper are not in it, as with the original.
#include <fmt/format.h>

#include <array>
#include <iterator>

#include "conntrack/listing.h"
#include "conntrack/port_kind.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

auto into(std::string& out) { return std::back_inserter(out); }

struct StatusName {
  Status bit;
  std::string_view name;
};
constexpr std::array<StatusName, 4> kStatusNames{{
    {kExpected, "EXPECTED"},
    {kSeenReply, "SEEN_REPLY"},
    {kAssured, "ASSURED"},
    {kFixedTimeout, "FIXED_TIMEOUT"},
}};

std::string status_names(const Connection& c) {
  std::string out;
  for (const StatusName& row : kStatusNames) {
    if (!c.is(row.bit)) continue;
    if (!out.empty()) out += ',';
    out += row.name;
  }
  return out.empty() ? "UNSET" : out;
}

/// Where an address was translated, the option that translates it stands for the reply's; of a connection
/// that is translated at all that is each address that is another.
void append_addresses(std::string& out, const Connection& c) {
  const auto text = [&](const Address& a) { return to_string(a, c.original().family); };
  const bool nat = c.is(kSourceNat) || c.is(kDestinationNat);
  const bool source = nat && c.reply().destination != c.original().source;
  const bool destination = nat && c.reply().source != c.original().destination;
  fmt::format_to(into(out), " -s {} -d {} {} {} {} {}", text(c.original().source),
                 text(c.original().destination), destination ? "-g" : "-r", text(c.reply().source),
                 source ? "-n" : "-q", text(c.reply().destination));
}

void append_ports(std::string& out, const Connection& c) {
  const Tuple &original = c.original(), &reply = c.reply();
  switch (port_kind(original.protocol)) {
    case PortKind::none:
      return;
    case PortKind::ports:
      fmt::format_to(into(out), " --sport {} --dport {} --reply-port-src {} --reply-port-dst {}",
                     original.source_port, original.destination_port, reply.source_port,
                     reply.destination_port);
      return;
    case PortKind::keys:
      fmt::format_to(into(out), " --srckey {} --dstkey {} --reply-key-src {} --reply-key-dst {}",
                     original.source_port, original.destination_port, reply.source_port,
                     reply.destination_port);
      return;
    case PortKind::icmp: {
      const std::string_view name = conntrack_protocol_name(original.protocol);
      fmt::format_to(into(out), " --{0}-type {1} --{0}-code {2} --{0}-id {3}", name, original.icmp_type(),
                     original.icmp_code(), original.source_port);
      return;
    }
  }
}

std::string save(const Connection& c, Time now, std::string_view command, bool tags) {
  const std::uint8_t protocol = c.original().protocol;
  const std::string_view name = conntrack_protocol_name(protocol);
  std::string out = fmt::format("{} -t {} -u {}", command, seconds_left(c, now), status_names(c));
  constexpr std::array<std::string_view, 4> kZones{"", "--orig-zone", "--reply-zone", "-w"};
  if (const Zone zone = c.zone(); zone.id != 0)
    fmt::format_to(into(out), " {} {}", kZones[zone.directions], zone.id);
  append_addresses(out, c);
  out += " -p ";
  out += name == "unknown" ? std::to_string(protocol) : std::string(name);
  append_ports(out, c);
  if (protocol == packet::kTcp) fmt::format_to(into(out), " --state {}", conntrack::name(c.tcp.state));
  if (protocol == packet::kSctp) fmt::format_to(into(out), " --state {}", conntrack::name(c.sctp.state));
  if (protocol == packet::kSctp && tags)
    fmt::format_to(into(out), " --orig-vtag {} --reply-vtag {}", c.sctp.tag[0], c.sctp.tag[1]);
  return out;
}

}  // namespace

std::string save_line(const Connection& c, Time now, std::string_view command) {
  return save(c, now, command, true);
}

/// At the end the kernel tells SCTP's state alone.
std::string save_event(const Event& event) {
  constexpr std::array<std::string_view, 3> kCommands{"-A", "-U", "-D"};  // by Event::Kind
  return save(*event.connection, event.when, kCommands[static_cast<std::size_t>(event.kind)],
              event.kind != Event::Kind::destroy);
}

}  // namespace utables::conntrack
