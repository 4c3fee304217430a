// A connection in XML: `conntrack -L -o xml`. ICMP's type, code and id are not in it, as with the original.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "conntrack/helper/helper.h"
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

/// Where the directions that it is of have their place.
void append_zone(std::string& out, const Connection& c, unsigned place) {
  const Zone zone = c.zone();
  if (zone.id != 0 && zone.directions == place) fmt::format_to(into(out), "<zone>{}</zone>", zone.id);
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
  append_zone(out, c, 1U << direction);
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
  if (options.labels) {
    out += "<labels>";
    for (const std::string& label : *options.labels) fmt::format_to(into(out), "<label>{}</label>", label);
    out += "</labels>";
  }
  append_zone(out, c, Zone::kBoth);
  fmt::format_to(into(out), "<use>{}</use><id>{}</id>", options.use, id_of(c));
  if (c.is(kAssured)) out += "<assured/>";
  if (!c.is(kSeenReply)) out += "<unreplied/>";
  if (c.is(kTimestamped)) {
    if (options.ktimestamp) fmt::format_to(into(out), "<timestamp><start>{}</start></timestamp>", c.created);
    fmt::format_to(into(out), "<deltatime>{}</deltatime>", std::max<Duration>(now - c.created, 0) / kSecond);
  }
  out += "</meta>";
  if (const Helper* helper = helper_of(c.helper))
    fmt::format_to(into(out), "<helper>{}</helper>", helper->name);
  out += "</flow>";
  return out;
}

std::string xml_expectation(const Expectation& e, const Connection& master, Time now) {
  const Family family = e.tuple.family;
  std::string out = "<flow>";
  const auto addresses = [&](std::string_view what, const Address& source, const Address& destination) {
    fmt::format_to(into(out), "<{0}><src>{1}</src><dst>{2}</dst></{0}>", what, to_string(source, family),
                   to_string(destination, family));
  };
  const auto ports = [&](std::string_view what, std::uint16_t source, std::uint16_t destination) {
    fmt::format_to(into(out), "<{0}><sport>{1}</sport><dport>{2}</dport></{0}>", what, source, destination);
  };
  const Tuple& by = master.original();
  const bool v4 = family == Family::ipv4;
  fmt::format_to(into(out), "<layer3 protonum=\"{}\" protoname=\"{}\">", v4 ? 2 : 10, v4 ? "ipv4" : "ipv6");
  addresses("expected", e.tuple.source, e.tuple.destination);
  addresses("mask", e.mask.source, mask_of(address_bits(family), family));
  addresses("master", by.source, by.destination);
  fmt::format_to(into(out), "</layer3><layer4 protonum=\"{}\" protoname=\"{}\">", e.tuple.protocol,
                 conntrack_protocol_name(e.tuple.protocol));
  const auto keys = [&](std::string_view what, std::uint16_t source, std::uint16_t destination) {
    fmt::format_to(into(out), "<{0}><srckey>{1:#x}</srckey><dstkey>{2:#x}</dstkey></{0}>", what, source,
                   destination);
  };
  if (port_kind(e.tuple.protocol) == PortKind::keys) {
    keys("expected", e.tuple.source_port, e.tuple.destination_port);
    keys("mask", e.mask.source_port, 0xffff);
  } else {
    ports("expected", e.tuple.source_port, e.tuple.destination_port);
    ports("mask", e.mask.source_port, 0xffff);
  }
  ports("master", by.source_port, by.destination_port);
  const Helper* const helper = helper_of(e.helper);
  fmt::format_to(
      into(out),
      "</layer4><meta><helper-name>{}</helper-name><timeout>{}</timeout><class>{}</class>{}</meta></flow>",
      helper == nullptr ? "" : helper->name, std::max<Duration>(e.deadline - now, 0) / kSecond,
      e.expect_class,
      fmt::format("{}{}", e.permanent ? "<permanent/>" : "", e.inactive ? "<inactive/>" : ""));
  return out;
}

}  // namespace utables::conntrack
