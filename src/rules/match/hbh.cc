// hbh and dst: the first header of hop-by-hop or destination options of IPv6, and its options in their order.
#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "base/scan.h"
#include "rules/bind.h"
#include "rules/match/extension_header.h"
#include "rules/option/number.h"

namespace utables::rules {
namespace {

constexpr std::size_t kMostOptions = 16;
constexpr std::uint16_t kAnyLength = 0xff;

/// Options as `type << 8 | length`; a length of 255 is any.
using Wanted = std::vector<std::uint16_t>;

struct WantedKind {
  using Value = Wanted;
  static Result<Value> parse(const OptionRow&, const OptionInput& input) {
    Wanted out;
    for (const std::string_view item : split(input.values[0], ',')) {
      const std::size_t colon = item.find(':');
      const auto type = scan_unsigned(item.substr(0, colon), 0, 0xffffffff);
      if (!type) return fail(fmt::format("{}: no valid digits in opt `{}'", input.extension, item));
      std::uint64_t length = kAnyLength;
      if (colon != std::string_view::npos) {
        const auto given = scan_unsigned(item.substr(colon + 1), 0, 0xffffffff);
        if (!given)
          return fail(
              fmt::format("{}: no valid digits in length `{}'", input.extension, item.substr(colon + 1)));
        length = *given;
      }
      if (out.size() == kMostOptions) return fail("too many addresses specified");
      out.push_back(static_cast<std::uint16_t>((*type & 0xff) << 8 | (length & 0xff)));
    }
    return out;
  }
  static std::string text(const OptionRow&, const Value& value, Family) {
    std::string out;
    for (const std::uint16_t one : value) {
      out += fmt::format("{}{}", out.empty() ? "" : ",", one >> 8U);
      if ((one & 0xffU) != kAnyLength) out += fmt::format(":{}", one & 0xffU);
    }
    return out;
  }
};

struct Params {
  Given<std::uint32_t> length;
  Given<Wanted> options;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr OptionRow length_row(std::string_view name) {
  return {.name = name,
          .value = "length",
          .help = "bytes of the header",
          .invertible = true,
          .max = 0xffffffff,
          .list_word = "length:"};
}
constexpr OptionRow options_row(std::string_view name) {
  return {.name = name,
          .value = "type[:length],...",
          .help = "its first options are these",
          .list_word = "opts "};
}
constexpr std::array kHopByHopOptions{option<NumberKind, &Params::length>(length_row("hbh-len")),
                                      option<WantedKind, &Params::options>(options_row("hbh-opts"))};
constexpr std::array kDestinationOptions{option<NumberKind, &Params::length>(length_row("dst-len")),
                                         option<WantedKind, &Params::options>(options_row("dst-opts"))};

/// `options` is what is behind the header's first two bytes.
bool begin_as(const Wanted& wanted, std::span<const std::uint8_t> options) {
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (options.empty() || options[0] != wanted[i] >> 8U) return false;
    std::size_t size = 1;
    if (options[0] != 0) {
      if (options.size() < 2) return false;
      const std::uint32_t length = wanted[i] & 0xffU;
      if (length != kAnyLength && length != options[1]) return false;
      size = 2U + options[1];
    }
    if (size > options.size() && i + 1 < wanted.size()) return false;
    options = options.subspan(std::min(size, options.size()));
  }
  return true;
}

template <std::uint8_t protocol>
Answer matches(const Params& p, const Context& c) {
  const ExtensionFound header = find_extension(c, protocol);
  if (!header.usable(2)) return header.refusal();
  if (p.length.set && (header.size == p.length.value) == p.length.inverted) return Answer::no(0);
  if (p.options.set && !begin_as(p.options.value, header.bytes.first(header.size).subspan(2)))
    return Answer::no(1);
  return Answer::yes();
}

template <std::uint8_t protocol>
std::string observed(const Params&, const Context& c, unsigned) {
  const ExtensionFound header = find_extension(c, protocol);
  if (!header.usable(2)) return "it has no such header";
  std::string out = fmt::format("{} bytes:", header.size);
  for (std::size_t i = 0; i < std::min<std::size_t>(header.size, header.bytes.size()) && i < 24; ++i)
    out += fmt::format(" {:02x}", header.bytes[i]);
  return out;
}

}  // namespace

extern const MatchDescriptor kMatchHbh, kMatchDst;
const MatchDescriptor kMatchHbh = match<Params, matches<packet::kHopByHop>, observed<packet::kHopByHop>>(
    {.name = "hbh", .summary = "hop-by-hop options", .families = 0b10, .options = kHopByHopOptions});
const MatchDescriptor kMatchDst =
    match<Params, matches<packet::kDestinationOptions>, observed<packet::kDestinationOptions>>(
        {.name = "dst", .summary = "destination options", .families = 0b10, .options = kDestinationOptions});

}  // namespace utables::rules
