#include "host/ip_scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/scan.h"

namespace utables::host {

namespace {

struct Named {
  std::string_view name;
  std::uint8_t value;
};
constexpr Named kScopes[] = {{"global", 0}, {"universe", 0}, {"nowhere", 255},
                             {"host", 254}, {"link", 253},   {"site", 200}};
constexpr Named kProtocols[] = {
    {"unspec", 0}, {"none", 0},  {"redirect", 1}, {"kernel", 2},   {"boot", 3},        {"static", 4},
    {"gated", 8},  {"ra", 9},    {"mrt", 10},     {"zebra", 11},   {"bird", 12},       {"dnrouted", 13},
    {"xorp", 14},  {"ntk", 15},  {"dhcp", 16},    {"mrouted", 17}, {"keepalived", 18}, {"babel", 42},
    {"openr", 99}, {"bgp", 186}, {"isis", 187},   {"ospf", 188},   {"rip", 189},       {"eigrp", 192}};
constexpr Named kTypes[] = {{"unicast", 1},  {"local", 2},     {"broadcast", 3}, {"brd", 3},
                            {"anycast", 4},  {"multicast", 5}, {"blackhole", 6}, {"unreachable", 7},
                            {"prohibit", 8}, {"throw", 9},     {"nat", 10}};

std::optional<std::uint8_t> value_of(std::span<const Named> table, std::string_view word) {
  for (const Named& row : table)
    if (row.name == word) return row.value;
  return std::nullopt;
}

std::uint8_t named_or_number(IpWords& words, std::span<const Named> table, std::string_view what) {
  const std::string_view word = words.value();
  if (words.failed()) return 0;
  if (const auto value = value_of(table, word)) return *value;
  if (const auto number = scan_unsigned(word, 0, 255)) return static_cast<std::uint8_t>(*number);
  words.fail(fmt::format("`{} {}': not a {} (a name or a number to 255)", what, word, what));
  return 0;
}

}  // namespace

RouteScope read_scope(IpWords& words) {
  return static_cast<RouteScope>(named_or_number(words, kScopes, "scope"));
}

std::uint8_t read_protocol(IpWords& words) { return named_or_number(words, kProtocols, "protocol"); }

RouteTableId read_table(IpWords& words) {
  const std::string_view word = words.value();
  if (words.failed() || word == "main" || word == "254") return RouteTableId::main;
  if (word == "local" || word == "255") return RouteTableId::local;
  if (word == "default" || word == "253") return RouteTableId::default_;
  words.fail(fmt::format(
      "`table {}': policy routing is not simulated: only the tables main, local and default are there",
      word));
  return RouteTableId::main;
}

std::optional<RouteType> route_type_named(std::string_view word) {
  const auto value = value_of(kTypes, word);
  return value ? std::optional<RouteType>(static_cast<RouteType>(*value)) : std::nullopt;
}

}  // namespace utables::host
