// The traversal by itself: what decides, what counts, and that watching changes nothing (R20).
#include "engine/traverse.h"

#include <gmock/gmock.h>

#include "engine/compiled.h"
#include "packet/build.h"
#include "rules/syntax/restore.h"
#include "rules/syntax/save.h"

namespace utables::engine {
namespace {

using rules::Action;
using rules::Hook;
using rules::TableId;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct NoServices final : rules::Services {
  void reject(const rules::Context&, rules::RejectWith) override {}
  void log(const rules::Context&, const rules::LogParameters&) override {}
  rules::Action bind(rules::Context&, conntrack::Manipulation, const conntrack::NatRange&) override {
    return rules::Action::accept;
  }
  rules::Action proxy(rules::Context&, const rules::SynproxyOptions&) override {
    return rules::Action::stolen;
  }
  bool has_label(const rules::Context&, unsigned) override { return false; }
  void set_label(const rules::Context&, unsigned) override {}
  rules::Action masquerade(rules::Context&, const conntrack::NatRange&) override {
    return rules::Action::accept;
  }
};

struct Steps final : Observer {
  std::vector<std::string> seen;
  void rule(const RuleStep& step) override {
    std::string text = std::string(step.chain) + ":" + std::to_string(step.number) + " ";
    if (step.matched)
      text += step.verdict;
    else if (step.failed_match < 0)
      text +=
          "header " + std::to_string(static_cast<int>(step.header_part)) + " " + std::string(step.observed);
    else
      text += "match " + std::to_string(step.failed_match) + " " + std::string(step.observed);
    seen.push_back(text);
  }
};

host::Host two_links() {
  BoxText box;
  box.net_ip = "addr add 10.0.0.254/24 dev eth0\naddr add 192.0.2.254/24 dev eth1\nlink set ppp0 up\n";
  box.has_net_ip = true;
  return *host::build(box);
}

/// A filter table with these rules in FORWARD and user chains, and one packet at a time through it.
class Table {
 public:
  explicit Table(const std::string& body, std::string_view policy = "ACCEPT") {
    const std::string text = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD " + std::string(policy) +
                             " [0:0]\n:OUTPUT ACCEPT [0:0]\n" + body + "COMMIT\n";
    auto ruleset = rules::restore(text, {.counters = true, .file = "rules.v4"});
    EXPECT_TRUE(ruleset) << (ruleset ? "" : ruleset.error()[0].str());
    auto made = Compiled::compile(std::move(*ruleset), host_, random_, "rules.v4");
    EXPECT_TRUE(made) << (made ? "" : made.error()[0].str());
    compiled_ = std::move(*made);
    memory_.counters = compiled_->add_counters();
    memory_.stack.resize(compiled_->stack_size());
  }

  /// `DROP FORWARD 2`
  std::string run(packet::Bytes bytes, std::string_view in = "eth0", std::string_view out = "eth1",
                  Observer* observer = nullptr) {
    packet::Buffer buffer{bytes.data(),
                          static_cast<std::uint32_t>(bytes.size()),
                          static_cast<std::uint32_t>(bytes.size()),
                          {},
                          false};
    EXPECT_EQ(packet::parse(bytes, buffer.size, buffer.facts), DropReason::none);
    conntrack::Tracked tracked;
    std::uint32_t mark = 0;
    LinkFacts link;
    NoServices services;
    rules::Context context{.packet = buffer,
                           .host = host_,
                           .hook = Hook::forward,
                           .in = host_.find(in).value_or(kNoInterface),
                           .out = host_.find(out).value_or(kNoInterface),
                           .tracked = &tracked,
                           .mark = mark,
                           .link = &link,
                           .random = random_,
                           .services = services};
    const TableVerdict verdict =
        observer == nullptr
            ? Traversal<Unwatched>(*compiled_, memory_, context, Unwatched{}).run(TableId::filter)
            : Traversal<Watched>(*compiled_, memory_, context, Watched{*observer, TableId::filter})
                  .run(TableId::filter);
    const DecidedBy by = compiled_->decided_by(verdict.place);
    return std::string(verdict.action == Action::accept ? "ACCEPT " : "DROP ") + std::string(by.chain) + " " +
           (by.rule == 0 ? "policy" : std::to_string(by.rule)) + (verdict.hot_drop ? " hot" : "");
  }
  [[nodiscard]] std::string saved() const {
    std::string text = rules::save(compiled_->current(), {.counters = true});
    return text.substr(text.find(":FORWARD"));
  }

 private:
  host::Host host_ = two_links();
  Random random_{1};
  std::unique_ptr<Compiled> compiled_;
  TraversalMemory memory_;
};

packet::Bytes udp(std::string_view source = "10.0.0.5", std::uint16_t port = 53, std::uint16_t offset = 0) {
  packet::IpPart ip;
  ip.source = *parse_address(source, Family::ipv4);
  ip.destination = *parse_address("203.0.113.9", Family::ipv4);
  ip.fragment_offset = offset;
  return packet::build_udp(ip, 4000, port, packet::Bytes(8));
}

TEST(Traverse, R20FirstRuleThatMatchesDecidesElseThePolicy) {
  Table t("-A FORWARD -p tcp -j DROP\n-A FORWARD -s 10.0.0.5 -j ACCEPT\n-A FORWARD -s 10.0.0.0/8 -j DROP\n",
          "DROP");
  EXPECT_EQ(t.run(udp("10.0.0.5")), "ACCEPT FORWARD 2");
  EXPECT_EQ(t.run(udp("10.0.0.6")), "DROP FORWARD 3");
  EXPECT_EQ(t.run(udp("11.0.0.6")), "DROP FORWARD policy");
  EXPECT_THAT(t.saved(), HasSubstr(":FORWARD DROP [1:36]"));
  EXPECT_THAT(
      t.saved(),
      HasSubstr(
          "[0:0] -A FORWARD -p tcp -j DROP\n[1:36] -A FORWARD -s 10.0.0.5/32 -j ACCEPT\n[1:36] -A FORWARD"));
}

TEST(Traverse, R20ReturnGoesBackToTheCaller) {
  Table t(
      ":a - [0:0]\n:b - [0:0]\n-A FORWARD -j a\n-A FORWARD -j DROP\n-A a -p udp -j b\n-A a -j ACCEPT\n-A b "
      "-p udp -j RETURN\n-A b -j DROP\n");
  EXPECT_EQ(t.run(udp()), "ACCEPT a 2");
}

TEST(Traverse, R20TheEndOfAUserChainReturns) {
  Table t(":a - [0:0]\n-A FORWARD -j a\n-A FORWARD -j DROP\n-A a -p tcp -j ACCEPT\n");
  EXPECT_EQ(t.run(udp()), "DROP FORWARD 2");
}

TEST(Traverse, R20ReturnInABuiltInChainIsThePolicy) {
  Table t("-A FORWARD -p udp -j RETURN\n-A FORWARD -j ACCEPT\n", "DROP");
  EXPECT_EQ(t.run(udp()), "DROP FORWARD policy");
  EXPECT_THAT(t.saved(), HasSubstr("FORWARD DROP [1:36]"));
}

// goto is not remembered: what returns from there goes to the caller before.
TEST(Traverse, R20GotoIsNotRemembered) {
  Table t(
      ":a - [0:0]\n:b - [0:0]\n-A FORWARD -j a\n-A FORWARD -p udp -j DROP\n-A a -g b\n-A a -j ACCEPT\n-A b "
      "-p tcp -j ACCEPT\n");
  EXPECT_EQ(t.run(udp()), "DROP FORWARD 2");
  Table top(":b - [0:0]\n-A FORWARD -g b\n-A FORWARD -j ACCEPT\n-A b -p tcp -j ACCEPT\n", "DROP");
  EXPECT_EQ(top.run(udp()), "DROP FORWARD policy") << "a goto from a built-in chain returns to its policy";
}

TEST(Traverse, RulesWithoutTargetCountAndGoOn) {
  Table t("-A FORWARD -p udp\n-A FORWARD -p udp -m comment --comment x\n-A FORWARD -j DROP\n");
  EXPECT_EQ(t.run(udp()), "DROP FORWARD 3");
  EXPECT_THAT(t.saved(), HasSubstr("[1:36] -A FORWARD -p udp\n"));
}

TEST(Traverse, CountersBeginWhereTheFileSays) {
  Table t("[5:100] -A FORWARD -j ACCEPT\n");
  EXPECT_EQ(t.run(udp()), "ACCEPT FORWARD 1");
  EXPECT_THAT(t.saved(), HasSubstr("[6:136] -A FORWARD -j ACCEPT"));
}

TEST(Traverse, R22InterfacesWithPlusAndInversion) {
  const auto decides = [](const std::string& rule, std::string_view in, std::string_view out = "eth1") {
    Table t("-A FORWARD " + rule + " -j DROP\n");
    return t.run(udp(), in, out) == "DROP FORWARD 1";
  };
  EXPECT_TRUE(decides("-i eth0", "eth0"));
  EXPECT_FALSE(decides("-i eth0", "eth1"));
  EXPECT_TRUE(decides("-i eth+", "eth1"));
  EXPECT_FALSE(decides("-i eth+", "ppp0"));
  EXPECT_FALSE(decides("-i eth", "eth0"));
  EXPECT_TRUE(decides("! -i eth+", "ppp0"));
  EXPECT_FALSE(decides("! -i eth0", "eth0"));
  EXPECT_TRUE(decides("-o ppp+", "eth0", "ppp0"));
  EXPECT_TRUE(decides("! -i eth0", "nowhere")) << "a packet without interface is not from eth0";
  EXPECT_FALSE(decides("-i eth0", "nowhere"));
  EXPECT_TRUE(decides("-i +", "nowhere"));
}

TEST(Traverse, AddressesProtocolsAndFragmentsInverted) {
  const auto decides = [](const std::string& rule, packet::Bytes bytes) {
    Table t("-A FORWARD " + rule + " -j DROP\n");
    return t.run(std::move(bytes)) == "DROP FORWARD 1";
  };
  EXPECT_TRUE(decides("-s 10.0.0.0/24 -d 203.0.113.0/255.255.255.0", udp()));
  EXPECT_FALSE(decides("! -s 10.0.0.0/24", udp()));
  EXPECT_TRUE(decides("! -s 10.0.1.0/24", udp()));
  EXPECT_TRUE(decides("-s 10.0.0.5/255.0.0.255", udp())) << "masks with holes";
  EXPECT_TRUE(decides("! -p tcp", udp()));
  EXPECT_FALSE(decides("! -p udp", udp()));
  EXPECT_TRUE(decides("-f", udp("10.0.0.5", 53, 64)));
  EXPECT_FALSE(decides("-f", udp()));
  EXPECT_TRUE(decides("! -f", udp()));
  EXPECT_FALSE(decides("! -f", udp("10.0.0.5", 53, 64)));
}

TEST(Traverse, WatchingTellsEveryRuleAndChangesNothing) {
  const std::string body =
      ":a - [0:0]\n-A FORWARD -s 11.0.0.0/8 -j DROP\n-A FORWARD -p udp -m udp --dport 54 -j DROP\n-A FORWARD "
      "-p udp -j a\n-A a -j RETURN\n-A FORWARD -j ACCEPT\n";
  Table watched(body), alone(body);
  Steps steps;
  EXPECT_EQ(watched.run(udp(), "eth0", "eth1", &steps), alone.run(udp()));
  EXPECT_EQ(watched.saved(), alone.saved());
  ASSERT_EQ(steps.seen.size(), 5U);
  EXPECT_EQ(steps.seen[0], "FORWARD:1 header 1 10.0.0.5");
  EXPECT_THAT(steps.seen[1], ::testing::StartsWith("FORWARD:2 match 0 "));
  EXPECT_EQ(steps.seen[2], "FORWARD:3 jump a");
  EXPECT_EQ(steps.seen[3], "a:1 RETURN");
  EXPECT_EQ(steps.seen[4], "FORWARD:4 ACCEPT");
}

rules::Ruleset circle(bool reached) {
  rules::Ruleset set;
  set.tables.push_back(rules::empty_table(TableId::filter));
  rules::Table& table = set.tables[0];
  rules::Rule jump;
  jump.target.kind = rules::TargetUse::Kind::jump;
  for (const char* name : {"a", "b"}) {
    rules::Chain chain;
    chain.name = name;
    jump.target.chain = chain.name == "a" ? "b" : "a";
    chain.rules.push_back(jump);
    table.chains.push_back(chain);
  }
  jump.target.chain = "a";
  if (reached) table.find("INPUT")->rules.push_back(jump);
  return set;
}

TEST(Compile, CirclesAreRefusedWhereABuiltInChainReachesThem) {
  Random random(1);
  const host::Host host = two_links();
  const auto reached = Compiled::compile(circle(true), host, random, "rules.v4");
  ASSERT_FALSE(reached);
  EXPECT_THAT(reached.error()[0].str(), HasSubstr("Too many levels of symbolic links"));
  EXPECT_TRUE(Compiled::compile(circle(false), host, random, "rules.v4"));
}

TEST(Compile, AJumpToNoChainIsRefused) {
  Random random(1);
  rules::Ruleset set = circle(false);
  set.tables[0].chains.back().rules[0].target.chain = "c";
  const auto compiled = Compiled::compile(set, two_links(), random, "rules.v4");
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error()[0].str(), "rules.v4: there is no chain `c' to jump to");
}

}  // namespace
}  // namespace utables::engine
