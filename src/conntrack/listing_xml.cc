// A connection in XML: `conntrack -L -o xml`. ICMP's type, code and id are not in it, as with the original.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "conntrack/listing.h"
#include "conntrack/port_kind.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

auto into(std::string& out) { return std::back_inserter(out); }

void append_ports(std::string& out, const Tuple& tuple) {
  const PortKind kind = tuple.protocol == packet::kDccp ? PortKind::ports : port_kind(tuple.protocol);
  if (kind == PortKind::ports)
    fmt::format_to(into(out), "<sport>{}</sport><dport>{}</dport>", tuple.source_port,
                   tuple.destination_port);
  if (kind == PortKind::keys)
    fmt::format_to(into(out), "<srckey>{:#x}</srckey><dstkey>{:#x}</dstkey>", tuple.source_port,
                   tuple.destination_port);
}

void append_direction(std::string& out, const Connection& c, std::size_t direction) {
  const Tuple& tuple = c.tuple[direction];
  const bool v4 = tuple.family == Family::ipv4;
  fmt::format_to(into(out),
                 "<meta direction=\"{}\"><layer3 protonum=\"{}\" protoname=\"{}\"><src>{}</src><dst>{}</dst>"
                 "</layer3><layer4 protonum=\"{}\" protoname=\"{}\">",
                 direction == 0 ? "original" : "reply", v4 ? 2 : 10, v4 ? "ipv4" : "ipv6",
                 to_string(tuple.source, tuple.family), to_string(tuple.destination, tuple.family),
                 tuple.protocol, conntrack_protocol_name(tuple.protocol));
  append_ports(out, tuple);
  out += "</layer4>";
  if (c.is(kAccounted))
    fmt::format_to(into(out), "<counters><packets>{}</packets><bytes>{}</bytes></counters>",
                   c.counters[direction].packets, c.counters[direction].bytes);
  out += "</meta>";
}

}  // namespace

std::string xml_flow(const Connection& c, Time now, const LineOptions& options) {
  std::string out = "<flow>";
  append_direction(out, c, 0);
  append_direction(out, c, 1);
  out += "<meta direction=\"independent\">";
  if (c.original().protocol == packet::kTcp)
    fmt::format_to(into(out), "<state>{}</state>", name(c.tcp.state));
  if (c.original().protocol == packet::kSctp)  // in TCP's words, as the original has them
    fmt::format_to(into(out), "<state>{}</state>",
                   name(static_cast<TcpState>(static_cast<std::uint8_t>(c.sctp.state))));
  fmt::format_to(into(out), "<timeout>{}</timeout><mark>{}</mark>", seconds_left(c, now), c.mark);
  if (c.zone != 0) fmt::format_to(into(out), "<zone>{}</zone>", c.zone);
  fmt::format_to(into(out), "<use>{}</use><id>{}</id>", options.use, id_of(c));
  if (c.is(kAssured)) out += "<assured/>";
  if (!c.is(kSeenReply)) out += "<unreplied/>";
  if (c.is(kTimestamped)) {
    if (options.ktimestamp) fmt::format_to(into(out), "<timestamp><start>{}</start></timestamp>", c.created);
    fmt::format_to(into(out), "<deltatime>{}</deltatime>", std::max<Duration>(now - c.created, 0) / kSecond);
  }
  out += "</meta></flow>";
  return out;
}

}  // namespace utables::conntrack
