#include "conntrack/synproxy/proxied.h"

#include <fmt/format.h>

#include "packet/headers.h"

namespace utables::conntrack {
namespace {

using namespace packet::tcp;

/// The client's SYN on its way to the server, or what comes in before the server has answered it.
ProxyStep before_the_answer(Connection& connection, Proxied& proxied, Direction direction,
                            const packet::Buffer& packet) {
  const auto options = read_options(packet);
  if (!options) return {ProxyStep::Kind::drop};
  const packet::Facts& facts = packet.facts;
  const bool acknowledges = (facts.tcp_flags & (kSyn | kAck)) == kAck;
  if (acknowledges && direction == Direction::original) return {ProxyStep::Kind::open_again, *options};
  proxied.first = facts.tcp_ack;
  if (options->has_timestamp) proxied.first_time = options->echo;
  connection.event_bits |= kEventSynproxy;
  return {};
}

ProxyStep take_answer(Connection& connection, Proxied& proxied, const packet::Buffer& packet) {
  const auto options = read_options(packet);
  if (!options) return {ProxyStep::Kind::drop};
  if (options->has_timestamp) {
    proxied.time_shift = options->value - proxied.first_time;
    connection.event_bits |= kEventSynproxy;
  }
  return {ProxyStep::Kind::answer, *options, proxied.first - packet.facts.tcp_seq,
          static_cast<std::uint16_t>(connection.tcp.end[0].max_win)};
}

}  // namespace

ProxyStep step_proxied(Connection& connection, Proxied& proxied, Direction direction, packet::Buffer& packet,
                       ProxyStatistics& statistics) {
  const packet::Facts& facts = packet.facts;
  if (facts.protocol != packet::kTcp) return {};  // an ICMP error about it
  if (!facts.has_transport_header) return {ProxyStep::Kind::drop};
  const bool original = direction == Direction::original;
  const std::uint8_t opening = facts.tcp_flags & (kSyn | kAck);
  ProxyStep step;
  switch (connection.tcp.state) {
    case TcpState::close:
      if ((facts.tcp_flags & kRst) != 0 && !original) {
        step.shift = proxied.first - facts.tcp_seq + 1;
        step.shift_now = step.shift != 0;
        break;
      }
      if (opening != kSyn || !original) break;
      // Opened again; its numbers stay shifted as they are until the server's answer.
      proxied.time_shift = 0;
      ++statistics.conn_reopened;
      step = before_the_answer(connection, proxied, direction, packet);
      break;
    case TcpState::syn_sent:
      step = before_the_answer(connection, proxied, direction, packet);
      break;
    case TcpState::syn_recv:
      if (opening == (kSyn | kAck)) return take_answer(connection, proxied, packet);
      break;
    default:
      break;
  }
  if (step.kind == ProxyStep::Kind::pass && proxied.time_shift != 0)
    shift_timestamp(packet, original, original ? proxied.time_shift : 0U - proxied.time_shift);
  return step;
}

std::string proc_proxy_statistics(const ProxyStatistics& s) {
  const auto word = [](std::uint64_t count) { return static_cast<std::uint32_t>(count); };
  return "entries\t\tsyn_received\tcookie_invalid\tcookie_valid\tcookie_retrans\tconn_reopened\n" +
         fmt::format("{:08x}\t{:08x}\t{:08x}\t{:08x}\t{:08x}\t{:08x}\n", 0, word(s.syn_received),
                     word(s.cookie_invalid), word(s.cookie_valid), word(s.cookie_retrans),
                     word(s.conn_reopened));
}

}  // namespace utables::conntrack
