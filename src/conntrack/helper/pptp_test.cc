// pptp: what Linux read and awaited, played again; the calls themselves, and their ends.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <set>
#include <sstream>

#include "base/bytes.h"
#include "base/scan.h"
#include "conntrack/helper/wire_test.h"
#include "conntrack/tracker_memory.h"

namespace utables::conntrack {
namespace {

constexpr std::array<std::size_t, 17> kSizes{30,  144, 144, 4, 4,   4,  8,  156, 20,
                                             208, 12,  16,  4, 136, 28, 12, 30};

std::string message(unsigned type, std::string body, int longer = 0) {
  body.resize(kSizes[type]);
  std::string text(12, '\0');
  auto* const at = reinterpret_cast<std::uint8_t*>(text.data());
  store16(at, static_cast<std::uint16_t>(12 + body.size()));
  store16(at + 2, 1);
  store32(at + 4, 0x1a2b3c4d);
  store16(at + 8, static_cast<std::uint16_t>(type));
  text += body;
  text.resize(text.size() + static_cast<std::size_t>(longer));
  return text;
}

std::string bytes(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(scan_unsigned(hex.substr(i, 2), 16, 255).value_or(0));
  return out;
}

std::string id(std::uint16_t call) { return {static_cast<char>(call >> 8), static_cast<char>(call & 255)}; }

constexpr std::uint16_t kClient = 0x1111, kServer = 0x2222;

/// A control connection between 10.0.0.2 and 10.1.0.2, and GRE between them.
class Tunnel {
 public:
  Wire wire;
  const char* seen = "10.0.0.2";  ///< the client, as the server knows it

  explicit Tunnel(bool translated = false) {
    if (translated) {
      wire.source = box_address();
      seen = "10.1.0.77";
    }
    wire.tcp("10.0.0.2", 4000, "10.1.0.2", 1723, packet::tcp::kSyn, 1000, 0);
    wire.source.reset();
    wire.tcp("10.1.0.2", 1723, seen, 4000, packet::tcp::kSyn | packet::tcp::kAck, 5000, 1001);
    wire.tcp("10.0.0.2", 4000, "10.1.0.2", 1723, packet::tcp::kAck, 1001, 5001);
  }

  void say(bool client, const std::string& text) {
    if (client)
      wire.tcp("10.0.0.2", 4000, "10.1.0.2", 1723, packet::tcp::kAck, next_[0], next_[1], text);
    else
      wire.tcp("10.1.0.2", 1723, seen, 4000, packet::tcp::kAck, next_[1], next_[0], text);
    next_[client ? 0 : 1] += static_cast<std::uint32_t>(text.size());
  }
  /// The ids of the last message, as it left.
  [[nodiscard]] std::string ids() const { return wire.last.substr(40 + 12, 4); }
  void begin() {
    say(true, message(1, ""));
    say(false, message(2, bytes("010001")));
  }
  /// `as`: what the server answers to.
  void call(std::uint16_t as = kClient) {
    say(true, message(7, id(kClient)));
    say(false, message(8, id(kServer) + id(as) + '\1'));
  }
  Wire::Sent gre(bool client, std::uint16_t key, char version = 1) {
    const std::string text = std::string{0x30, version, '\x88', 0x0b, 0, 3} + id(key) + "----abc";
    return client ? wire.gre("10.0.0.2", "10.1.0.2", text) : wire.gre("10.1.0.2", seen, text);
  }
  void end_by_reset() {
    wire.tcp("10.1.0.2", 1723, seen, 4000, packet::tcp::kRst | packet::tcp::kAck, next_[1], next_[0]);
    wire.now += 11 * kSecond;
    wire.tracker.advance(wire.now);
  }
  [[nodiscard]] std::string keys_awaited() const {
    std::set<std::uint16_t> keys;
    wire.tracker.for_each_expectation(
        wire.now, [&](const Expectation& e, const Connection&) { keys.insert(e.tuple.destination_port); });
    return keys.empty() ? "-" : fmt::format("{}", fmt::join(keys, ","));
  }

 private:
  std::array<std::uint32_t, 2> next_{1001, 5001};
};

TEST(Pptp, ReadsWhatLinuxReads) {
  std::ifstream in(UTABLES_SOURCE_DIR "/tests/data/conntrack/pptp.txt");
  unsigned number = 0, conversations = 0, awaited = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    ++conversations;
    Tunnel tunnel;
    std::istringstream steps(line);
    std::string side, body, keys, bar;
    unsigned type = 0;
    int longer = 0;
    while (steps >> side >> type >> body >> longer >> keys) {
      tunnel.say(side == "c", message(type, body == "-" ? "" : bytes(body), longer));
      EXPECT_EQ(tunnel.keys_awaited(), keys) << "pptp.txt:" << number << ": " << side << " " << type;
      awaited += keys != "-" ? 1 : 0;
      steps >> bar;
    }
  }
  EXPECT_GT(conversations, 200U);
  EXPECT_GT(awaited, 300U);
}

TEST(Pptp, ACallIsOneConnectionWithBothKeys) {
  Tunnel t;
  t.begin();
  t.call();
  EXPECT_EQ(t.wire.awaited(),
            "300 l3proto = 2 proto=47 src=10.0.0.2 dst=10.1.0.2 srckey=0x1111 dstkey=0x2222 pptp\n"
            "300 l3proto = 2 proto=47 src=10.1.0.2 dst=10.0.0.2 srckey=0x2222 dstkey=0x1111 pptp\n");
  EXPECT_TRUE(t.wire.told.lines.back().ends_with(
      "src=10.1.0.2 dst=10.0.0.2 srckey=0x2222 dstkey=0x1111 mask-src=255.255.255.255 "
      "mask-dst=255.255.255.255 "
      "srckey=0xffff dstkey=0xffff master-src=10.0.0.2 master-dst=10.1.0.2 sport=4000 dport=1723 class=0 "
      "helper=pptp"))
      << t.wire.told.lines.back();
  EXPECT_EQ(t.gre(true, kServer).info, CtInfo::related);
  EXPECT_EQ(t.wire.awaited(), "") << "the other direction is not awaited any more";
  EXPECT_TRUE(t.wire.told.lines.back().starts_with(
      "    [NEW] gre      47 30 src=10.0.0.2 dst=10.1.0.2 srckey=0x1111 dstkey=0x2222 [UNREPLIED]"));
  EXPECT_EQ(t.gre(false, kClient).info, CtInfo::established_reply);
  EXPECT_EQ(t.gre(true, 0x3333).info, CtInfo::new_) << "another call";
  EXPECT_EQ(t.gre(true, kServer, 0).info, CtInfo::new_) << "version 0 has no keys";
}

TEST(Pptp, ADisconnectEndsTheCall) {
  Tunnel t;
  t.begin();
  t.call();
  t.gre(true, kServer);
  t.say(false, message(13, id(kServer)));
  EXPECT_TRUE(t.wire.told.lines.back().starts_with("[DESTROY] gre      47 30 ")) << t.wire.told.lines.back();
  EXPECT_EQ(t.gre(false, kClient).info, CtInfo::new_);
  EXPECT_TRUE(t.wire.told.lines.back().find("srckey=0x0 dstkey=0x1111") != std::string::npos);
}

TEST(Pptp, TheControlConnectionsEndIsTheCalls) {
  for (const bool came : {false, true}) {
    Tunnel t;
    t.begin();
    t.call();
    if (came) t.gre(false, kClient);
    t.wire.told.lines.clear();
    t.end_by_reset();
    const auto& lines = t.wire.told.lines;
    ASSERT_EQ(lines.size(), came ? 3U : 4U);  // the reset's own first
    EXPECT_TRUE(lines[1].starts_with("[DESTROY] tcp")) << lines[1];
    EXPECT_TRUE(lines[2].starts_with(came ? "[DESTROY] gre" : "[DESTROY] 290 proto=47")) << lines[2];
    EXPECT_EQ(t.keys_awaited(), "-");
    EXPECT_EQ(t.gre(true, kServer).info, CtInfo::new_);
  }
}

TEST(Pptp, TheCallsEndIsThatOfItsKeys) {
  Tunnel t;
  t.begin();
  t.call();
  t.gre(true, kServer);
  t.wire.now += 31 * kSecond;
  t.wire.tracker.advance(t.wire.now);
  t.gre(true, kServer);
  EXPECT_TRUE(t.wire.told.lines.back().find("srckey=0x0 dstkey=0x2222") != std::string::npos);
}

TEST(Pptp, UnderNatTheServerKnowsTheCallByThePort) {
  Tunnel t(true);
  t.begin();
  t.say(true, message(7, id(kClient)));
  EXPECT_EQ(t.ids().substr(0, 2), id(4000));
  t.say(false, message(8, id(kServer) + id(kClient) + '\1'));
  EXPECT_EQ(t.keys_awaited(), "-") << "it does not answer what the server was told";
  EXPECT_EQ(t.ids(), id(kServer) + id(kClient));
  t.say(false, message(8, id(kServer) + id(4000) + '\1'));
  EXPECT_EQ(t.ids(), id(kServer) + id(kClient));
  EXPECT_EQ(t.wire.awaited(),
            "300 l3proto = 2 proto=47 src=10.0.0.2 dst=10.1.0.2 srckey=0x1111 dstkey=0x2222 pptp\n"
            "300 l3proto = 2 proto=47 src=10.1.0.2 dst=10.1.0.77 srckey=0x2222 dstkey=0xfa0 pptp\n");
  t.say(true, message(15, id(kServer)));
  EXPECT_EQ(t.ids().substr(0, 2), id(kServer));
  t.say(false, message(15, id(4000)));
  EXPECT_EQ(t.ids().substr(0, 2), id(kClient));
  EXPECT_EQ(t.gre(true, kServer).info, CtInfo::related);
  EXPECT_EQ(t.wire.awaited(), "");
  EXPECT_TRUE(
      t.wire.told.lines.back().ends_with("srckey=0x1111 dstkey=0x2222 [UNREPLIED] src=10.1.0.2 "
                                         "dst=10.1.0.77 srckey=0x2222 dstkey=0xfa0"))
      << t.wire.told.lines.back();
  EXPECT_EQ(t.gre(false, 4000).info, CtInfo::established_reply);
  t.say(true, message(12, id(kClient)));
  EXPECT_EQ(t.ids().substr(0, 2), id(4000));
  t.say(false, message(13, id(kServer)));
  EXPECT_EQ(t.ids().substr(0, 2), id(kClient));
  EXPECT_TRUE(t.wire.told.lines.back().starts_with("[DESTROY] gre")) << t.wire.told.lines.back();
}

TEST(Pptp, UnderNatTheServersFirstPacketLeavesTheOtherWayAwaited) {
  Tunnel t(true);
  t.begin();
  t.call(4000);
  EXPECT_EQ(t.gre(false, 4000).info, CtInfo::related);
  EXPECT_TRUE(
      t.wire.told.lines.back().ends_with("srckey=0x2222 dstkey=0xfa0 [UNREPLIED] src=10.0.0.2 "
                                         "dst=10.1.0.2 srckey=0x1111 dstkey=0x2222"))
      << t.wire.told.lines.back();
  EXPECT_EQ(t.wire.awaited(),
            "300 l3proto = 2 proto=47 src=10.0.0.2 dst=10.1.0.2 srckey=0x1111 dstkey=0x2222 pptp\n");
  EXPECT_EQ(t.gre(true, kServer).info, CtInfo::established_reply);
}

TEST(Pptp, IsSavedAndTakenUp) {
  Tunnel before;
  before.begin();
  before.call();
  before.gre(false, kClient);
  Tunnel after;
  Tracker& tracker = after.wire.tracker;
  after.wire.now += 500 * kSecond;  // what it has of its own is over
  after.end_by_reset();
  ASSERT_EQ(tracker.size(), 0U);
  before.wire.tracker.for_each(before.wire.now, [&](Connection c) {
    c.deadline += 600 * kSecond;
    ASSERT_TRUE(tracker.restore(c));
  });
  ASSERT_TRUE(tracker.restore(before.wire.tracker.memory()));
  EXPECT_EQ(after.gre(true, kServer).info, CtInfo::established_reply);
  const TrackerMemory memory = tracker.memory();
  ASSERT_EQ(memory.call_keys.size(), 2U);
  ASSERT_EQ(memory.calls_met.size(), 1U);
  ASSERT_EQ(memory.helped.size(), 1U);
  EXPECT_EQ(std::get<PptpMemory>(memory.helped[0].memory).ids.client, kClient);
  TrackerMemory stray = memory;
  stray.calls_met[0].master = 99;
  EXPECT_FALSE(tracker.restore(stray));
}

}  // namespace
}  // namespace utables::conntrack
