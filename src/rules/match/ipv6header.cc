// ipv6header: which extension headers the packet has: exactly these, or with --soft all of these.
#include <fmt/format.h>

#include <array>

#include "base/scan.h"
#include "packet/headers.h"
#include "rules/bind.h"
#include "rules/match/extension_header.h"
#include "rules/names/protocols.h"
#include "rules/option/choice.h"

namespace utables::rules {
namespace {

constexpr std::uint32_t kHop = 128, kDst = 64, kRoute = 32, kFrag = 16, kAuth = 8, kEsp = 4, kNone = 2,
                        kUpper = 1;

struct Header {
  std::string_view saved, name;
  std::uint16_t protocol;
  std::uint32_t bit;
};
constexpr std::uint16_t kNoNumber = 0xffff;
constexpr Header kHeaders[] = {
    {"hop-by-hop", "hop", packet::kHopByHop, kHop},
    {"ipv6-opts", "dst", packet::kDestinationOptions, kDst},
    {"ipv6-route", "route", packet::kRouting, kRoute},
    {"ipv6-frag", "frag", packet::kFragment, kFrag},
    {"ah", "auth", packet::kAh, kAuth},
    {"esp", "esp", packet::kEsp, kEsp},
    {"ipv6-nonxt", "none", packet::kNoNextHeader, kNone},
    {"protocol", "prot", kNoNumber, kUpper},
};

struct HeadersKind {
  using Value = std::uint32_t;
  static Result<Value> parse(const OptionRow&, const OptionInput& input) {
    std::uint32_t bits = 0;
    for (const std::string_view word : split(input.values[0], ',')) {
      const auto unknown = [](std::string_view what) {
        return fail(fmt::format("unknown header `{}' specified", what));
      };
      std::uint32_t found = 0;
      for (const Header& row : kHeaders)
        if (row.saved == word || row.name == word) found = row.bit;
      if (found == 0) {
        const auto number = protocol_number(std::string(word));
        if (!number) return unknown(word);
        for (const Header& row : kHeaders)
          if (row.protocol == *number) found = row.bit;
        if (found == 0) return unknown(std::to_string(*number));
      }
      bits |= found;
    }
    return bits;
  }
  static std::string text(const OptionRow&, const Value& value, Family) {
    std::string out;
    for (const Header& row : kHeaders)
      if ((value & row.bit) != 0) out += fmt::format("{}{}", out.empty() ? "" : ",", row.saved);
    return out;
  }
};

struct Params {
  Given<std::uint32_t> headers;
  Given<bool> soft;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<HeadersKind, &Params::headers>({.name = "header",
                                           .value = "header,...",
                                           .help = "hop, dst, route, frag, auth, esp, none, prot",
                                           .mandatory = true,
                                           .invertible = true,
                                           .list_word = "flags:"}),
    option<FlagKind, &Params::soft>(
        {.name = "soft", .help = "others may be there too", .values = 0, .list_word = "soft"}),
};

std::uint32_t bit_of(std::uint8_t protocol) {
  for (const Header& row : kHeaders)
    if (row.protocol == protocol) return row.bit;
  return kUpper;
}

/// The bits of the packet's headers; kEsp and kNone end the chain. None: the chain is cut.
std::optional<std::uint32_t> headers_of(std::span<const std::uint8_t> packet) {
  std::uint32_t bits = 0, offset = packet::kIpv6Header;
  std::uint8_t protocol = packet[6];
  while (packet::is_extension(protocol) || protocol == packet::kEsp) {
    if (protocol == packet::kNoNextHeader) return bits | kNone;
    if (offset + 2 > packet.size()) return std::nullopt;
    bits |= bit_of(protocol);
    if (protocol == packet::kEsp) return bits;
    std::uint32_t size = (packet[offset + 1] + 1U) * 8;
    if (protocol == packet::kFragment) size = packet::kFragmentHeader;
    if (protocol == packet::kAh) size = (packet[offset + 1] + 2U) * 4;
    protocol = packet[offset];
    offset += size;
    if (offset > packet.size()) break;
  }
  return protocol == packet::kNoNextHeader || protocol == packet::kEsp ? bits : bits | kUpper;
}

Answer matches(const Params& p, const Context& c) {
  const auto bits = headers_of(c.packet.view());
  if (!bits) return Answer::no();
  const std::uint32_t wanted = p.headers.value;
  if (p.soft.set) return (*bits & wanted) == (p.headers.inverted ? 0 : wanted) ? Answer::yes() : Answer::no();
  return (*bits == wanted) != p.headers.inverted ? Answer::yes() : Answer::no();
}

std::string observed(const Params&, const Context& c, unsigned) {
  const auto bits = headers_of(c.packet.view());
  return bits ? "its headers are " + HeadersKind::text({}, *bits, Family::ipv6)
              : "its extension headers are cut";
}

}  // namespace

extern const MatchDescriptor kMatchIpv6header;
const MatchDescriptor kMatchIpv6header =
    match<Params, matches, observed>({.name = "ipv6header",
                                      .summary = "which extension headers there are",
                                      .families = 0b10,
                                      .options = kOptions});

}  // namespace utables::rules
