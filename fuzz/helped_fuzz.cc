// What two ends say to each other where a helper reads along, translated or not: each piece begins with a
// byte that says who speaks and how far its sequence number is off, and one that says how long it is. With
// pptp it may be a packet of GRE, and what is said is a control message, as long as its type asks for; with
// sip low bytes stand for words of the protocol.
// Whatever was rewritten must be a right packet.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "conntrack/helper/helper.h"
#include "conntrack/listing.h"
#include "conntrack/tracker.h"
#include "packet/build.h"
#include "packet/checksum.h"

using namespace utables;
using namespace utables::conntrack;

namespace {

constexpr std::uint32_t kRoom = 2000;
constexpr std::size_t kPptpHeader = 12, kLongestPptp = 208;
constexpr unsigned kHelperCount = static_cast<unsigned>(HelperId::count_) - 1;
const Prefix kNetwork{Family::ipv4, 24, Address::from_v4(0x0a010000)};
const Address kClient = Address::from_v4(0x0a000002), kServer = Address::from_v4(0x0a010002);

struct Fuzzed {
  Tracker tracker;
  const Helper& helper;
  bool translated, udp;
  Address seen = kClient;  ///< the client, as the server knows it
  std::uint32_t next[2] = {1000, 5000};
  Time now = kSecond;

  /// `how`: its lowest bit translates, the others choose the helper.
  Fuzzed(const Settings& settings, std::uint8_t how)
      : tracker(settings, how, nullptr),
        helper(*helper_of(static_cast<std::uint8_t>(1 + (how >> 1) % kHelperCount))),
        translated((how & 1) != 0),
        udp(helper.protocol == packet::kUdp) {
    if (translated) seen = Address::from_v4(0xc0a8ffc8);  // longer in words than the client's own
  }

  void send(unsigned side, std::uint8_t flags, std::uint32_t seq, std::span<const std::uint8_t> text) {
    packet::IpPart ip;
    ip.source = side == 0 ? kClient : kServer;
    ip.destination = side == 0 ? kServer : seen;
    const auto client = std::uint16_t{4000}, server = helper.ports[0];
    packet::TcpPart tcp;
    tcp.source_port = side == 0 ? client : server;
    tcp.destination_port = side == 0 ? server : client;
    tcp.seq = seq;
    tcp.ack = next[1 - side];
    tcp.flags = flags;
    packet::Bytes bytes = udp ? packet::build_udp(ip, tcp.source_port, tcp.destination_port, text)
                              : packet::build_tcp(ip, tcp, text);
    pass(std::move(bytes));
  }

  /// A packet of GRE, of version 1 or not.
  void send_gre(unsigned side, std::span<const std::uint8_t> header) {
    packet::IpPart ip;
    ip.source = side == 0 ? kClient : kServer;
    ip.destination = side == 0 ? kServer : seen;
    pass(packet::build_ip(ip, packet::kGre, header));
  }

  void pass(packet::Bytes bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    bytes.resize(size + kRoom);
    packet::Buffer buffer{bytes.data(), size, size + kRoom};
    if (packet::parse(buffer.view(), size, buffer.facts) != DropReason::none) std::abort();
    Tracked tracked =
        tracker.track(buffer, now, true, nullptr, {.helper = static_cast<std::uint8_t>(helper.id)});
    if (tracked.connection == nullptr) return;
    if (translated && tracked.info == CtInfo::new_ && !tracked.connection->is(kConfirmed)) {
      NatRange range;
      range.has_addresses = true;
      range.first = range.last = seen;
      tracker.bind(*tracked.connection, Manipulation::source, range, now);
    }
    if (tracked.connection->helper != 0 && !tracker.help(tracked, buffer, now, {.broadcast = &kNetwork}))
      return tracker.drop(tracked, now);
    if (buffer.size > buffer.room || buffer.size != buffer.facts.size) std::abort();
    const bool summed = buffer.facts.protocol != packet::kGre;
    if (summed && packet::transport_checksum(buffer.view(), buffer.facts) != packet::ChecksumState::good)
      std::abort();
    (void)tracker.confirm(tracked, buffer, now);
  }
};

/// A control message around the text: its first byte is the type, what follows the body.
std::vector<std::uint8_t> pptp_message(std::span<const std::uint8_t> text) {
  std::vector<std::uint8_t> message{0, 0, 0, 1, 0x1a, 0x2b, 0x3c, 0x4d, 0, 0, 0, 0};
  if (!text.empty()) message[9] = text[0] & 15;
  if (!text.empty()) message.insert(message.end(), text.begin() + 1, text.end());
  message.resize(std::max(message.size(), kPptpHeader + kLongestPptp));
  return message;
}

/// Bytes below 32 are words of SIP, others themselves.
std::vector<std::uint8_t> sip_message(std::span<const std::uint8_t> text) {
  constexpr std::string_view kWords[] = {"INVITE sip:b@10.1.0.2 SIP/2.0",
                                         "REGISTER sip:b@10.1.0.2 SIP/2.0",
                                         "BYE sip:a@10.0.0.2:4000 SIP/2.0",
                                         "SIP/2.0 200 OK",
                                         "SIP/2.0 486 No",
                                         "\r\n",
                                         "\r\n\r\n",
                                         "\r\n ",
                                         "Via: SIP/2.0/UDP ",
                                         "Via: SIP/2.0/TCP ",
                                         "From: <sip:a@",
                                         "To: <sip:b@",
                                         "Contact: <sip:a@",
                                         "m: sip:",
                                         "CSeq: 1 INVITE",
                                         "CSeq: 1 REGISTER",
                                         "Expires: 60",
                                         ";expires=60",
                                         ";transport=",
                                         ";received=",
                                         ";maddr=",
                                         ";rport=4000",
                                         "Content-Length: 0",
                                         "10.0.0.2",
                                         "10.0.0.2:4000",
                                         "192.168.255.200",
                                         "192.168.255.200:4000",
                                         "v=0\r\no=a 1 1 IN IP4 10.0.0.2",
                                         "c=IN IP4 10.0.0.2",
                                         "m=audio 8000 RTP",
                                         "m=video 8002 RTP",
                                         "l: 80"};
  std::vector<std::uint8_t> message;
  for (const std::uint8_t c : text) {
    const std::string_view word = c < std::size(kWords) ? kWords[c] : std::string_view();
    if (word.empty())
      message.push_back(c);
    else
      message.insert(message.end(), word.begin(), word.end());
  }
  return message;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  Settings settings = defaults(Profile::modern);
  settings.expect_max = 4;
  Fuzzed f(settings, data[0]);
  if (!f.udp) {
    f.send(0, packet::tcp::kSyn, f.next[0]++, {});
    f.send(1, packet::tcp::kSyn | packet::tcp::kAck, f.next[1]++, {});
    f.send(0, packet::tcp::kAck, f.next[0], {});
    const std::uint8_t line[] = {'x', '\n'};
    for (const unsigned side : {0U, 1U}) {
      f.send(side, packet::tcp::kAck, f.next[side], line);
      f.next[side] += 2;
    }
  }
  for (std::size_t at = 1; at + 2 < size;) {
    const unsigned side = data[at] & 1;
    const std::uint32_t off = (data[at] & 2) != 0 ? data[at] >> 2 : 0;
    f.now += (data[at] & 4) != 0 ? kSecond : 0;
    const std::size_t length = std::min<std::size_t>(data[at + 1] % 100U, size - at - 2);
    at += 2;
    const std::span text{data + at, length};
    const bool pptp = f.helper.id == HelperId::pptp, sip = f.helper.name == "sip";
    at += length;
    if (pptp && (data[at - length - 1] & 128) != 0) {
      f.send_gre(side, text);
      continue;
    }
    const auto said = pptp  ? pptp_message(text)
                      : sip ? sip_message(text)
                            : std::vector<std::uint8_t>(text.begin(), text.end());
    f.send(side, packet::tcp::kAck | packet::tcp::kPsh, f.next[side] - off, said);
    if (off == 0) f.next[side] += static_cast<std::uint32_t>(said.size());
  }
  std::size_t awaited = 0;
  f.tracker.for_each_expectation(f.now, [&](const Expectation& e, const Connection& master) {
    ++awaited;
    if (expectation_line(e, master, f.now).empty()) std::abort();
  });
  if (awaited > settings.expect_max) std::abort();
  return 0;
}
