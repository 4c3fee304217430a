// A connection as JSON: `conntrack -L -o json`, the schema in docs/output.md.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "conntrack/helper/helper.h"
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
constexpr std::array<StatusName, 6> kStatusNames{{
    {kExpected, "EXPECTED"},
    {kSeenReply, "SEEN_REPLY"},
    {kAssured, "ASSURED"},
    {kFixedTimeout, "FIXED_TIMEOUT"},
    {kSourceNat, "SRC_NAT"},
    {kDestinationNat, "DST_NAT"},
}};

/// An object that is not closed.
void begin_tuple(std::string& out, std::string_view key, const Tuple& tuple) {
  fmt::format_to(into(out), ",\"{}\":{{\"src\":\"{}\",\"dst\":\"{}\"", key,
                 to_string(tuple.source, tuple.family), to_string(tuple.destination, tuple.family));
  switch (port_kind(tuple.protocol)) {
    case PortKind::none:
      break;
    case PortKind::ports:
      fmt::format_to(into(out), ",\"sport\":{},\"dport\":{}", tuple.source_port, tuple.destination_port);
      break;
    case PortKind::keys:
      fmt::format_to(into(out), ",\"srckey\":{},\"dstkey\":{}", tuple.source_port, tuple.destination_port);
      break;
    case PortKind::icmp:
      fmt::format_to(into(out), ",\"type\":{},\"code\":{},\"id\":{}", tuple.icmp_type(), tuple.icmp_code(),
                     tuple.source_port);
      break;
  }
}

void append_tuple(std::string& out, std::string_view key, const Tuple& tuple) {
  begin_tuple(out, key, tuple);
  out += '}';
}

void append_direction(std::string& out, std::string_view key, const Connection& c, std::size_t direction) {
  begin_tuple(out, key, c.tuple[direction]);
  if (c.is(kAccounted))
    fmt::format_to(into(out), ",\"packets\":{},\"bytes\":{}", c.counters[direction].packets,
                   c.counters[direction].bytes);
  out += '}';
}

void append_status(std::string& out, const Connection& c) {
  out += ",\"status\":[";
  bool first = true;
  for (const StatusName& row : kStatusNames) {
    if (!c.is(row.bit)) continue;
    fmt::format_to(into(out), "{}\"{}\"", first ? "" : ",", row.name);
    first = false;
  }
  out += ']';
}

/// What an event is, behind the kind of its object.
std::string event_words(std::string_view event, Time when) {
  return fmt::format(",\"event\":\"{}\",\"when\":\"{}.{:09}\"", event, when / kSecond, when % kSecond);
}

std::string line(const Connection& c, Time now, std::string_view event) {
  const Tuple& original = c.original();
  std::string out = fmt::format(
      "{{\"v\":1,\"kind\":\"connection\"{},\"family\":{},\"protocol\":{},\"name\":\"{}\",\"timeout\":{}",
      event, static_cast<unsigned>(original.family), original.protocol,
      conntrack_protocol_name(original.protocol), seconds_left(c, now));
  if (original.protocol == packet::kTcp) fmt::format_to(into(out), ",\"state\":\"{}\"", name(c.tcp.state));
  if (original.protocol == packet::kSctp)
    fmt::format_to(into(out), ",\"state\":\"{}\",\"vtag\":{},\"reply_vtag\":{}", name(c.sctp.state),
                   c.sctp.tag[0], c.sctp.tag[1]);
  append_direction(out, "original", c, 0);
  append_direction(out, "reply", c, 1);
  append_status(out, c);
  const Zone zone = c.zone();
  fmt::format_to(into(out), ",\"mark\":{},\"zone\":{}", c.mark, zone.id);
  if (zone.directions != Zone::kBoth)
    fmt::format_to(into(out), ",\"zone_direction\":\"{}\"", zone.directions == 1 ? "original" : "reply");
  fmt::format_to(into(out), ",\"serial\":{}", c.serial);
  if (const Helper* helper = helper_of(c.helper))
    fmt::format_to(into(out), ",\"helper\":\"{}\"", helper->name);
  if (c.is(kTimestamped))
    fmt::format_to(into(out), ",\"start\":\"{}.{:09}\"", c.created / kSecond, c.created % kSecond);
  out += '}';
  return out;
}

std::string line(const Expectation& e, const Connection& master, Time now, std::string_view event) {
  const Tuple& t = e.tuple;
  std::string out = fmt::format(
      "{{\"v\":1,\"kind\":\"expectation\"{},\"family\":{},\"protocol\":{},\"name\":\"{}\",\"timeout\":{}",
      event, static_cast<unsigned>(t.family), t.protocol, conntrack_protocol_name(t.protocol),
      std::max<Duration>(e.deadline - now, 0) / kSecond);
  append_tuple(out, "expected", t);
  Tuple mask = t;
  mask.source = e.mask.source;
  mask.source_port = e.mask.source_port;
  mask.destination = mask_of(address_bits(t.family), t.family);
  mask.destination_port = 0xffff;
  append_tuple(out, "mask", mask);
  append_tuple(out, "master", master.original());
  const Helper* const helper = helper_of(e.helper);
  fmt::format_to(into(out), ",\"class\":{},\"permanent\":{},\"helper\":\"{}\"}}", e.expect_class, e.permanent,
                 helper == nullptr ? "" : helper->name);
  return out;
}

}  // namespace

std::string json_line(const Connection& c, Time now) { return line(c, now, {}); }

std::string json_event(const Event& event) {
  constexpr std::array<std::string_view, 3> kEvents{"new", "update", "destroy"};  // by Event::Kind
  return line(*event.connection, event.when,
              event_words(kEvents[static_cast<std::size_t>(event.kind)], event.when));
}

std::string json_expectation(const Expectation& e, const Connection& master, Time now) {
  return line(e, master, now, {});
}

std::string json_expectation_event(const ExpectationEvent& event) {
  const std::string_view word = event.kind == ExpectationEvent::Kind::new_ ? "new" : "destroy";
  return line(*event.expectation, *event.master, event.when, event_words(word, event.when));
}

}  // namespace utables::conntrack
