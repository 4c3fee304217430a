// multiport: up to 15 ports or ranges of TCP, UDP, UDP-Lite, SCTP or DCCP.
// Later fragments never match; a packet without its ports is dropped on the spot.
#include <fmt/format.h>

#include <array>

#include "rules/bind.h"
#include "rules/option/multi_port.h"

namespace utables::rules {
namespace {

struct Params {
  Given<PortList> source, destination, either;
  friend bool operator==(const Params&, const Params&) = default;
};

enum Row : unsigned { kSource, kDestination, kEither };
constexpr std::uint32_t others(unsigned row) { return 0b111U & ~(1U << row); }
constexpr std::array kOptions{
    option<PortListKind, &Params::source>({.name = "sports",
                                           .alias = "source-ports",
                                           .value = "port[,port:port,...]",
                                           .help = "source port is one of these",
                                           .invertible = true,
                                           .excludes = others(kSource),
                                           .list_word = "sports "}),
    option<PortListKind, &Params::destination>({.name = "dports",
                                                .alias = "destination-ports",
                                                .value = "port[,port:port,...]",
                                                .help = "destination port is one of these",
                                                .invertible = true,
                                                .excludes = others(kDestination),
                                                .list_word = "dports "}),
    option<PortListKind, &Params::either>({.name = "ports",
                                           .value = "port[,port:port,...]",
                                           .help = "one of both ports is one of these",
                                           .invertible = true,
                                           .excludes = others(kEither),
                                           .list_word = "ports "}),
};

Result<void> check(Params& p, const Rule&) {
  if (p.source.set || p.destination.set || p.either.set) return {};
  return fail("multiport expection an option");  // spelled so
}

Answer matches(const Params& p, const Context& c) {
  const packet::Facts& f = c.facts();
  if (f.is_later_fragment()) return Answer::no();
  if (c.packet.transport_size() < 4) return Answer::hot_drop();
  const std::uint8_t* ports = c.packet.transport();
  const std::uint16_t source = load16(ports), destination = load16(ports + 2);
  if (p.source.set && p.source.value.holds(source) == p.source.inverted) return Answer::no(kSource);
  if (p.destination.set && p.destination.value.holds(destination) == p.destination.inverted)
    return Answer::no(kDestination);
  if (p.either.set &&
      (p.either.value.holds(source) || p.either.value.holds(destination)) == p.either.inverted)
    return Answer::no(kEither);
  return Answer::yes();
}

std::string observed(const Params&, const Context& c, unsigned row) {
  const packet::Facts& f = c.facts();
  if (f.is_later_fragment()) return "it is a later fragment, without ports";
  if (row == kSource) return fmt::format("sport is {}", f.source_port);
  if (row == kDestination) return fmt::format("dport is {}", f.destination_port);
  return fmt::format("sport is {}, dport is {}", f.source_port, f.destination_port);
}

}  // namespace

extern const MatchDescriptor kMatchMultiport;
const MatchDescriptor kMatchMultiport = match<Params, matches, observed>(
    {.name = "multiport", .summary = "several ports", .options = kOptions, .check = checked<Params, check>});

}  // namespace utables::rules
