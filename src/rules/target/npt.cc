// SNPT and DNPT: the prefix of a source or a destination becomes another, packet by packet and without a
// memory (RFC 6296). What the change does to the one's-complement sum of the address is made good in another
// of its words, so that no checksum changes: the fourth where both prefixes leave it free, else the first
// word of the interface identifier that is not ffff. Where all four are the packet is dropped, with its new
// prefix, and the sender told.
//
// The packet's own address is mapped whatever its prefix is. Of an ICMPv6 error the quoted packet's other end
// is mapped too, if it is within --src-pfx and no extension header stands before the error, but not where a
// program made the error: Linux takes the first byte of such a packet for the type.
#include "rules/target/npt.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "packet/checksum.h"
#include "packet/extensions.h"
#include "packet/headers.h"
#include "rules/bind.h"
#include "rules/option/prefix.h"

namespace utables::rules {
namespace {

constexpr unsigned kLongest = 64;       ///< of a prefix, bits
constexpr std::size_t kSubnet = 6;      ///< offset of the fourth word, bytes
constexpr std::size_t kIdentifier = 8;  ///< ... of the interface identifier
constexpr std::uint32_t kSource = 8, kDestination = 24, kIcmpHeader = 8;
constexpr std::uint8_t kLastError = packet::icmpv6::kParameterProblem;

/// Of ::/0 iptables-save says nothing.
struct NptPrefixKind : PrefixKind {
  static bool written(const Value& value) { return value.length != 0; }
};

struct Params {
  Given<Prefix> from, to;
  std::uint16_t adjustment = 0;  ///< what the word that makes it good gets more
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array<OptionRow, 2> options(std::string_view list_word) {
  return {option<NptPrefixKind, &Params::from>({.name = "src-pfx",
                                                .value = "prefix/length",
                                                .help = "the prefix that it has",
                                                .mandatory = true,
                                                .list_word = list_word}),
          option<NptPrefixKind, &Params::to>({.name = "dst-pfx",
                                              .value = "prefix/length",
                                              .help = "the prefix that it gets",
                                              .mandatory = true,
                                              .list_word = "dst-pfx "})};
}
constexpr auto kSnptOptions = options("SNPT src-pfx "), kDnptOptions = options("DNPT src-pfx ");

Result<void> check(Params& p, const Rule&) {
  const auto without = static_cast<std::uint16_t>(~packet::fold(packet::sum(p.to.value.address.bytes)));
  p.adjustment = byteswap16(packet::fold(packet::sum(p.from.value.address.bytes, without)));
  return {};
}

Result<void> validate(const void* params, const Rule&, std::uint8_t) {
  const auto& p = *static_cast<const Params*>(params);
  for (const Prefix* prefix : {&p.from.value, &p.to.value}) {
    if (prefix->length > kLongest) return fail("a prefix longer than 64 bits");
    if (prefix->address != (prefix->address & mask_of(prefix->length, Family::ipv6)))
      return fail("a prefix has bits set behind its length");
  }
  return {};
}

/// The offset of the word that makes good; none if all that could are ffff.
std::optional<std::size_t> free_word(const Address& address, unsigned prefix) {
  if (prefix <= kSubnet * 8) return kSubnet;
  for (std::size_t at = kIdentifier; at < address.bytes.size(); at += 2)
    if (load16(&address.bytes[at]) != 0xffff) return at;
  return std::nullopt;
}

/// False: the address has got its prefix, and nothing could be made good.
bool map(const Params& p, Address& address) {
  const unsigned prefix = std::max(p.from.value.length, p.to.value.length);
  address = (address & ~mask_of(prefix, Family::ipv6)) | p.to.value.address;
  const auto at = free_word(address, prefix);
  if (!at) return false;
  const std::uint32_t sum = std::uint32_t{load16(&address.bytes[*at])} + p.adjustment;
  const auto folded = static_cast<std::uint16_t>((sum & 0xffff) + (sum >> 16));
  store16(&address.bytes[*at], folded == 0xffff ? std::uint16_t{0} : folded);
  return true;
}

bool map_at(const Params& p, std::uint8_t* field) {
  Address address = Address::load(field, Family::ipv6);
  const bool mapped = map(p, address);
  std::copy(address.bytes.begin(), address.bytes.end(), field);
  return mapped;
}

/// The quoted packet of an error, in which the address stands at the other end.
void map_quote(const Params& p, Context& c, std::uint32_t field) {
  constexpr std::uint32_t kQuote = packet::kIpv6Header + kIcmpHeader;
  const packet::Buffer& packet = c.packet;
  if (c.headers_given || packet.bytes[6] != packet::kIcmpv6 || packet.size < kQuote + packet::kIpv6Header)
    return;
  const std::uint8_t type = packet.bytes[packet::kIpv6Header];
  if (type == 0 || type > kLastError) return;
  std::uint8_t* const address = packet.bytes + kQuote + field;
  if (p.from.value.contains(Address::load(address, Family::ipv6))) (void)map_at(p, address);
}

Action act_at(const Params& p, Context& c, std::uint32_t field) {
  packet::Facts& facts = c.packet.facts;
  const bool mapped = map_at(p, c.packet.bytes + field);
  (field == kSource ? facts.source : facts.destination) = Address::load(c.packet.bytes + field, Family::ipv6);
  if (!mapped) return Action::drop;
  map_quote(p, c, field == kSource ? kDestination : kSource);
  return Action::continue_;
}

Action act_on_source(const Params& p, Context& c) { return act_at(p, c, kSource); }
Action act_on_destination(const Params& p, Context& c) { return act_at(p, c, kDestination); }

}  // namespace

extern const TargetDescriptor kTargetSnpt, kTargetDnpt;
const TargetDescriptor kTargetSnpt =
    target<Params, act_on_source>({.name = "SNPT",
                                   .summary = "the prefix of the source becomes another",
                                   .families = 0b10,
                                   .tables = bit(TableId::mangle),
                                   .hooks = bit(Hook::input) | bit(Hook::postrouting),
                                   .options = kSnptOptions,
                                   .check = checked<Params, check>,
                                   .validate = validate});
const TargetDescriptor kTargetDnpt =
    target<Params, act_on_destination>({.name = "DNPT",
                                        .summary = "the prefix of the destination becomes another",
                                        .families = 0b10,
                                        .tables = bit(TableId::mangle),
                                        .hooks = bit(Hook::prerouting) | bit(Hook::output),
                                        .options = kDnptOptions,
                                        .check = checked<Params, check>,
                                        .validate = validate});

std::optional<std::uint32_t> field_not_made_good(const TargetDescriptor& target) {
  if (&target == &kTargetSnpt) return kSource;
  if (&target == &kTargetDnpt) return kDestination;
  return std::nullopt;
}

}  // namespace utables::rules
