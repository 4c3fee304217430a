// One line has the same parts everywhere; Style says which are there and how.
#include "conntrack/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>

#include "conntrack/helper/helper.h"
#include "conntrack/port_kind.h"
#include "conntrack/proto/protocol.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

struct Style {
  bool mark = true;   ///< `mark=0` even when it is 0
  bool zone = false;  ///< even when it is 0
  bool state = true;
  bool timeout = true;
  bool classic = false;       ///< 2.4: LISTEN, no mark
  bool kernel_names = false;  ///< names of protocols as /proc has them
  int use = -1;               ///< `use=`; -1: none
  bool delta_time = false;
  bool counters = true;  ///< packets and bytes, where they are counted
  bool start = false;    ///< when it began
  bool stop = false;     ///< ... and ended
  bool helper = false;   ///< who reads its payload
};

/// conntrack(8) asks /etc/protocols-like tables of its own; /proc knows the trackers alone.
std::string_view protocol_name(const Connection& c, const Style& style) {
  const std::uint8_t protocol = c.original().protocol;
  return style.kernel_names || style.classic ? protocol_of(protocol).name : conntrack_protocol_name(protocol);
}

/// `Sun Nov 22 00:51:11 2026`, in UTC.
std::string date(Time when) {
  const auto seconds = static_cast<std::time_t>(when / kSecond);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%a %b %e %H:%M:%S %Y", &parts);
  return {text.data(), size};
}

/// Nothing where the protocol has no states.
std::string_view state_name(const Connection& c, const Style& style) {
  if (c.original().protocol == packet::kSctp) return name(c.sctp.state);
  if (c.original().protocol != packet::kTcp) return {};
  if (style.classic && c.tcp.state == TcpState::syn_sent2) return "LISTEN";
  return name(c.tcp.state);
}

/// Once in a line: behind the tuple of the one direction that it is of, or at the end. `place`: as
/// Zone::directions.
void append_zone(std::string& out, const Connection& c, unsigned place, const Style& style) {
  constexpr std::array<std::string_view, 4> kWords{"", "zone-orig", "zone-reply", "zone"};
  const Zone zone = c.zone();
  if (style.classic || zone.directions != place || (zone.id == 0 && !style.zone)) return;
  fmt::format_to(std::back_inserter(out), " {}={}", kWords[place], zone.id);
}

void append_tuple(std::string& out, const Connection& c, std::size_t direction, const Style& style) {
  const Tuple& tuple = c.tuple[direction];
  out += ' ';
  out += to_string(tuple, style.kernel_names ? AddressStyle::full : AddressStyle::ordinary);
  if (!style.kernel_names && !style.classic && tuple.protocol == packet::kDccp) out += " sport=0 dport=0";
  append_zone(out, c, 1U << direction, style);
  if (c.is(kAccounted) && style.counters)
    fmt::format_to(std::back_inserter(out), " packets={} bytes={}", c.counters[direction].packets,
                   c.counters[direction].bytes);
}

std::string family_columns(const Connection& c) {
  const bool v4 = c.original().family == Family::ipv4;
  return fmt::format("{:<8} {} ", v4 ? "ipv4" : "ipv6", v4 ? 2 : 10);
}

std::string line(const Connection& c, Time now, const Style& style) {
  std::string out = fmt::format("{:<8} {}", protocol_name(c, style), c.original().protocol);
  if (style.timeout) fmt::format_to(std::back_inserter(out), " {}", seconds_left(c, now));
  if (const auto state = state_name(c, style); style.state && !state.empty()) {
    out += ' ';
    out += state;
  }
  append_tuple(out, c, 0, style);
  if (!c.is(kSeenReply)) out += " [UNREPLIED]";
  append_tuple(out, c, 1, style);
  if (c.is(kAssured)) out += " [ASSURED]";
  if (!style.classic && (style.mark || c.mark != 0))
    fmt::format_to(std::back_inserter(out), " mark={}", c.mark);
  append_zone(out, c, Zone::kBoth, style);
  if (style.delta_time && c.is(kTimestamped))
    fmt::format_to(std::back_inserter(out), " delta-time={}",
                   std::max<Duration>(now - c.created, 0) / kSecond);
  if (style.start && c.is(kTimestamped))
    fmt::format_to(std::back_inserter(out), " [start={}]", date(c.created));
  if (style.stop && c.is(kTimestamped)) fmt::format_to(std::back_inserter(out), " [stop={}]", date(now));
  if (const Helper* helper = helper_of(c.helper); style.helper && helper != nullptr)
    fmt::format_to(std::back_inserter(out), " helper={}", helper->name);
  if (style.use >= 0) fmt::format_to(std::back_inserter(out), " use={}", style.use);
  return out;
}

/// What follows a line of conntrack(8).
void append_options(std::string& out, const Connection& c, const LineOptions& options) {
  if (options.id) fmt::format_to(std::back_inserter(out), " id={}", id_of(c));
  if (options.labels)
    fmt::format_to(std::back_inserter(out), " labels{}{}", options.labels->empty() ? "" : "=",
                   fmt::join(*options.labels, ","));
}

}  // namespace

long long seconds_left(const Connection& c, Time now) {
  return std::max<Duration>(c.deadline - now, 0) / kSecond;
}

std::string_view conntrack_protocol_name(std::uint8_t protocol) {
  return protocol == packet::kDccp ? "dccp" : protocol_of(protocol).name;
}

std::string proc_line(const Connection& c, Time now, const Settings& settings) {
  Style style;
  style.kernel_names = true;
  style.delta_time = true;
  style.zone = true;
  style.use = 2;
  if (settings.profile == Profile::classic) {
    style.classic = true;
    style.use = 1;
    return line(c, now, style);
  }
  std::string out = family_columns(c);
  std::string rest = line(c, now, style);
  if (c.original().protocol == packet::kGre) {  // /proc shows GRE's two timeouts
    const std::string timeouts = fmt::format(" timeout={}, stream_timeout={}", settings.gre_timeout / kSecond,
                                             settings.gre_timeout_stream / kSecond);
    rest.insert(rest.find(" src="), timeouts);
  }
  return out + rest;
}

std::string conntrack_line(const Connection& c, Time now, const LineOptions& options) {
  Style style;
  style.use = options.use ? static_cast<int>(*options.use) : -1;
  style.delta_time = true;
  style.start = options.ktimestamp;
  style.helper = true;
  std::string out = options.extended ? family_columns(c) : std::string();
  out += line(c, now, style);
  append_options(out, c, options);
  return out;
}

std::string event_text(const Event& event, const LineOptions& options) {
  const bool destroyed = event.kind == Event::Kind::destroy;
  Style style;
  style.mark = (event.bits & kEventMark) != 0;  // one that became 0 is told as well
  style.state = event.state_shown;
  style.counters = style.delta_time = destroyed;  // what it came to is told at the end
  style.helper = !destroyed;
  style.start = style.stop = destroyed && options.ktimestamp;
  // A DESTROY by expiry has nothing left to show; one before it has.
  style.timeout = !destroyed || seconds_left(*event.connection, event.when) > 0;
  std::string_view kind = "    [NEW]";
  if (event.kind == Event::Kind::update) kind = " [UPDATE]";
  if (destroyed) kind = "[DESTROY]";
  std::string out = fmt::format("{} {}{}", kind, options.extended ? family_columns(*event.connection) : "",
                                line(*event.connection, event.when, style));
  append_options(out, *event.connection, options);
  return out;
}

std::string event_line(const Event& event) {
  return fmt::format("[{}.{:06}]\t{}", event.when / kSecond, event.when % kSecond / kMicrosecond,
                     event_text(event, {}));
}

/// Flags of an expectation, as listings have them.
static std::string_view flags_of(const Expectation& e) {
  if (e.inactive) return e.permanent ? "PERMANENT,INACTIVE" : "INACTIVE";
  return e.permanent ? "PERMANENT" : "";
}

std::string expectation_line(const Expectation& e, const Connection& master, Time now) {
  const Family family = e.tuple.family;
  std::string out = fmt::format("{} proto={} {}", std::max<Duration>(e.deadline - now, 0) / kSecond,
                                e.tuple.protocol, to_string(e.tuple));
  fmt::format_to(std::back_inserter(out), " mask-src={} mask-dst={}", to_string(e.mask.source, family),
                 to_string(mask_of(address_bits(family), family), family));
  const PortKind kind = port_kind(e.tuple.protocol);
  if (kind == PortKind::keys)
    fmt::format_to(std::back_inserter(out), " srckey={:#x} dstkey={:#x}", e.mask.source_port, 0xffff);
  else if (kind != PortKind::none)
    fmt::format_to(std::back_inserter(out), " sport={} dport={}", e.mask.source_port, 0xffff);
  const Tuple& by = master.original();
  fmt::format_to(std::back_inserter(out), " master-src={} master-dst={} sport={} dport={}",
                 to_string(by.source, family), to_string(by.destination, family), by.source_port,
                 by.destination_port);
  if (const std::string_view flags = flags_of(e); !flags.empty())
    fmt::format_to(std::back_inserter(out), " {}", flags);
  const Helper* const helper = helper_of(e.helper);
  return out + fmt::format(" class={} helper={}", e.expect_class, helper == nullptr ? "" : helper->name);
}

std::string expectation_event_text(const ExpectationEvent& event) {
  const std::string_view kind = event.kind == ExpectationEvent::Kind::new_ ? "    [NEW]" : "[DESTROY]";
  return fmt::format("{} {}", kind, expectation_line(*event.expectation, *event.master, event.when));
}

std::string expectation_event_line(const ExpectationEvent& event) {
  return fmt::format("[{}.{:06}]\t{}", event.when / kSecond, event.when % kSecond / kMicrosecond,
                     expectation_event_text(event));
}

std::string proc_expectation_line(const Expectation& e, Time now) {
  const Helper* const helper = helper_of(e.helper);
  std::string rest(flags_of(e));
  if (helper != nullptr) {
    const std::string_view policy = helper->classes[e.expect_class].name;
    fmt::format_to(std::back_inserter(rest), "{}{}", rest.empty() ? "" : " ", helper->name);
    if (policy != helper->name) fmt::format_to(std::back_inserter(rest), "/{}", policy);
  }
  return fmt::format("{} l3proto = {} proto={} {} {}", std::max<Duration>(e.deadline - now, 0) / kSecond,
                     e.tuple.family == Family::ipv4 ? 2 : 10, e.tuple.protocol,
                     to_string(e.tuple, AddressStyle::full), rest);
}

std::string proc_expectations(const Tracker& tracker, Time now) {
  std::string out;
  tracker.for_each_expectation(now, [&](const Expectation& e, const Connection&) {
    out += proc_expectation_line(e, now);
    out += '\n';
  });
  return out;
}

std::string proc_listing(const Tracker& tracker, Time now) {
  std::string out;
  tracker.for_each(now, [&](const Connection& c) {
    out += proc_line(c, now, tracker.settings_of(c));
    out += '\n';
  });
  return out;
}

}  // namespace utables::conntrack
