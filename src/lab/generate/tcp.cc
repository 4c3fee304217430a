// TCP conversations. A story is a line of steps: who sends (c or s), with which flags, and how; the two
// ends keep real sequence numbers, so that what a step bends is bent from a true state.
//
//   c s      client, server                 S A F R P U E C   flags (0: none)
//   d        with data                      r   the same segment as that side's last
//   z        window 0                       k   with a SACK option
//   +  -     a new connection on the same ports, its first sequence number higher or lower
//   *        a random sequence number       x   sequence number exactly what the peer acknowledged
//   l        lost before it reaches the box ~   an old acknowledgement
//   ?        anything at all
#include <array>
#include <string_view>

#include "base/bytes.h"
#include "base/scan.h"
#include "lab/generate/traffic.h"
#include "packet/headers.h"

namespace utables::lab::generate {
namespace {

using namespace packet::tcp;

struct Story {
  std::string_view steps;
  Kind kind;
};

constexpr std::array<Story, 40> kStories{{
    {"cS sSA cA cPAd sA sPAd cA cFA sA sFA cA", Kind::tcp_close},
    {"cS sSA cA cPAd sPAd cAd cAd sA sFA cA cFA sA", Kind::tcp_close},
    {"cS sSA cA cFA sFA cA sA", Kind::tcp_close},
    {"cS sSA cA cFA sFA sFA cA cA", Kind::tcp_close},
    {"cS sSA cA cAd sA sAd cA cAd cAd cAd sA", Kind::tcp_data},
    {"cS cS cSr sSA sSAr cA cPAd sA", Kind::tcp_handshake},
    {"cS sRA cS+ sSA cA", Kind::tcp_exact_reset},
    {"cS sSA cRx cS+ sSA cA", Kind::tcp_exact_reset},
    {"cS cR cS sSA", Kind::tcp_exact_reset},
    {"cS cRA cS sSA cA", Kind::tcp_exact_reset},
    {"cS sSA cA cPAd sRx cA sRx", Kind::tcp_exact_reset},
    {"cS sSA cA cPAd sA cR* cPAd sA", Kind::tcp_inexact_reset},
    {"cS sSA cA sR* sPAd cA sRx", Kind::tcp_inexact_reset},
    {"cS sSA cA cR* sA cRx cA", Kind::tcp_challenge_ack},
    {"cS sS cSA sSA cA sA cPAd sA", Kind::tcp_simultaneous_open},
    {"cS sS sSA cSA cA sPAd", Kind::tcp_simultaneous_open},
    {"cS sS cA sA cPAd", Kind::tcp_simultaneous_open},
    {"cS sS cR sRx cS+ sSA", Kind::tcp_simultaneous_open},
    {"cS sS sF cFA sA", Kind::tcp_simultaneous_open},
    {"cS sSA cA cFA sFA cA cS+ sSA cA cPAd sA", Kind::tcp_reuse},
    {"cS sSA cA cFA sFA cA cS- sSA cA cPAd", Kind::tcp_reuse},
    {"cS sSA cA cFA sFA cA sS+ cSA sA", Kind::tcp_reuse},
    {"cS sSA cA cRx cS+ sSA cA", Kind::tcp_reuse},
    {"cS sSA cA cFA cA sA cS+ sSA", Kind::tcp_reuse},
    {"cS sSA cA sFA cS+ sSA cA", Kind::tcp_reuse},
    {"cS sSA cA cFA sFA cS+ sSA cA", Kind::tcp_reuse},
    {"cA sA cPAd sA cFA sFA cA", Kind::tcp_mid_stream},
    {"sAd cA sAd cA cRx", Kind::tcp_mid_stream},
    {"cPAd cAd sAd cA sFA cA cFA sA", Kind::tcp_mid_stream},
    {"sSA cA cPAd", Kind::tcp_mid_stream},
    {"cFA cA sA", Kind::tcp_mid_stream},
    {"c0 cSFd cFPU cR cRA cS", Kind::tcp_any_flags},
    {"cS sSA cA cS* sA cRx cS* sSA cA", Kind::tcp_challenge_ack},
    {"cS sSA cA cS+ sA cRx cS sSA cA", Kind::tcp_challenge_ack},
    {"cS sA cRx cS sSA cA", Kind::tcp_challenge_ack},
    {"cS sSA cA cPAd cPAdr cPAdr cPAdr cPAdr cPAdr sA cPAd sA", Kind::tcp_retransmission},
    {"cS sSA cA cAd cAd cAd cAd sA sAz cA cAz sA sA cPAd", Kind::tcp_zero_window},
    {"cS sSA cA cAdl cAd sAk cAd sAk cAd sA", Kind::tcp_sack},
    {"cSEC sSAE cA cAd sAE cACd sA cF sF cA", Kind::tcp_any_flags},
    {"c? s? c? s? c? s? c? s? c? s? c? s? c? s?", Kind::tcp_any_flags},
}};

struct End {
  std::uint32_t address = 0;
  std::uint16_t port = 0;
  std::uint32_t next = 0;      ///< next sequence number to send
  std::uint32_t received = 0;  ///< next sequence number expected from the peer
  std::uint16_t window = 0;
  std::uint8_t scale = 0;
  bool scales = false, sack = false, timestamps = false;
  Planned last{};
  std::uint32_t last_ack = 0;
};

class Conversation {
 public:
  Conversation(const World& world, Random& random) : random_(random) {
    const Ends ends = draw_ends(world, random);
    constexpr std::array<std::uint16_t, 8> kPorts{80, 443, 22, 25, 8080, 1024, 53, 6000};
    ends_[0].address = ends.client;
    ends_[0].port = chance(random, 80) ? draw_client_port(world, random) : pick(random, kPorts);
    ends_[1].address = ends.server;
    ends_[1].port = pick(random, kPorts);
    for (auto& end : ends_) draw_end(end);
    bend_ = pick(random, std::array<unsigned, 4>{0, 0, 8, 30});
    tos_ = static_cast<std::uint8_t>(chance(random, 70) ? 0 : random.below(256));
  }

  void play(const Story& story) {
    for (const auto step : words(story.steps)) {
      const std::size_t before = flow_.size();
      this->step(step);
      if (flow_.size() > before) flow_.back().kinds.set(static_cast<std::size_t>(story.kind));
    }
  }
  /// Neighbours change places; some packets never come.
  Flow finish() {
    for (std::size_t i = 1; i < flow_.size(); ++i) {
      if (bend_ == 0 || !chance(random_, 8)) continue;
      std::swap(flow_[i - 1], flow_[i]);
      flow_[i].kinds.set(static_cast<std::size_t>(Kind::tcp_reordering));
    }
    return std::move(flow_);
  }

 private:
  void draw_end(End& end) {
    end.next = chance(random_, 20) ? 0U - random_.below(3000) : random_.next32();
    end.window = static_cast<std::uint16_t>(
        pick(random_, std::array<std::uint32_t, 7>{65535, 29200, 8192, 1000, 300, 64240, 1}));
    end.scales = chance(random_, 50);
    end.scale = static_cast<std::uint8_t>(end.scales ? (chance(random_, 90) ? random_.below(15) : 15) : 0);
    end.sack = chance(random_, 50);
    end.timestamps = chance(random_, 30);
  }

  static std::uint8_t flags_of(std::string_view step) {
    constexpr std::string_view kLetters = "FSRPAUEC";
    std::uint8_t flags = 0;
    for (const char c : step.substr(1))
      if (const auto bit = kLetters.find(c); bit != std::string_view::npos)
        flags = static_cast<std::uint8_t>(flags | (1U << bit));
    return flags;
  }
  static bool has(std::string_view step, char c) { return step.find(c) != std::string_view::npos; }

  void renew(End& end, bool higher) {
    const std::uint32_t step = 1 + random_.below(chance(random_, 50) ? 100000 : 2000);
    end.next = higher ? end.next + step : end.next - step;
    draw_window_again(end);
  }
  void draw_window_again(End& end) {
    if (chance(random_, 30)) end.window = static_cast<std::uint16_t>(random_.below(65536));
  }

  void step(std::string_view step) {
    const unsigned side = step[0] == 's' ? 1 : 0;
    End& me = ends_[side];
    if (has(step, 'r') && !me.last.bytes.empty()) {
      emit(me.last, Kind::tcp_retransmission);
      return;
    }
    if (has(step, '+')) renew(me, true);
    if (has(step, '-')) renew(me, false);
    TcpFields tcp;
    tcp.flags = flags_of(step);
    std::size_t data = has(step, 'd') ? draw_size() : 0;
    if (has(step, '?')) {
      tcp.flags = draw_flags();
      if (chance(random_, 30)) data = draw_size();
    }
    fill(side, tcp);
    Kinds kinds;
    if (has(step, '*')) {
      tcp.seq += chance(random_, 50) ? random_.next32() : 1 + random_.below(me.window + 1U);
      kinds.set(static_cast<std::size_t>(Kind::tcp_future_sequence));
    }
    if (has(step, 'x')) tcp.seq = ends_[1 - side].last_ack;
    if (has(step, 'z') || (bend_ != 0 && chance(random_, 4))) {
      tcp.window = 0;
      kinds.set(static_cast<std::size_t>(Kind::tcp_zero_window));
    }
    if (has(step, '~')) tcp.ack -= 1 + random_.below(3000);
    if (chance(random_, bend_)) bend(side, tcp, data, kinds);
    tcp.options = options(side, tcp, has(step, 'k'), kinds);
    // `?` bends without moving the true state, as often as not.
    const bool counts = !has(step, '*') && !has(step, 'x') && (!has(step, '?') || chance(random_, 60));
    send(side, tcp, data, kinds, counts, has(step, 'l'));
  }

  std::size_t draw_size() {
    const auto roll = random_.below(10);
    return roll < 7 ? 1 + random_.below(200) : roll < 9 ? 1 + random_.below(1460) : random_.below(3);
  }

  std::uint8_t draw_flags() {
    constexpr std::array<std::uint8_t, 16> kUsual{
        kSyn, kSyn | kAck, kAck,        kFin | kAck,        kRst,        kRst | kAck, kAck | kPsh, kFin,
        0,    kSyn | kFin, kSyn | kRst, kFin | kPsh | kUrg, kAck | kUrg, kSyn | kPsh, kSyn | kUrg, kAck};
    return chance(random_, 80) ? pick(random_, kUsual) : static_cast<std::uint8_t>(random_.below(256));
  }

  void fill(unsigned side, TcpFields& tcp) {
    End& me = ends_[side];
    tcp.source_port = me.port;
    tcp.destination_port = ends_[1 - side].port;
    tcp.seq = me.next;
    tcp.ack = (tcp.flags & kAck) != 0 ? me.received : chance(random_, 90) ? 0 : random_.next32();
    tcp.window = me.window;
    tcp.urgent = (tcp.flags & kUrg) != 0 ? static_cast<std::uint16_t>(random_.below(100)) : std::uint16_t{0};
  }

  /// One number is moved: far away, or to the very edge of what windows allow.
  void bend(unsigned side, TcpFields& tcp, std::size_t data, Kinds& kinds) {
    const End& me = ends_[side];
    const End& peer = ends_[1 - side];
    const std::uint32_t room = std::uint32_t{peer.window} << peer.scale, near = random_.below(5);
    const auto length = static_cast<std::uint32_t>(data);
    switch (random_.below(9)) {
      case 0:
        tcp.seq -= 1 + random_.below(5000);
        kinds.set(static_cast<std::size_t>(Kind::tcp_old_sequence));
        break;
      case 1:
        tcp.seq = me.next - room - 3 + near;
        kinds.set(static_cast<std::size_t>(Kind::tcp_old_sequence));
        break;
      case 2:
        tcp.seq += 1 + random_.below(room + 1);
        kinds.set(static_cast<std::size_t>(Kind::tcp_future_sequence));
        break;
      case 3:
        tcp.seq = peer.last_ack + room - length - 2 + near;
        kinds.set(static_cast<std::size_t>(Kind::tcp_future_sequence));
        break;
      case 4:
        tcp.ack -= 1 + random_.below(100000);
        kinds.set(static_cast<std::size_t>(Kind::tcp_old_acknowledgement));
        break;
      case 5:
        tcp.ack = peer.next - 66000 - 2 + near;
        kinds.set(static_cast<std::size_t>(Kind::tcp_old_acknowledgement));
        break;
      case 6:
        tcp.ack += 1 + random_.below(3000);
        kinds.set(static_cast<std::size_t>(Kind::tcp_future_acknowledgement));
        break;
      case 7:
        tcp.flags = draw_flags();
        kinds.set(static_cast<std::size_t>(Kind::tcp_any_flags));
        break;
      default:
        tcp.window = static_cast<std::uint16_t>(random_.below(65536));
        break;
    }
  }

  Bytes options(unsigned side, const TcpFields& tcp, bool sack, Kinds& kinds) {
    End& me = ends_[side];
    Bytes bytes;
    if ((tcp.flags & kSyn) != 0) {
      if (chance(random_, 90)) bytes = {kOptMss, 4, 5, static_cast<std::uint8_t>(random_.below(256))};
      if (me.sack) bytes.insert(bytes.end(), {kOptNop, kOptNop, kOptSackPermitted, 2});
      if (me.scales) {
        bytes.insert(bytes.end(), {kOptNop, kOptWindowScale, 3, me.scale});
        kinds.set(static_cast<std::size_t>(Kind::tcp_window_scaling));
      }
    }
    if (me.timestamps) {
      bytes.insert(bytes.end(), {kOptNop, kOptNop, kOptTimestamp, 10});
      for (unsigned i = 0; i < 8; ++i) bytes.push_back(static_cast<std::uint8_t>(random_.below(256)));
    }
    if (sack || (bend_ != 0 && (tcp.flags & kAck) != 0 && chance(random_, 6))) {
      add_sack(side, bytes);
      kinds.set(static_cast<std::size_t>(Kind::tcp_sack));
    }
    if (bend_ != 0 && chance(random_, 4)) {
      for (unsigned i = 0, n = 1 + random_.below(8); i < n; ++i)
        bytes.push_back(static_cast<std::uint8_t>(random_.below(20)));
      kinds.set(static_cast<std::size_t>(Kind::tcp_malformed_options));
    }
    return bytes;
  }

  void add_sack(unsigned side, Bytes& bytes) {
    const unsigned blocks = 1 + random_.below(3);
    bytes.insert(bytes.end(), {kOptNop, kOptNop, kOptSack, static_cast<std::uint8_t>(2 + blocks * 8)});
    for (unsigned i = 0; i < blocks; ++i) {
      const std::uint32_t left = ends_[side].received + random_.below(3000),
                          right = left + random_.below(2000);
      for (const auto v : {left, chance(random_, 90) ? right : random_.next32()}) {
        bytes.resize(bytes.size() + 4);
        store32(&bytes[bytes.size() - 4], v);
      }
    }
  }

  void send(unsigned side, const TcpFields& tcp, std::size_t data, const Kinds& kinds, bool counts,
            bool lost) {
    End& me = ends_[side];
    IpFields ip;
    ip.source = me.address;
    ip.destination = ends_[1 - side].address;
    ip.protocol = packet::kTcp;
    ip.identification = static_cast<std::uint16_t>(1 + random_.below(65535));
    ip.dont_fragment = chance(random_, 60);
    ip.tos = tos_;
    ip.ttl = static_cast<std::uint8_t>(chance(random_, 97) ? 64 : 2 + random_.below(254));
    me.last = {ip_packet(ip, tcp_segment(ip, tcp, filler(data, 0x61))), me.address, kinds};
    if ((tcp.flags & kAck) != 0) me.last_ack = tcp.ack;
    if (counts) {
      me.next = tcp.seq + static_cast<std::uint32_t>(data) + ((tcp.flags & kSyn) != 0 ? 1 : 0) +
                ((tcp.flags & kFin) != 0 ? 1 : 0);
      ends_[1 - side].received = me.next;
    }
    if (lost)
      flow_.empty() ? void() : void(flow_.back().kinds.set(static_cast<std::size_t>(Kind::tcp_lost)));
    else
      emit(me.last, Kind::count_);
  }

  void emit(const Planned& planned, Kind kind) {
    flow_.push_back(planned);
    if (kind != Kind::count_) flow_.back().kinds.set(static_cast<std::size_t>(kind));
  }

  Random& random_;
  std::array<End, 2> ends_;
  unsigned bend_ = 0;
  std::uint8_t tos_ = 0;
  Flow flow_;
};

}  // namespace

Flow tcp_flow(const World& world, Random& random) {
  Conversation conversation(world, random);
  const unsigned stories = 1 + random.below(3);
  for (unsigned i = 0; i < stories; ++i) conversation.play(pick(random, kStories));
  return conversation.finish();
}

}  // namespace utables::lab::generate
