#include "conntrack/helper/helper.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "base/scan.h"
#include "packet/build.h"

namespace utables::conntrack {
namespace {

/// A master over its helper's port, and what the helper awaits.
class Control final : HelperServices {
 public:
  explicit Control(const Helper& helper) {
    master_.tuple[0] = {address("10.0.0.2"), address("10.1.0.2"), 4000,
                        helper.ports[0],     helper.protocol,     Family::ipv4};
    master_.tuple[1] = inverse(master_.tuple[0]).value();
    master_.handle = 0;
    master_.helper = static_cast<std::uint8_t>(helper.id);
  }

  /// `offset`: of the sequence number; the side does not move on then.
  Helped say(Direction side, std::int32_t offset, const std::string& text) {
    const auto from = static_cast<std::size_t>(side);
    const Tuple& tuple = master_.tuple[from];
    const auto sequence = static_cast<std::uint32_t>(sequence_[from] + static_cast<std::uint32_t>(offset));
    const packet::IpPart ip{.source = tuple.source, .destination = tuple.destination};
    const std::span payload{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    packet::Bytes bytes = tuple.protocol == packet::kUdp
                              ? packet::build_udp(ip, tuple.source_port, tuple.destination_port, payload)
                              : packet::build_tcp(ip,
                                                  {.source_port = tuple.source_port,
                                                   .destination_port = tuple.destination_port,
                                                   .seq = sequence},
                                                  payload);
    packet::Buffer buffer{bytes.data(), static_cast<std::uint32_t>(bytes.size()),
                          static_cast<std::uint32_t>(bytes.size())};
    EXPECT_EQ(packet::parse(buffer.view(), buffer.size, buffer.facts), DropReason::none);
    if (!still) sequence_[from] += static_cast<std::uint32_t>(text.size());
    return help({master_, side, true, buffer, {}, memory_, *this});
  }

  [[nodiscard]] std::string awaited() const {
    std::set<std::uint16_t> ports;
    for (const Expectation& e : expectations_.all()) ports.insert(e.tuple.destination_port);
    return ports.empty() ? "-" : fmt::format("{}", fmt::join(ports, ","));
  }
  void forget() { expectations_.remove_of(master_.handle, 0); }
  bool still = false;

 private:
  static Address address(const char* text) { return parse_address(text, Family::ipv4).value(); }

  bool expect(const Announcement& a) override {
    Expectation e;
    e.tuple = {a.from, a.to, 0, a.port, a.protocol, Family::ipv4};
    if (!a.from.is_zero()) e.mask.source = mask_of(32, Family::ipv4);
    e.master = master_.handle;
    if (a.mask) e.mask = *a.mask;
    return expectations_.add(e, helper_of(master_.helper)->classes[a.expect_class], {4096}, 0) ==
           Expectations::Added::yes;
  }
  void refresh(Duration) override {}
  bool overwrite(std::uint32_t, std::uint16_t) override { return false; }  // nothing is translated here
  void expect_call(const CallIds& ids) override {
    for (const auto& [from, to, way] : {std::tuple{ids.client, ids.server, master_.original()},
                                        {ids.server, ids.client, master_.reply()}}) {
      Expectation e;
      e.tuple = call_tuple(way, from, to);
      e.mask = {mask_of(32, Family::ipv4), 0xffff};
      e.master = master_.handle;
      (void)expectations_.add(e, helper_of(master_.helper)->classes[0], {4096}, 0);
    }
  }
  void end_call(const CallIds&) override { forget(); }

  Connection master_{};
  HelperMemory memory_{};
  Expectations expectations_{1};
  std::array<std::uint32_t, 2> sequence_{1001, 5001};
};

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    out += static_cast<char>(scan_unsigned(text.substr(i + 2, 2), 16, 255).value_or(0));
    i += 3;
  }
  return out;
}

struct Played {
  unsigned conversations = 0, drops = 0, awaited = 0;
};

/// Plays the recorded conversations of a helper. `forgets`: what is awaited is forgotten after each step.
Played play(const char* name, std::uint8_t protocol = packet::kTcp, bool forgets = false) {
  const Helper& helper = *find_helper(name, protocol, Family::ipv4);
  std::ifstream in(std::string(UTABLES_SOURCE_DIR "/tests/data/conntrack/") + name + ".txt");
  Played played;
  unsigned number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line[0] == '#') continue;
    ++played.conversations;
    Control control(helper);
    std::istringstream steps(line);
    std::string side, text, fate, port, bar;
    int offset = 0;
    while (steps >> side >> offset >> text >> fate >> port) {
      const bool moves = side.size() == 1;
      control.still = !moves;
      const Helped answer =
          control.say(side[0] == 'c' ? Direction::original : Direction::reply, offset, unescaped(text));
      played.drops += answer == Helped::drop ? 1 : 0;
      played.awaited += port != "-" ? 1 : 0;
      EXPECT_EQ(fmt::format("{} {}", answer == Helped::drop ? "drop" : "pass", control.awaited()),
                fmt::format("{} {}", fate, port))
          << name << ".txt:" << number << ": " << text;
      if (forgets) control.forget();
      steps >> bar;
    }
  }
  return played;
}

TEST(Helper, FtpReadsWhatLinuxReads) {
  const Played played = play("ftp");
  EXPECT_GT(played.conversations, 400U);
  EXPECT_GT(played.drops, 100U);
  EXPECT_GT(played.awaited, 300U);
}

TEST(Helper, IrcReadsWhatLinuxReads) {
  const Played played = play("irc", packet::kTcp, true);
  EXPECT_GT(played.conversations, 400U);
  EXPECT_GT(played.awaited, 200U);
}

TEST(Helper, AmandaReadsWhatLinuxReads) {
  const Played played = play("amanda", packet::kUdp);
  EXPECT_GT(played.conversations, 400U);
  EXPECT_GT(played.awaited, 200U);
}

TEST(Helper, SaneReadsWhatLinuxReads) {
  const Played played = play("sane");
  EXPECT_GT(played.conversations, 300U);
  EXPECT_GT(played.awaited, 200U);
}

TEST(Helper, AreFoundByNameAndProtocol) {
  ASSERT_NE(find_helper("ftp", packet::kTcp, Family::ipv6), nullptr);
  EXPECT_EQ(find_helper("ftp", packet::kUdp, Family::ipv4), nullptr);
  EXPECT_EQ(find_helper("nosuch", packet::kTcp, Family::ipv4), nullptr);
  EXPECT_NE(find_helper("irc", packet::kTcp, Family::ipv4), nullptr);
  EXPECT_EQ(find_helper("irc", packet::kTcp, Family::ipv6), nullptr);
  ASSERT_NE(find_helper("sip", packet::kUdp, Family::ipv6), nullptr);
  EXPECT_EQ(find_helper("sip", packet::kUdp, Family::ipv6)->id, HelperId::sip);
  EXPECT_EQ(find_helper("sip", packet::kTcp, Family::ipv4)->id, HelperId::sip_tcp);
  for (std::uint8_t id = 1; id < static_cast<std::uint8_t>(HelperId::count_); ++id)
    EXPECT_EQ(static_cast<std::uint8_t>(helper_of(id)->id), id);
}

}  // namespace
}  // namespace utables::conntrack
