// sctp: ports of SCTP, and which chunks a packet holds.
// Later fragments never match; a packet without a whole SCTP header is dropped on the spot. --chunk-types
// walks the chunks and stops as soon as it knows; a chunk of length zero or without its whole header, if the
// walk gets there, drops the packet on the spot. A packet without any chunk is such a one. Under `!` the rule
// still counts it, and its target acts.
#include "packet/sctp.h"

#include <fmt/format.h>

#include <array>

#include "packet/headers.h"
#include "rules/bind.h"
#include "rules/option/port.h"
#include "rules/option/sctp_chunks.h"

namespace utables::rules {
namespace {

struct Params {
  Given<PortRange> source, destination;
  Given<SctpChunks> chunks;
  friend bool operator==(const Params&, const Params&) = default;
};

/// As `-p tcp` reads ports; but all of them is a range like any other.
struct SctpPortKind {
  using Value = PortRange;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    return PortRangeKind::parse(row, input);
  }
  static std::string text(const OptionRow& row, const Value& value, Family family) {
    return PortRangeKind::text(row, value, family);
  }
};

enum Row : unsigned { kSource, kDestination, kChunks };
constexpr std::array kOptions{
    option<SctpPortKind, &Params::source>({.name = "sport",
                                           .alias = "source-port",
                                           .value = "port[:port]",
                                           .help = "source port",
                                           .invertible = true,
                                           .repeated = "Only one `--source-port' allowed",
                                           .list_word = "spt"}),
    option<SctpPortKind, &Params::destination>({.name = "dport",
                                                .alias = "destination-port",
                                                .value = "port[:port]",
                                                .help = "destination port",
                                                .invertible = true,
                                                .repeated = "Only one `--destination-port' allowed",
                                                .list_word = "dpt"}),
    option<SctpChunksKind, &Params::chunks>({.name = "chunk-types",
                                             .value = "all|any|only chunk[:flags],...",
                                             .help = "all of these chunks are there, any of them, no others",
                                             .values = 2,
                                             .invertible = true,
                                             .repeated = "Only one `--chunk-types' allowed",
                                             .too_few = "--chunk-types requires two args"}),
};

enum class Found : std::uint8_t { no, yes, malformed };

Found look_for(const SctpChunks& wanted, const packet::Buffer& packet) {
  namespace sctp = packet::sctp;
  const std::span<const std::uint8_t> bytes(packet.transport(), packet.transport_size());
  std::bitset<256> missing = wanted.types;
  sctp::Chunks chunks(bytes);
  for (std::size_t behind = 0; behind < bytes.size();) {
    const auto chunk = chunks.next();
    if (!chunk || chunk->length == 0) return Found::malformed;
    behind = chunk->offset + ((std::size_t{chunk->length} + 3) & ~std::size_t{3});
    const bool listed = wanted.types.test(chunk->type);
    const bool fits = listed && wanted.flags_fit(chunk->type, chunk->flags);
    if (wanted.mode == SctpChunks::Mode::any && fits) return Found::yes;
    if (wanted.mode == SctpChunks::Mode::only && !fits) return Found::no;
    if (fits) missing.reset(chunk->type);
  }
  switch (wanted.mode) {
    case SctpChunks::Mode::all:
      return missing.none() ? Found::yes : Found::no;
    case SctpChunks::Mode::only:
      return Found::yes;
    default:
      return Found::no;
  }
}

Answer matches(const Params& p, const Context& c) {
  const packet::Facts& f = c.facts();
  if (f.is_later_fragment()) return Answer::no();
  if (!f.has_transport_header) return Answer::hot_drop();
  if (!fits(p.source, f.source_port)) return Answer::no(kSource);
  if (!fits(p.destination, f.destination_port)) return Answer::no(kDestination);
  if (!p.chunks.set) return Answer::yes();
  const Found found = look_for(p.chunks.value, c.packet);
  if (found == Found::malformed) return p.chunks.inverted ? Answer::yes_and_drop() : Answer::hot_drop();
  return (found == Found::yes) != p.chunks.inverted ? Answer::yes() : Answer::no(kChunks);
}

std::string observed(const Params&, const Context& c, unsigned row) {
  if (c.facts().is_later_fragment()) return "it is a later fragment, without an SCTP header";
  if (row == kSource) return fmt::format("sport is {}", c.facts().source_port);
  if (row == kDestination) return fmt::format("dport is {}", c.facts().destination_port);
  std::string names;
  packet::sctp::Chunks chunks({c.packet.transport(), c.packet.transport_size()});
  while (const auto chunk = chunks.next())
    names += (names.empty() ? "" : ", ") + packet::sctp::name(chunk->type);
  return "chunks are " + names;
}

}  // namespace

extern const MatchDescriptor kMatchSctp;
const MatchDescriptor kMatchSctp =
    match<Params, matches, observed>({.name = "sctp",
                                      .summary = "ports of SCTP, and which chunks a packet holds",
                                      .protocol = packet::kSctp,
                                      .options = kOptions});

}  // namespace utables::rules
