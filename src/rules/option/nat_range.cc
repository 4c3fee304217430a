#include "rules/option/nat_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "packet/headers.h"
#include "rules/names/services.h"

namespace utables::rules {
namespace {

using conntrack::NatRange;

constexpr std::uint64_t kMostPort = 0xffff;

/// The number that `text` begins with, as strtoul(3) reads it with base 0; what follows is left in `text`.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::string_view rest = text;
  if (!rest.empty() && rest.front() == '+') rest.remove_prefix(1);
  unsigned base = 10;
  if (rest.size() > 2 && rest[0] == '0' && (rest[1] == 'x' || rest[1] == 'X')) {
    base = 16;
    rest.remove_prefix(2);
  } else if (rest.size() > 1 && rest[0] == '0') {
    base = 8;
  }
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'                     ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : 99;
  };
  if (rest.empty() || static_cast<unsigned>(digit(rest[0])) >= base) return std::nullopt;
  std::uint64_t value = 0;
  for (; !rest.empty() && static_cast<unsigned>(digit(rest[0])) < base; rest.remove_prefix(1))
    value = std::min<std::uint64_t>(value * base + static_cast<unsigned>(digit(rest[0])), kMostPort + 1);
  text = rest;
  return value;
}

tl::unexpected<Error> invalid_port(std::string_view text) {
  return fail(fmt::format("Port `{}' not valid", text));
}

/// A number that `text` begins with, at least `least`, or a service's name that is all of it.
Result<std::uint16_t> take_port(std::string_view& text, std::uint64_t least, std::uint16_t protocol) {
  const std::string_view all = text;
  if (const auto number = take_number(text)) {
    if (*number < least || *number > kMostPort) return invalid_port(all);
    return static_cast<std::uint16_t>(*number);
  }
  const auto service = service_port(all, protocol);
  if (!service) return invalid_port(all);
  text = {};
  return *service;
}

/// Which bases are read: what iptables saves it does not all read again, utables does.
struct Bases {
  std::uint64_t least = 1;         ///< iptables asks for 1; SNAT and MASQUERADE save 0
  bool behind_single_port = true;  ///< of `80-80/5` it saves `80/5`
};
constexpr Bases kOfDestinations{}, kOfSources{.least = 0}, kNone{.behind_single_port = false};

Result<void> parse_ports(std::string_view text, std::uint16_t protocol, const Bases& bases, NatRange& range) {
  const auto first = take_port(text, 0, protocol);
  if (!first) return tl::unexpected(first.error());
  range.has_ports = true;
  range.first_port = range.last_port = *first;
  if (text.empty()) return {};
  if (text.front() == ':') return fail("Invalid port:port syntax - use dash");
  if (text.front() != '-' && !(text.front() == '/' && bases.behind_single_port))
    return fail(fmt::format("Garbage after port value: `{}'", text));
  if (text.front() == '-') {
    text.remove_prefix(1);
    const std::string_view last_word = text;
    const auto last = take_number(text);
    if (!last || *last > kMostPort) return invalid_port(last_word);
    if (*last < *first) return fail(fmt::format("Port range `{}' funky", last_word));
    range.last_port = static_cast<std::uint16_t>(*last);
    if (text.empty()) return {};
  }
  if (text.front() != '/') return fail(fmt::format("Garbage after port range: `{}'", text));
  text.remove_prefix(1);
  const auto base = take_port(text, bases.least, protocol);
  if (!base) return tl::unexpected(base.error());
  range.shifted = true;
  range.base_port = *base;
  return {};
}

/// Ports mean nothing without a protocol that has them.
Result<void> needs_ports(const OptionInput& input) {
  switch (input.protocol) {
    case packet::kTcp:
    case packet::kUdp:
    case packet::kSctp:
    case packet::kDccp:
    case packet::kIcmp:
      return {};
    default:
      return fail("Need TCP, UDP, SCTP or DCCP with port specification");
  }
}

Result<Address> one_address(std::string_view text, Family family) {
  // As inet_pton(3) has it: no leading zeros.
  if (const auto address = parse_address(text, family);
      address && (family != Family::ipv4 || to_string(*address, family) == text))
    return *address;
  return fail(fmt::format("Bad IP address \"{}\"", text));
}

std::string ports_text(const NatRange& range) {
  if (!range.has_ports) return {};
  std::string text = std::to_string(range.first_port);
  if (range.last_port != range.first_port) text += "-" + std::to_string(range.last_port);
  if (range.shifted) text += "/" + std::to_string(range.base_port);
  return text;
}

/// The two parts of a range, before they are read.
struct Parts {
  std::string_view addresses;
  std::optional<std::string_view> ports{};
};

/// Addresses of IPv6 stand in brackets where ports follow; what is in front of the brackets, and behind them
/// up to a colon, is not looked at.
Result<Parts> bracketed_parts(std::string_view text, std::size_t bracket) {
  text.remove_prefix(bracket + 1);
  const std::size_t close = text.find(']');
  if (close == std::string_view::npos) return fail("Invalid address format");
  const std::size_t colon = text.find(':', close);
  if (colon == std::string_view::npos) return Parts{text.substr(0, close)};
  return Parts{text.substr(0, close), text.substr(colon + 1)};
}

Result<Parts> parts_of(std::string_view text, Family family) {
  const std::size_t bracket = family == Family::ipv6 ? text.find('[') : std::string_view::npos;
  if (bracket != std::string_view::npos) return bracketed_parts(text, bracket);
  const std::size_t colon = text.find(':');
  // With more than one colon it is no port that follows.
  if (colon == std::string_view::npos || text.find(':', colon + 1) != std::string_view::npos)
    return Parts{text};
  return Parts{text.substr(0, colon), text.substr(colon + 1)};
}

Result<NatRange> parse_range(const OptionInput& input, const Bases& bases) {
  const auto parts = parts_of(input.values[0], input.family);
  if (!parts) return tl::unexpected(parts.error());
  NatRange range;
  const std::string_view text = parts->addresses;
  if (parts->ports) {
    if (auto allowed = needs_ports(input); !allowed) return tl::unexpected(allowed.error());
    if (auto read = parse_ports(*parts->ports, input.protocol, bases, range); !read)
      return tl::unexpected(read.error());
    if (text.empty()) return range;
  }
  const std::size_t dash = text.find('-');
  const auto first = one_address(text.substr(0, dash), input.family);
  if (!first) return tl::unexpected(first.error());
  range.has_addresses = true;
  range.first = range.last = *first;
  if (dash == std::string_view::npos) return range;
  const auto last = one_address(text.substr(dash + 1), input.family);
  if (!last) return tl::unexpected(last.error());
  range.last = *last;
  return range;
}

Result<NatRange> parse_ports_alone(const OptionInput& input, const Bases& bases) {
  if (auto allowed = needs_ports(input); !allowed) return tl::unexpected(allowed.error());
  NatRange range;
  if (auto read = parse_ports(input.values[0], input.protocol, bases, range); !read)
    return tl::unexpected(read.error());
  range.base_port = 0;
  return range;
}

}  // namespace

Result<NatRange> ShiftedNatRangeKind::parse(const OptionRow&, const OptionInput& input) {
  return parse_range(input, kOfDestinations);
}

Result<NatRange> NatRangeKind::parse(const OptionRow&, const OptionInput& input) {
  auto range = parse_range(input, kOfSources);
  if (range) range->base_port = 0;
  return range;
}

std::string NatRangeKind::text(const OptionRow&, const Value& range, Family family) {
  std::string text;
  if (range.has_addresses) {
    text = to_string(range.first, family);
    if (range.last != range.first) text += "-" + to_string(range.last, family);
    if (range.has_ports && family == Family::ipv6) text = "[" + text + "]";
  }
  if (range.has_ports) text += ":" + ports_text(range);
  return text;
}

Result<NatRange> NatPortsKind::parse(const OptionRow&, const OptionInput& input) {
  return parse_ports_alone(input, kOfSources);
}

std::string NatPortsKind::text(const OptionRow&, const Value& range, Family) { return ports_text(range); }

Result<NatRange> UnshiftedNatPortsKind::parse(const OptionRow&, const OptionInput& input) {
  auto range = parse_ports_alone(input, kNone);
  if (range && range->shifted) return fail("Shifted portmap ranges not supported with this kernel");
  return range;
}

}  // namespace utables::rules
