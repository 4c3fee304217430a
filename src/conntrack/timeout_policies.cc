// The states of each protocol are rows of kStates, by nfct(8)'s names.
#include "conntrack/timeout_policies.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/scan.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

constexpr std::size_t kLongestName = 31;
constexpr std::uint64_t kLongest = 0xffffffff / 250;  // seconds: the kernel keeps ticks in 32 bits

struct ProtocolName {
  std::string_view name;
  std::uint8_t number;
};
constexpr std::array<ProtocolName, 8> kProtocols{{{"tcp", packet::kTcp},
                                                  {"udp", packet::kUdp},
                                                  {"udplite", packet::kUdplite},
                                                  {"sctp", packet::kSctp},
                                                  {"icmp", packet::kIcmp},
                                                  {"icmpv6", packet::kIcmpv6},
                                                  {"gre", packet::kGre},
                                                  {"generic", kGenericProtocol}}};

struct StateRow {
  std::uint8_t protocol;
  std::string_view name;
  Duration& (*of)(Timeouts&);
};
template <TcpState state>
Duration& tcp(Timeouts& t) {
  return t.tcp_timeout[static_cast<std::size_t>(state)];
}
template <SctpState state>
Duration& sctp(Timeouts& t) {
  return t.sctp_timeout[static_cast<std::size_t>(state)];
}
template <auto member>
Duration& direct(Timeouts& t) {
  return t.*member;
}
constexpr StateRow kStates[] = {
    {packet::kTcp, "syn_sent", tcp<TcpState::syn_sent>},
    {packet::kTcp, "syn_recv", tcp<TcpState::syn_recv>},
    {packet::kTcp, "established", tcp<TcpState::established>},
    {packet::kTcp, "fin_wait", tcp<TcpState::fin_wait>},
    {packet::kTcp, "close_wait", tcp<TcpState::close_wait>},
    {packet::kTcp, "last_ack", tcp<TcpState::last_ack>},
    {packet::kTcp, "time_wait", tcp<TcpState::time_wait>},
    {packet::kTcp, "close", tcp<TcpState::close>},
    {packet::kTcp, "syn_sent2", tcp<TcpState::syn_sent2>},
    {packet::kTcp, "retrans", direct<&Timeouts::tcp_timeout_max_retrans>},
    {packet::kTcp, "unacknowledged", direct<&Timeouts::tcp_timeout_unacknowledged>},
    {packet::kUdp, "unreplied", direct<&Timeouts::udp_timeout>},
    {packet::kUdp, "replied", direct<&Timeouts::udp_timeout_stream>},
    {packet::kUdplite, "unreplied", direct<&Timeouts::udp_timeout>},
    {packet::kUdplite, "replied", direct<&Timeouts::udp_timeout_stream>},
    {packet::kSctp, "closed", sctp<SctpState::closed>},
    {packet::kSctp, "cookie_wait", sctp<SctpState::cookie_wait>},
    {packet::kSctp, "cookie_echoed", sctp<SctpState::cookie_echoed>},
    {packet::kSctp, "established", sctp<SctpState::established>},
    {packet::kSctp, "shutdown_sent", sctp<SctpState::shutdown_sent>},
    {packet::kSctp, "shutdown_recd", sctp<SctpState::shutdown_recd>},
    {packet::kSctp, "shutdown_ack_sent", sctp<SctpState::shutdown_ack_sent>},
    {packet::kIcmp, "timeout", direct<&Timeouts::icmp_timeout>},
    {packet::kIcmpv6, "timeout", direct<&Timeouts::icmpv6_timeout>},
    {packet::kGre, "unreplied", direct<&Timeouts::gre_timeout>},
    {packet::kGre, "replied", direct<&Timeouts::gre_timeout_stream>},
    {kGenericProtocol, "timeout", direct<&Timeouts::generic_timeout>},
};

bool same_letters(std::string_view a, std::string_view b) {
  const auto small = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return small(x) == small(y); });
}

const TimeoutPolicy* find(const std::vector<TimeoutPolicy>& policies, std::string_view name) {
  const auto found =
      std::find_if(policies.begin(), policies.end(), [&](const TimeoutPolicy& p) { return p.name == name; });
  return found == policies.end() ? nullptr : &*found;
}

/// The states and times behind NAME, family and protocol; what is wrong with them.
std::string read_times(std::span<const std::string_view> line, std::string_view protocol,
                       TimeoutPolicy& policy) {
  if (line.empty()) return "missing parameters: no state is named";
  for (std::size_t i = 0; i < line.size(); i += 2) {
    const auto row = std::find_if(std::begin(kStates), std::end(kStates), [&](const StateRow& r) {
      return r.protocol == policy.protocol && same_letters(r.name, line[i]);
    });
    if (row == std::end(kStates))
      return fmt::format("Wrong state name: `{}' for protocol `{}'", line[i], protocol);
    if (i + 1 == line.size()) return "missing value for this timeout";
    const auto seconds = scan_unsigned(line[i + 1], 10, kLongest);
    if (!seconds)
      return fmt::format("the time `{}' is not a number of seconds from 0 to {}", line[i + 1], kLongest);
    row->of(policy.timeouts) = static_cast<Duration>(*seconds) * kSecond;
  }
  return {};
}

std::string read_line(std::vector<std::string_view> line, const Timeouts& otherwise,
                      std::vector<TimeoutPolicy>& policies) {
  if (line.front() == "nfct") line.erase(line.begin());
  const bool makes = line.size() >= 2 && ((line[0] == "add" && line[1] == "timeout") ||
                                          (line[0] == "timeout" && line[1] == "add"));
  if (!makes) return "a line is `add timeout NAME FAMILY PROTOCOL STATE SECONDS ...'";
  if (line.size() < 5) return "missing parameters: add timeout NAME FAMILY PROTOCOL STATE SECONDS ...";
  TimeoutPolicy policy;
  policy.timeouts = otherwise;
  policy.name = std::string(line[2].substr(0, kLongestName));
  if (line[3] != "inet" && line[3] != "inet6") return "unknown layer 3 protocol";
  policy.family = line[3] == "inet6" ? Family::ipv6 : Family::ipv4;
  const auto protocol = std::find_if(kProtocols.begin(), kProtocols.end(),
                                     [&](const ProtocolName& row) { return row.name == line[4]; });
  if (protocol == kProtocols.end()) return "unknown layer 4 protocol";
  policy.protocol = protocol->number;
  if (find(policies, policy.name) != nullptr)
    return fmt::format("there is a policy `{}' already", policy.name);
  if (policies.size() == kMostPolicies) return fmt::format("more than {} policies", kMostPolicies);
  if (auto wrong = read_times(std::span(line).subspan(5), protocol->name, policy); !wrong.empty())
    return wrong;
  policies.push_back(std::move(policy));
  return {};
}

}  // namespace

Result<std::vector<TimeoutPolicy>, Errors> read_timeout_policies(std::string_view text,
                                                                 const Timeouts& otherwise,
                                                                 const std::string& file) {
  std::vector<TimeoutPolicy> policies;
  Errors errors;
  std::uint32_t number = 0;
  for (const std::string_view raw : split(text, '\n')) {
    ++number;
    const auto line = words(raw.substr(0, raw.find('#')));
    if (line.empty()) continue;
    if (std::string wrong = read_line(line, otherwise, policies); !wrong.empty())
      errors.push_back(Error{std::move(wrong), file, number});
  }
  if (!errors.empty()) return tl::unexpected<Errors>(std::move(errors));
  return policies;
}

std::uint8_t policy_number(const std::vector<TimeoutPolicy>& policies, std::string_view name) {
  const TimeoutPolicy* const policy = find(policies, name);
  return policy == nullptr ? std::uint8_t{0} : static_cast<std::uint8_t>(policy - policies.data() + 1);
}

std::string_view why_no_policy(const std::vector<TimeoutPolicy>& policies, std::string_view name,
                               Family family, std::uint16_t protocol) {
  if (protocol == 0) return "a policy of timeouts needs -p, not inverted";
  const TimeoutPolicy* const policy = find(policies, name);
  if (policy == nullptr) return "No chain/target/match by that name.";
  if (policy->family != family) return "the policy of timeouts is of the other family";
  const bool tracked = std::any_of(std::begin(kStates), std::end(kStates),
                                   [&](const StateRow& row) { return row.protocol == protocol; });
  if (policy->protocol != (tracked ? protocol : kGenericProtocol))
    return "the policy of timeouts is of another protocol";
  return {};
}

std::vector<Settings> settings_by_policy(const Settings& settings) {
  std::vector<Settings> all(settings.policies.size(), settings);
  for (std::size_t i = 0; i < all.size(); ++i) static_cast<Timeouts&>(all[i]) = settings.policies[i].timeouts;
  return all;
}

}  // namespace utables::conntrack
