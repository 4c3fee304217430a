// pkttype: to whom the frame was addressed. A packet looped back counts by its destination: multicast or
// broadcast.
#include <fmt/format.h>

#include <array>

#include "rules/bind.h"
#include "rules/option/choice.h"

namespace utables::rules {
namespace {

constexpr auto number(PacketType type) { return static_cast<std::uint32_t>(type); }
constexpr Named kTypes[] = {
    {"unicast", number(PacketType::host)},        {"broadcast", number(PacketType::broadcast)},
    {"multicast", number(PacketType::multicast)}, {"otherhost", number(PacketType::other_host)},
    {"bcast", number(PacketType::broadcast)},     {"mcast", number(PacketType::multicast)},
    {"host", number(PacketType::host)},
};

struct PacketTypeKind : ChoiceKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    auto type = ChoiceKind::parse(row, input);
    if (!type) return fail(fmt::format("Bad packet type '{}'", input.values[0]));
    return type;
  }
};

struct Params {
  Given<std::uint32_t> type;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<PacketTypeKind, &Params::type>({.name = "pkt-type",
                                           .value = "unicast|broadcast|multicast|otherhost",
                                           .help = "to whom the frame was addressed",
                                           .mandatory = true,
                                           .invertible = true,
                                           .names = kTypes,
                                           .list_word = "PKTTYPE = "}),
};

PacketType type_of(const Context& c) {
  if (c.type != PacketType::loopback) return c.type;
  const packet::Facts& f = c.facts();
  const bool multicast =
      f.family == Family::ipv4 ? (f.destination.bytes[0] & 0xf0) == 0xe0 : f.destination.bytes[0] == 0xff;
  return multicast || f.family == Family::ipv6 ? PacketType::multicast : PacketType::broadcast;
}

Answer matches(const Params& p, const Context& c) {
  return (number(type_of(c)) == p.type.value) != p.type.inverted ? Answer::yes() : Answer::no();
}

std::string observed(const Params&, const Context& c, unsigned) {
  const std::string_view word = name_of(kTypes, number(type_of(c)));
  return fmt::format("pkt-type is {}", word.empty() ? "outgoing" : word);
}

}  // namespace

extern const MatchDescriptor kMatchPkttype;
const MatchDescriptor kMatchPkttype = match<Params, matches, observed>(
    {.name = "pkttype", .summary = "to whom the frame was addressed", .options = kOptions});

}  // namespace utables::rules
