// SYNPROXY: the box speaks with the client in the server's place until the client has proved to be there,
// then with the server in the client's.
//
//   client          box                                     server
//   SYN        ->   SYN/ACK with a cookie, window 0
//   ACK        ->   the cookie is right: SYN          ->
//              <-   ACK with the server's window      <-    SYN/ACK
//                   ACK                               ->
//
// The first two steps are the target's, which remembers nothing; the SYN opens a connection that is marked
// as proxied (synproxy/proxied.h), and whose packets are looked at right before they would be confirmed.
// What is sent goes through OUTPUT and POSTROUTING; the SYN/ACK and the last ACK to the client as packets of
// their connection, if it has one, the others on their own.
#include "base/bytes.h"
#include "conntrack/synproxy/cookies.h"
#include "conntrack/synproxy/proxied.h"
#include "engine/path.h"
#include "packet/checksum.h"
#include "packet/headers.h"

namespace utables::engine {

using conntrack::ProxyOptions;
using conntrack::ProxyStep;
using rules::Action;
using namespace packet::tcp;

namespace {

conntrack::Tuple ends_of(const packet::Facts& facts) {
  return {facts.source,           facts.destination, facts.source_port,
          facts.destination_port, facts.protocol,    facts.family};
}

conntrack::Tuple back(const conntrack::Tuple& ends) {
  return {ends.destination, ends.source, ends.destination_port, ends.source_port, ends.protocol, ends.family};
}

constexpr conntrack::Template kProxied = [] {
  conntrack::Template as;
  as.proxied = true;
  return as;
}();

constexpr std::uint8_t kOpening = kSyn | kAck | kFin | kRst;

}  // namespace

Action Path::proxy(rules::Context& context, const rules::SynproxyOptions& wanted) {
  Flight& flight = *current_;
  const bool remembered = checksum_was_judged(flight) && context.hook != rules::Hook::forward;
  if (!remembered && !whole_checksum_good(flight)) return Action::drop;
  const packet::Facts& facts = flight.facts();
  const auto options = conntrack::read_options(flight.buffer);
  if (!options) return Action::drop;
  switch (facts.tcp_flags & kOpening) {
    case kSyn:
      ++parts_.tracker->proxy_statistics().syn_received;
      answer_syn(flight, *options, wanted);
      return Action::stolen;
    case kAck:
      return open_proxied(flight, *options, facts.tcp_seq) ? Action::stolen : Action::drop;
    default:
      return Action::continue_;
  }
}

/// The client is told what it asked for and the server can do. Without timestamps there is no place to
/// remember what else it asked for.
void Path::answer_syn(Flight& about, ProxyOptions options, const rules::SynproxyOptions& wanted) {
  const packet::Facts& facts = about.facts();
  const conntrack::Tuple ends = ends_of(facts);
  conntrack::CookieDraw& cookies = parts_.tracker->cookies();
  const std::uint32_t cookie =
      cookies.make(ends, facts.tcp_seq, conntrack::cookie_place(facts.family, options.mss), now_);
  const bool timestamps = options.has_timestamp && wanted.timestamp;
  constexpr std::uint8_t kBoth = kEce | kCwr;
  options.has_mss = options.has_mss && wanted.mss_set;
  options.mss = wanted.mss;
  options.has_timestamp = timestamps;
  options.has_scale = options.has_scale && wanted.scale_set && timestamps;
  options.sack_permitted = options.sack_permitted && wanted.sack && timestamps;
  options.ecn = (facts.tcp_flags & kBoth) == kBoth && wanted.ecn && timestamps;
  if (timestamps) {
    options.echo = options.value;
    options.value = conntrack::timestamp_of(options, cookies.milliseconds(ends, now_));
    options.scale = wanted.scale;
  }
  packet::TcpPart tcp;
  tcp.seq = cookie;
  tcp.ack = facts.tcp_seq + 1;
  tcp.flags = static_cast<std::uint8_t>(kSyn | kAck | (options.ecn ? kEce : 0));
  tcp.window = 0;
  tcp.options = conntrack::write_options(options);
  send_proxied(about, true, tcp, as_answer(about), "proxy: cookie");
}

/// The client answered: if it does so rightly the server is asked. `number`: that of the answer.
bool Path::open_proxied(const Flight& about, ProxyOptions options, std::uint32_t number) {
  const packet::Facts& facts = about.facts();
  conntrack::ProxyStatistics& statistics = parts_.tracker->proxy_statistics();
  const auto place =
      parts_.tracker->cookies().place_of(ends_of(facts), facts.tcp_seq - 1, facts.tcp_ack - 1, now_);
  const auto table = conntrack::cookie_mss(facts.family);
  if (!place || *place >= table.size()) {
    ++statistics.cookie_invalid;
    return false;
  }
  ++statistics.cookie_valid;
  options.has_mss = true;
  options.mss = table[*place];
  if (options.has_timestamp) conntrack::take_timestamp(options);
  packet::TcpPart tcp;
  tcp.seq = number - 1;
  tcp.ack = facts.tcp_ack - 1;  // what the client takes for the server's first number
  tcp.flags = static_cast<std::uint8_t>(kSyn | (options.ecn ? kEce | kCwr : 0));
  tcp.window = facts.tcp_window;
  tcp.options = conntrack::write_options(options);
  conntrack::Tracked opens;
  opens.as = &kProxied;
  opens.info = CtInfo::new_;
  send_proxied(about, false, tcp, opens, "proxy: open");
  return true;
}

/// A packet of a connection that the proxy opened, right before it would be confirmed. False: its way ends.
bool Path::step_proxy(Flight& flight, End& end) {
  if (flight.looped && flight.way.is_local()) return true;
  ProxyStep step;
  change(flight, [&] { step = parts_.tracker->proxy(flight.tracked, flight.buffer); });
  end = {Fate::proxied, DropReason::none, kNoPlace};
  switch (step.kind) {
    case ProxyStep::Kind::pass:
      return true;
    case ProxyStep::Kind::drop:
      end = End::refused(DropReason::target_error);
      return false;
    case ProxyStep::Kind::open_again:
      if (!open_proxied(flight, step.options, flight.facts().tcp_seq + 1))
        end = End::refused(DropReason::cookie_wrong);
      else
        ++parts_.tracker->proxy_statistics().cookie_retrans;
      return false;
    case ProxyStep::Kind::answer:
      break;
  }
  meet_server(flight, step);
  return false;
}

/// The server's SYN/ACK: it is acknowledged, and the client told of its window.
void Path::meet_server(Flight& flight, const ProxyStep& step) {
  const packet::Facts& facts = flight.facts();
  ProxyOptions options;
  options.has_timestamp = step.options.has_timestamp;
  options.value = step.options.echo;
  options.echo = step.options.value;
  packet::TcpPart tcp;
  tcp.seq = facts.tcp_ack;
  tcp.ack = facts.tcp_seq + 1;
  tcp.flags = kAck;
  tcp.window = step.window;
  tcp.options = conntrack::write_options(options);
  send_proxied(flight, true, tcp, {}, "proxy: to the server");

  parts_.tracker->shift_sequences(*flight.tracked.connection, direction_of(flight), step.shift);
  std::swap(options.value, options.echo);
  tcp.seq = facts.tcp_seq + 1;
  tcp.ack = facts.tcp_ack;
  tcp.window = static_cast<std::uint16_t>(facts.tcp_window >> step.options.scale);
  tcp.options = conntrack::write_options(options);
  send_proxied(flight, false, tcp, as_answer(flight), "proxy: to the client");
}

/// What goes to the client is of the connection of what it is about, if that has one.
conntrack::Tracked Path::as_answer(const Flight& about) {
  conntrack::Tracked answer;
  if (about.tracked.connection == nullptr) return answer;
  answer.connection = about.tracked.connection;
  answer.info = CtInfo::established_reply;
  return answer;
}

/// To the end that `about` goes to, or back to its sender, under the other's name. What is made for a
/// program's packet is heard over lo before anything else is done.
void Path::send_proxied(const Flight& about, bool backwards, packet::TcpPart& tcp,
                        const conntrack::Tracked& tracked, std::string_view why) {
  const bool by_program = about.in == kNoInterface && !about.made_here;
  const conntrack::Tuple ends = backwards ? back(ends_of(about.facts())) : ends_of(about.facts());
  tcp.source_port = ends.source_port;
  tcp.destination_port = ends.destination_port;
  packet::IpPart ip;
  ip.source = ends.source;
  ip.destination = ends.destination;
  ip.family = ends.family;
  ip.ttl = ip.family == Family::ipv6 ? std::uint8_t{64} : host_.settings.default_ttl;
  ip.dont_fragment = ip.family == Family::ipv4;
  packet::Bytes bytes = packet::build_tcp(ip, tcp);
  packet::Facts facts;
  if (packet::parse(bytes, static_cast<std::uint32_t>(bytes.size()), facts) != DropReason::none) return;
  Way way;
  const DropReason refused =
      facts.is_ipv6() ? route_outbound6(facts.destination, kNoInterface, way) : route_signed(facts, way);
  if (refused != DropReason::none) return;
  send_made(std::move(bytes), way, tracked, {why, true});
  if (End heard; by_program) run_loop(heard);
}

}  // namespace utables::engine
