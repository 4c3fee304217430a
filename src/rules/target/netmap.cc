// NETMAP: a network becomes another of the same size, address by address: the destination in PREROUTING and
// OUTPUT, the source in POSTROUTING and INPUT. Ports stay.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/scan.h"
#include "rules/bind.h"
#include "rules/option/network.h"
#include "rules/target/nat.h"

namespace utables::rules {
namespace {

/// An address as getaddrinfo(3) reads numbers: `1.2` is 1.0.0.2.
Result<Address> parse_numbers(std::string_view text, Family family) {
  const auto parts = split(text, '.');
  if (family != Family::ipv4 || parts.empty() || parts.size() > 4) return parse_host(text, family);
  std::uint32_t address = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    const unsigned bits = last ? 32 - 8 * static_cast<unsigned>(i) : 8;
    const auto number = scan_unsigned(parts[i], 0, (std::uint64_t{1} << bits) - 1);
    if (!number) return parse_host(text, family);
    address |= static_cast<std::uint32_t>(*number << (last ? 0 : 24 - 8 * i));
  }
  return Address::from_v4(address);
}

/// `address[/mask]`; a mask that is no prefix, or a longer one than there is, is taken for all of the
/// address.
struct NetmapKind {
  using Value = Prefix;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    const std::string_view text = input.values[0];
    const std::size_t slash = text.find('/');
    const auto address = parse_numbers(text.substr(0, slash), input.family);
    if (!address) return tl::unexpected(address.error());
    const unsigned bits = address_bits(input.family);
    unsigned length = bits;
    if (slash != std::string_view::npos) {
      const std::string_view word = text.substr(slash + 1);
      if (const auto number = scan_unsigned(word, 0, 0xffffffff)) {
        length = static_cast<unsigned>(std::min<std::uint64_t>(*number, bits));
      } else if (const auto mask = parse_address(word, input.family)) {
        const int given = length_of(*mask, input.family);
        length = given < 0 ? bits : static_cast<unsigned>(given);
      } else {
        return fail(fmt::format(
            "{}: bad value for option \"--{}\", neither a valid network mask nor valid CIDR (0-{}).",
            input.extension, row.spelled(), bits));
      }
    }
    return Prefix{input.family, static_cast<std::uint8_t>(length), *address & mask_of(length, input.family)};
  }
  static std::string text(const OptionRow&, const Value& value, Family family) {
    return fmt::format("{}/{}", to_string(value.address, family), value.length);
  }
};

struct Params {
  Given<Prefix> to;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<NetmapKind, &Params::to>({.name = "to",
                                     .value = "address[/mask]",
                                     .help = "the network that it becomes",
                                     .mandatory = true,
                                     .list_word = "to:"}),
};

Action act(const Params& p, Context& c) {
  const auto manipulation = manipulation_of(c.hook);
  const packet::Facts& facts = c.facts();
  const bool source = manipulation == conntrack::Manipulation::source;
  const Address mask = mask_of(p.to.value.length, facts.family);
  conntrack::NatRange range;
  range.has_addresses = true;
  range.first = p.to.value.address | ((source ? facts.source : facts.destination) & ~mask);
  range.last = range.first;
  return c.services.bind(c, manipulation, range);
}

}  // namespace

extern const TargetDescriptor kTargetNetmap;
const TargetDescriptor kTargetNetmap = target<Params, act>(
    {.name = "NETMAP",
     .summary = "a network becomes another of the same size",
     .families = 0b01,
     .tables = bit(TableId::nat),
     .hooks = bit(Hook::prerouting) | bit(Hook::output) | bit(Hook::postrouting) | bit(Hook::input),
     .options = kOptions,
     .needs_tracking = kAlwaysTracks});

}  // namespace utables::rules
