#include "packet/names.h"

#include <fmt/format.h>

#include "base/scan.h"
#include "packet/extensions.h"
#include "packet/headers.h"
#include "packet/ip_options.h"

namespace utables::packet {
namespace {

constexpr ProtocolName kProtocols[] = {
    {kTcp, "tcp", true},    {kUdp, "udp", true},        {kIcmp, "icmp", false}, {kIgmp, "igmp", false},
    {kIpip, "ipip", false}, {kDccp, "dccp", true},      {kGre, "gre", false},   {kEsp, "esp", false},
    {kAh, "ah", false},     {kIcmpv6, "icmpv6", false}, {kSctp, "sctp", true},  {kUdplite, "udplite", true},
};

using R = IcmpRest;
constexpr IcmpName kIcmpNames[] = {
    {0, 0, "echo reply", R::id_and_sequence},
    {3, 0, "net unreachable", R::nothing},
    {3, 1, "host unreachable", R::nothing},
    {3, 2, "protocol unreachable", R::nothing},
    {3, 3, "port unreachable", R::nothing},
    {3, 4, "fragmentation needed", R::mtu},
    {3, 5, "source route failed", R::nothing},
    {3, 6, "net unknown", R::nothing},
    {3, 7, "host unknown", R::nothing},
    {3, 8, "host isolated", R::nothing},
    {3, 9, "net prohibited", R::nothing},
    {3, 10, "host prohibited", R::nothing},
    {3, 11, "net unreachable for tos", R::nothing},
    {3, 12, "host unreachable for tos", R::nothing},
    {3, 13, "administratively prohibited", R::nothing},
    {3, 14, "precedence violation", R::nothing},
    {3, 15, "precedence cutoff", R::nothing},
    {4, 0, "source quench", R::nothing},
    {5, 0, "redirect net", R::gateway},
    {5, 1, "redirect host", R::gateway},
    {5, 2, "redirect tos net", R::gateway},
    {5, 3, "redirect tos host", R::gateway},
    {8, 0, "echo request", R::id_and_sequence},
    {9, 0, "router advertisement", R::nothing},
    {10, 0, "router solicitation", R::nothing},
    {11, 0, "ttl exceeded", R::nothing},
    {11, 1, "reassembly time exceeded", R::nothing},
    {12, 0, "parameter problem", R::pointer},
    {12, 1, "option missing", R::pointer},
    {12, 2, "bad length", R::pointer},
    {13, 0, "timestamp request", R::id_and_sequence},
    {14, 0, "timestamp reply", R::id_and_sequence},
    {15, 0, "information request", R::id_and_sequence},
    {16, 0, "information reply", R::id_and_sequence},
    {17, 0, "address mask request", R::id_and_sequence},
    {18, 0, "address mask reply", R::id_and_sequence},
};

constexpr IcmpName kIcmpv6Names[] = {
    {1, 0, "no route", R::nothing},
    {1, 1, "administratively prohibited", R::nothing},
    {1, 2, "beyond scope", R::nothing},
    {1, 3, "address unreachable", R::nothing},
    {1, 4, "port unreachable", R::nothing},
    {1, 5, "policy failed", R::nothing},
    {1, 6, "reject route", R::nothing},
    {2, 0, "packet too big", R::mtu},
    {3, 0, "hop limit exceeded", R::nothing},
    {3, 1, "reassembly time exceeded", R::nothing},
    {4, 0, "bad header field", R::pointer},
    {4, 1, "unknown next header", R::pointer},
    {4, 2, "unknown option", R::pointer},
    {128, 0, "echo request", R::id_and_sequence},
    {129, 0, "echo reply", R::id_and_sequence},
    {130, 0, "listener query", R::nothing},
    {131, 0, "listener report", R::nothing},
    {132, 0, "listener done", R::nothing},
    {133, 0, "router solicitation", R::nothing},
    {134, 0, "router advertisement", R::nothing},
    {135, 0, "neighbour solicitation", R::nothing},
    {136, 0, "neighbour advertisement", R::nothing},
    {137, 0, "redirect", R::nothing},
    {139, 0, "node query", R::nothing},
    {140, 0, "node reply", R::nothing},
    {143, 0, "listener report v2", R::nothing},
};

struct ExtensionName {
  std::uint8_t protocol;
  std::string_view name;
};
constexpr ExtensionName kExtensions[] = {
    {kHopByHop, "hbh"}, {kRouting, "rt"}, {kFragment, "frag"}, {kDestinationOptions, "dst"}, {kAh, "ah"}};

struct IpOptionName {
  std::uint8_t type;
  std::string_view name;
};
constexpr IpOptionName kIpOptions[] = {
    {ip_option::kEnd, "eol"},        {ip_option::kNop, "nop"},      {ip_option::kRecordRoute, "rr"},
    {ip_option::kTimestamp, "ts"},   {ip_option::kSecurity, "sec"}, {ip_option::kLooseRoute, "lsrr"},
    {ip_option::kCipso, "cipso"},    {ip_option::kStreamId, "sid"}, {ip_option::kStrictRoute, "ssrr"},
    {ip_option::kRouterAlert, "ra"},
};
constexpr std::string_view kUnnamedOption = "opt-";

constexpr TcpFlagLetter kLetters[] = {
    {tcp::kSyn, 'S'}, {tcp::kFin, 'F'}, {tcp::kRst, 'R'}, {tcp::kPsh, 'P'},
    {tcp::kUrg, 'U'}, {tcp::kEce, 'E'}, {tcp::kCwr, 'W'}, {tcp::kAck, '.'},
};

template <class Row, std::size_t N, class Fits>
constexpr const Row* find(const Row (&rows)[N], Fits fits) {
  for (const Row& row : rows)
    if (fits(row)) return &row;
  return nullptr;
}

}  // namespace

const ProtocolName* protocol_by_number(std::uint8_t number) {
  return find(kProtocols, [=](const ProtocolName& row) { return row.number == number; });
}
const ProtocolName* protocol_by_name(std::string_view name) {
  return find(kProtocols, [=](const ProtocolName& row) { return row.name == name; });
}

std::span<const IcmpName> icmp_names(Family family) {
  if (family == Family::ipv6) return kIcmpv6Names;
  return kIcmpNames;
}
const IcmpName* icmp_name(Family family, std::uint8_t type, std::uint8_t code) {
  for (const IcmpName& row : icmp_names(family))
    if (row.type == type && row.code == code) return &row;
  return nullptr;
}
IcmpRest icmp_rest(Family family, std::uint8_t type) {
  if (family == Family::ipv4 && type == icmp::kUnreachable) return IcmpRest::nothing;
  const IcmpName* row = icmp_name(family, type, 0);
  return row != nullptr ? row->rest : IcmpRest::nothing;
}

std::string_view extension_name(std::uint8_t protocol) {
  const auto* row = find(kExtensions, [=](const ExtensionName& r) { return r.protocol == protocol; });
  return row != nullptr ? row->name : std::string_view{};
}
std::optional<std::uint8_t> extension_number(std::string_view name) {
  const auto* row = find(kExtensions, [=](const ExtensionName& r) { return r.name == name; });
  if (row == nullptr) return std::nullopt;
  return row->protocol;
}

std::string ip_option_name(std::uint8_t type) {
  const auto* row = find(kIpOptions, [=](const IpOptionName& r) { return r.type == type; });
  return row != nullptr ? std::string(row->name) : fmt::format("{}{}", kUnnamedOption, type);
}
std::optional<std::uint8_t> ip_option_type(std::string_view name) {
  if (const auto* row = find(kIpOptions, [=](const IpOptionName& r) { return r.name == name; }))
    return row->type;
  if (!name.starts_with(kUnnamedOption)) return {};
  const auto number = scan_unsigned(name.substr(kUnnamedOption.size()), 10, 255);
  if (!number) return {};
  return static_cast<std::uint8_t>(*number);
}

std::span<const TcpFlagLetter> tcp_flag_letters() { return kLetters; }

}  // namespace utables::packet
