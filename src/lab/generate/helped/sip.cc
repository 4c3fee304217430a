// SIP over UDP and TCP: calls with their media, registrations with the calls that come to them, right and
// nearly right, in the words and forms that the protocol allows.
//
// Each message has runs of `~`, which shrink or grow where a closed loop says other addresses in it
// (lab/kernel/sip_loop.h).
#include <fmt/format.h>

#include <array>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "lab/generate/ipv6.h"
#include "lab/generate/talk.h"
#include "packet/headers.h"

namespace utables::lab::generate {
namespace {

using namespace packet::tcp;

constexpr std::uint16_t kSip = 5060;
constexpr std::string_view kPad = "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~";

class Sip {
 public:
  Sip(const World& world, Random& random)
      : world_(world),
        random_(random),
        ends_(draw_ends(world, random)),
        tcp_(odds(30)),
        six_(world.ipv6 && odds(50)),
        client_port_(odds(40) ? kSip : draw_client_port(world, random)),
        talk_(random, flow_, {ends_.client, client_port_}, {ends_.server, kSip}) {}

  Flow draw() {
    if (tcp_) talk_.open(Kind::sip);
    for (unsigned i = 0, n = 1 + random_.below(4); i < n; ++i) {
      const auto roll = random_.below(100);
      if (roll < 55) {
        call();
      } else if (roll < 85) {
        registration();
      } else {
        constexpr std::array<std::string_view, 6> kOthers{"OPTIONS", "CANCEL", "BYE",
                                                          "UPDATE",  "ACK",    "INFO"};
        const unsigned side = odds(80) ? 0 : 1;
        say(side, request(side, pick(random_, kOthers), odds(25) ? description(side) : ""));
        if (odds(60)) say(1 - side, response(1 - side, "200", ""));
      }
    }
    if (tcp_ && odds(40)) talk_.close(Kind::sip);
    return std::move(flow_);
  }

 private:
  bool odds(unsigned percent) { return chance(random_, percent); }

  void call() {
    const unsigned side = odds(85) ? 0 : 1;
    media_ = {};
    say(side, request(side, "INVITE", odds(92) ? description(side) : ""));
    if (odds(30))
      say(1 - side, response(1 - side, odds(50) ? "100" : "183", odds(40) ? description(1 - side) : ""));
    if (odds(80)) {
      const bool accepted = odds(80);
      say(1 - side, response(1 - side,
                             accepted   ? "200"
                             : odds(50) ? "486"
                                        : "302",
                             accepted && odds(92) ? description(1 - side) : ""));
    }
    for (unsigned i = random_.below(4); i > 0; --i) media();
    if (odds(40)) say(side, request(side, "ACK", odds(15) ? description(side) : ""));
    if (odds(15)) say(side, request(side, odds(50) ? "UPDATE" : "PRACK", description(side)));
    if (odds(20)) media();
    const unsigned ends = random_.below(2);
    if (odds(40)) say(ends, request(ends, odds(85) ? "BYE" : "CANCEL", ""));
    if (odds(10)) media();
  }

  void registration() {
    say(0, request(0, "REGISTER", ""));
    if (odds(85)) say(1, response(1, odds(85) ? "200" : odds(50) ? "401" : "100", ""));
    if (odds(40)) incoming();
    if (odds(15)) {
      say(0, request(0, "REGISTER", ""));
      say(1, response(1, "200", ""));
    }
  }

  // --- words

  [[nodiscard]] std::uint32_t own(unsigned side) const { return side == 0 ? ends_.client : ends_.server; }
  [[nodiscard]] std::uint16_t own_port(unsigned side) const { return side == 0 ? client_port_ : kSip; }
  std::uint32_t address(unsigned side, unsigned right = 94) {
    return odds(right) ? own(side) : odds(50) ? own(1 - side) : world_.any_host(random_);
  }
  [[nodiscard]] std::string spelled(std::uint32_t host, bool bracketed = true) const {
    if (!six_) return fmt::format("{}.{}.{}.{}", host >> 24, host >> 16 & 255, host >> 8 & 255, host & 255);
    const std::string text = to_string(address6(host), Family::ipv6);
    return bracketed ? "[" + text + "]" : text;
  }
  std::string place(std::uint32_t host, std::uint16_t port) {
    if (port == kSip && odds(50)) return spelled(host);
    return fmt::format("{}:{}", spelled(host),
                       odds(96) ? port : static_cast<std::uint16_t>(random_.next32()));
  }
  std::string uri(unsigned side) {
    const std::string where = odds(97) ? place(address(side), own_port(side)) : "example.org";
    const std::string text = fmt::format("{}:{}{}", odds(97) ? "sip" : "sips", odds(90) ? "a@" : "", where);
    if (odds(15)) return text;
    return (odds(15) ? "\"A, B\" <" : "<") + text + ">";
  }
  std::string header(std::string_view name, std::string_view short_name, const std::string& value) {
    std::string text(!short_name.empty() && odds(15) ? short_name : name);
    text += odds(92) ? ": " : odds(50) ? " :" : ":\r\n\t ";
    return text + value + "\r\n";
  }
  std::string via(unsigned side, bool request) {
    const unsigned of = request ? side : 1 - side;
    std::string text = fmt::format("SIP/2.0/{} {}", tcp_ == odds(96) ? "TCP" : "UDP",
                                   place(address(of, 96), odds(94) ? own_port(of) : std::uint16_t{5070}));
    if (odds(70)) text += ";branch=z9hG4bK";
    if (odds(12)) text += ";maddr=" + spelled(address(side, 60));
    if (odds(request ? 5 : 30)) text += ";received=" + spelled(address(of, 80), false);
    if (odds(30)) text += request && odds(80) ? ";rport" : fmt::format(";rport={}", own_port(of));
    if (odds(8)) text += ", SIP/2.0/UDP " + spelled(address(side, 50));
    return header("Via", "v", text);
  }
  std::string contact(unsigned side, bool registers) {
    const unsigned of = registers ? 0 : side;
    std::string text = uri(of);
    if (registers && odds(35)) text += fmt::format(";expires={}", lifetime());
    if (odds(8)) text += odds(50) ? ";transport=tcp" : ";transport=udp";
    if (odds(8)) text += ", " + uri(of);
    return header("Contact", "m", text);
  }
  unsigned lifetime() {
    constexpr std::array<unsigned, 6> kLifetimes{60, 60, 120, 3600, 0, 20};
    return pick(random_, kLifetimes);
  }

  std::string request(unsigned side, std::string_view method, const std::string& body) {
    if (odds(75)) ++sequence_;
    method_ = method;
    const std::string first = fmt::format("{} sip:{}{} SIP/2.0\r\n", method, odds(70) ? "b@" : "",
                                          place(own(1 - side), own_port(1 - side)));
    return message(side, first, true, body);
  }
  std::string response(unsigned side, std::string_view code, const std::string& body) {
    return message(side, fmt::format("SIP/2.0 {} Said\r\n", odds(98) ? code : "0"), false, body);
  }
  std::string message(unsigned side, const std::string& first, bool request, const std::string& body) {
    const bool registers = method_ == "REGISTER";
    std::string text = first;
    if (odds(96)) text += via(side, request);
    if (odds(10)) text += via(side, request);
    text += header("From", "f", uri(odds(50) ? side : 1 - side) + ";tag=1");
    text += header("To", "t", uri(odds(50) ? side : 1 - side));
    text += header("Call-ID", "i", "x@y");
    if (odds(98))
      text += header("CSeq", "", fmt::format("{} {}", odds(97) ? sequence_ : sequence_ + 1, method_));
    if (odds(registers || method_ == "INVITE" ? 95 : 20)) text += contact(side, registers);
    if (registers && odds(80)) text += header("Expires", "", fmt::format("{}", lifetime()));
    text += fmt::format("X-Pad: {}\r\n", kPad);
    if (!body.empty()) text += "Content-Type: application/sdp\r\n";
    if (odds(98))
      text += header("Content-Length", "l", fmt::format("{}", odds(97) ? body.size() : random_.below(300)));
    text += "\r\n" + body;
    if (odds(3)) spoil(random_, text);
    return text;
  }

  std::string description(unsigned side) {
    constexpr std::array<std::string_view, 8> kTypes{"audio", "audio", "audio", "audio",
                                                     "video", "video", "image", "text"};
    const std::string ip = six_ ? "IN IP6 " : "IN IP4 ";
    const std::uint32_t host = address(side, 96);
    const auto said = [&](std::uint32_t which) { return ip + spelled(which, false) + "\r\n"; };
    std::string text = "v=0\r\n";
    if (odds(98)) text += "o=a 1 1 " + said(host);
    text += "s=-\r\n";
    if (odds(88)) text += "c=" + said(odds(97) ? host : address(side, 0));
    text += "t=0 0\r\n";
    auto& ports = media_[side];
    ports.clear();
    for (unsigned i = 0, n = odds(70) ? 1 : random_.below(4); i < n; ++i) {
      const auto port =
          static_cast<std::uint16_t>(odds(85) ? (side == 0 ? 8000 : 9000) + random_.below(world_.nat ? 6 : 12)
                                     : odds(70) ? 1024 + random_.below(64512)
                                                : random_.below(1026));
      ports.push_back(port);
      text += fmt::format("m={} {} RTP/AVP 0\r\n", pick(random_, kTypes), port);
      if (odds(20)) text += "c=" + said(odds(90) ? host : address(side, 0));
      if (odds(30)) text += "a=rtpmap:0 PCMU/8000\r\n";
    }
    return text + fmt::format("a={}\r\n", kPad);
  }

  // --- packets

  void say(unsigned side, std::string text) {
    if (!tcp_) {
      datagram(own(side), own_port(side), own(1 - side), own_port(1 - side), text, Kind::sip, {});
      if (odds(5))
        datagram(own(side), own_port(side), own(1 - side), own_port(1 - side), text, Kind::sip, {});
      return;
    }
    if (odds(12)) text += request(side, odds(50) ? "INVITE" : "OPTIONS", odds(50) ? description(side) : "");
    talk_.say(side, kAck | kPsh, text, Kind::sip);
    if (odds(8)) talk_.again(side, text, Kind::sip);
    if (odds(30)) talk_.say(1 - side, kAck, "", Kind::sip);
  }

  void datagram(std::uint32_t from, std::uint16_t from_port, std::uint32_t to, std::uint16_t to_port,
                std::string_view text, Kind kind, kernel::Part part) {
    IpFields ip;
    ip.source = from;
    ip.destination = to;
    ip.protocol = packet::kUdp;
    ip.identification = static_cast<std::uint16_t>(1 + random_.below(65535));
    Bytes bytes = udp_datagram(ip, from_port, to_port, Bytes(text.begin(), text.end()));
    if (odds(3)) store16(&bytes[6], 0);
    flow_.push_back({ip_packet(ip, bytes), from, kinds(kind), part});
  }

  /// RTP, or its control, that somebody announced, and an answer.
  void media() {
    const unsigned announcer = random_.below(2), comer = 1 - announcer;
    if (media_[announcer].empty()) return;
    const auto which = random_.below(static_cast<std::uint32_t>(media_[announcer].size()));
    const std::uint16_t control = odds(70) ? 0 : 1;
    const auto to = static_cast<std::uint16_t>(media_[announcer][which] + control);
    std::uint16_t from = to;
    if (!media_[comer].empty() && odds(80))
      from = static_cast<std::uint16_t>(
          media_[comer][std::min<std::size_t>(which, media_[comer].size() - 1)] + control);
    const std::uint32_t host = odds(94) ? own(comer) : world_.any_host(random_);
    kernel::Part part;
    part.flow = ++announced_;
    part.announcer = static_cast<std::uint8_t>(announcer);
    part.which = static_cast<std::uint8_t>(1 + which * 2 + control);
    datagram(host, from, own(announcer), to, "media", Kind::sip_media, part);
    if (odds(30)) datagram(host, from, own(announcer), to, "more", Kind::sip_media, part);
    if (!odds(60)) return;
    part.end = 1;
    datagram(own(announcer), to, host, from, "media", Kind::sip_media, part);
  }

  /// A request to where the client registered.
  void incoming() {
    kernel::Part part;
    part.flow = ++announced_;
    const std::uint32_t host = odds(90) ? ends_.server : world_.any_host(random_);
    const std::uint16_t from = odds(60) ? kSip : std::uint16_t{5090};
    if (tcp_) {
      Talk talk(random_, flow_, {host, from}, {ends_.client, client_port_}, part);
      talk.open(Kind::sip);
      talk.say(0, kAck | kPsh, request(1, "INVITE", description(1)), Kind::sip);
      talk.say(1, kAck | kPsh, response(0, "200", description(0)), Kind::sip);
      return;
    }
    datagram(host, from, ends_.client, client_port_, request(1, "INVITE", description(1)), Kind::sip, part);
    part.end = 1;
    if (odds(80))
      datagram(ends_.client, client_port_, host, from, response(0, "200", description(0)), Kind::sip, part);
    part.end = 0;
    if (odds(30)) datagram(host, from, ends_.client, client_port_, request(1, "BYE", ""), Kind::sip, part);
  }

  const World& world_;
  Random& random_;
  Ends ends_;
  Flow flow_;
  bool tcp_, six_;
  std::uint16_t client_port_;
  Talk talk_;
  unsigned sequence_ = 1;
  std::string method_ = "INVITE";
  std::array<std::vector<std::uint16_t>, 2> media_{};  ///< announced last, by side
  std::uint32_t announced_ = 0;                        ///< connections so far
};

}  // namespace

Flow sip_flow(const World& world, Random& random) { return Sip(world, random).draw(); }

}  // namespace utables::lab::generate
