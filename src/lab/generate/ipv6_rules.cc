// Rules, interfaces and settings of IPv4 as those of IPv6: texts, word by word.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "base/scan.h"
#include "lab/generate/ipv6.h"
#include "lab/generate/track_as.h"

namespace utables::lab::generate {
namespace {

std::optional<std::uint32_t> dotted_quad(std::string_view word) {
  const auto address = parse_address(word, Family::ipv4);
  if (!address) return std::nullopt;
  return address->v4();
}

std::string text6(std::uint32_t v4) { return to_string(address6(v4), Family::ipv6); }

/// `a.b.c.d`, with `/len` or `/mask` behind it or a second one after `-`; other words as they are.
std::string word6(const std::string& word) {
  const std::size_t slash = word.find('/'), dash = word.find('-');
  if (slash != std::string::npos && dotted_quad(word.substr(0, slash))) {
    const std::uint32_t address = *dotted_quad(word.substr(0, slash));
    const std::string rest = word.substr(slash + 1);
    if (rest == "0" || rest == "0.0.0.0") return "::/0";
    if (const auto mask = dotted_quad(rest))
      return fmt::format("{}/ffff:ffff:ffff:ffff:ffff:ffff:{:x}:{:x}", text6(address), *mask >> 16,
                         *mask & 0xffff);
    return fmt::format("{}/{}", text6(address), std::stoi(rest) + 96);
  }
  if (dash != std::string::npos && dash != 0 && dotted_quad(word.substr(0, dash)))
    return word6(word.substr(0, dash)) + "-" + word6(word.substr(dash + 1));
  const auto whole = dotted_quad(word);
  return whole ? text6(*whole) : word;
}

std::vector<std::string> words_in(const std::string& line) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    if (end > at) out.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

template <class Each>
std::string each_line(const std::string& text, Each each) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out += each(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

struct Renamed {
  std::string_view v4, v6;
};
/// Words of rules, one for one.
constexpr Renamed kWords[] = {{"ttl", "hl"},
                              {"TTL", "HL"},
                              {"--ttl-eq", "--hl-eq"},
                              {"--ttl", "--hl-eq"},
                              {"--ttl-lt", "--hl-lt"},
                              {"--ttl-gt", "--hl-gt"},
                              {"--ttl-set", "--hl-set"},
                              {"--ttl-inc", "--hl-inc"},
                              {"--ttl-dec", "--hl-dec"},
                              {"icmp-net-unreachable", "icmp6-no-route"},
                              {"icmp-host-unreachable", "icmp6-addr-unreachable"},
                              {"icmp-proto-unreachable", "icmp6-policy-fail"},
                              {"icmp-port-unreachable", "icmp6-port-unreachable"},
                              {"icmp-net-prohibited", "icmp6-reject-route"},
                              {"icmp-host-prohibited", "icmp6-adm-prohibited"},
                              {"icmp-admin-prohibited", "icmp6-adm-prohibited"}};
constexpr Renamed kIcmpWords[] = {
    {"any", "128"}, {"3/4", "packet-too-big"}, {"8", "128"}, {"3", "1"}, {"source-quench", "packet-too-big"},
    {"13", "139"},  {"timestamp-reply", "140"}};

template <std::size_t N>
std::string renamed(const Renamed (&rows)[N], const std::string& word) {
  for (const Renamed& row : rows)
    if (row.v4 == word) return std::string(row.v6);
  return word;
}

/// Types of addrtype that IPv6 knows.
std::string types6(const std::string& types) {
  std::string out;
  for (const std::string_view known : {"UNSPEC", "UNICAST", "LOCAL", "ANYCAST", "MULTICAST", "UNREACHABLE"})
    if (("," + types + ",").find("," + std::string(known) + ",") != std::string::npos)
      out += (out.empty() ? "" : ",") + std::string(known);
  return out.empty() ? "LOCAL" : out;
}

std::string extra_match(Random& random) {
  constexpr std::array<const char*, 16> kMatches{" -m frag --fragmore",
                                                 " -m frag --fraglast",
                                                 " -m frag --fragfirst --fragres",
                                                 " -m frag ! --fragid 5:70000",
                                                 " -m hbh",
                                                 " -m hbh --hbh-opts 5:2",
                                                 " -m hbh ! --hbh-len 8",
                                                 " -m dst",
                                                 " -m dst --dst-opts 30,62",
                                                 " -m rt --rt-type 0",
                                                 " -m rt ! --rt-segsleft 0:1",
                                                 " -m rt --rt-len 24",
                                                 " -m ipv6header --header frag --soft",
                                                 " -m ipv6header ! --header hop,dst --soft",
                                                 " -m ipv6header --header prot",
                                                 " -m ah --ahspi 1:9"};
  return pick(random, kMatches);
}

/// `[address[-address]][:ports]`; some ranges go further than the last 32 bits, in which IPv4's lie.
std::string nat_range6(const std::string& word, bool icmp, Random& random) {
  const std::size_t colon = word.find(':');
  const std::string ports = colon == std::string::npos || icmp ? std::string() : word.substr(colon);
  std::string addresses = word.substr(0, colon);
  if (addresses.empty()) return icmp ? "2001:db8::" + std::to_string(random.below(9)) : ports;
  const std::size_t dash = addresses.find('-');
  addresses = word6(addresses);
  if (dash != std::string::npos && chance(random, 30))
    addresses = addresses.substr(0, addresses.find('-')) +
                fmt::format("-2001:db8:0:{:x}:{:x}::9", random.below(4), 1 + random.below(0xffff));
  return ports.empty() ? addresses : "[" + addresses + "]" + ports;
}

std::string rule6(const std::string& line, Random& random) {
  const auto words = words_in(line);
  const bool icmp = line.find("-p icmp ") != std::string::npos;
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const std::string before = i == 0 ? std::string() : words[i - 1];
    std::string now = renamed(kWords, word);
    if (word == "icmp" && (before == "-p" || before == "--ctproto")) now = "ipv6-icmp";
    if (word == "icmp" && before == "-m") now = "icmp6";
    if (word == "--icmp-type") now = "--icmpv6-type";
    if (before == "--icmp-type") now = renamed(kIcmpWords, word);
    if (before == "--src-type" || before == "--dst-type") now = types6(word);
    if (word == "-f") now = "-m frag --fraglast";
    if (word == "!" && i + 1 < words.size() && words[i + 1] == "-f") continue;
    const bool target = before == "-j" || before == "-g";
    if (before == "-j" && word == "ECN") return {};
    if (word == "--to-ports" && icmp) {
      ++i;  // ICMPv6 has no ports for ip6tables
      continue;
    }
    if (before == "--to-source" || before == "--to-destination") now = nat_range6(word, icmp, random);
    if (word == "-j" && line.rfind("-A", 0) != std::string::npos && chance(random, 8))
      out += extra_match(random);
    out += (out.empty() ? "" : " ") + (target ? now : word6(now));
  }
  return out + "\n";
}

/// Addresses of other scopes and labels (not of a link alone: Linux would send redirects from them) on the
/// same interface, beside the one that `line` adds.
std::string more_addresses(const std::string& line, Random& random) {
  constexpr std::array<const char*, 4> kPrefixes{"2001:db8:0:1::", "fd00:1::", "fec0::", "2002::"};
  const std::string device = line.substr(line.find(" dev ") + 1);
  std::string text;
  while (chance(random, 15))
    text += fmt::format("addr add {}{:x}/64 {}\n", pick(random, kPrefixes), 0x1000 + random.below(0xf000),
                        device);
  return text;
}

/// A prefix of at most 64 bits, often that of this world's hosts; others share some of its bits.
std::string drawn_prefix(Random& random) {
  constexpr std::array<const char*, 6> kPrefixes{"2001:db8::/64",        "2001:db8::/48", "2001:db8::/32",
                                                 "2001:db8:0:fff0::/60", "fd00:1::/48",   "2001:d80::/25"};
  if (chance(random, 60)) return pick(random, kPrefixes);
  Address a = address6(random.next32());
  for (std::size_t i = 4; i < 8; ++i) a.bytes[i] = static_cast<std::uint8_t>(random.below(256));
  const unsigned length = 20 + random.below(45);
  return to_string(
      Prefix{Family::ipv6, static_cast<std::uint8_t>(length), a & mask_of(length, Family::ipv6)});
}

/// One rule of prefix translation, in the chain that `words` stand in.
std::string npt_rule(const std::string& chain, Random& random) {
  const bool source = chain == "INPUT" || chain == "POSTROUTING";
  std::string rule = "-A " + chain;
  if (chance(random, 40)) rule += std::string(source ? " -s " : " -d ") + drawn_prefix(random);
  if (chance(random, 50))
    rule += pick(random, std::array<const char*, 3>{" -p tcp", " -p udp", " -p ipv6-icmp"});
  return rule + (source ? " -j SNPT --src-pfx " : " -j DNPT --src-pfx ") + drawn_prefix(random) +
         " --dst-pfx " + drawn_prefix(random) + "\n";
}

/// Before rule `line` of the mangle table: now and then a rule of prefix translation.
std::string maybe_npt(const std::string& line, Random& random) {
  for (const std::string chain : {"PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"})
    if (line.rfind("-A " + chain + " ", 0) == 0 && chance(random, 8)) return npt_rule(chain, random);
  return {};
}

}  // namespace

std::string net_ip_of_both(const std::string& net_ip, Random& random) {
  return each_line(net_ip, [&random](const std::string& line) {
    std::string v4, v6;
    auto words = words_in(line);
    bool addresses = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (i > 0 && words[i - 1] == "mtu") words[i] = std::to_string(std::max(1280, std::stoi(words[i])));
      const std::string other = word6(words[i]);
      addresses = addresses || other != words[i];
      v4 += (i == 0 ? "" : " ") + words[i];
      const bool broadcast = words[i] == "brd" || (i > 0 && words[i - 1] == "brd");  // IPv6 has none
      if (!broadcast) v6 += (i == 0 ? "" : " ") + other;
    }
    const bool address = words[0] == "addr";
    const std::string before = address ? more_addresses(line, random) : std::string();
    const std::string behind = address ? more_addresses(line, random) : std::string();
    return v4 + "\n" + before + (addresses ? v6 + "\n" : std::string()) + behind;
  });
}

std::string sysctl_of_both(const std::string& sysctl_conf) {
  constexpr Renamed kNames[] = {
      {"net.netfilter.nf_conntrack_icmp_timeout", "net.netfilter.nf_conntrack_icmpv6_timeout"},
      {"net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"},
      {"net.ipv4.ipfrag_time", "net.netfilter.nf_conntrack_frag6_timeout"}};
  return each_line(sysctl_conf, [&](const std::string& line) {
    const std::string key = line.substr(0, line.find(' '));
    const std::string other = renamed(kNames, key);
    return line + "\n" + (other == key ? std::string() : other + line.substr(key.size()) + "\n");
  });
}

/// Gives a helper that IPv6 has not: a rule that would be refused.
bool gives_helper_of_ipv4(const std::string& line) {
  constexpr std::string_view kOfIpv4[] = {"irc", "netbios-ns", "pptp"};
  return std::any_of(std::begin(kOfIpv4), std::end(kOfIpv4), [&](std::string_view name) {
    return line.find("-j CT ") != std::string::npos &&
           line.find(" --helper " + std::string(name)) != std::string::npos;
  });
}

std::string rules_v6_of(const std::string& rules_v4, Random& random) {
  const bool prefixes = chance(random, 30);
  bool mangle = false;
  return each_line(rules_v4, [&](const std::string& line) {
    if (gives_helper_of_ipv4(line)) return std::string();
    if (!line.empty() && line[0] == '*') mangle = line == "*mangle";
    const std::string before = prefixes && mangle ? maybe_npt(line, random) : std::string();
    const bool rule = line.rfind("-A", 0) == 0 || line.rfind('[', 0) == 0;
    return before + (rule ? with_policies_v6(rule6(line, random)) : line + "\n");
  });
}

}  // namespace utables::lab::generate
