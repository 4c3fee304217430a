// PPTP: control connections that make calls and end them, right and nearly right, and the GRE of the calls,
// or nearly those.
#include <array>
#include <string>

#include "base/bytes.h"
#include "lab/generate/talk.h"
#include "packet/headers.h"

namespace utables::lab::generate {
namespace {

using namespace packet::tcp;

enum Type : std::uint16_t {
  start_request = 1,
  start_reply,
  stop_request,
  stop_reply,
  echo_request,
  echo_reply,
  out_request,
  out_reply,
  in_request,
  in_reply,
  in_connected,
  clear_request,
  disconnect_notify,
  wan_error,
  link_info,
  past_last
};
/// Bytes behind the header, by type.
constexpr std::array<std::uint16_t, 16> kSizes{0, 144, 144, 4, 4, 4, 8, 156, 20, 208, 12, 16, 4, 136, 28, 12};
constexpr std::size_t kHeader = 12;

class Pptp {
 public:
  Pptp(const World& world, Random& random)
      : random_(random),
        ends_(draw_ends(world, random)),
        control_(random, flow_, {ends_.client, draw_client_port(world, random)}, {ends_.server, 1723}) {}

  Flow draw() {
    control_.open(Kind::pptp);
    new_ids();
    if (chance(random_, 94)) say(0, start_request, "");
    if (chance(random_, 94)) say(1, start_reply, std::string{1, 0, result()});
    for (unsigned i = 0, n = 1 + random_.below(6); i < n; ++i) step();
    if (chance(random_, 50)) control_.close(Kind::pptp);
    if (chance(random_, 40)) gre();
    return std::move(flow_);
  }

 private:
  void step() {
    const auto roll = random_.below(100);
    if (roll < 34) {
      outgoing();
    } else if (roll < 48) {
      incoming();
    } else if (roll < 56) {
      say(random_.below(2), link_info, word(random_.below(2) == 0 ? client_ : server_));
    } else if (roll < 66) {
      if (chance(random_, 70)) say(0, clear_request, word(client_));
      if (chance(random_, 85)) say(1, disconnect_notify, word(server_));
      if (chance(random_, 50)) gre();
    } else if (roll < 70) {
      say(1, wan_error, word(client_));
    } else if (roll < 76) {
      say(random_.below(2), random_.below(2) == 0 ? stop_request : stop_reply, std::string{result()});
    } else if (roll < 82) {
      say(0, start_request, "");
      say(1, start_reply, std::string{1, 0, result()});
    } else if (roll < 88) {
      say(random_.below(2), static_cast<std::uint16_t>(random_.below(past_last + 1)), word(client_));
    } else {
      gre();
    }
  }

  void outgoing() {
    if (chance(random_, 60)) new_ids();
    if (chance(random_, 94)) say(0, out_request, word(client_));
    if (chance(random_, 94)) {
      std::string body = word(server_) + word(maybe_other(client_));
      body += result();
      say(1, out_reply, body);
    }
    if (chance(random_, 80)) gre();
  }

  void incoming() {
    if (chance(random_, 60)) new_ids();
    if (chance(random_, 94)) say(1, in_request, word(server_));
    if (chance(random_, 94)) {
      std::string body = word(client_) + word(maybe_other(server_));
      body += result();
      say(0, in_reply, body);
    }
    if (chance(random_, 94)) say(1, in_connected, word(maybe_other(client_)));
    if (chance(random_, 80)) gre();
  }

  /// Few, so that calls meet.
  void new_ids() {
    client_ = static_cast<std::uint16_t>(chance(random_, 85) ? random_.below(4) : random_.next32());
    server_ = static_cast<std::uint16_t>(chance(random_, 85) ? 16 + random_.below(3) : random_.next32());
    ++calls_;
    first_ = random_.below(2);
  }
  std::uint16_t maybe_other(std::uint16_t id) {
    return static_cast<std::uint16_t>(chance(random_, 6) ? id + 1 : id);
  }
  char result() { return static_cast<char>(chance(random_, 92) ? 1 : random_.below(4)); }
  static std::string word(std::uint16_t id) {
    return {static_cast<char>(id >> 8), static_cast<char>(id & 255)};
  }

  void say(unsigned side, std::uint16_t type, std::string body) {
    const std::size_t size = type < kSizes.size() ? kSizes[type] : 30;
    body.resize(size);
    std::string text(kHeader, '\0');
    auto* const at = reinterpret_cast<std::uint8_t*>(text.data());
    store16(at, static_cast<std::uint16_t>(kHeader + size));
    store16(at + 2, 1);
    store32(at + 4, 0x1a2b3c4d);
    store16(at + 8, type);
    text += body;
    if (chance(random_, 4)) text.resize(random_.below(2) == 0 ? text.size() - 1 : random_.below(24));
    if (!text.empty() && chance(random_, 5))
      text[random_.below(static_cast<std::uint32_t>(std::min<std::size_t>(text.size(), 18)))] =
          static_cast<char>(random_.below(4));
    if (chance(random_, 4)) text += "and more";
    control_.say(side, kAck | kPsh, text, Kind::pptp);
    if (chance(random_, 8)) control_.again(side, text, Kind::pptp);
    if (chance(random_, 30)) control_.say(1 - side, kAck, "", Kind::pptp);
  }

  /// Some of the call's packets, from either end.
  void gre() {
    for (unsigned i = 0, n = 1 + random_.below(4); i < n; ++i)
      call_packet(chance(random_, 60) ? (first_ + i) % 2 : first_);
    if (chance(random_, 6)) call_packet(1 - first_);
  }

  void call_packet(unsigned side) {
    IpFields ip;
    ip.source = side == 0 ? ends_.client : ends_.server;
    ip.destination = side == 0 ? ends_.server : ends_.client;
    ip.protocol = packet::kGre;
    ip.identification = static_cast<std::uint16_t>(1 + random_.below(65535));
    ip.dont_fragment = chance(random_, 40);
    std::uint16_t key = side == 0 ? server_ : client_;
    if (chance(random_, 6)) key = maybe_other(static_cast<std::uint16_t>(random_.below(20)));
    Bytes gre = filler(16 + random_.below(30), 7);
    gre[0] = 0x30;
    gre[1] = 0x01;
    if (chance(random_, 6)) gre[1] = static_cast<std::uint8_t>(random_.below(4));
    store16(&gre[2], static_cast<std::uint16_t>(chance(random_, 96) ? 0x880b : 0x0800));
    store16(&gre[4], static_cast<std::uint16_t>(gre.size() - 12));
    store16(&gre[6], key);
    if (chance(random_, 4)) gre.resize(random_.below(12));
    kernel::Part part;
    part.flow = calls_;
    part.end = side == first_ ? 0 : 1;
    part.announcer = static_cast<std::uint8_t>(1 - first_);
    flow_.push_back({ip_packet(ip, gre), ip.source, kinds(Kind::pptp_call), part});
  }

  Random& random_;
  Ends ends_;
  Flow flow_;
  Talk control_;
  std::uint16_t client_ = 0, server_ = 0;  ///< ids of the call
  std::uint32_t calls_ = 0;                ///< so far
  unsigned first_ = 0;                     ///< who sends its first packet
};

}  // namespace

Flow pptp_flow(const World& world, Random& random) { return Pptp(world, random).draw(); }

}  // namespace utables::lab::generate
