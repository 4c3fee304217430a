// sip: what Linux read, rewrote and awaited, played again; what is awaited saved and listed.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "base/bytes.h"
#include "base/scan.h"
#include "conntrack/helper/wire_test.h"
#include "conntrack/tracker_memory.h"
#include "packet/checksum.h"

namespace utables::conntrack {
namespace {

/// `_`: a space, `|`: CR LF, `\x41`: a byte.
std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_') {
      out += ' ';
    } else if (text[i] == '|') {
      out += "\r\n";
    } else if (text[i] == '\\') {
      out += static_cast<char>(scan_unsigned(text.substr(i + 2, 2), 16, 255).value_or(0));
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}
std::string escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (text.substr(i, 2) == "\r\n") {
      out += '|';
      ++i;
    } else if (c == ' ') {
      out += '_';
    } else if (c > ' ' && c < '\x7f' && c != '\\' && c != '_' && c != '|') {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

/// A client, a server and the box between them; which translates, as the conversation says.
class Box {
 public:
  struct Sent {
    std::string fate = "drop", text = "-";
    const Connection* connection = nullptr;
  };

  Box(const std::string& mode, bool tcp, bool six, std::uint16_t client_port)
      : family_(six ? Family::ipv6 : Family::ipv4), tcp_(tcp), port_(client_port), seen_port_(client_port) {
    const bool source = mode == "snat" || mode == "port" || mode == "both";
    const bool destination = mode == "dnat" || mode == "both";
    client_ = six ? "fd00::2" : "10.0.0.2";
    server_ = six ? "fd01::2" : "10.1.0.2";
    public_ = six ? "fd01::77" : "10.1.0.77";
    virtual_ = six ? "fd00::99" : "10.0.0.99";
    if (mode == "port") seen_port_ = 6002;
    to_ = destination ? virtual_ : server_;
    seen_ = source ? public_ : client_;
    if (!tcp) return;
    segment('c', packet::tcp::kSyn, 999, 0, {});
    segment('s', packet::tcp::kSyn | packet::tcp::kAck, 4999, 1000, {});
    segment('c', packet::tcp::kAck, 1000, 5000, {});
  }

  Sent say(char side, std::string_view text, bool again) {
    const std::size_t from = side == 'c' ? 0 : 1;
    const auto size = static_cast<std::uint32_t>(text.size());
    if (!tcp_) return datagram(side, text);
    if (again) next_[from] -= size;
    const Sent sent =
        segment(side, packet::tcp::kAck | packet::tcp::kPsh, next_[from], next_[1 - from], text);
    next_[from] += size;
    return sent;
  }
  /// `10.0.0.2:8000>10.1.0.2:9000`, and what the other end sees.
  std::string media(std::string_view ends) {
    const std::size_t arrow = ends.find('>');
    const auto [from, from_port] = end(ends.substr(0, arrow));
    const auto [to, to_port] = end(ends.substr(arrow + 1));
    const std::uint8_t text[] = {'x'};
    const Sent sent = send(packet::build_udp(
        {.source = address(from), .destination = address(to), .family = family_}, from_port, to_port, text));
    if (sent.connection == nullptr || sent.connection->original().source_port != from_port ||
        sent.connection->original().destination != address(to))
      return "-";  // of a connection that is there already
    const Tuple& reply = sent.connection->reply();
    return fmt::format("{}:{}>{}:{}{}", to_string(reply.source, family_), reply.source_port,
                       to_string(reply.destination, family_), reply.destination_port,
                       sent.connection->helper != 0 ? "/sip" : "");
  }

  [[nodiscard]] std::string awaited() const {
    std::set<std::string> all;
    tracker_.for_each_expectation(now_, [&](const Expectation& e, const Connection&) {
      const auto left = (e.deadline - now_) / kSecond;
      all.insert(fmt::format("{}:{}>{}:{}/{}{}{}", e.tuple.protocol, to_string(e.tuple.source, family_),
                             to_string(e.tuple.destination, family_), e.tuple.destination_port,
                             e.expect_class, left == 180 ? "" : fmt::format("/{}", left),
                             e.permanent ? e.inactive ? "/PI" : "/P" : ""));
    });
    return all.empty() ? "-" : fmt::format("{}", fmt::join(all, ","));
  }

 private:
  [[nodiscard]] Address address(const std::string& text) const {
    return parse_address(text, family_).value();
  }
  static std::pair<std::string, std::uint16_t> end(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    return {std::string(text.substr(0, colon)),
            static_cast<std::uint16_t>(scan_unsigned(text.substr(colon + 1), 10, 65535).value())};
  }
  [[nodiscard]] packet::IpPart ip(char side) const {
    return side == 'c'
               ? packet::IpPart{.source = address(client_), .destination = address(to_), .family = family_}
               : packet::IpPart{.source = address(server_), .destination = address(seen_), .family = family_};
  }
  static std::span<const std::uint8_t> bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  }
  Sent segment(char side, std::uint8_t flags, std::uint32_t seq, std::uint32_t ack, std::string_view text) {
    const bool client = side == 'c';
    return send(packet::build_tcp(ip(side),
                                  {.source_port = client ? port_ : std::uint16_t{5060},
                                   .destination_port = client ? std::uint16_t{5060} : seen_port_,
                                   .seq = seq,
                                   .ack = ack,
                                   .flags = flags,
                                   .window = 65000},
                                  bytes(text)));
  }
  Sent datagram(char side, std::string_view text) {
    const bool client = side == 'c';
    return send(packet::build_udp(ip(side), client ? port_ : 5060, client ? 5060 : seen_port_, bytes(text)));
  }

  [[nodiscard]] NatRange range(const std::string& to, std::uint16_t port = 0) const {
    NatRange range;
    range.has_addresses = true;
    range.first = range.last = address(to);
    range.has_ports = port != 0;
    range.first_port = range.last_port = port;
    return range;
  }
  /// What the nat table has for 5060.
  void translate(Connection& c) {
    if (c.is(kConfirmed)) return;
    const Tuple& tuple = c.original();
    const bool sip = tuple.destination_port == 5060;
    if (!c.is(kDestinationNatDone)) {
      if (sip && tuple.destination == address(virtual_))
        tracker_.bind(c, Manipulation::destination, range(server_), now_);
      else
        tracker_.bind_null(c, Manipulation::destination, now_);
    }
    if (c.is(kSourceNatDone)) return;
    if (c.reply().source_port == 5060 && tuple.source == address(client_) &&
        (tuple.source_port == 4001 || tuple.source_port == 4002))
      tracker_.bind(c, Manipulation::source, range(public_, tuple.source_port == 4002 ? 6002 : 0), now_);
    else
      tracker_.bind_null(c, Manipulation::source, now_);
  }

  Sent send(packet::Bytes packet) {
    constexpr std::uint32_t kRoom = 2000;
    const auto size = static_cast<std::uint32_t>(packet.size());
    packet.resize(size + kRoom);
    packet::Buffer buffer{packet.data(), size, size + kRoom};
    EXPECT_EQ(packet::parse(buffer.view(), buffer.size, buffer.facts), DropReason::none);
    Template as;
    const std::uint16_t to = buffer.facts.destination_port;
    if (to == 5060)
      as.helper = static_cast<std::uint8_t>(find_helper("sip", buffer.facts.protocol, family_)->id);
    Tracked tracked = tracker_.track(buffer, now_, true, nullptr, as);
    if (tracked.connection == nullptr)  // invalid: no rule drops it
      return {to == port_ || to == 5060 ? "pass" : fmt::format("pass@{}", to), "=", nullptr};
    translate(*tracked.connection);
    std::uint8_t* const transport = buffer.transport();
    if (is_reply(tracked.info)) {
      store16(transport + 2, tracked.connection->original().source_port);
      packet::write_transport_checksum({buffer.bytes, buffer.size}, buffer.facts);
      EXPECT_EQ(packet::refresh(buffer), DropReason::none);
    }
    const std::uint32_t sequence = tcp_ ? load32(transport + 4) : 0;
    const HelperCall call{*tracked.connection, {}, {}, buffer, {}, memory_, services_};
    const auto before = call.payload_now();
    const std::string said(reinterpret_cast<const char*>(before.data()), before.size());
    if (tracked.connection->helper != 0 && !tracker_.help(tracked, buffer, now_, {})) {
      tracker_.drop(tracked, now_);
      return {};
    }
    Sent sent{"pass", "=", tracked.connection};
    const std::uint16_t knows = is_reply(tracked.info) ? tracked.connection->original().source_port : to;
    if (buffer.facts.destination_port != knows)
      sent.fate += fmt::format("@{}", buffer.facts.destination_port);
    if (tcp_ && buffer.facts.protocol == packet::kTcp && load32(transport + 4) != sequence)
      sent.fate += fmt::format("+{}", load32(transport + 4) - sequence);
    if (packet::transport_checksum(buffer.view(), buffer.facts) != packet::ChecksumState::good)
      sent.fate += "!";
    const auto after = call.payload_now();
    const std::string_view heard(reinterpret_cast<const char*>(after.data()), after.size());
    if (heard != said) sent.text = escaped(heard);
    EXPECT_EQ(tracker_.confirm(tracked, buffer, now_), DropReason::none);
    return sent;
  }

  struct NoServices final : HelperServices {
    bool expect(const Announcement&) override { return false; }
    void refresh(Duration) override {}
    bool overwrite(std::uint32_t, std::uint16_t) override { return false; }
    void expect_call(const CallIds&) override {}
    void end_call(const CallIds&) override {}
  } services_;
  HelperMemory memory_{};
  Told told_;
  Tracker tracker_{defaults(Profile::modern), 7, &told_};
  Time now_ = 1000 * kSecond;
  Family family_;
  bool tcp_;
  std::uint16_t port_, seen_port_;
  std::string client_, server_, public_, virtual_, to_, seen_;
  std::array<std::uint32_t, 2> next_{1000, 5000};
};

TEST(Sip, ReadsAndRewritesWhatLinuxDoes) {
  std::ifstream in(UTABLES_SOURCE_DIR "/tests/data/conntrack/sip.txt");
  std::optional<Box> box;
  unsigned number = 0, conversations = 0, drops = 0, rewritten = 0, media = 0;
  bool wrong = false;  // what follows in a conversation follows from it
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string side, text, fate, heard, awaited;
    words >> side >> text >> fate >> heard >> awaited;
    if (side == "@") {
      box.emplace(text, fate == "tcp", heard == "6",
                  static_cast<std::uint16_t>(scan_unsigned(awaited, 10, 65535).value()));
      ++conversations;
      wrong = false;
      continue;
    }
    if (wrong) continue;
    std::string got;
    if (side == "m") {
      ++media;
      got = box->media(text) + " - ";
      got += box->awaited();
    } else {
      const Box::Sent sent = box->say(side[0], unescaped(text), side.size() == 2);
      got = sent.fate + ' ' + sent.text + ' ' + box->awaited();
      drops += sent.fate == "drop" ? 1 : 0;
      rewritten += sent.text.size() > 1 ? 1 : 0;
    }
    const std::string expected = fmt::format("{} {} {}", fate, heard, awaited);
    wrong = got != expected;
    EXPECT_EQ(got, expected) << "sip.txt:" << number << ": " << side << ' ' << text;
  }
  EXPECT_GT(conversations, 400U);
  EXPECT_GT(drops, 100U);
  EXPECT_GT(rewritten, 500U);
  EXPECT_GT(media, 50U);
}

std::string registration(const std::string& first, const std::string& rest) {
  return first + "\r\nVia: SIP/2.0/UDP 10.0.0.2:5060\r\nCSeq: 7 REGISTER\r\nContact: <sip:a@10.0.0.2>\r\n" +
         rest + "\r\n";
}
const std::string kRegister = "REGISTER sip:b@10.1.0.2 SIP/2.0", kDone = "SIP/2.0 200 OK",
                  kFailed = "SIP/2.0 401 No";

std::string invitation(const std::string& port) {
  return "INVITE sip:b@10.1.0.2 SIP/2.0\r\nCSeq: 8 INVITE\r\n\r\nv=0\r\no=a 1 1 IN IP4 10.0.0.2\r\n"
         "c=IN IP4 10.0.0.2\r\nm=audio " +
         port + " RTP/AVP 0\r\n";
}

/// The client and the server of the Wire, both at 5060.
struct Speech {
  Wire wire;
  Wire::Sent client(const std::string& text) { return wire.udp("10.0.0.2", 5060, "10.1.0.2", 5060, text); }
  Wire::Sent server(const std::string& text) { return wire.udp("10.1.0.2", 5060, "10.0.0.2", 5060, text); }
};

TEST(Sip, ARegistrationIsAwaitedOnceItIsConfirmed) {
  Speech s;
  s.client(registration(kRegister, "Expires: 60\r\n"));
  EXPECT_EQ(s.wire.awaited(),
            "180 l3proto = 2 proto=17 src=10.1.0.2 dst=10.0.0.2 sport=0 dport=5060 PERMANENT,INACTIVE "
            "sip/signalling\n");
  EXPECT_TRUE(s.wire.told.lines.front().ends_with(
      "master-src=10.0.0.2 master-dst=10.1.0.2 sport=5060 dport=5060 PERMANENT,INACTIVE class=0 helper=sip"))
      << s.wire.told.lines.front();
  EXPECT_EQ(s.wire.udp("10.1.0.2", 5070, "10.0.0.2", 5060, "x").info, CtInfo::new_) << "it is inactive";
  s.server(registration(kDone, "Expires: 100\r\n"));
  EXPECT_EQ(
      s.wire.awaited(),
      "100 l3proto = 2 proto=17 src=10.1.0.2 dst=10.0.0.2 sport=0 dport=5060 PERMANENT sip/signalling\n");
  for (const std::uint16_t port : {std::uint16_t{5071}, std::uint16_t{5072}}) {  // again and again
    const auto sent = s.wire.udp("10.1.0.2", port, "10.0.0.2", 5060, invitation("9000"));
    EXPECT_EQ(sent.info, CtInfo::related);
    EXPECT_EQ(sent.master_helper, static_cast<std::uint8_t>(HelperId::sip));
  }
  EXPECT_TRUE(s.wire.told.lines.back().find("sport=5072 dport=5060 [UNREPLIED]") != std::string::npos &&
              s.wire.told.lines.back().ends_with("helper=sip"))
      << s.wire.told.lines.back();
  s.wire.now += 100 * kSecond;
  s.wire.tracker.advance(s.wire.now);
  EXPECT_EQ(s.wire.awaited(), "") << "its time is over";
}

TEST(Sip, ARegistrationThatFailsIsForgotten) {
  Speech s;
  s.client(registration(kRegister, "Expires: 60\r\n"));
  s.server(registration(kFailed, ""));
  EXPECT_EQ(s.wire.awaited(), "");
  EXPECT_TRUE(s.wire.told.lines.back().starts_with("[DESTROY] 180 proto=17") ||
              s.wire.told.lines[s.wire.told.lines.size() - 2].starts_with("[DESTROY] 180 proto=17"));
}

TEST(Sip, KeepsItsConnectionForAnHour) {
  Speech s;
  s.client("OPTIONS sip:b SIP/2.0\r\n\r\n");
  s.wire.now += 3599 * kSecond;
  s.wire.tracker.advance(s.wire.now);
  EXPECT_EQ(s.wire.tracker.size(), 1U);
  s.wire.now += kSecond;
  s.wire.tracker.advance(s.wire.now);
  EXPECT_EQ(s.wire.tracker.size(), 0U);
}

TEST(Sip, IsSavedAndTakenUp) {
  Speech before;
  before.client(registration(kRegister, "Expires: 60\r\n"));
  before.client(invitation("8000"));
  Speech after;
  Tracker& tracker = after.wire.tracker;
  before.wire.tracker.for_each(before.wire.now,
                               [&](const Connection& c) { ASSERT_TRUE(tracker.restore(c)); });
  ASSERT_TRUE(tracker.restore(before.wire.tracker.memory()));
  EXPECT_EQ(after.wire.awaited(), before.wire.awaited());
  after.server(registration(kDone, "Expires: 60\r\n"));
  EXPECT_EQ(after.wire.awaited().substr(0, 3), "60 ");
  after.server("SIP/2.0 486 No\r\nCSeq: 8 INVITE\r\n\r\n");
  EXPECT_EQ(after.wire.awaited().find("sip/audio"), std::string::npos) << "it knows what it asked";
}

}  // namespace
}  // namespace utables::conntrack
