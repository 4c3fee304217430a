// What matches and targets do with packets, where it is easy to be wrong by a bit: cut headers, fragments,
// options, checksums, credits. What the kernel does with whole rulesets is compared in tests/kernel.
#include <gtest/gtest.h>

#include <fstream>

#include "base/bytes.h"
#include "base/scan.h"
#include "packet/checksum.h"
#include "rules/extension.h"
#include "rules/syntax/restore.h"
#include "rules/testing.h"

namespace utables::rules {
namespace {

using Kind = Answer::Kind;

// One rule of mangle FORWARD, ready to be asked.
struct Asked {
  explicit Asked(const std::string& arguments) {
    auto read = restore("*mangle\n-A FORWARD " + arguments + "\nCOMMIT\n", {});
    if (!read) ADD_FAILURE() << read.error().front().str();
    if (read) rule = read->tables.at(0).find("FORWARD")->rules.at(0);
    Random random(1);
    if (!rule.matches.empty() && rule.matches.back().match->make_state)
      state = rule.matches.back().match->make_state(rule.matches.back().params.get(), random);
  }
  Answer match(const testing::World& world) const {
    const MatchUse& use = rule.matches.back();
    return use.match->matches(use.params.get(), state.get(), world.context);
  }
  Action act(testing::World& world) const {
    return rule.target.extension->act(rule.target.params.get(), nullptr, world.context);
  }
  Rule rule;
  std::unique_ptr<RuleState> state;
};

// 10.0.0.2:1234 > 10.1.0.2:80, SYN, with `options` (hexadecimal) and checksums in order.
std::vector<std::uint8_t> syn(const std::string& options = "") {
  auto bytes = testing::from_hex(
      "450000281234400040060000"
      "0a0000020a010002"
      "04d200501122334400000000500202000000"
      "0000" +
      options);
  bytes[3] = static_cast<std::uint8_t>(bytes.size());
  bytes[32] = static_cast<std::uint8_t>((bytes.size() - 20) / 4 << 4);
  packet::write_ip_checksum({bytes.data(), 20});
  packet::Facts facts;
  EXPECT_EQ(packet::parse(bytes, static_cast<std::uint32_t>(bytes.size()), facts), DropReason::none);
  const std::uint64_t pseudo = packet::pseudo_header_sum(facts, 6, facts.transport_length());
  store16(&bytes[36], packet::finish(packet::sum({&bytes[20], bytes.size() - 20}, pseudo)));
  return bytes;
}

void expect_good_checksums(const testing::World& world) {
  EXPECT_TRUE(packet::ip_checksum_good({world.buffer.bytes, 20}));
  packet::Facts facts;
  ASSERT_EQ(packet::parse(world.buffer.view(), world.buffer.size, facts), DropReason::none);
  EXPECT_EQ(packet::transport_checksum(world.buffer.view(), facts), packet::ChecksumState::good);
  EXPECT_EQ(facts.total_length, world.buffer.facts.total_length);
  EXPECT_EQ(facts.tos, world.buffer.facts.tos);
  EXPECT_EQ(facts.ttl, world.buffer.facts.ttl);
  EXPECT_EQ(facts.tcp_header_size, world.buffer.facts.tcp_header_size);
}

TEST(Packets, TcpMatch) {
  const testing::World whole(syn("020405b401030307"));
  EXPECT_EQ(Asked("-p tcp --dport 80 --syn").match(whole).kind, Kind::yes);
  EXPECT_EQ(Asked("-p tcp ! --dport 80").match(whole).kind, Kind::no);
  EXPECT_EQ(Asked("-p tcp --dport 81 --syn").match(whole).option, 1);
  EXPECT_EQ(Asked("-p tcp --tcp-option 3").match(whole).kind, Kind::yes);
  EXPECT_EQ(Asked("-p tcp ! --tcp-option 8").match(whole).kind, Kind::yes);
  EXPECT_EQ(Asked("-p tcp --tcp-option 7").match(whole).kind, Kind::no);  // a length, not a kind
  auto cut = syn();
  cut.resize(39);
  cut[3] = 39;
  EXPECT_EQ(Asked("-p tcp --dport 80").match(testing::World(cut)).kind, Kind::hot_drop);
  auto fragment = syn();
  fragment[6] = 0;
  fragment[7] = 1;  // offset 8
  EXPECT_EQ(Asked("-p tcp --dport 80").match(testing::World(fragment)).kind, Kind::hot_drop);
  fragment[7] = 2;
  EXPECT_EQ(Asked("-p tcp --dport 80").match(testing::World(fragment)).kind, Kind::no);
  EXPECT_EQ(Asked("-p tcp -m multiport --dports 80").match(testing::World(fragment)).kind, Kind::no);
}

/// sctp.vectors: what Linux made of rules and packets.
TEST(Packets, SctpMatchAsLinuxAnswered) {
  std::ifstream in(UTABLES_SOURCE_DIR "/src/rules/match/sctp.vectors");
  std::vector<Asked> rules;
  unsigned packets = 0, line_number = 0;
  bool rules_end = true;
  for (std::string line; std::getline(in, line);) {
    ++line_number;
    if (line[0] == 'R') {
      if (rules_end) rules.clear();
      rules_end = false;
      rules.emplace_back("-p sctp -m sctp" + line.substr(1));
      continue;
    }
    if (line[0] != 'P') continue;
    rules_end = true;
    const auto fields = words(line);
    const std::string sctp(fields[1] == "-" ? std::string_view{} : fields[1]);
    auto bytes = testing::from_hex(
        "450000001234400040840000"
        "0a0000020a010002" +
        sctp);
    store16(&bytes[2], static_cast<std::uint16_t>(bytes.size()));
    packet::write_ip_checksum({bytes.data(), 20});
    const testing::World world(bytes);
    unsigned matched = 0;
    bool dropped = false;
    for (std::size_t i = 0; i < rules.size() && !dropped; ++i) {
      const Kind kind = rules[i].match(world).kind;
      dropped = kind == Kind::hot_drop || kind == Kind::yes_and_drop;
      if (kind == Kind::yes) matched |= 1U << i;
    }
    EXPECT_EQ(dropped ? "drop" : std::to_string(matched), fields[2]) << "sctp.vectors:" << line_number;
    ++packets;
  }
  EXPECT_GT(packets, 200U);
}

TEST(Packets, FieldsAndTheirInversion) {
  testing::World world(syn("020405b4"));
  world.mark = 0x15;
  for (const char* yes :
       {"-m length --length 44", "-m ttl --ttl-eq 64", "-m ttl --ttl-lt 65", "-m mark --mark 0x5/0xf",
        "-m iprange --src-range 10.0.0.1-10.0.0.2", "-p tcp -m tcpmss --mss 1460", "-m dscp --dscp 0",
        "-m tos ! --tos 1", "-m ecn --ecn-ip-ect 0", "-p tcp -m multiport --ports 22,79:81",
        "-m pkttype --pkt-type unicast", "-m state --state INVALID", "-m conntrack ! --ctstate NEW"})
    EXPECT_EQ(Asked(yes).match(world).kind, Kind::yes) << yes;
  for (const char* no : {"-m length ! --length 40:50", "-m ttl --ttl-gt 64", "-m mark --mark 0x15/0xf",
                         "-m iprange ! --src-range 10.0.0.1-10.0.0.2", "-p tcp -m tcpmss ! --mss 1460",
                         "-m connmark ! --mark 1", "-m mac ! --mac-source 2:0:0:0:0:1",
                         "-m conntrack --ctproto 6", "-m conntrack ! --ctproto 17"})
    EXPECT_EQ(Asked(no).match(world).kind, Kind::no) << no;
}

TEST(Packets, LimitGivesCreditsByTheJiffy) {
  testing::World world(syn());
  Asked limit("-m limit --limit 1/s --limit-burst 2");
  const auto ask = [&](Time now) {
    world.context.now = now;
    return limit.match(world).kind == Kind::yes;
  };
  constexpr Time kStart = 1000 * kSecond;
  EXPECT_TRUE(ask(kStart));
  EXPECT_TRUE(ask(kStart));
  EXPECT_FALSE(ask(kStart + 996 * kMillisecond));
  EXPECT_TRUE(ask(kStart + 1000 * kMillisecond));
  const std::string saved = limit.state->save();
  EXPECT_FALSE(ask(kStart + 1100 * kMillisecond));
  EXPECT_TRUE(limit.state->load(saved));
  EXPECT_EQ(limit.state->save(), saved);
  EXPECT_FALSE(limit.state->load("credit=x"));
  EXPECT_TRUE(ask(kStart + 100 * kSecond));
  EXPECT_TRUE(ask(kStart + 100 * kSecond));
  EXPECT_FALSE(ask(kStart + 100 * kSecond));
}

TEST(Packets, StatisticNthBeginsAtPacket) {
  testing::World world(syn());
  Asked nth("-m statistic --mode nth --every 3 --packet 1");
  std::string hits;
  for (int i = 0; i < 7; ++i) hits += nth.match(world).kind == Kind::yes ? 'y' : 'n';
  EXPECT_EQ(hits, "nynnynn");
}

TEST(Packets, HeadersRewrittenWithTheirChecksums) {
  for (const char* rule : {"-j DSCP --set-dscp 46", "-j TOS --set-tos 0x10/0x3f", "-j TOS --xor-tos 0xff",
                           "-j TTL --ttl-dec 70", "-j TTL --ttl-inc 1", "-p tcp -j ECN --ecn-ip-ect 2",
                           "-p tcp -j ECN --ecn-tcp-ece 1", "-p tcp --syn -j TCPMSS --set-mss 1000"}) {
    testing::World world(syn("020405b4"));
    const auto before = world.bytes;
    EXPECT_EQ(Asked(rule).act(world), Action::continue_) << rule;
    EXPECT_NE(world.bytes, before) << rule;
    expect_good_checksums(world);
  }
}

TEST(Packets, TcpmssAddsTheOptionAndNeverRaisesIt) {
  testing::World raised(syn("020401f4"));
  EXPECT_EQ(Asked("-p tcp --syn -j TCPMSS --set-mss 1000").act(raised), Action::continue_);
  EXPECT_EQ(load16(&raised.bytes[42]), 500);
  testing::World added(syn("01030307"));
  EXPECT_EQ(Asked("-p tcp --syn -j TCPMSS --set-mss 1000").act(added), Action::continue_);
  EXPECT_EQ(added.buffer.size, 48U);
  EXPECT_EQ(load32(&added.bytes[40]), 0x02040218U);  // 536
  EXPECT_EQ(load32(&added.bytes[44]), 0x01030307U);
  expect_good_checksums(added);
  testing::World clamped(syn("020405b4"));
  clamped.context.route_mtu = 1400;
  clamped.context.route_source_mtu = 1300;
  EXPECT_EQ(Asked("-p tcp --syn -j TCPMSS --clamp-mss-to-pmtu").act(clamped), Action::continue_);
  EXPECT_EQ(load16(&clamped.bytes[42]), 1260);
  expect_good_checksums(clamped);
}

TEST(Packets, Marks) {
  conntrack::Connection connection;
  connection.mark = 0xf0;
  testing::World world(syn());
  world.tracked.connection = &connection;
  world.tracked.info = CtInfo::new_;
  world.mark = 0x0f;
  EXPECT_EQ(Asked("-j MARK --set-xmark 0x11/0x3").act(world), Action::continue_);
  EXPECT_EQ(world.mark, 0x1dU);
  EXPECT_EQ(Asked("-j CONNMARK --save-mark --left-shift-mark 4").act(world), Action::continue_);
  EXPECT_EQ(connection.mark, 0x1d0U);
  EXPECT_EQ(Asked("-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff0 --right-shift-mark 4").act(world),
            Action::continue_);
  EXPECT_EQ(world.mark, 0x1dU);
  EXPECT_EQ(Asked("-j CONNMARK --set-mark 3 --left-shift-mark 1").act(world), Action::continue_);
  EXPECT_EQ(connection.mark, 6U);
}

}  // namespace
}  // namespace utables::rules
