#include "rules/option/icmp_type.h"

#include <fmt/format.h>

#include "base/scan.h"

namespace utables::rules {
namespace {

struct Row {
  std::string_view name;
  std::uint8_t type, first_code, last_code;
};

// RFC 792, 950, 1256, 1812 in iptables' words.
constexpr Row kIcmp[] = {
    {"any", 0xff, 0, 0xff},
    {"echo-reply", 0, 0, 0xff},
    {"pong", 0, 0, 0xff},
    {"destination-unreachable", 3, 0, 0xff},
    {"network-unreachable", 3, 0, 0},
    {"host-unreachable", 3, 1, 1},
    {"protocol-unreachable", 3, 2, 2},
    {"port-unreachable", 3, 3, 3},
    {"fragmentation-needed", 3, 4, 4},
    {"source-route-failed", 3, 5, 5},
    {"network-unknown", 3, 6, 6},
    {"host-unknown", 3, 7, 7},
    {"network-prohibited", 3, 9, 9},
    {"host-prohibited", 3, 10, 10},
    {"TOS-network-unreachable", 3, 11, 11},
    {"TOS-host-unreachable", 3, 12, 12},
    {"communication-prohibited", 3, 13, 13},
    {"host-precedence-violation", 3, 14, 14},
    {"precedence-cutoff", 3, 15, 15},
    {"source-quench", 4, 0, 0xff},
    {"redirect", 5, 0, 0xff},
    {"network-redirect", 5, 0, 0},
    {"host-redirect", 5, 1, 1},
    {"TOS-network-redirect", 5, 2, 2},
    {"TOS-host-redirect", 5, 3, 3},
    {"echo-request", 8, 0, 0xff},
    {"ping", 8, 0, 0xff},
    {"router-advertisement", 9, 0, 0xff},
    {"router-solicitation", 10, 0, 0xff},
    {"time-exceeded", 11, 0, 0xff},
    {"ttl-exceeded", 11, 0, 0xff},
    {"ttl-zero-during-transit", 11, 0, 0},
    {"ttl-zero-during-reassembly", 11, 1, 1},
    {"parameter-problem", 12, 0, 0xff},
    {"ip-header-bad", 12, 0, 0},
    {"required-option-missing", 12, 1, 1},
    {"timestamp-request", 13, 0, 0xff},
    {"timestamp-reply", 14, 0, 0xff},
    {"address-mask-request", 17, 0, 0xff},
    {"address-mask-reply", 18, 0, 0xff},
};

// RFC 4443, 4861 in ip6tables' words.
constexpr Row kIcmpv6[] = {
    {"destination-unreachable", 1, 0, 0xff},
    {"no-route", 1, 0, 0},
    {"communication-prohibited", 1, 1, 1},
    {"beyond-scope", 1, 2, 2},
    {"address-unreachable", 1, 3, 3},
    {"port-unreachable", 1, 4, 4},
    {"failed-policy", 1, 5, 5},
    {"reject-route", 1, 6, 6},
    {"packet-too-big", 2, 0, 0xff},
    {"time-exceeded", 3, 0, 0xff},
    {"ttl-exceeded", 3, 0, 0xff},
    {"ttl-zero-during-transit", 3, 0, 0},
    {"ttl-zero-during-reassembly", 3, 1, 1},
    {"parameter-problem", 4, 0, 0xff},
    {"bad-header", 4, 0, 0},
    {"unknown-header-type", 4, 1, 1},
    {"unknown-option", 4, 2, 2},
    {"echo-request", 128, 0, 0xff},
    {"ping", 128, 0, 0xff},
    {"echo-reply", 129, 0, 0xff},
    {"pong", 129, 0, 0xff},
    {"router-solicitation", 133, 0, 0xff},
    {"router-advertisement", 134, 0, 0xff},
    {"neighbour-solicitation", 135, 0, 0xff},
    {"neighbor-solicitation", 135, 0, 0xff},
    {"neighbour-advertisement", 136, 0, 0xff},
    {"neighbor-advertisement", 136, 0, 0xff},
    {"redirect", 137, 0, 0xff},
};

Result<IcmpType> parse_numbers(std::string_view text, std::string_view icmp) {
  const std::size_t slash = text.find('/');
  const auto type = scan_unsigned(text.substr(0, slash), 0, 255);
  if (!type) return fail(fmt::format("Unknown {} type `{}'", icmp, text));
  IcmpType out{static_cast<std::uint8_t>(*type), 0, 0xff};
  if (slash == std::string_view::npos) return out;
  const auto code = scan_unsigned(text.substr(slash + 1), 0, 255);
  if (!code) return fail(fmt::format("Unknown {} code `{}'", icmp, text));
  out.first_code = out.last_code = static_cast<std::uint8_t>(*code);
  return out;
}

Result<IcmpType> parse_type(std::span<const Row> rows, std::string_view icmp, std::string_view text) {
  const Row* found = nullptr;
  for (const Row& row : rows) {
    if (!begins(row.name, text)) continue;
    if (found != nullptr)
      return fail(fmt::format("Ambiguous {} type `{}': `{}' or `{}'?", icmp, text, found->name, row.name));
    found = &row;
  }
  if (found == nullptr) return parse_numbers(text, icmp);
  return IcmpType{found->type, found->first_code, found->last_code};
}

}  // namespace

Result<IcmpType> IcmpTypeKind::parse(const OptionRow&, const OptionInput& input) {
  return parse_type(kIcmp, "ICMP", input.values[0]);
}

Result<IcmpType> Icmpv6TypeKind::parse(const OptionRow&, const OptionInput& input) {
  return parse_type(kIcmpv6, "ICMPv6", input.values[0]);
}

std::string Icmpv6TypeKind::text(const OptionRow&, const Value& value, Family) {
  return value.first_code == 0 && value.last_code == 0xff
             ? std::to_string(value.type)
             : fmt::format("{}/{}", value.type, value.first_code);
}

std::string IcmpTypeKind::text(const OptionRow& row, const Value& value, Family family) {
  return value.any() ? "any" : Icmpv6TypeKind::text(row, value, family);
}

}  // namespace utables::rules
