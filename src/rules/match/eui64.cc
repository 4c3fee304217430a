// eui64: the lower half of the IPv6 source is made of its Ethernet address (RFC 4291 appendix A).
#include <fmt/format.h>

#include <array>

#include "rules/bind.h"

namespace utables::rules {
namespace {

constexpr std::uint16_t kEtherTypeIpv6 = 0x86dd;

Answer matches(const NoParams&, const Context& c) {
  if (!c.link->present) return c.facts().is_later_fragment() ? Answer::hot_drop() : Answer::no();
  if (c.link->type != kEtherTypeIpv6) return Answer::no();
  const auto& mac = c.link->source;
  const std::array<std::uint8_t, 8> wanted{
      static_cast<std::uint8_t>(mac[0] ^ 2U), mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]};
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (c.facts().source.bytes[8 + i] != wanted[i]) return Answer::no();
  return Answer::yes();
}

std::string observed(const NoParams&, const Context& c, unsigned) {
  if (!c.link->present) return "it has no Ethernet source";
  const auto& m = c.link->source;
  return fmt::format("its Ethernet source is {:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", m[0], m[1], m[2],
                     m[3], m[4], m[5]);
}

}  // namespace

extern const MatchDescriptor kMatchEui64;
const MatchDescriptor kMatchEui64 = match<NoParams, matches, observed>(
    {.name = "eui64",
     .summary = "the source address is made of the Ethernet address",
     .families = 0b10,
     .hooks = bit(Hook::prerouting) | bit(Hook::input) | bit(Hook::forward)});

}  // namespace utables::rules
