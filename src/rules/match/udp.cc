// udp: ports of UDP.
// Later fragments never match; a packet without a whole UDP header is dropped on the spot.
#include <fmt/format.h>

#include <array>

#include "packet/headers.h"
#include "rules/bind.h"
#include "rules/option/port.h"

namespace utables::rules {
namespace {

struct Params {
  Given<PortRange> source, destination;
  friend bool operator==(const Params&, const Params&) = default;
};

enum Row : unsigned { kSource, kDestination };
constexpr std::array kOptions{
    option<PortSpanOrAllKind, &Params::source>({.name = "sport",
                                                .alias = "source-port",
                                                .value = "port[:port]",
                                                .help = "source port",
                                                .invertible = true,
                                                .list_word = "spt"}),
    option<PortSpanOrAllKind, &Params::destination>({.name = "dport",
                                                     .alias = "destination-port",
                                                     .value = "port[:port]",
                                                     .help = "destination port",
                                                     .invertible = true,
                                                     .list_word = "dpt"}),
};

Answer matches(const Params& p, const Context& c) {
  const packet::Facts& f = c.facts();
  if (f.is_later_fragment()) return Answer::no();
  if (!f.has_transport_header) return Answer::hot_drop();
  if (!fits(p.source, f.source_port)) return Answer::no(kSource);
  if (!fits(p.destination, f.destination_port)) return Answer::no(kDestination);
  return Answer::yes();
}

std::string observed(const Params&, const Context& c, unsigned row) {
  if (c.facts().is_later_fragment()) return "it is a later fragment, without a UDP header";
  return row == kSource ? fmt::format("sport is {}", c.facts().source_port)
                        : fmt::format("dport is {}", c.facts().destination_port);
}

}  // namespace

extern const MatchDescriptor kMatchUdp;
const MatchDescriptor kMatchUdp = match<Params, matches, observed>(
    {.name = "udp", .summary = "ports of UDP", .protocol = packet::kUdp, .options = kOptions});

}  // namespace utables::rules
