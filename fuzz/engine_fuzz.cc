// Packets of any bytes through a whole box: rules, tracking, routing, fragments, answers. Each packet gets
// one outcome, what leaves is a packet, the table stays within its bound, and a batch acts as its packets one
// at a time. The input's first byte chooses rulesets and profile; then records: control, choice, length,
// bytes. One bit of control makes IPv6 of a record.
#include <fmt/format.h>
#include <utables/engine.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "engine/parts.h"
#include "packet/checksum.h"
#include "packet/facts.h"

using namespace utables;

namespace {

constexpr std::string_view kNet = R"(addr add 10.0.0.254/24 dev lan
addr add 192.0.2.254/24 dev wan
link set dev thin mtu 1300
addr add 172.16.0.254/24 dev thin
route add default via 192.0.2.1 dev wan
route add unreachable 198.51.100.64/26
route add blackhole 198.51.100.192/26
addr add 2001:db8:a::fe/64 dev lan
addr add fe80::fe/64 dev lan
addr add 2001:db8:2::fe/64 dev wan
addr add 2001:db8:3::fe/64 dev thin
route add default via 2001:db8:2::1 dev wan
route add unreachable 2001:db8:64::/48
route add blackhole 2001:db8:c0::/48
)";
constexpr std::string_view kSysctl =
    "net.netfilter.nf_conntrack_max = 12\nnet.ipv4.conf.all.send_redirects = 1\n";

constexpr std::array<std::string_view, 5> kRulesets = {
    "",
    R"(*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate INVALID -j LOG --log-tcp-options --log-ip-options --log-tcp-sequence
-A INPUT -p tcp -j REJECT --reject-with tcp-reset
-A INPUT -j REJECT
-A FORWARD -m state --state ESTABLISHED,RELATED -j ACCEPT
-A FORWARD -p udp -m limit --limit 1/s --limit-burst 2 -j ACCEPT
-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST,ACK,FIN SYN -j ACCEPT
-A FORWARD -p tcp -m tcp --tcp-option 8 -j ACCEPT
-A FORWARD -j REJECT --reject-with icmp-host-prohibited
COMMIT
)",
    R"(*raw
-A PREROUTING -p icmp -j CT --notrack
-A OUTPUT -p udp -m udp --dport 53 -j NOTRACK
COMMIT
*mangle
-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
-A PREROUTING -m ttl --ttl-lt 5 -j TTL --ttl-inc 3
-A POSTROUTING -m conntrack --ctstate NEW -j DSCP --set-dscp 3
-A POSTROUTING -m connbytes --connbytes 3 --connbytes-dir both --connbytes-mode packets -j TOS --set-tos 0x10/0x3f
-A POSTROUTING -p tcp -m ecn --ecn-tcp-cwr -j ECN --ecn-tcp-remove
-A PREROUTING -j CONNMARK --restore-mark
-A PREROUTING -m mark --mark 0 -j MARK --set-xmark 5/7
-A POSTROUTING -j CONNMARK --save-mark
COMMIT
)",
    R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:deep - [0:0]
-A FORWARD -p tcp -m multiport --ports 22,80:443 -j deep
-A FORWARD -m iprange --src-range 10.0.0.1-10.0.0.2 -g deep
-A FORWARD -m addrtype --dst-type BROADCAST,MULTICAST -j DROP
-A FORWARD -m length --length 100:65535 -m statistic --mode nth --every 3 --packet 1 -j DROP
-A FORWARD -p tcp -m tcpmss --mss 500:1400 -j REJECT --reject-with tcp-reset
-A FORWARD -p icmp -m icmp --icmp-type 3/4 -m conntrack --ctorigdst 10.0.0.0/24 -j ACCEPT
-A deep -m statistic --mode random --probability 0.5 -j RETURN
-A deep -m pkttype --pkt-type unicast -m mac ! --mac-source 02:00:00:00:00:01 -j LOG --log-prefix deep
COMMIT
)",
    R"(*nat
-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.1-10.0.0.3:8000-8002
-A PREROUTING -p udp -j DNAT --to-destination :53-60/50
-A PREROUTING -p icmp -j REDIRECT
-A PREROUTING -d 192.0.2.0/28 -j NETMAP --to 172.16.0.0/28
-A INPUT -p tcp -j SNAT --to-source 10.0.0.9
-A OUTPUT -p tcp -j DNAT --to-destination 10.0.0.5
-A POSTROUTING -o wan -p tcp -j MASQUERADE --to-ports 1024-1026
-A POSTROUTING -o wan -j MASQUERADE --random
-A POSTROUTING -o thin -p udp -j SNAT --to-source 172.16.0.9-172.16.0.11:600-601
COMMIT
*filter
-A FORWARD -p tcp -m tcp --dport 8001 -j REJECT --reject-with tcp-reset
-A FORWARD -p udp -m conntrack --ctstate DNAT -j REJECT
COMMIT
)",
};

constexpr std::array<std::string_view, 4> kRulesetsV6 = {
    "",
    R"(*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate INVALID -j LOG --log-tcp-options --log-ip-options --log-tcp-sequence
-A INPUT -p tcp -j REJECT --reject-with tcp-reset
-A INPUT -j REJECT
-A FORWARD -m state --state ESTABLISHED,RELATED -j ACCEPT
-A FORWARD -p ipv6-icmp -m icmp6 --icmpv6-type packet-too-big -j ACCEPT
-A FORWARD -p udp -m limit --limit 1/s --limit-burst 2 -j ACCEPT
-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST,ACK,FIN SYN -j ACCEPT
-A FORWARD -j REJECT --reject-with icmp6-adm-prohibited
COMMIT
)",
    R"(*raw
-A PREROUTING -m frag --fragfirst --fragmore -j MARK --set-xmark 1/1
-A PREROUTING -m rt --rt-type 0 --rt-0-addrs 2001:db8:a::1 --rt-0-not-strict -j DROP
-A PREROUTING -m ipv6header --header hop,dst --soft -j LOG
-A PREROUTING -m hbh --hbh-opts 5:2 -j MARK --set-xmark 2/2
-A PREROUTING -m dst --dst-opts 30,62 -j MARK --set-xmark 4/4
-A PREROUTING -m ah --ahspi 1:9 --ahres -j NOTRACK
COMMIT
*mangle
-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu
-A PREROUTING -m hl --hl-lt 5 -j HL --hl-inc 3
-A POSTROUTING -m conntrack --ctstate NEW -j DSCP --set-dscp 3
-A POSTROUTING -m ecn --ecn-ip-ect 1 -j TOS --set-tos 0x10/0x3f
COMMIT
)",
    R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m addrtype --dst-type LOCAL,ANYCAST -j DROP
-A FORWARD -m eui64 -j LOG
-A FORWARD -p esp -m esp --espspi 1:100 -j DROP
-A FORWARD -p tcp -m tcpmss --mss 500:1400 -j REJECT --reject-with tcp-reset
-A FORWARD -p sctp -j REJECT --reject-with icmp6-policy-fail
COMMIT
)",
};

constexpr std::array<std::uint32_t, 16> kAddresses = {
    0x0a000001, 0x0a000002, 0x0a0000fe, 0x0a0000ff, 0xc0000201, 0xc0000263, 0xc00002fe, 0xac100001,
    0x08080808, 0xc6336441, 0xc63364c1, 0xe0000001, 0xffffffff, 0x7f000001, 0x00000000, 0xac1000fe};

struct Record {
  std::vector<std::uint8_t> bytes{};
  std::uint8_t control = 0, choice = 0;
  std::uint32_t wire = 0;
};

/// Makes the bytes an IPv4 header with addresses of the box's surroundings and sums that hold.
void shape(Record& r) {
  std::vector<std::uint8_t>& b = r.bytes;
  if (b.size() < 36) b.resize(36);
  const unsigned header = (r.control & 8) != 0 ? 32 : 20;
  b[0] = static_cast<std::uint8_t>(0x40 + header / 4);
  store16(&b[2], static_cast<std::uint16_t>(b.size()));
  store16(&b[4], b[4] % 4);                                            // few identifications: fragments meet
  store16(&b[6], (r.control & 16) != 0 ? load16(&b[6]) & 0x6007 : 0);  // and are near each other
  b[9] = std::array<std::uint8_t, 8>{1, 6, 6, 17, 17, 132, 136, 47}[b[9] % 8];
  store32(&b[12], kAddresses[b[12] % 16]);
  store32(&b[16], kAddresses[b[16] % 16]);
  if (b[9] == 6 || b[9] == 17) b[header] = b[header + 2] = 0, b[header + 1] %= 4, b[header + 3] %= 4;
  packet::write_ip_checksum(std::span(b).first(header));
}

constexpr std::array<std::string_view, 16> kAddresses6 = {
    "2001:db8:a::1",  "2001:db8:a::2",  "2001:db8:a::fe", "2001:db8:a::",  "2001:db8:2::1",
    "2001:db8:2::63", "2001:db8:2::fe", "2001:db8:3::1",  "2001:db8:8::8", "2001:db8:64::1",
    "2001:db8:c0::1", "ff02::1",        "ff0e::5",        "::1",           "::",
    "fe80::fe"};

void set_address6(std::uint8_t* at) {
  const Address a = *parse_address(kAddresses6[at[0] % 16], Family::ipv6);
  std::copy(a.bytes.begin(), a.bytes.end(), at);
}

/// Makes the bytes an IPv6 header with such addresses; one of few chains of extension headers.
void shape6(Record& r) {
  constexpr std::array<std::uint8_t, 16> kNext = {6,  17, 58, 132, 136, 50, 0,  0,
                                                  43, 60, 44, 44,  44,  51, 59, 6};
  std::vector<std::uint8_t>& b = r.bytes;
  if (b.size() < 64) b.resize(64);
  b[0] = static_cast<std::uint8_t>(0x60 | (b[0] & 0x0f));
  store16(&b[4], static_cast<std::uint16_t>(b.size() - 40));
  b[6] = kNext[b[6] % 16];
  set_address6(&b[8]);
  set_address6(&b[24]);
  if (b[6] == 0 || b[6] == 43 || b[6] == 60 || b[6] == 44) b[40] = kNext[b[40] % 16], b[41] %= 3;
  if (b[6] == 44) {
    store16(&b[42], load16(&b[42]) & 0x001f);
    store32(&b[44], b[47] % 4);
  }
  if (b[6] == 6 || b[6] == 17) b[40] = b[42] = 0, b[41] %= 4, b[43] %= 4;
}

std::vector<Record> records(const std::uint8_t* data, std::size_t size) {
  std::vector<Record> all;
  for (std::size_t at = 1; at + 3 <= size && all.size() < 64;) {
    Record r;
    r.control = data[at];
    r.choice = data[at + 1];
    const std::size_t length =
        std::min<std::size_t>(data[at + 2] * ((r.control & 4) != 0 ? 8U : 1U), size - at - 3);
    r.bytes.assign(data + at + 3, data + at + 3 + length);
    at += 3 + length;
    if ((r.control & 1) == 0) (r.control & 32) != 0 ? shape6(r) : shape(r);
    r.wire = static_cast<std::uint32_t>(r.bytes.size()) + ((r.choice & 0x20) != 0 ? r.choice : 0U);
    if (!r.bytes.empty()) all.push_back(std::move(r));
  }
  return all;
}

class Transcript final : public Sink {
 public:
  void sent(const Sent& s) override {
    packet::Facts facts;
    if (packet::parse(s.bytes, 0x10000, facts) != DropReason::none) std::abort();
    text += fmt::format("sent {} {} {}", s.interface, s.made_here, static_cast<int>(s.ctinfo));
    for (const std::uint8_t byte : s.bytes) text += fmt::format("{:02x}", byte);
    text += '\n';
  }
  void outcome(const Outcome& o) override {
    ++outcomes;
    text += fmt::format("{} {} {}:{}:{} {} {} {} {}\n", static_cast<int>(o.fate), static_cast<int>(o.reason),
                        o.by.table, o.by.chain, o.by.rule, static_cast<int>(o.ctinfo), o.invalid,
                        o.connection, o.time);
  }
  void log(const LogLine& l) override { text += fmt::format("{}\n", l.text); }
  void event(std::string_view line, Time) override { text += fmt::format("{}\n", line); }
  [[nodiscard]] bool wants_events() const override { return true; }
  std::string text;
  std::size_t outcomes = 0;
};

std::string play(const BoxText& box, const Options& options, std::vector<Record> all,
                 std::size_t batch_size) {
  auto engine = Engine::create(box, options);
  if (!engine) std::abort();
  Worker worker = engine->worker();
  Transcript transcript;
  const std::size_t interfaces = engine->parts().host.interfaces.size();
  std::vector<Packet> batch;
  constexpr Time kStart = 1'795'308'671 * kSecond;
  Time now = kStart, first = now;
  for (std::size_t i = 0; i < all.size(); ++i) {
    Record& r = all[i];
    now += Duration{r.choice >> 6} * ((r.control & 2) != 0 ? 60 * kSecond : kMillisecond);
    if (batch.empty()) first = now;
    const std::size_t size = r.bytes.size();
    r.bytes.resize(size + 64);
    Packet p;
    p.bytes = r.bytes.data();
    p.size = static_cast<std::uint32_t>(size);
    p.room = static_cast<std::uint32_t>(r.bytes.size());
    p.wire_size = r.wire;
    p.outbound = (r.choice & 7) == 7;
    p.interface = p.outbound ? kNoInterface : static_cast<InterfaceId>(r.choice % interfaces);
    p.type = (r.choice & 8) != 0 ? PacketType::broadcast : PacketType::host;
    p.checksum_good = (r.choice & 16) == 0;
    p.later = now - first;
    batch.push_back(p);
    if (batch.size() < batch_size && i + 1 < all.size()) continue;
    worker.process(batch, first, transcript);
    batch.clear();
  }
  if (transcript.outcomes != all.size()) std::abort();
  worker.advance(now + 600 * kSecond, transcript);
  return transcript.text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  BoxText box;
  box.net_ip = kNet;
  box.has_net_ip = true;
  box.sysctl_conf = kSysctl;
  box.rules_v4 = kRulesets[data[0] % kRulesets.size()];
  box.has_rules_v4 = !box.rules_v4.empty();
  box.rules_v6 = kRulesetsV6[(data[0] >> 4) % kRulesetsV6.size()];
  box.has_rules_v6 = !box.rules_v6.empty();
  Options options;
  options.profile = (data[0] & 4) != 0 ? Profile::classic : Profile::modern;
  options.track_always = (data[0] & 8) != 0;
  const std::vector<Record> all = records(data, size);
  if (play(box, options, all, 1) != play(box, options, all, 1 + data[0] % 32)) std::abort();
  return 0;
}
