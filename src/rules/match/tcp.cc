// tcp: ports, flags and options of TCP.
// Later fragments never match; a fragment at offset 8 could overwrite the flags and is dropped on the spot,
// as is a packet without a whole TCP header. --tcp-option looks only at kinds, skipping by their lengths.
#include "rules/match/tcp.h"

#include <fmt/format.h>

#include <array>

#include "packet/headers.h"
#include "rules/bind.h"
#include "rules/option/number.h"
#include "rules/option/port.h"
#include "rules/option/tcp_flags.h"

namespace utables::rules {
namespace {

struct Params {
  Given<PortRange> source, destination;
  Given<TcpFlags> flags;
  Given<std::uint32_t> tcp_option;
  friend bool operator==(const Params&, const Params&) = default;
};

struct TcpOptionKind : NumberKind {
  static Result<Value> parse(const OptionRow&, const OptionInput& input);
};

enum Row : unsigned { kSource, kDestination, kOption, kFlags, kSyn };
constexpr std::array kOptions{
    option<PortRangeKind, &Params::source>({.name = "sport",
                                            .alias = "source-port",
                                            .value = "port[:port]",
                                            .help = "source port",
                                            .invertible = true,
                                            .repeated = "Only one `--source-port' allowed",
                                            .list_word = "spt"}),
    option<PortRangeKind, &Params::destination>({.name = "dport",
                                                 .alias = "destination-port",
                                                 .value = "port[:port]",
                                                 .help = "destination port",
                                                 .invertible = true,
                                                 .repeated = "Only one `--destination-port' allowed",
                                                 .list_word = "dpt"}),
    option<TcpOptionKind, &Params::tcp_option>({.name = "tcp-option",
                                                .value = "number",
                                                .help = "a TCP option of this kind is there",
                                                .invertible = true,
                                                .repeated = "Only one `--tcp-option' allowed",
                                                .list_word = "option="}),
    option<TcpFlagsKind, &Params::flags>({.name = "tcp-flags",
                                          .value = "mask comp",
                                          .help = "of the flags in mask exactly those in comp are set",
                                          .values = 2,
                                          .invertible = true,
                                          .excludes = 1U << kSyn,
                                          .repeated = "Only one of `--syn' or `--tcp-flags'  allowed",
                                          .list_word = "flags:"}),
    option<SynKind, &Params::flags>({.name = "syn",
                                     .help = "SYN set; RST, ACK and FIN clear",
                                     .values = 0,
                                     .invertible = true,
                                     .hidden = true,
                                     .excludes = 1U << kFlags,
                                     .repeated = "Only one of `--syn' or `--tcp-flags'  allowed"}),
};

Result<std::uint32_t> TcpOptionKind::parse(const OptionRow&, const OptionInput& input) {
  auto number = NumberKind::parse({.name = "tcp-option", .min = 1, .max = 255}, input);
  if (!number) return fail(fmt::format("Bad TCP option \"{}\"", input.values[0]));
  return number;
}

enum class Scan : std::uint8_t { absent, there, cut };

Scan find_option(const packet::Buffer& packet, std::uint32_t kind) {
  const std::uint32_t header = packet.facts.tcp_header_size;
  if (header == 20) return Scan::absent;
  if (packet.transport_size() < header) return Scan::cut;
  const std::uint8_t* options = packet.transport() + 20;
  const std::uint32_t size = header - 20;
  for (std::uint32_t i = 0; i < size;) {
    if (options[i] == kind) return Scan::there;
    const std::uint32_t length = options[i] < 2 || i + 1 >= size ? 1 : options[i + 1];
    i += length == 0 ? 1 : length;
  }
  return Scan::absent;
}

Answer matches(const Params& p, const Context& c) {
  const packet::Facts& f = c.facts();
  if (f.fragment_offset != 0)
    return f.fragment_offset == 8 && !f.is_ipv6() ? Answer::hot_drop() : Answer::no();
  if (!f.has_transport_header) return Answer::hot_drop();
  if (!fits(p.source, f.source_port)) return Answer::no(kSource);
  if (!fits(p.destination, f.destination_port)) return Answer::no(kDestination);
  if (p.flags.set && ((f.tcp_flags & p.flags.value.mask) == p.flags.value.compare) == p.flags.inverted)
    return Answer::no(kFlags);
  if (!p.tcp_option.set) return Answer::yes();
  if (f.tcp_header_size < 20) return Answer::hot_drop();
  const Scan scan = find_option(c.packet, p.tcp_option.value);
  if (scan == Scan::cut) return Answer::hot_drop();
  return (scan == Scan::there) != p.tcp_option.inverted ? Answer::yes() : Answer::no(kOption);
}

std::string observed(const Params& p, const Context& c, unsigned row) {
  const packet::Facts& f = c.facts();
  if (f.is_later_fragment()) return "it is a later fragment, without a TCP header";
  switch (row) {
    case kSource:
      return fmt::format("sport is {}", f.source_port);
    case kDestination:
      return fmt::format("dport is {}", f.destination_port);
    case kOption:
      return fmt::format("it has {}TCP option {}", p.tcp_option.inverted ? "" : "no ", p.tcp_option.value);
    default:
      return fmt::format("flags are {}", tcp_flag_names(f.tcp_flags));
  }
}

}  // namespace

extern const MatchDescriptor kMatchTcp;
const MatchDescriptor kMatchTcp =
    match<Params, matches, observed>({.name = "tcp",
                                      .summary = "ports, flags and options of TCP",
                                      .protocol = packet::kTcp,
                                      .options = kOptions});

bool wants_syn(const Rule& rule) {
  for (const MatchUse& use : rule.matches) {
    if (use.match != &kMatchTcp) continue;
    const auto& flags = static_cast<const Params*>(use.params.get())->flags;
    if (flags.set && !flags.inverted && (flags.value.compare & packet::tcp::kSyn) != 0) return true;
  }
  return false;
}

}  // namespace utables::rules
