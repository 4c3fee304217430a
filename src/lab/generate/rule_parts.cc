#include "lab/generate/rule_parts.h"

#include <array>

namespace utables::lab::generate {
namespace {

using rules::bit;
using rules::Hook;
using rules::TableId;

constexpr std::uint8_t kIn = bit(Hook::prerouting) | bit(Hook::input) | bit(Hook::forward);
constexpr std::uint8_t kEverywhere = 0x1f;

std::string number(std::uint64_t n) { return std::to_string(n); }

std::string hex(std::uint32_t n) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[(n >> shift) & 15];
  const auto first = text.find_first_not_of('0');
  return "0x" + (first == std::string::npos ? "0" : text.substr(first));
}

std::string no(Random& random) { return chance(random, 20) ? " !" : ""; }

template <std::size_t N>
std::string word(Random& random, const std::array<const char*, N>& list) {
  return pick(random, list);
}

std::string port(Random& random) {
  constexpr std::array<std::uint32_t, 8> kPorts{80, 443, 22, 25, 8080, 53, 123, 1024};
  return number(chance(random, 70) ? pick(random, kPorts) : random.below(65536));
}

std::string port_range(Random& random) {
  const std::uint32_t low = random.below(60000), high = low + random.below(65536 - low);
  switch (random.below(5)) {
    case 0:
      return number(low) + ":" + number(high);
    case 1:
      return ":" + number(high);
    case 2:
      return number(low) + ":";
    default:
      return port(random);
  }
}

template <std::size_t N>
std::string some_of(Random& random, const std::array<const char*, N>& list) {
  std::string text;
  for (const char* each : list)
    if (chance(random, 100 / static_cast<unsigned>(N) + 15))
      text += (text.empty() ? "" : ",") + std::string(each);
  return text.empty() ? pick(random, list) : text;
}

std::string range(Random& random, std::uint32_t below, const char* separator) {
  const std::uint32_t low = random.below(below);
  return number(low) +
         (chance(random, 50) ? std::string() : separator + number(low + random.below(below - low)));
}

std::string mark(Random& random) {
  const std::string value = hex(random.below(chance(random, 70) ? 8 : 0xffffffff));
  return chance(random, 50) ? value : value + "/" + hex(chance(random, 50) ? 0xff : random.next32());
}

// --- matches ---

std::string match_tcp(const World&, Random& random) {
  constexpr std::array<const char*, 6> kFlags{"SYN", "ACK", "FIN", "RST", "URG", "PSH"};
  std::string text = " -m tcp";
  if (chance(random, 35)) text += no(random) + " --sport " + port_range(random);
  if (chance(random, 45)) text += no(random) + " --dport " + port_range(random);
  const auto roll = random.below(10);
  if (roll < 2)
    text += no(random) + " --syn";
  else if (roll < 5)
    text += no(random) + " --tcp-flags " + (chance(random, 20) ? "ALL" : some_of(random, kFlags)) + " " +
            (chance(random, 20) ? "NONE" : some_of(random, kFlags));
  if (chance(random, 12))
    text +=
        no(random) + " --tcp-option " + number(pick(random, std::array<std::uint32_t, 6>{2, 3, 4, 5, 8, 19}));
  return text;
}
std::string match_udp(const World&, Random& random) {
  std::string text = " -m udp";
  if (chance(random, 50)) text += no(random) + " --sport " + port_range(random);
  if (chance(random, 60)) text += no(random) + " --dport " + port_range(random);
  return text;
}
std::string match_sctp(const World&, Random& random) {
  constexpr std::array<const char*, 14> kChunks{
      "DATA",  "INIT",        "INIT_ACK",   "SACK",     "HEARTBEAT",           "HEARTBEAT_ACK", "ABORT",
      "ERROR", "COOKIE_ECHO", "COOKIE_ACK", "SHUTDOWN", "SHUTDOWN_COMPLETE:T", "DATA:UBe",      "ABORT:t"};
  std::string text = " -m sctp";
  if (chance(random, 20)) text += no(random) + " --sport " + port_range(random);
  if (chance(random, 30)) text += no(random) + " --dport " + port_range(random);
  if (chance(random, 70))
    text += no(random) + " --chunk-types " + word(random, std::array<const char*, 3>{"all", "any", "only"}) +
            " " +
            (chance(random, 12) ? word(random, std::array<const char*, 2>{"ALL", "NONE"})
                                : some_of(random, kChunks));
  return text;
}
std::string match_icmp(const World&, Random& random) {
  constexpr std::array<const char*, 14> kTypes{"any",
                                               "echo-request",
                                               "echo-reply",
                                               "destination-unreachable",
                                               "port-unreachable",
                                               "time-exceeded",
                                               "3/4",
                                               "8",
                                               "3",
                                               "source-quench",
                                               "redirect",
                                               "parameter-problem",
                                               "13",
                                               "timestamp-reply"};
  return " -m icmp" + no(random) + " --icmp-type " + word(random, kTypes);
}
std::string match_state(const World&, Random& random) {
  constexpr std::array<const char*, 5> kStates{"INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED"};
  return " -m state" + no(random) + " --state " + some_of(random, kStates);
}
std::string match_conntrack(const World& world, Random& random) {
  constexpr std::array<const char*, 7> kStates{"INVALID",   "NEW",  "RELATED", "ESTABLISHED",
                                               "UNTRACKED", "SNAT", "DNAT"};
  constexpr std::array<const char*, 5> kStatus{"NONE", "EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED"};
  constexpr std::array<const char*, 4> kAddresses{"--ctorigsrc", "--ctorigdst", "--ctreplsrc", "--ctrepldst"};
  constexpr std::array<const char*, 4> kPorts{"--ctorigsrcport", "--ctorigdstport", "--ctreplsrcport",
                                              "--ctrepldstport"};
  constexpr std::array<const char*, 5> kExpiries{"0", "0:5", "6:50000", "50001:400000", "6:4000000"};
  std::string text = " -m conntrack";
  if (chance(random, 50)) text += no(random) + " --ctstate " + some_of(random, kStates);
  if (chance(random, 15))
    text += no(random) + " --ctproto " + word(random, std::array<const char*, 4>{"tcp", "udp", "icmp", "6"});
  if (chance(random, 15)) text += no(random) + " " + word(random, kAddresses) + draw_address(world, random);
  if (chance(random, 15))
    text +=
        no(random) + " " + word(random, kPorts) + " " + (chance(random, 50) ? port(random) : "1024:60000");
  if (chance(random, 25))
    text +=
        no(random) + " --ctstatus " +
        (chance(random, 25)
             ? "NONE"
             : some_of(random, std::array<const char*, 4>{kStatus[1], kStatus[2], kStatus[3], kStatus[4]}));
  if (chance(random, 8)) text += no(random) + " --ctexpire " + word(random, kExpiries);
  if (chance(random, 20) || text == " -m conntrack")
    text += std::string(" --ctdir ") + (chance(random, 50) ? "ORIGINAL" : "REPLY");
  return text;
}
std::string match_multiport(const World&, Random& random) {
  std::string list;
  for (std::size_t used = 0, most = 1 + random.below(8); used < most; ++used) {
    const std::uint32_t low = random.below(60000);
    list += (list.empty() ? "" : ",") +
            (chance(random, 30) ? number(low) + ":" + number(low + 1 + random.below(5000)) : port(random));
  }
  return " -m multiport" + no(random) + " " +
         word(random, std::array<const char*, 3>{"--sports", "--dports", "--ports"}) + " " + list;
}
std::string match_comment(const World&, Random& random) {
  return std::string(" -m comment --comment ") +
         (chance(random, 50) ? "plain" : "\"two words; and \\\"more\\\"\"");
}
std::string match_limit(const World&, Random& random) {
  constexpr std::array<const char*, 6> kRates{"1/second",  "2/sec",    "3/second",
                                              "10/minute", "100/hour", "30/hour"};
  return " -m limit --limit " + word(random, kRates) +
         (chance(random, 60) ? " --limit-burst " + number(1 + random.below(20)) : "");
}
std::string match_mark(const World&, Random& random) {
  return " -m mark" + no(random) + " --mark " + mark(random);
}
std::string match_connmark(const World&, Random& random) {
  return " -m connmark" + no(random) + " --mark " + mark(random);
}
std::string match_length(const World&, Random& random) {
  return " -m length" + no(random) + " --length " + range(random, 1500, ":");
}
std::string match_ttl(const World&, Random& random) {
  return " -m ttl" +
         (chance(random, 30)
              ? std::string(" ! --ttl-eq ")
              : " " + word(random, std::array<const char*, 3>{"--ttl-eq", "--ttl-gt", "--ttl-lt"}) + " ") +
         number(pick(random, std::array<std::uint32_t, 5>{64, 63, 1, 128, 60}));
}
std::string match_tos(const World&, Random& random) {
  return " -m tos" + no(random) + " --tos " +
         (chance(random, 50)
              ? word(random,
                     std::array<const char*, 5>{"Minimize-Delay", "Maximize-Throughput",
                                                "Maximize-Reliability", "Minimize-Cost", "Normal-Service"})
              : hex(random.below(256)) + "/" + hex(random.below(256)));
}
std::string match_dscp(const World&, Random& random) {
  return " -m dscp" + no(random) +
         (chance(random, 70) ? " --dscp " + hex(random.below(chance(random, 50) ? 10 : 64))
                             : " --dscp-class " + word(random, std::array<const char*, 5>{"EF", "CS1", "AF11",
                                                                                          "AF43", "BE"}));
}
std::string match_ecn(const World&, Random& random) {
  return " -m ecn" + no(random) + " --ecn-ip-ect " + number(random.below(4));
}
std::string match_ecn_tcp(const World&, Random& random) {
  std::string text = " -m ecn" + no(random) + " " +
                     word(random, std::array<const char*, 2>{"--ecn-tcp-cwr", "--ecn-tcp-ece"});
  return chance(random, 30) ? text + no(random) + " --ecn-ip-ect " + number(random.below(4)) : text;
}
std::string match_iprange(const World& world, Random& random) {
  const auto ends = [&] {
    const std::uint32_t low = world.any_host(random);
    return " " + dotted(low) + "-" + dotted(low + random.below(300));
  };
  std::string text = " -m iprange";
  const bool source = chance(random, 60);
  if (source) text += no(random) + " --src-range" + ends();
  if (!source || chance(random, 40)) text += no(random) + " --dst-range" + ends();
  return text;
}
std::string addrtype(Random& random, const char* limit) {
  constexpr std::array<const char*, 10> kTypes{"UNSPEC",   "UNICAST",   "LOCAL",     "BROADCAST",
                                               "ANYCAST",  "MULTICAST", "BLACKHOLE", "UNREACHABLE",
                                               "PROHIBIT", "THROW"};
  std::string text = " -m addrtype";
  const bool source = chance(random, 50);
  if (source) text += no(random) + " --src-type " + some_of(random, kTypes);
  if (!source || chance(random, 30)) text += no(random) + " --dst-type " + some_of(random, kTypes);
  return chance(random, 25) ? text + limit : text;
}
std::string match_addrtype(const World&, Random& random) { return addrtype(random, ""); }
std::string match_addrtype_in(const World&, Random& random) { return addrtype(random, " --limit-iface-in"); }
std::string match_addrtype_out(const World&, Random& random) {
  return addrtype(random, " --limit-iface-out");
}
std::string match_mac(const World&, Random& random) {
  return " -m mac" + no(random) + " --mac-source 02:00:00:00:02:0" + number(1 + random.below(6));
}
std::string match_pkttype(const World&, Random& random) {
  return " -m pkttype" + no(random) + " --pkt-type " +
         word(random, std::array<const char*, 3>{"unicast", "broadcast", "multicast"});
}
std::string match_statistic(const World&, Random& random) {
  const std::uint32_t every = 1 + random.below(6);
  return " -m statistic --mode nth" + no(random) + " --every " + number(every) + " --packet " +
         number(random.below(every));
}
std::string match_connbytes(const World&, Random& random) {
  return " -m connbytes" + no(random) + " --connbytes " + number(random.below(8)) + ":" +
         (chance(random, 50) ? "" : number(8 + random.below(3000))) + " --connbytes-dir " +
         word(random, std::array<const char*, 3>{"original", "reply", "both"}) + " --connbytes-mode " +
         word(random, std::array<const char*, 3>{"packets", "bytes", "avgpkt"});
}
std::string match_tcpmss(const World&, Random& random) {
  return " -m tcpmss" + no(random) + " --mss " + range(random, 1536, ":");
}

struct MatchMaker {
  std::string (*make)(const World&, Random&);
  const char* protocol;  ///< needed; `ports`: one that has ports; empty: any
  std::uint8_t hooks;
  bool tracks;
  std::uint8_t weight;
};
constexpr std::array<MatchMaker, 26> kMatches{{
    {match_sctp, "sctp", kEverywhere, false, 8},
    {match_tcp, "tcp", kEverywhere, false, 8},
    {match_udp, "udp", kEverywhere, false, 6},
    {match_icmp, "icmp", kEverywhere, false, 6},
    {match_multiport, "ports", kEverywhere, false, 4},
    {match_tcpmss, "tcp", kEverywhere, false, 2},
    {match_ecn_tcp, "tcp", kEverywhere, false, 2},
    {match_state, "", kEverywhere, true, 4},
    {match_conntrack, "", kEverywhere, true, 7},
    {match_comment, "", kEverywhere, false, 1},
    {match_limit, "", kEverywhere, false, 2},
    {match_mark, "", kEverywhere, false, 2},
    {match_connmark, "", kEverywhere, true, 2},
    {match_length, "", kEverywhere, false, 2},
    {match_ttl, "", kEverywhere, false, 2},
    {match_tos, "", kEverywhere, false, 2},
    {match_dscp, "", kEverywhere, false, 2},
    {match_ecn, "", kEverywhere, false, 2},
    {match_iprange, "", kEverywhere, false, 2},
    {match_addrtype, "", kEverywhere, false, 2},
    {match_addrtype_in, "", kIn & 0x03, false, 1},
    {match_addrtype_out, "", 0x18, false, 1},
    {match_mac, "", kIn, false, 2},
    {match_pkttype, "", kEverywhere, false, 2},
    {match_statistic, "", kEverywhere, false, 2},
    {match_connbytes, "", kEverywhere, true, 2},
}};

bool fits(const MatchMaker& maker, const Place& place) {
  if ((maker.hooks & bit(place.hook)) == 0 || (maker.tracks && !place.track)) return false;
  const std::string_view needs = maker.protocol;
  if (needs.empty()) return true;
  if (place.protocol_inverted) return false;
  return needs == place.protocol ||
         (needs == "ports" && (place.protocol == "tcp" || place.protocol == "udp" ||
                               place.protocol == "sctp" || place.protocol == "udplite"));
}

// --- targets ---

std::string set_mark(Random& random, bool connection) {
  switch (random.below(connection ? 7 : 5)) {
    case 0:
      return " --set-mark " + mark(random);
    case 1:
      return " --set-xmark " + mark(random);
    case 2:
      return " --and-mark " + hex(random.next32());
    case 3:
      return " --or-mark " + hex(random.below(256));
    case 4:
      return " --xor-mark " + hex(random.below(256));
    case 5:
      return std::string(" --save-mark") + (chance(random, 40) ? " --nfmask 0xff --ctmask 0xff" : "");
    default:
      return std::string(" --restore-mark") + (chance(random, 40) ? " --nfmask 0xf --ctmask 0xff" : "");
  }
}

std::string mangle_target(Random& random, const Place& place) {
  const bool tcp = place.protocol == "tcp" && !place.protocol_inverted;
  switch (random.below(tcp ? 10 : 8)) {
    case 0:
      return " -j DSCP --set-dscp " + hex(random.below(64));
    case 1:
      return " -j DSCP --set-dscp-class " + word(random, std::array<const char*, 3>{"EF", "AF21", "CS5"});
    case 2:
      return " -j TOS --set-tos " +
             (chance(random, 50) ? word(random, std::array<const char*, 3>{"Minimize-Delay", "Normal-Service",
                                                                           "Maximize-Throughput"})
                                 : hex(random.below(256)) + "/" + hex(random.below(256)));
    case 3:
      return " -j TOS " + word(random, std::array<const char*, 3>{"--and-tos", "--or-tos", "--xor-tos"}) +
             " " + hex(random.below(256));
    case 4:
      return " -j TTL --ttl-set " + number(pick(random, std::array<std::uint32_t, 4>{64, 1, 200, 2}));
    case 5:
      return std::string(" -j TTL ") + (chance(random, 50) ? "--ttl-dec " : "--ttl-inc ") +
             number(1 + random.below(5));
    case 6:
    case 7:
      return " -j MARK" + set_mark(random, false);
    case 8:
      return " -j ECN --ecn-tcp-remove";
    default: {
      const bool clamp = place.hook != Hook::prerouting && place.hook != Hook::input && chance(random, 50);
      return " -m tcp --tcp-flags SYN,RST SYN -j TCPMSS " +
             (clamp ? std::string("--clamp-mss-to-pmtu") : "--set-mss " + number(200 + random.below(1300)));
    }
  }
}

std::string reject(Random& random, const Place& place) {
  constexpr std::array<const char*, 7> kTypes{
      "icmp-net-unreachable", "icmp-host-unreachable", "icmp-proto-unreachable", "icmp-port-unreachable",
      "icmp-net-prohibited",  "icmp-host-prohibited",  "icmp-admin-prohibited"};
  if (place.protocol == "tcp" && !place.protocol_inverted && chance(random, 60))
    return " -j REJECT --reject-with tcp-reset";
  return chance(random, 20) ? " -j REJECT" : " -j REJECT --reject-with " + word(random, kTypes);
}

std::string log_target(Random& random) {
  std::string text = " -j LOG";
  if (chance(random, 50)) text += " --log-prefix \"in the log: \"";
  if (chance(random, 40))
    text += " --log-level " + word(random, std::array<const char*, 3>{"info", "debug", "3"});
  for (const char* option :
       {" --log-tcp-sequence", " --log-tcp-options", " --log-ip-options", " --log-uid", " --log-macdecode"})
    if (chance(random, 20)) text += option;
  return text;
}

}  // namespace

std::string draw_log(Random& random) {
  std::string text = log_target(random);
  if (text.find("--log-level") == std::string::npos && chance(random, 30))
    text += " --log-level " + word(random, std::array<const char*, 8>{"emerg", "alert", "crit", "error",
                                                                      "warning", "notice", "6", "7"});
  return text;
}

std::string draw_address(const World& world, Random& random) {
  const std::uint32_t address = chance(random, 80) ? world.any_host(random) : world.any_box_address(random);
  switch (random.below(5)) {
    case 0:
      return " " + dotted(address) + "/" + number(8 + random.below(25));
    case 1:
      return " " + dotted(address) + "/24";
    case 2:
      return " " + dotted(address) + (chance(random, 30) ? "/255.0.255.255" : "/255.255.255.0");
    default:
      return " " + dotted(address);
  }
}

std::string draw_match(const World& world, Random& random, const Place& place) {
  for (;;) {
    const MatchMaker& maker = pick(random, kMatches);
    if (fits(maker, place) && random.below(8) < maker.weight) return maker.make(world, random);
  }
}

std::string draw_target(const World& world, Random& random, const Place& place) {
  if (place.table == TableId::nat && world.nat && place.track && chance(random, 75))
    return draw_nat_target(world, random, place);
  if (place.table == TableId::mangle && chance(random, 55)) return mangle_target(random, place);
  const auto roll = random.below(100);
  if (place.table == TableId::filter && roll < 22) return reject(random, place);
  if (place.table == TableId::raw && roll < 25)
    return chance(random, 50) ? " -j CT --notrack" : " -j NOTRACK";
  if (roll < 45) return " -j ACCEPT";
  if (roll < 55 && place.table != TableId::nat) return " -j DROP";
  if (roll < 65) return " -j RETURN";
  if (roll < 73) return log_target(random);
  if (roll < 82) return " -j MARK" + set_mark(random, false);
  if (roll < 92 && place.track) return " -j CONNMARK" + set_mark(random, true);
  return "";
}

}  // namespace utables::lab::generate
