// Sysctls of connection tracking: kSysctls has a row for each, bound to its member of Settings.
// Times are seconds in sysctls. What the kernel would not take (a value out of range) is an error.
#include "conntrack/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "base/scan.h"

namespace utables::conntrack {
namespace {

constexpr std::string_view kPrefix = "net.netfilter.nf_conntrack_";
constexpr std::uint64_t kLargestInt = 2147483647;

/// How a sysctl's text becomes a value: the ranges are the kernel's (it answers others with EINVAL).
enum class Kind : std::uint8_t { seconds, boolean, byte, number, read_only };

struct Sysctl {
  std::string_view name;  ///< after kPrefix
  Kind kind;
  void (*store)(Settings&, std::uint64_t);
};

template <TcpState state>
void store_tcp(Settings& s, std::uint64_t v) {
  s.tcp_timeout[static_cast<std::size_t>(state)] = static_cast<Duration>(v) * kSecond;
}
template <SctpState state>
void store_sctp(Settings& s, std::uint64_t v) {
  s.sctp_timeout[static_cast<std::size_t>(state)] = static_cast<Duration>(v) * kSecond;
}
template <auto member>
void store_seconds(Settings& s, std::uint64_t v) {
  s.*member = static_cast<Duration>(v) * kSecond;
}
template <auto member>
void store_number(Settings& s, std::uint64_t v) {
  s.*member = static_cast<std::remove_reference_t<decltype(s.*member)>>(v);
}
void store_nothing(Settings&, std::uint64_t) {}

using S = Settings;
constexpr Sysctl kSysctls[] = {
    {"tcp_timeout_syn_sent", Kind::seconds, store_tcp<TcpState::syn_sent>},
    {"tcp_timeout_syn_recv", Kind::seconds, store_tcp<TcpState::syn_recv>},
    {"tcp_timeout_established", Kind::seconds, store_tcp<TcpState::established>},
    {"tcp_timeout_fin_wait", Kind::seconds, store_tcp<TcpState::fin_wait>},
    {"tcp_timeout_close_wait", Kind::seconds, store_tcp<TcpState::close_wait>},
    {"tcp_timeout_last_ack", Kind::seconds, store_tcp<TcpState::last_ack>},
    {"tcp_timeout_time_wait", Kind::seconds, store_tcp<TcpState::time_wait>},
    {"tcp_timeout_close", Kind::seconds, store_tcp<TcpState::close>},
    {"tcp_timeout_none", Kind::seconds, store_tcp<TcpState::none>},         // 2.4 alone
    {"tcp_timeout_listen", Kind::seconds, store_tcp<TcpState::syn_sent2>},  // 2.4 alone
    {"tcp_timeout_max_retrans", Kind::seconds, store_seconds<&S::tcp_timeout_max_retrans>},
    {"tcp_timeout_unacknowledged", Kind::seconds, store_seconds<&S::tcp_timeout_unacknowledged>},
    {"tcp_loose", Kind::boolean, store_number<&S::tcp_loose>},
    {"tcp_be_liberal", Kind::boolean, store_number<&S::tcp_be_liberal>},
    {"tcp_ignore_invalid_rst", Kind::boolean, store_number<&S::tcp_ignore_invalid_rst>},
    {"tcp_max_retrans", Kind::byte, store_number<&S::tcp_max_retrans>},
    {"udp_timeout", Kind::seconds, store_seconds<&S::udp_timeout>},
    {"udp_timeout_stream", Kind::seconds, store_seconds<&S::udp_timeout_stream>},
    {"sctp_timeout_closed", Kind::seconds, store_sctp<SctpState::closed>},
    {"sctp_timeout_cookie_wait", Kind::seconds, store_sctp<SctpState::cookie_wait>},
    {"sctp_timeout_cookie_echoed", Kind::seconds, store_sctp<SctpState::cookie_echoed>},
    {"sctp_timeout_established", Kind::seconds, store_sctp<SctpState::established>},
    {"sctp_timeout_shutdown_sent", Kind::seconds, store_sctp<SctpState::shutdown_sent>},
    {"sctp_timeout_shutdown_recd", Kind::seconds, store_sctp<SctpState::shutdown_recd>},
    {"sctp_timeout_shutdown_ack_sent", Kind::seconds, store_sctp<SctpState::shutdown_ack_sent>},
    {"sctp_timeout_heartbeat_sent", Kind::seconds, store_sctp<SctpState::heartbeat_sent>},
    {"sctp_timeout_heartbeat_acked", Kind::seconds, store_nothing},  // a state of older kernels
    {"icmp_timeout", Kind::seconds, store_seconds<&S::icmp_timeout>},
    {"icmpv6_timeout", Kind::seconds, store_seconds<&S::icmpv6_timeout>},
    {"generic_timeout", Kind::seconds, store_seconds<&S::generic_timeout>},
    {"gre_timeout", Kind::seconds, store_seconds<&S::gre_timeout>},
    {"gre_timeout_stream", Kind::seconds, store_seconds<&S::gre_timeout_stream>},
    {"checksum", Kind::boolean, store_number<&S::checksum>},
    {"acct", Kind::boolean, store_number<&S::accounting>},
    {"timestamp", Kind::boolean, store_number<&S::timestamp>},
    {"log_invalid", Kind::byte, store_number<&S::log_invalid>},
    {"max", Kind::number, store_number<&S::max>},
    {"buckets", Kind::number, store_number<&S::buckets>},
    {"helper", Kind::boolean, store_number<&S::automatic_helpers>},  // modern kernels know it no more
    {"expect_max", Kind::number, store_number<&S::expect_max>},
    {"count", Kind::read_only, store_nothing},
};

std::uint64_t largest(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return 1;
    case Kind::byte:
      return 255;
    case Kind::seconds:
      return std::numeric_limits<std::uint32_t>::max() / 250;  // jiffies in 32 bits
    default:
      return kLargestInt;
  }
}

std::optional<Error> apply(Settings& settings, std::string_view short_name, std::string_view text) {
  for (const Sysctl& row : kSysctls) {
    if (row.name != short_name) continue;
    const auto value = scan_unsigned(trim(text), 0, largest(row.kind));
    if (!value)
      return Error{fmt::format("{}{} = \"{}\": must be a number from 0 to {}", kPrefix, short_name, text,
                               largest(row.kind))};
    row.store(settings, *value);
    return std::nullopt;
  }
  return std::nullopt;  // a sysctl of another part (helpers): not ours to judge
}

}  // namespace

Settings defaults(Profile profile) {
  Settings s;
  s.profile = profile;
  const auto tcp = [&s](TcpState state, Duration seconds) {
    s.tcp_timeout[static_cast<std::size_t>(state)] = seconds * kSecond;
  };
  tcp(TcpState::none, profile == Profile::classic ? 1800 : 120);
  tcp(TcpState::syn_sent, 120);
  tcp(TcpState::syn_recv, 60);
  tcp(TcpState::established, 432000);
  tcp(TcpState::fin_wait, 120);
  tcp(TcpState::close_wait, profile == Profile::classic ? 43200 : 60);
  tcp(TcpState::last_ack, 30);
  tcp(TcpState::time_wait, 120);
  tcp(TcpState::close, 10);
  tcp(TcpState::syn_sent2, 120);
  constexpr std::array<Duration, static_cast<std::size_t>(SctpState::count_)> kSctp{10, 10, 3, 3, 210,
                                                                                    3,  3,  3, 30};
  for (std::size_t i = 0; i < kSctp.size(); ++i) s.sctp_timeout[i] = kSctp[i] * kSecond;
  if (profile == Profile::modern) return s;
  s.udp_timeout_stream = 180 * kSecond;
  s.sctp_timeout[static_cast<std::size_t>(SctpState::established)] = 432000 * kSecond;
  s.buckets = classic_buckets(std::uint64_t{256} << 20);
  s.max = 8 * s.buckets;
  s.expect_max = 256;
  return s;
}

std::uint32_t classic_buckets(std::uint64_t memory_bytes) {
  // A 16384th of the memory, in buckets of two pointers of 4 bytes; a maximum of 8 entries a bucket. The
  // kernel of then counted pages that were left after its own, so that 256 MB came to 2047.
  const std::uint64_t buckets = memory_bytes / 16384 / 8;
  const std::uint64_t kernel_taken = memory_bytes >= (std::uint64_t{256} << 20) ? 1 : 0;
  return static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(buckets - std::min(buckets, kernel_taken), 16, 8192));
}

std::vector<LabelName> read_label_names(std::string_view text) {
  constexpr std::uint64_t kLargest = 1023;
  const auto may_be_in_a_name = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == ' ';
  };
  std::vector<LabelName> names;
  for (const std::string_view whole : split(text, '\n')) {
    const std::string_view line = trim(whole);
    const std::size_t end = line.find_first_of(" \t");
    if (end == std::string_view::npos) continue;
    const auto number = scan_unsigned(line.substr(0, end), 0, kLargest);
    const std::string_view name = trim(line.substr(end));
    if (!number || !std::all_of(name.begin(), name.end(), may_be_in_a_name)) continue;
    if (std::any_of(names.begin(), names.end(),
                    [&](const LabelName& row) { return row.number == *number || row.name == name; }))
      continue;
    names.push_back({std::string(name), static_cast<std::uint16_t>(*number)});
  }
  return names;
}

Result<Settings> settings_from(const std::map<std::string, std::string, std::less<>>& sysctls,
                               Profile profile) {
  Settings settings = defaults(profile);
  for (const auto& [name, text] : sysctls) {
    if (!std::string_view{name}.starts_with(kPrefix)) continue;
    if (auto error = apply(settings, std::string_view{name}.substr(kPrefix.size()), text))
      return tl::unexpected<Error>(*error);
  }
  const bool max_given = sysctls.contains(std::string{kPrefix} + "max");
  const bool buckets_given = sysctls.contains(std::string{kPrefix} + "buckets");
  if (buckets_given && !max_given)
    settings.max = profile == Profile::classic ? 8 * settings.buckets : settings.buckets;
  return settings;
}

}  // namespace utables::conntrack
