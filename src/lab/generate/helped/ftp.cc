// FTP and TFTP, for helpers: control conversations that announce connections in every way, right and nearly
// right, and the connections announced, or nearly those.
#include <fmt/format.h>

#include <array>
#include <string>

#include "base/bytes.h"
#include "lab/generate/ipv6.h"
#include "lab/generate/talk.h"
#include "packet/headers.h"

namespace utables::lab::generate {
namespace {

using namespace packet::tcp;

std::string commas(std::uint32_t address, std::uint16_t port) {
  return fmt::format("{},{},{},{},{},{}", address >> 24, address >> 16 & 255, address >> 8 & 255,
                     address & 255, port >> 8, port & 255);
}

class Ftp {
 public:
  Ftp(const World& world, Random& random) : world_(world), random_(random), ends_(draw_ends(world, random)) {}

  Flow draw() {
    Talk control(random_, flow_, {ends_.client, draw_client_port(world_, random_)}, {ends_.server, 21});
    control.open(Kind::ftp_control);
    for (unsigned i = 0, n = 2 + random_.below(8); i < n; ++i) line(control);
    if (chance(random_, 60)) control.close(Kind::ftp_control);
    return std::move(flow_);
  }

 private:
  void line(Talk& control) {
    constexpr std::array<std::string_view, 8> kLines{
        "USER anonymous\r\n", "PASV\r\n", "EPSV\r\n", "LIST\r\n", "QUIT\n", "", "NOOP", "\r\n"};
    constexpr std::array<std::string_view, 7> kAnswers{
        "220 here\r\n", "200 well\r\n", "150-go\r\n150 on\r\n", "226 done\r\n", "22", "500 no\n", ""};
    const unsigned side = random_.below(2);
    if (chance(random_, 45)) {
      control.say(side, kAck | kPsh, side == 0 ? pick(random_, kLines) : pick(random_, kAnswers),
                  Kind::ftp_control);
      return;
    }
    announce(control, side);
  }

  void announce(Talk& control, unsigned side) {
    const auto port = static_cast<std::uint16_t>(chance(random_, world_.nat ? 80 : 60)
                                                     ? 2000 + random_.below(world_.nat ? 2 : 6)
                                                 : chance(random_, 90) ? random_.next32()
                                                                       : 0);
    std::uint32_t address = control.end(side).address;
    if (chance(random_, 6)) address = world_.any_host(random_);
    std::string text;
    const std::string dots = dotted(address);
    const char sign = chance(random_, 85) ? '|' : "!:,/x"[random_.below(5)];
    if (side == 0 && world_.ipv6 && chance(random_, 50))
      text =
          fmt::format("EPRT {0}2{0}{1}{0}{2}{0}\r\n", sign, to_string(address6(address), Family::ipv6), port);
    else if (side == 0)
      text = chance(random_, 60) ? fmt::format("PORT {}\r\n", commas(address, port))
                                 : fmt::format("EPRT {0}1{0}{1}{0}{2}{0}\r\n", sign, dots, port);
    else
      text = chance(random_, 60) ? fmt::format("227 Entering Passive Mode ({}).\r\n", commas(address, port))
                                 : fmt::format("229 Extended Passive ({0}{0}{0}{1}{0})\r\n", sign, port);
    if (chance(random_, 8))
      for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (chance(random_, 6)) text.resize(random_.below(static_cast<std::uint32_t>(text.size())));
    if (chance(random_, 6)) text[random_.below(static_cast<std::uint32_t>(text.size() + 1))] = '7';
    control.say(side, kAck | kPsh, text, Kind::ftp_announcement);
    if (chance(random_, 12)) control.again(side, text, Kind::ftp_announcement);
    if (chance(random_, 50)) control.say(1 - side, kAck, "", Kind::ftp_control);
    if (chance(random_, 75)) data(side, port);
  }

  /// The other end comes, from any port; or somebody else, or to another port.
  void data(unsigned side, std::uint16_t port) {
    const std::uint32_t to = side == 0 ? ends_.client : ends_.server;
    std::uint32_t from = side == 0 ? ends_.server : ends_.client;
    if (chance(random_, 5)) from = world_.any_host(random_);
    if (chance(random_, 5)) ++port;
    const auto source =
        static_cast<std::uint16_t>(side == 0 && chance(random_, 70) ? 20 : 1024 + random_.below(60000));
    for (unsigned i = 0, n = chance(random_, 10) ? 2 : 1; i < n; ++i) {
      kernel::Part part;
      part.flow = ++announced_;
      part.announcer = static_cast<std::uint8_t>(side);
      Talk talk(random_, flow_, {from, static_cast<std::uint16_t>(source + i)}, {to, port}, part);
      talk.say(0, kSyn, "", Kind::ftp_data);
      if (chance(random_, 80)) talk.say(1, kSyn | kAck, "", Kind::ftp_data);
      if (chance(random_, 80)) talk.say(0, kAck, "", Kind::ftp_data);
      if (chance(random_, 60)) talk.say(random_.below(2), kAck | kPsh, "some data\n", Kind::ftp_data);
      if (chance(random_, 50)) talk.close(Kind::ftp_data);
    }
  }

  const World& world_;
  Random& random_;
  Ends ends_;
  Flow flow_;
  std::uint32_t announced_ = 0;  ///< connections so far
};

Flow tftp_flow(const World& world, Random& random) {
  const Ends ends = draw_ends(world, random);
  const std::uint16_t port = draw_client_port(world, random);
  Flow flow;
  const auto say = [&](std::uint32_t from, std::uint16_t sport, std::uint32_t to, std::uint16_t dport,
                       const Bytes& text, kernel::Part part = {}) {
    IpFields ip;
    ip.source = from;
    ip.destination = to;
    ip.protocol = packet::kUdp;
    ip.identification = static_cast<std::uint16_t>(1 + random.below(65535));
    flow.push_back({ip_packet(ip, udp_datagram(ip, sport, dport, text)), from, kinds(Kind::tftp), part});
  };
  for (unsigned i = 0, n = 1 + random.below(3); i < n; ++i) {
    Bytes request{0,   static_cast<std::uint8_t>(chance(random, 85) ? 1 + random.below(2) : random.below(7)),
                  'f', 0,
                  'o', 0};
    if (chance(random, 8)) request.resize(random.below(3));
    say(ends.client, port, ends.server, 69, request);
    if (chance(random, 10)) say(ends.client, port, ends.server, 69, request);
    if (chance(random, 10)) say(ends.server, 69, ends.client, port, {0, 1, 'x', 0});
    const auto data = static_cast<std::uint16_t>(1024 + random.below(60000));
    const std::uint32_t from = chance(random, 93) ? ends.server : world.any_host(random);
    kernel::Part comes, answers;
    comes.flow = answers.flow = i + 1;
    answers.end = 1;
    for (unsigned k = 0, blocks = random.below(4); k < blocks; ++k) {
      say(from, static_cast<std::uint16_t>(data + (chance(random, 10) ? 1 : 0)), ends.client, port,
          {0, 3, 0, static_cast<std::uint8_t>(k + 1), 'd'}, comes);
      if (chance(random, 70))
        say(ends.client, port, from, data, {0, 4, 0, static_cast<std::uint8_t>(k + 1)}, answers);
    }
  }
  return flow;
}

}  // namespace

Flow helped_flow(const World& world, Random& random) {
  const auto roll = random.below(100);
  return roll < 24   ? Ftp(world, random).draw()
         : roll < 31 ? tftp_flow(world, random)
         : roll < 40 ? irc_flow(world, random)
         : roll < 47 ? sane_flow(world, random)
         : roll < 62 ? pptp_flow(world, random)
         : roll < 84 ? sip_flow(world, random)
         : roll < 92 ? amanda_flow(world, random)
                     : asking_flow(world, random);
}

}  // namespace utables::lab::generate
