// A connection in XML: `conntrack -L -o xml`. ICMP's type, code and id are not in it, as with the original.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
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

void append_direction(std::string& out, const Connection& c, std::size_t direction, bool counters) {
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
  if (c.is(kAccounted) && counters)
    fmt::format_to(into(out), "<counters><packets>{}</packets><bytes>{}</bytes></counters>",
                   c.counters[direction].packets, c.counters[direction].bytes);
  out += "</meta>";
}

/// The moment, in UTC; Sunday is 1.
void append_when(std::string& out, Time when) {
  const auto seconds = static_cast<std::time_t>(when / kSecond);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  fmt::format_to(into(out),
                 "<when><hour>{}</hour><min>{:02}</min><sec>{:02}</sec><wday>{}</wday><day>{}</day>"
                 "<month>{}</month><year>{}</year></when>",
                 parts.tm_hour, parts.tm_min, parts.tm_sec, parts.tm_wday + 1, parts.tm_mday,
                 parts.tm_mon + 1, parts.tm_year + 1900);
}

/// What of a flow an entry and an event have differently.
struct FlowStyle {
  std::string_view type{};  ///< of an event
  bool mark = true;         ///< also when it is 0
  bool counters = true;
  bool times = true;  ///< when it began, how long ago that is
  bool helper = true;
};

std::string flow(const Connection& c, Time now, const LineOptions& options, const FlowStyle& style) {
  std::string out = style.type.empty() ? "<flow>" : fmt::format("<flow type=\"{}\">", style.type);
  append_direction(out, c, 0, style.counters);
  append_direction(out, c, 1, style.counters);
  out += "<meta direction=\"independent\">";
  if (c.original().protocol == packet::kTcp)
    fmt::format_to(into(out), "<state>{}</state>", name(c.tcp.state));
  if (c.original().protocol == packet::kSctp)  // in TCP's words, as the original has them
    fmt::format_to(into(out), "<state>{}</state>",
                   name(static_cast<TcpState>(static_cast<std::uint8_t>(c.sctp.state))));
  fmt::format_to(into(out), "<timeout>{}</timeout>", seconds_left(c, now));
  if (style.mark || c.mark != 0) fmt::format_to(into(out), "<mark>{}</mark>", c.mark);
  if (options.labels) {
    out += "<labels>";
    for (const std::string& label : *options.labels) fmt::format_to(into(out), "<label>{}</label>", label);
    out += "</labels>";
  }
  append_zone(out, c, Zone::kBoth);
  if (options.use) fmt::format_to(into(out), "<use>{}</use>", *options.use);
  fmt::format_to(into(out), "<id>{}</id>", id_of(c));
  if (c.is(kAssured)) out += "<assured/>";
  if (!c.is(kSeenReply)) out += "<unreplied/>";
  if (c.is(kTimestamped) && style.times) {
    const std::string stop = style.type.empty() ? "" : fmt::format("<stop>{}</stop>", now);
    if (options.ktimestamp)
      fmt::format_to(into(out), "<timestamp><start>{}</start>{}</timestamp>", c.created, stop);
    fmt::format_to(into(out), "<deltatime>{}</deltatime>", std::max<Duration>(now - c.created, 0) / kSecond);
  }
  out += "</meta>";
  if (options.when) append_when(out, now);
  if (const Helper* helper = helper_of(c.helper); helper != nullptr && style.helper)
    fmt::format_to(into(out), "<helper>{}</helper>", helper->name);
  out += "</flow>";
  return out;
}

struct AwaitedStyle {
  std::string_view type{};
  bool when = false;
};

std::string awaited(const Expectation& e, const Connection& master, Time now, const AwaitedStyle& style) {
  const Family family = e.tuple.family;
  std::string out = style.type.empty() ? "<flow>" : fmt::format("<flow type=\"{}\">", style.type);
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
  const PortKind kind = port_kind(e.tuple.protocol);
  if (kind == PortKind::none) {
    out += "<expected></expected><mask></mask>";
  } else if (kind == PortKind::keys) {
    keys("expected", e.tuple.source_port, e.tuple.destination_port);
    keys("mask", e.mask.source_port, 0xffff);
  } else {
    ports("expected", e.tuple.source_port, e.tuple.destination_port);
    ports("mask", e.mask.source_port, 0xffff);
  }
  ports("master", by.source_port, by.destination_port);
  const Helper* const helper = helper_of(e.helper);
  fmt::format_to(into(out),
                 "</layer4><meta><helper-name>{}</helper-name><timeout>{}</timeout><class>{}</class>{}{}",
                 helper == nullptr ? "" : helper->name, std::max<Duration>(e.deadline - now, 0) / kSecond,
                 e.expect_class, e.permanent ? "<permanent/>" : "", e.inactive ? "<inactive/>" : "");
  if (style.when) append_when(out, now);
  out += "</meta></flow>";
  return out;
}

}  // namespace

std::string xml_flow(const Connection& c, Time now, const LineOptions& options) {
  return flow(c, now, options, {});
}

/// What it came to is told at the end.
std::string xml_event(const Event& event, const LineOptions& options) {
  constexpr std::array<std::string_view, 3> kTypes{"new", "update", "destroy"};  // by Event::Kind
  const bool destroyed = event.kind == Event::Kind::destroy;
  FlowStyle style;
  style.type = kTypes[static_cast<std::size_t>(event.kind)];
  style.mark = (event.bits & kEventMark) != 0;
  style.counters = style.times = destroyed;
  style.helper = !destroyed;
  return flow(*event.connection, event.when, options, style);
}

std::string xml_expectation(const Expectation& e, const Connection& master, Time now, bool when) {
  return awaited(e, master, now, {{}, when});
}

std::string xml_expectation_event(const ExpectationEvent& event, bool when) {
  const std::string_view type = event.kind == ExpectationEvent::Kind::new_ ? "new" : "destroy";
  return awaited(*event.expectation, *event.master, event.when, {type, when});
}

}  // namespace utables::conntrack
