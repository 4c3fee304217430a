// conntrack: everything that tracking knows of the packet's connection.
// A packet without one (INVALID, UNTRACKED) fits only what asks for nothing but its --ctstate. The lifetime
// of a connection that is not confirmed yet counts as 0.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/jiffies.h"
#include "rules/bind.h"
#include "rules/names/protocols.h"
#include "rules/option/connection_state.h"
#include "rules/option/network.h"
#include "rules/option/number.h"
#include "rules/option/port.h"

namespace utables::rules {
namespace {

struct Params {
  Given<std::uint32_t> state, protocol, status, direction;
  Given<Network> original_source, original_destination, reply_source, reply_destination;
  Given<PortRange> original_source_port, original_destination_port, reply_source_port, reply_destination_port;
  Given<NumberRange> expire;
  friend bool operator==(const Params&, const Params&) = default;
};

struct ProtocolKind {
  using Value = std::uint32_t;
  static Result<Value> parse(const OptionRow&, const OptionInput& input) {
    if (const auto number = protocol_number(input.values[0])) return *number;
    return fail(fmt::format("unknown protocol \"{}\" specified", input.values[0]));
  }
  static std::string text(const OptionRow&, const Value& value, Family) { return std::to_string(value); }
};

constexpr Named kStatuses[] = {
    {"NONE", 0}, {"EXPECTED", 1}, {"SEEN_REPLY", 2}, {"ASSURED", 4}, {"CONFIRMED", 8}};
constexpr Named kDirections[] = {{"ORIGINAL", 0}, {"REPLY", 1}};

enum Row : unsigned {
  kState,
  kProtocol,
  kOrigSrc,
  kOrigDst,
  kReplSrc,
  kReplDst,
  kOrigSrcPort,
  kOrigDstPort,
  kReplSrcPort,
  kReplDstPort,
  kStatus,
  kExpire,
  kDirection
};
constexpr std::array kOptions{
    option<CtStateKind, &Params::state>(
        {.name = "ctstate",
         .value = "state[,...]",
         .help = "INVALID, ESTABLISHED, NEW, RELATED, UNTRACKED, SNAT or DNAT",
         .invertible = true,
         .names = kCtStates,
         .list_word = "ctstate "}),
    option<ProtocolKind, &Params::protocol>({.name = "ctproto",
                                             .value = "protocol",
                                             .help = "the connection's protocol",
                                             .invertible = true,
                                             .list_word = "ctproto "}),
    option<NetworkKind, &Params::original_source>({.name = "ctorigsrc",
                                                   .value = "address[/mask]",
                                                   .help = "source of the original direction",
                                                   .invertible = true,
                                                   .list_word = "ctorigsrc "}),
    option<NetworkKind, &Params::original_destination>({.name = "ctorigdst",
                                                        .value = "address[/mask]",
                                                        .help = "destination of the original direction",
                                                        .invertible = true,
                                                        .list_word = "ctorigdst "}),
    option<NetworkKind, &Params::reply_source>({.name = "ctreplsrc",
                                                .value = "address[/mask]",
                                                .help = "source of the reply direction",
                                                .invertible = true,
                                                .list_word = "ctreplsrc "}),
    option<NetworkKind, &Params::reply_destination>({.name = "ctrepldst",
                                                     .value = "address[/mask]",
                                                     .help = "destination of the reply direction",
                                                     .invertible = true,
                                                     .list_word = "ctrepldst "}),
    option<PortSpanKind, &Params::original_source_port>({.name = "ctorigsrcport",
                                                         .value = "port[:port]",
                                                         .help = "source port of the original direction",
                                                         .invertible = true,
                                                         .list_word = "ctorigsrcport "}),
    option<PortSpanKind, &Params::original_destination_port>(
        {.name = "ctorigdstport",
         .value = "port[:port]",
         .help = "destination port of the original direction",
         .invertible = true,
         .list_word = "ctorigdstport "}),
    option<PortSpanKind, &Params::reply_source_port>({.name = "ctreplsrcport",
                                                      .value = "port[:port]",
                                                      .help = "source port of the reply direction",
                                                      .invertible = true,
                                                      .list_word = "ctreplsrcport "}),
    option<PortSpanKind, &Params::reply_destination_port>({.name = "ctrepldstport",
                                                           .value = "port[:port]",
                                                           .help = "destination port of the reply direction",
                                                           .invertible = true,
                                                           .list_word = "ctrepldstport "}),
    option<CtStatusKind, &Params::status>({.name = "ctstatus",
                                           .value = "status[,...]",
                                           .help = "NONE, EXPECTED, SEEN_REPLY, ASSURED or CONFIRMED",
                                           .invertible = true,
                                           .names = kStatuses,
                                           .list_word = "ctstatus "}),
    option<NumberRangeKind, &Params::expire>({.name = "ctexpire",
                                              .value = "time[:time]",
                                              .help = "seconds that it has to live",
                                              .invertible = true,
                                              .max = 0xffffffff,
                                              .list_word = "ctexpire "}),
    option<ChoiceKind, &Params::direction>({.name = "ctdir",
                                            .value = "ORIGINAL|REPLY",
                                            .help = "the packet's direction",
                                            .names = kDirections,
                                            .list_word = "ctdir "}),
};

Result<void> check(Params& p, const Rule&) {
  for (const OptionRow& row : kOptions)
    if (row.present(&p)) return {};
  return fail("conntrack: At least one option is required");
}

std::uint32_t bits_of(const Context& c) {
  std::uint32_t bits = state_bit(c.tracked->info);
  const conntrack::Connection* connection = c.connection();
  if (connection != nullptr && connection->is(conntrack::kSourceNat)) bits |= kStateSourceNat;
  if (connection != nullptr && connection->is(conntrack::kDestinationNat)) bits |= kStateDestinationNat;
  return bits;
}

// As Linux counts: whole ticks between the two moments, and whole seconds of those.
std::uint64_t seconds_left(const conntrack::Connection& connection, Time now) {
  if (!connection.is(conntrack::kConfirmed)) return 0;
  const Time ticks = std::max<Time>(ticks_of(connection.deadline) - ticks_of(now), 0);
  return static_cast<std::uint64_t>(ticks / kTicksPerSecond);
}

template <class T, class V>
bool fits(const Given<T>& given, const V& value) {
  return !given.set || given.value.holds(value) != given.inverted;
}

// The first row that a connection does not fit; -1 if it fits all.
int misfit(const Params& p, const conntrack::Connection& connection, const Context& c) {
  const conntrack::Tuple& original = connection.original();
  const conntrack::Tuple& reply = connection.reply();
  if (p.direction.set && p.direction.value != static_cast<std::uint32_t>(c.direction())) return kDirection;
  if (!fits(p.original_source, original.source)) return kOrigSrc;
  if (!fits(p.original_destination, original.destination)) return kOrigDst;
  if (!fits(p.reply_source, reply.source)) return kReplSrc;
  if (!fits(p.reply_destination, reply.destination)) return kReplDst;
  if (p.protocol.set && (original.protocol == p.protocol.value) == p.protocol.inverted) return kProtocol;
  if (!fits(p.original_source_port, original.source_port)) return kOrigSrcPort;
  if (!fits(p.original_destination_port, original.destination_port)) return kOrigDstPort;
  if (!fits(p.reply_source_port, reply.source_port)) return kReplSrcPort;
  if (!fits(p.reply_destination_port, reply.destination_port)) return kReplDstPort;
  if (p.status.set && ((p.status.value & connection.status) != 0) == p.status.inverted) return kStatus;
  if (!fits(p.expire, seconds_left(connection, c.now))) return kExpire;
  return -1;
}

// What a rule (CT, SYNPROXY) said of a packet that is not tracked yet is to Linux a connection without ends.
const conntrack::Connection* known_of(const Context& c) {
  static const conntrack::Connection kTemplate = [] {
    conntrack::Connection connection;
    connection.set(conntrack::kConfirmed);
    return connection;
  }();
  if (c.connection() != nullptr || c.tracked->as == nullptr) return c.connection();
  return &kTemplate;
}

Answer matches(const Params& p, const Context& c) {
  if (p.state.set && ((p.state.value & bits_of(c)) != 0) == p.state.inverted) return Answer::no(kState);
  const conntrack::Connection* connection = known_of(c);
  if (connection == nullptr) {
    if (p.state.set) return Answer::yes();
    for (unsigned i = 0; i < kOptions.size(); ++i)
      if (kOptions[i].present(&p)) return Answer::no(i);
    return Answer::no();
  }
  const int row = misfit(p, *connection, c);
  return row < 0 ? Answer::yes() : Answer::no(static_cast<unsigned>(row));
}

std::string observed(const Params&, const Context& c, unsigned row) {
  if (row == kState) return fmt::format("ctstate is {}", joined_names(kCtStates, bits_of(c)));
  const conntrack::Connection* connection = known_of(c);
  if (connection == nullptr) return "it has no connection";
  const conntrack::Tuple& original = connection->original();
  const conntrack::Tuple& reply = connection->reply();
  const auto family = original.family;
  switch (row) {
    case kProtocol:
      return fmt::format("ctproto is {}", original.protocol);
    case kOrigSrc:
      return "ctorigsrc is " + to_string(original.source, family);
    case kOrigDst:
      return "ctorigdst is " + to_string(original.destination, family);
    case kReplSrc:
      return "ctreplsrc is " + to_string(reply.source, family);
    case kReplDst:
      return "ctrepldst is " + to_string(reply.destination, family);
    case kOrigSrcPort:
      return fmt::format("ctorigsrcport is {}", original.source_port);
    case kOrigDstPort:
      return fmt::format("ctorigdstport is {}", original.destination_port);
    case kReplSrcPort:
      return fmt::format("ctreplsrcport is {}", reply.source_port);
    case kReplDstPort:
      return fmt::format("ctrepldstport is {}", reply.destination_port);
    case kStatus:
      return fmt::format("ctstatus is {}",
                         CtStatusKind::text(kOptions[kStatus], connection->status & 15U, family));
    case kExpire:
      return fmt::format("ctexpire is {}", seconds_left(*connection, c.now));
    default:
      return fmt::format("ctdir is {}", kDirections[static_cast<std::size_t>(c.direction())].name);
  }
}

}  // namespace

extern const MatchDescriptor kMatchConntrack;
const MatchDescriptor kMatchConntrack =
    match<Params, matches, observed>({.name = "conntrack",
                                      .summary = "the packet's connection",
                                      .options = kOptions,
                                      .needs_tracking = [](const void*) { return true; },
                                      .check = checked<Params, check>});

}  // namespace utables::rules
