// What must not change the result: the size of batches, being watched, a second engine beside the first;
// and literal rulesets that do what their authors say (R20, R23, R26).
#include <gmock/gmock.h>

#include "base/bytes.h"
#include "engine/observer.h"
#include "engine/testing/scene.h"
#include "packet/headers.h"

namespace utables::engine {
namespace {

using namespace testing;
using ::testing::IsEmpty;
namespace flag = packet::tcp;

struct Input {
  packet::Bytes bytes;
  std::string_view interface;  ///< empty: outbound
};

/// A mixture in which packets depend on one another: connections, limits, rejections, fragments.
std::vector<Input> mixture() {
  std::vector<Input> all;
  for (std::uint16_t i = 0; i < 60; ++i) {
    const std::string client = "10.0.0." + std::to_string(1 + i % 5);
    const auto port = static_cast<std::uint16_t>(2000 + i % 7);
    all.push_back(
        {tcp(client, "203.0.113.9", i % 3 == 0 ? flag::kSyn : flag::kAck, port, 80, 100U + i), "lan"});
    all.push_back({tcp("203.0.113.9", client, flag::kSyn | flag::kAck, 80, port, 5000, 101U + i), "wan"});
    all.push_back({udp(client, "203.0.113.9", 8, i % 4 == 0 ? 1 : 64, port, 53), "lan"});
    all.push_back({udp(client, "10.0.0.254", 8, 64, port, 99), "lan"});
    all.push_back({udp("192.0.2.254", "10.0.0.254", 8, 64, port, 99), {}});
    all.push_back({echo(client, "198.51.100.65"), "lan"});
    packet::IpPart part = ip(client, "203.0.113.9");
    part.identification = i;
    part.more_fragments = true;
    all.push_back({packet::build_ip(part, packet::kUdp, udp(client, "203.0.113.9", 80)), "lan"});
    part.more_fragments = false;
    part.fragment_offset = static_cast<std::uint16_t>(udp(client, "203.0.113.9", 80).size() & ~7U);
    all.push_back({packet::build_ip(part, packet::kUdp, packet::Bytes(16)), "lan"});
  }
  return all;
}

constexpr std::string_view kRules =
    "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:web - [0:0]\n"
    "-A INPUT -m limit --limit 5/second --limit-burst 3 -j ACCEPT\n-A INPUT -j REJECT\n"
    "-A FORWARD -m conntrack --ctstate INVALID -j DROP\n-A FORWARD -m conntrack --ctstate "
    "RELATED,ESTABLISHED -j ACCEPT\n"
    "-A FORWARD -p tcp -j web\n-A FORWARD -p udp -m statistic --mode nth --every 2 --packet 0 -j REJECT\n-A "
    "FORWARD -j ACCEPT\n"
    "-A web -p tcp -m tcp --dport 80 --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT\n-A web -p tcp -j REJECT "
    "--reject-with tcp-reset\nCOMMIT\n"
    "*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT "
    "[0:0]\n:POSTROUTING ACCEPT [0:0]\n"
    "-A OUTPUT -p icmp -j DSCP --set-dscp 0x0a\n-A POSTROUTING -m conntrack --ctstate NEW -j TOS --set-tos "
    "0x10/0xff\nCOMMIT\n";

std::string line(const Told& told) {
  std::string text = std::to_string(told.outcome.time) + " " + std::string(name(told.fate())) + " " +
                     std::string(name(told.reason())) + " " + std::string(name(told.info())) + " " + told.by;
  for (const SentPacket& sent : told.sent) {
    text += " [" + sent.interface + (sent.made_here ? "*" : "");
    for (const std::uint8_t byte : sent.bytes)
      text += static_cast<char>('a' + byte / 16), text += static_cast<char>('a' + byte % 16);
    text += "]";
  }
  return text;
}

/// Everything that a run told, and its counters and events.
std::string play(const std::vector<Input>& inputs, std::size_t batch, Observer* observer = nullptr) {
  Engine engine = make_engine({.rules = kRules});
  engine.parts().observer = observer;
  Recorder recorder(engine.parts().host);
  Worker worker = engine.worker();
  const Time begin = 1'795'308'671 * kSecond;
  for (std::size_t from = 0; from < inputs.size(); from += batch) {
    std::vector<packet::Bytes> room;
    std::vector<Packet> packets;
    for (std::size_t i = from; i < std::min(inputs.size(), from + batch); ++i) {
      packet::Bytes& bytes = room.emplace_back(inputs[i].bytes);
      const auto size = static_cast<std::uint32_t>(bytes.size());
      bytes.resize(size + 64);
      Packet p;
      p.bytes = bytes.data();
      p.size = size;
      p.room = size + 64;
      p.outbound = inputs[i].interface.empty();
      if (!p.outbound) p.interface = *engine.parts().host.find(inputs[i].interface);
      p.later = static_cast<Duration>(i - from) * 5 * kMillisecond;
      packets.push_back(p);
    }
    worker.process(packets, begin + static_cast<Time>(from) * 5 * kMillisecond, recorder);
  }
  std::string all;
  for (const Told& told : recorder.told) all += line(told) + "\n";
  for (const std::string& event : recorder.events) all += event + "\n";
  return all + rules::save(current_rules(engine.parts()), {.counters = true});
}

TEST(Equivalence, BatchesOfAnySizeEqualPacketsOneAtATime) {
  const std::vector<Input> inputs = mixture();
  const std::string alone = play(inputs, 1);
  EXPECT_EQ(play(inputs, 7), alone);
  EXPECT_EQ(play(inputs, 32), alone);
  EXPECT_EQ(play(inputs, inputs.size()), alone);
}

TEST(Equivalence, BeingWatchedChangesNothing) {
  const std::vector<Input> inputs = mixture();
  Observer observer;
  EXPECT_EQ(play(inputs, 7, &observer), play(inputs, 7));
}

TEST(Equivalence, TwoEnginesAreStrangers) {
  Scene first{{.rules = kRules}}, second{{.rules = kRules}};
  for (const Input& input : mixture())
    if (!input.interface.empty()) first.in(input.interface, input.bytes);
  EXPECT_EQ(second.engine.parts().tracker->size(), 0U);
  EXPECT_EQ(second.in("lan", udp("10.0.0.1", "10.0.0.254")).fate(), Fate::delivered) << "its limit is full";
}

constexpr std::string_view kHead =
    "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n";
std::string filter(std::string_view rules) { return std::string(kHead) + std::string(rules) + "COMMIT\n"; }

/// A box with its side to the internet called ppp0.
constexpr std::string_view kDialUp =
    "addr add 10.0.0.254/24 dev eth0\naddr add 192.0.2.254/24 dev ppp0\nroute add default via 192.0.2.1 dev "
    "ppp0\n";

// R26: allow only ESTABLISHED in and NEW,ESTABLISHED out.
TEST(Rulesets, R26OnlyWhatWasAskedForComesIn) {
  const std::string rules =
      "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n"
      "-A INPUT -p tcp -m state --state ESTABLISHED -j ACCEPT\n-A OUTPUT -p tcp -m state --state "
      "NEW,ESTABLISHED -j ACCEPT\nCOMMIT\n";
  Scene scene{{.rules = rules}};
  EXPECT_EQ(scene.in("wan", tcp("203.0.113.9", "192.0.2.254", flag::kSyn)).fate(), Fate::dropped);
  EXPECT_EQ(scene.out(tcp("192.0.2.254", "203.0.113.9", flag::kSyn, 4000, 80, 1000)).fate(), Fate::sent);
  EXPECT_EQ(scene.in("wan", tcp("203.0.113.9", "192.0.2.254", flag::kSyn | flag::kAck, 80, 4000, 7000, 1001))
                .fate(),
            Fate::delivered);
  EXPECT_EQ(scene.in("wan", tcp("203.0.113.9", "192.0.2.254", flag::kAck, 81, 4000, 7000, 1001)).fate(),
            Fate::dropped);
}

// R26: drop NEW without SYN.
TEST(Rulesets, R26NewWithoutSynIsDropped) {
  const std::string rules = filter("-A FORWARD -p tcp ! --syn -m state --state NEW -j DROP\n");
  Scene scene{{.rules = rules}};
  EXPECT_EQ(scene.in("lan", tcp("10.0.0.5", "203.0.113.9", flag::kAck)).by, "filter FORWARD 1");
  EXPECT_EQ(scene.in("lan", tcp("10.0.0.5", "203.0.113.9", flag::kSyn)).fate(), Fate::forwarded);
}

// R26: drop every SYN from the internet side but port 80, as old scripts write it.
TEST(Rulesets, R26SynFromTheInternetOnlyToPort80) {
  const std::string rules = filter("-A FORWARD -i ppp0 -p tcp --syn --destination-port ! 80 -j DROP\n");
  Scene scene{{.rules = rules, .net = kDialUp}};
  EXPECT_EQ(scene.in("ppp0", tcp("203.0.113.9", "10.0.0.5", flag::kSyn, 4000, 23)).fate(), Fate::dropped);
  EXPECT_EQ(scene.in("ppp0", tcp("203.0.113.9", "10.0.0.5", flag::kSyn, 4000, 80)).fate(), Fate::forwarded);
  EXPECT_EQ(scene.in("ppp0", tcp("203.0.113.9", "10.0.0.5", flag::kAck, 4000, 23)).fate(), Fate::forwarded);
  EXPECT_EQ(scene.in("eth0", tcp("10.0.0.5", "203.0.113.9", flag::kSyn, 4000, 23)).fate(), Fate::forwarded);
}

// R26: ignore a host, a network, a service on one interface only.
TEST(Rulesets, R26IgnoreAHostANetworkAService) {
  const std::string rules = filter(
      "-A INPUT -s 200.200.200.1 -j DROP\n-A INPUT -s 200.200.201.0/24 -j DROP\n-A INPUT -p tcp "
      "--destination-port telnet -i ppp0 -j DROP\n");
  Scene scene{{.rules = rules, .net = kDialUp}};
  EXPECT_EQ(scene.in("ppp0", udp("200.200.200.1", "192.0.2.254")).by, "filter INPUT 1");
  EXPECT_EQ(scene.in("ppp0", udp("200.200.200.2", "192.0.2.254")).fate(), Fate::delivered);
  EXPECT_EQ(scene.in("ppp0", udp("200.200.201.77", "192.0.2.254")).by, "filter INPUT 2");
  EXPECT_EQ(scene.in("ppp0", tcp("203.0.113.9", "192.0.2.254", flag::kSyn, 4000, 23)).by, "filter INPUT 3");
  EXPECT_EQ(scene.in("eth0", tcp("10.0.0.5", "10.0.0.254", flag::kSyn, 4000, 23)).fate(), Fate::delivered);
}

// R23: DROP says nothing, REJECT answers; RETURN, LOG, user chains, NOTRACK.
TEST(Rulesets, R23EachTargetDoesItsPart) {
  const std::string rules =
      "*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A PREROUTING -p udp --dport 4 -j "
      "NOTRACK\nCOMMIT\n" +
      filter(
          ":logged - [0:0]\n-A FORWARD -p udp --dport 1 -j DROP\n-A FORWARD -p udp --dport 2 -j REJECT\n-A "
          "FORWARD -p udp --dport 3 -j logged\n"
          "-A FORWARD -m state --state UNTRACKED -j ACCEPT\n-A FORWARD -p udp --dport 5 -j RETURN\n-A "
          "FORWARD -p udp -j DROP\n"
          "-A logged -j LOG --log-prefix \"seen: \"\n-A logged -j ACCEPT\n");
  Scene scene{{.rules = rules}};
  const auto to = [&](std::uint16_t port) {
    return scene.in("lan", udp("10.0.0.5", "203.0.113.9", 8, 64, 4000, port));
  };
  EXPECT_THAT(to(1).sent, IsEmpty());
  EXPECT_EQ(to(2).sent.size(), 1U);
  const Told logged = to(3);
  EXPECT_EQ(logged.by, "filter logged 2");
  ASSERT_EQ(logged.logs.size(), 1U);
  EXPECT_TRUE(logged.logs[0].starts_with("seen: IN=lan OUT=wan ")) << logged.logs[0];
  EXPECT_EQ(to(4).info(), CtInfo::untracked);
  EXPECT_EQ(to(5).by, "filter FORWARD policy");
  EXPECT_EQ(to(6).by, "filter FORWARD 6");
}

// R04: what tracking does not believe is told in the kernel's words, if it is asked for that protocol.
TEST(Rulesets, R04LogInvalidSaysWhy) {
  const auto of_reset = [](std::string_view setting) {
    Scene scene{{.sysctl = setting}};
    return scene.in("lan", tcp("10.0.0.5", "203.0.113.9", flag::kRst, 4000, 80)).logs;
  };
  EXPECT_THAT(of_reset(""), IsEmpty());
  EXPECT_THAT(of_reset("net.netfilter.nf_conntrack_log_invalid = 17\n"), IsEmpty());
  for (const char* setting : {"6", "255"})
    EXPECT_THAT(of_reset(std::string("net.netfilter.nf_conntrack_log_invalid = ") + setting + "\n"),
                ::testing::ElementsAre(::testing::StartsWith("nf_ct_proto_6: invalid new IN=lan OUT= ")));
}

TEST(Engine, AllErrorsOfABoxAreToldAtOnce) {
  BoxText box;
  box.name = "office/";
  box.has_net_ip = box.has_rules_v4 = true;
  box.net_ip = "addr add 10.0.0.1/24 dev lan\nroute add nonsense\n";
  box.rules_v4 = "*filter\n-A FORWARD -j NOSUCH\nCOMMIT\n";
  box.has_rules_v6 = true;
  box.rules_v6 = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j NOSUCH\nCOMMIT\n";
  const auto engine = Engine::create(box);
  ASSERT_FALSE(engine);
  std::vector<std::string> places;
  for (const Error& error : engine.error()) places.push_back(error.file + ":" + std::to_string(error.line));
  EXPECT_THAT(places, ::testing::ElementsAre("office/net.ip:2", "office/rules.v4:2", "office/rules.v6:3"));
}

TEST(Engine, TrackingIsOnWhereARuleNeedsItOrThereAreNone) {
  const auto tracks = [](std::string_view rules, bool always = false) {
    Options options;
    options.track_always = always;
    Scene scene{{.rules = rules}, options};
    return scene.in("lan", udp("10.0.0.5", "203.0.113.9")).info() != CtInfo::none;
  };
  EXPECT_TRUE(tracks({}));
  EXPECT_FALSE(tracks(kHead.data() + std::string("COMMIT\n")));
  EXPECT_FALSE(tracks(filter("-A FORWARD -m mark --mark 1 -j ACCEPT\n")));
  EXPECT_TRUE(tracks(filter("-A FORWARD -m mark --mark 1 -j ACCEPT\n"), true));
  EXPECT_TRUE(tracks(filter("-A FORWARD -m state --state NEW -j ACCEPT\n")));
}

// The nat table is asked by a connection's first packet alone.
TEST(Nat, AskedByFirstPacketsOnly) {
  Scene scene{{.rules = "*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT "
                        "[0:0]\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n"
                        "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A "
                        "FORWARD -m state --state NEW\nCOMMIT\n"}};
  scene.in("lan", udp("10.0.0.5", "203.0.113.9"));
  scene.in("lan", udp("10.0.0.5", "203.0.113.9"));
  scene.in("wan", udp("203.0.113.9", "10.0.0.5", 8, 64, 53, 4000));
  scene.in("lan", udp("10.0.0.5", "10.0.0.254"));
  scene.out(udp("192.0.2.254", "203.0.113.9"));
  const std::string saved = scene.saved();
  EXPECT_NE(saved.find(":PREROUTING ACCEPT [2:72]\n:INPUT ACCEPT [1:36]\n:OUTPUT ACCEPT [1:36]\n:POSTROUTING "
                       "ACCEPT [2:72]"),
            std::string::npos)
      << saved;
}

}  // namespace
}  // namespace utables::engine
