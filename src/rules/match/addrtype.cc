// addrtype: what kind of address source and destination are to this box, by its table `local`.
// What that table does not hold is UNICAST; with --limit-iface-... so is what it holds for another interface.
// Over IPv6 several types are asked one after the other, and some are not there; ANYCAST is not LOCAL.
// 0.0.0.0 and 255.255.255.255 are BROADCAST and 224.0.0.0/4 MULTICAST before any table is asked.
#include <fmt/format.h>

#include <array>

#include "base/ipv6_address.h"
#include "base/scan.h"
#include "rules/bind.h"
#include "rules/option/choice.h"

namespace utables::rules {
namespace {

constexpr Named kTypes[] = {
    {"UNSPEC", 1U << 0U},   {"UNICAST", 1U << 1U},   {"LOCAL", 1U << 2U},     {"BROADCAST", 1U << 3U},
    {"ANYCAST", 1U << 4U},  {"MULTICAST", 1U << 5U}, {"BLACKHOLE", 1U << 6U}, {"UNREACHABLE", 1U << 7U},
    {"PROHIBIT", 1U << 8U}, {"THROW", 1U << 9U},     {"NAT", 1U << 10U},      {"XRESOLVE", 1U << 11U},
};

/// BROADCAST, and what would need a look at the routes.
constexpr std::uint32_t kNotOverIpv6 = 1U << 3U | 1U << 6U | 1U << 8U | 1U << 9U | 1U << 10U | 1U << 11U;

struct TypesKind {
  using Value = std::uint32_t;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    std::uint32_t types = 0;
    for (const std::string_view word : split(input.values[0], ',')) {
      const Named* type = word.empty() ? nullptr : find_beginning(row.names, word);
      if (type == nullptr) return fail(fmt::format("addrtype: bad type \"{}\"", word));
      types |= type->value;
    }
    if (input.family == Family::ipv6 && (types & kNotOverIpv6) != 0)
      return fail(fmt::format("Invalid argument: addrtype does not know {} over IPv6",
                              joined_names(row.names, types & kNotOverIpv6)));
    return types;
  }
  static std::string text(const OptionRow& row, const Value& value, Family) {
    return joined_names(row.names, value);
  }
};

struct Params {
  Given<std::uint32_t> source, destination;
  Given<bool> limit_in, limit_out;
  friend bool operator==(const Params&, const Params&) = default;
};

enum Row : unsigned { kSource, kDestination, kLimitIn, kLimitOut };
constexpr std::array kOptions{
    option<TypesKind, &Params::source>({.name = "src-type",
                                        .value = "type[,...]",
                                        .help = "source is one of these",
                                        .invertible = true,
                                        .names = kTypes,
                                        .list_word = "ADDRTYPE match src-type "}),
    option<TypesKind, &Params::destination>({.name = "dst-type",
                                             .value = "type[,...]",
                                             .help = "destination is one of these",
                                             .invertible = true,
                                             .names = kTypes,
                                             .list_word = "ADDRTYPE match dst-type "}),
    option<FlagKind, &Params::limit_in>({.name = "limit-iface-in",
                                         .help = "only as an address of the interface it came in by",
                                         .values = 0,
                                         .excludes = 1U << kLimitOut}),
    option<FlagKind, &Params::limit_out>({.name = "limit-iface-out",
                                          .help = "only as an address of the interface it leaves by",
                                          .values = 0,
                                          .excludes = 1U << kLimitIn}),
};

Result<void> check(Params& p, const Rule&) {
  if (p.source.set || p.destination.set) return {};
  return fail("addrtype: you must specify --src-type or --dst-type");
}

Result<void> validate(const void* params, const Rule&, std::uint8_t hooks) {
  const auto& p = *static_cast<const Params*>(params);
  if (p.limit_out.set && (hooks & (bit(Hook::prerouting) | bit(Hook::input))) != 0)
    return fail("addrtype --limit-iface-out is not for PREROUTING and INPUT");
  if (p.limit_in.set && (hooks & (bit(Hook::postrouting) | bit(Hook::output))) != 0)
    return fail("addrtype --limit-iface-in is not for POSTROUTING and OUTPUT");
  return {};
}

std::uint32_t type_of(const Address& address, const Params& p, const Context& c) {
  using host::RouteType;
  constexpr auto type = [](RouteType t) { return 1U << static_cast<unsigned>(t); };
  const Family family = c.facts().family;
  if (family == Family::ipv4) {
    const std::uint32_t a = address.v4();
    if (a == 0 || a == 0xffffffff) return type(RouteType::broadcast);
    if (a >> 28U == 0xe) return type(RouteType::multicast);
  }
  const host::Lookup found = c.host.routes.find(address, family);
  const bool of_table_local = found.type == RouteType::local || found.type == RouteType::broadcast ||
                              found.type == RouteType::anycast || found.type == RouteType::multicast;
  if (!of_table_local) return type(RouteType::unicast);
  const InterfaceId wanted = p.limit_in.set ? c.in : p.limit_out.set ? c.out : kNoInterface;
  if (wanted != kNoInterface && found.device != wanted) return type(RouteType::unicast);
  return type(found.type);
}

constexpr std::uint32_t kUnspec = 1U << 0U, kUnicast = 1U << 1U, kLocal = 1U << 2U, kAnycast = 1U << 4U,
                        kMulticast = 1U << 5U, kUnreachable = 1U << 7U;

/// What the table says of an IPv6 address, where one of LOCAL, ANYCAST, UNREACHABLE is asked for.
std::uint32_t route_type6(const Address& address, std::uint32_t mask, const Params& p, const Context& c) {
  using host::RouteType;
  const InterfaceId wanted = p.limit_in.set ? c.in : p.limit_out.set ? c.out : kNoInterface;
  std::uint32_t types = 0;
  if (wanted != kNoInterface && (mask & kLocal) != 0)
    for (const host::InterfaceAddress& own : c.host.at(wanted).addresses)
      if (own.prefix.family == Family::ipv6 && own.prefix.address == address) types = kLocal;
  const host::Lookup found = c.host.routes.find(address, Family::ipv6, 0, wanted);
  if (found.type == RouteType::unspec) return kUnreachable;
  if (found.type == RouteType::unreachable || found.type == RouteType::prohibit ||
      found.type == RouteType::blackhole)
    return kUnreachable;
  if (wanted == kNoInterface && found.type == RouteType::local) types |= kLocal;
  if (found.type == RouteType::anycast) types |= kAnycast;
  return types;
}

bool fits6(const Address& address, std::uint32_t mask, const Params& p, const Context& c) {
  const bool multicast = ipv6::is_multicast(address), unspecified = address.is_zero();
  if ((mask & kMulticast) != 0 && !multicast) return false;
  if ((mask & kUnicast) != 0 && (multicast || unspecified)) return false;
  if ((mask & kUnspec) != 0 && !unspecified) return false;
  if ((mask & (kLocal | kAnycast | kUnreachable)) != 0) return (mask & route_type6(address, mask, p, c)) != 0;
  return true;
}

bool fits(const Address& address, std::uint32_t mask, const Params& p, const Context& c) {
  return c.facts().is_ipv6() ? fits6(address, mask, p, c) : (type_of(address, p, c) & mask) != 0;
}

Answer matches(const Params& p, const Context& c) {
  if (p.source.set && fits(c.facts().source, p.source.value, p, c) == p.source.inverted)
    return Answer::no(kSource);
  if (p.destination.set && fits(c.facts().destination, p.destination.value, p, c) == p.destination.inverted)
    return Answer::no(kDestination);
  return Answer::yes();
}

std::string observed(const Params& p, const Context& c, unsigned row) {
  const Address& address = row == kSource ? c.facts().source : c.facts().destination;
  return fmt::format("{} is {}", row == kSource ? "src-type" : "dst-type",
                     name_of(kTypes, type_of(address, p, c)));
}

}  // namespace

extern const MatchDescriptor kMatchAddrtype;
const MatchDescriptor kMatchAddrtype =
    match<Params, matches, observed>({.name = "addrtype",
                                      .summary = "what kind of address it is to this box",
                                      .looks_at = LooksAt::flow,
                                      .options = kOptions,
                                      .check = checked<Params, check>,
                                      .validate = validate});

}  // namespace utables::rules
