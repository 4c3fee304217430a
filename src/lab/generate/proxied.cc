#include "lab/generate/proxied.h"

#include <fmt/format.h>

#include <array>

#include "base/bytes.h"
#include "packet/headers.h"

namespace utables::lab::generate {
namespace {

using namespace packet::tcp;

constexpr std::uint16_t kFirstPort = 80;
constexpr unsigned kPorts = 4;

/// In front of a table's rules; the table is added if it is not there.
void insert(std::string& rules, const std::string& table, const std::string& chains,
            const std::string& text) {
  if (text.empty()) return;
  std::size_t at = rules.find("*" + table + "\n");
  if (at == std::string::npos) {
    rules += "*" + table + "\n" + chains + text + "COMMIT\n";
    return;
  }
  do at = rules.find('\n', at) + 1;
  while (rules[at] == ':');
  rules.insert(at, text);
}

std::string draw_proxy(Random& random) {
  std::string text = " -j SYNPROXY";
  if (chance(random, 75)) text += " --sack-perm";
  if (chance(random, 75)) text += " --timestamp";
  if (chance(random, 75)) text += fmt::format(" --wscale {}", random.below(15));
  if (chance(random, 75))
    text += fmt::format(" --mss {}", pick(random, std::array<unsigned, 5>{1460, 1400, 536, 8960, 100}));
  if (chance(random, 50)) text += " --ecn";
  return text;
}

class Conversation {
 public:
  Conversation(const World& world, Random& random, Flow& flow) : random_(random), flow_(flow) {
    const auto [client, server] = draw_ends(world, random);
    ends_[0].address = client;
    ends_[1].address = server;
    ends_[0].port = draw_client_port(world, random);
    ends_[1].port = static_cast<std::uint16_t>(kFirstPort + random.below(kPorts));
  }

  void hold() {
    draw_ends_again();
    const std::uint8_t ecn = chance(random_, 25) ? kEce | kCwr : 0;
    say(0, kSyn | ecn, 0, Kind::proxy_handshake);
    if (chance(random_, 15)) again();
    if (chance(random_, 20)) answer_wrongly();
    if (chance(random_, 6)) return;
    say(0, chance(random_, 90) ? kAck : kAck | kPsh, chance(random_, 8) ? 20 : 0, Kind::proxy_handshake);
    wait_for_server();
    if (!serve(ecn)) return;
    for (unsigned i = 0, n = random_.below(8); i < n; ++i) exchange();
    if (chance(random_, 75)) close();
    if (chance(random_, 25)) keep_alive();
  }

 private:
  struct End {
    std::uint32_t address = 0;
    std::uint16_t port = 0;
    std::uint32_t next = 0, received = 0, clock = 0, mss = 0;
    std::uint16_t window = 0;
    bool timestamps = false, sack = false, scales = false;
    std::uint8_t scale = 0;
  };

  void draw_ends_again() {
    constexpr std::array<std::uint32_t, 9> kMss{1460, 1400, 1300, 1440, 536, 100, 9000, 1220, 0};
    for (End& end : ends_) {
      end.next = chance(random_, 10) ? 0U - random_.below(500) : random_.next32();
      end.clock = random_.next32();
      end.mss = pick(random_, kMss);
      end.window =
          static_cast<std::uint16_t>(chance(random_, 80) ? 8192 + random_.below(57000) : random_.below(3000));
      end.timestamps = chance(random_, 75);
      end.sack = chance(random_, 70);
      end.scales = chance(random_, 70);
      end.scale = static_cast<std::uint8_t>(random_.below(15));
    }
    if (chance(random_, 85)) ends_[1].timestamps = ends_[0].timestamps;
    part_.proxied = part_.echoes = true;
    part_.server_first = ends_[1].next;
  }

  /// Some acknowledgement that is not the right one, or the right one with other things wrong.
  void answer_wrongly() {
    const std::uint32_t right = ends_[0].received;
    const std::uint32_t number = ends_[0].next;
    switch (random_.below(5)) {
      case 0:
        ends_[0].received = random_.next32();
        break;
      case 1:
        ends_[0].received += 1 + random_.below(4);
        break;
      case 2:
        ends_[0].received -= 1 + random_.below(4);
        break;
      case 3:
        ends_[0].next += 1 + random_.below(4);
        break;
      default:
        ends_[0].next -= 1 + random_.below(4);
        break;
    }
    part_.echoes = chance(random_, 60);
    say(0, kAck, 0, Kind::proxy_wrong_cookie);
    part_.echoes = true;
    ends_[0].received = right;
    ends_[0].next = number;
  }

  void keep_alive() {
    --ends_[0].next;
    say(0, kAck, 0, Kind::proxy_handshake);
    ++ends_[0].next;
  }

  /// The client repeats itself before the server answers.
  void wait_for_server() {
    for (unsigned i = 0, n = chance(random_, 35) ? 1 + random_.below(3) : 0; i < n; ++i) {
      if (chance(random_, 40))
        keep_alive();
      else if (chance(random_, 60))
        again();
      else
        say(0, kAck | kPsh, 1 + random_.below(50), Kind::proxy_data);
    }
    if (chance(random_, 4)) say(0, kRst, 0, Kind::proxy_handshake);
  }

  /// The server answers the SYN, as it was opened or nearly so.
  bool serve(std::uint8_t ecn) {
    ends_[1].received = first_of_client_ + 1;
    const auto roll = random_.below(100);
    if (roll < 6) return false;
    if (roll < 14) {
      say(1, kRst | kAck, 0, Kind::proxy_handshake);
      return chance(random_, 30);
    }
    if (roll < 18) say(1, kAck, 0, Kind::proxy_handshake);
    say(1, kSyn | kAck | (ecn != 0 && chance(random_, 60) ? kEce : 0), 0, Kind::proxy_handshake);
    ends_[1].received = ends_[0].next;
    if (chance(random_, 15)) again();
    if (chance(random_, 15)) keep_alive();
    return true;
  }

  void exchange() {
    if (chance(random_, 12)) return again();
    const unsigned side = random_.below(2);
    say(side, kAck | (chance(random_, 50) ? kPsh : 0), chance(random_, 70) ? 1 + random_.below(300) : 0,
        Kind::proxy_data);
  }

  void close() {
    const unsigned side = random_.below(2);
    if (chance(random_, 35)) {
      if (chance(random_, 20)) ends_[side].next += random_.below(1000);
      return say(side, chance(random_, 50) ? kRst : kRst | kAck, 0, Kind::proxy_data);
    }
    say(side, kFin | kAck, 0, Kind::proxy_data);
    say(1 - side, kFin | kAck, 0, Kind::proxy_data);
    if (chance(random_, 90)) say(side, kAck, 0, Kind::proxy_data);
  }

  void again() {
    if (!flow_.empty()) flow_.push_back(Planned(flow_.back()));
  }

  Bytes options(const End& me, std::uint8_t flags) {
    Bytes bytes;
    const auto put = [&](std::initializer_list<std::uint8_t> more) { bytes.insert(bytes.end(), more); };
    if ((flags & kSyn) != 0) {
      if (me.mss != 0)
        put({kOptMss, 4, static_cast<std::uint8_t>(me.mss >> 8), static_cast<std::uint8_t>(me.mss)});
      if (me.sack) put({kOptSackPermitted, 2});
      if (me.scales) put({kOptNop, kOptWindowScale, 3, me.scale});
    } else if (me.sack && chance(random_, 20)) {
      put({kOptSack, 10});
      for (const std::uint32_t edge : {me.received + 10, me.received + 10 + random_.below(300)}) {
        bytes.resize(bytes.size() + 4);
        store32(&bytes[bytes.size() - 4], edge);
      }
    }
    if (me.timestamps && chance(random_, 97)) {
      while (bytes.size() % 4 != 2 && chance(random_, 90)) bytes.push_back(kOptNop);
      put({kOptTimestamp, 10});
      for (const std::uint32_t clock : {me.clock, (flags & kAck) != 0 ? random_.next32() : 0U}) {
        bytes.resize(bytes.size() + 4);
        store32(&bytes[bytes.size() - 4], clock);
      }
    }
    if (chance(random_, 3)) bytes.push_back(static_cast<std::uint8_t>(random_.below(20)));
    return bytes;
  }

  void say(unsigned side, unsigned flags, std::size_t data, Kind kind) {
    End& me = ends_[side];
    End& peer = ends_[1 - side];
    me.clock += random_.below(40);
    IpFields ip;
    ip.source = me.address;
    ip.destination = peer.address;
    ip.protocol = packet::kTcp;
    ip.identification = static_cast<std::uint16_t>(1 + random_.below(65535));
    ip.dont_fragment = chance(random_, 60);
    TcpFields tcp;
    tcp.source_port = me.port;
    tcp.destination_port = peer.port;
    tcp.seq = me.next;
    tcp.flags = static_cast<std::uint8_t>(flags);
    tcp.window = chance(random_, 95) ? me.window : std::uint16_t{0};
    if ((flags & kSyn) != 0 && side == 0) {
      first_of_client_ = me.next;
      me.received = part_.server_first + 1;  // as the proxy will say
    }
    tcp.ack = (flags & kAck) != 0 ? me.received : 0;
    tcp.options = options(me, tcp.flags);
    flow_.push_back(
        {ip_packet(ip, tcp_segment(ip, tcp, filler(data, 0x61))), me.address, kinds(kind), part_});
    me.next += static_cast<std::uint32_t>(data) + ((flags & (kSyn | kFin)) != 0 ? 1 : 0);
    if (kind != Kind::proxy_wrong_cookie && !(side == 0 && (flags & kSyn) != 0)) peer.received = me.next;
  }

  Random& random_;
  Flow& flow_;
  std::array<End, 2> ends_{};
  std::uint32_t first_of_client_ = 0;
  kernel::Part part_{};
};

}  // namespace

std::string with_proxies(std::string rules, Random& random) {
  std::string raw, chosen;
  for (unsigned i = 0; i < kPorts; ++i) {
    const std::string port = fmt::format(" -p tcp -m tcp --dport {}", kFirstPort + i);
    if (chance(random, 85))
      raw += "-A PREROUTING" + port + " --tcp-flags FIN,SYN,RST,ACK SYN -j CT --notrack\n";
    if (chance(random, 10))
      raw += "-A OUTPUT -p tcp -m tcp --sport " + std::to_string(kFirstPort + i) +
             " --tcp-flags SYN,ACK SYN,ACK -j CT --notrack\n";
    const std::string states = chance(random, 94) ? " -m conntrack --ctstate INVALID,UNTRACKED"
                                                  : " -m conntrack --ctstate NEW,INVALID";
    const std::string proxy = draw_proxy(random) + "\n";
    for (const char* chain : {"-A FORWARD", "-A INPUT"}) chosen += chain + port + states + proxy;
  }
  if (chance(random, 60)) chosen += "-A FORWARD -m conntrack --ctstate INVALID -j DROP\n";
  insert(rules, "raw", ":PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n", raw);
  const char* const table =
      chance(random, 80) ? "filter" : pick(random, std::array<const char*, 2>{"mangle", "security"});
  insert(rules, table,
         std::string(table) == "mangle"
             ? ":PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT "
               "[0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n"
             : ":INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n",
         chosen);
  return rules;
}

std::string draw_proxy_sysctl(Random& random) {
  return chance(random, 85) ? "net.netfilter.nf_conntrack_tcp_loose = 0\n" : "";
}

Flow proxied_flow(const World& world, Random& random) {
  Flow flow;
  Conversation conversation(world, random, flow);
  conversation.hold();
  for (unsigned more = 0; more < 2 && chance(random, 35); ++more) conversation.hold();
  return flow;
}

}  // namespace utables::lab::generate
