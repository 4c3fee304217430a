// Reassembly and cutting against a record of what Linux did (fragments.vectors), and cutting alone.
#include "packet/fragment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/bytes.h"
#include "packet/checksum.h"
#include "packet/defrag.h"
#include "packet/describe.h"
#include "packet/hex_for_tests.h"
#include "packet/ip_options.h"

namespace utables::packet {
namespace {

using testing::ElementsAre;

/// The way of a packet through the router of fragments.vectors, as far as this layer goes.
class Router {
 public:
  std::vector<std::string> pass(Bytes bytes) {
    sent_.clear();
    forward(std::move(bytes));
    return sent_;
  }

 private:
  static constexpr std::uint32_t kMtu = 84;
  const Address incoming_ = Address::from_v4(0x0a0000fe), outgoing_ = Address::from_v4(0xc00002fe);
  Defragmenter defragmenter_;
  std::vector<std::string> sent_;

  void send(const char* interface, std::span<const std::uint8_t> bytes) {
    sent_.push_back(std::string(interface) + " " + hex_of(bytes));
  }

  void answer(const Bytes& about, const Facts& facts, const IpOptions& options, IcmpPart icmp) {
    const auto echoed = echo_options(about, options, {incoming_, 0, {}});
    if (!icmp_error_allowed(about, facts) || !echoed.possible) return;
    IcmpError error;
    error.icmp = icmp;
    error.source = incoming_;
    error.options = echoed.bytes;
    send("in", build_icmp_error(about, facts, error));
  }

  void forward(Bytes bytes) {
    Facts facts;
    if (parse(bytes, 0, facts) != DropReason::none) return;
    Reassembled whole;
    if (facts.is_fragment()) {
      const auto kind = defragmenter_.add({bytes, facts, DefragUser::conntrack_in, 0, 0}, 0, whole).kind;
      if (kind != DefragOutcome::Kind::complete) return;
      bytes = whole.bytes;
      facts = whole.facts;
    }
    const std::span header = std::span(bytes).first(facts.header_size);
    IpOptions options = receive_options(header, {incoming_, 0, {}});
    if (options.malformed) return answer(bytes, facts, options, {12, 0, std::uint32_t{options.fault} << 24});
    if (facts.ttl <= 1) return answer(bytes, facts, options, {11, 0, 0});
    if (too_big_to_forward(facts, whole.geometry, kMtu)) return answer(bytes, facts, options, {3, 4, kMtu});
    decrease_ttl(bytes.data());
    forward_options(header, options, outgoing_);
    switch (judge_size(facts, whole.geometry, kMtu)) {
      case Cutting::whole:
        return send("out", bytes);
      case Cutting::too_big:
        return answer(bytes, facts, options, {3, 4, kMtu});
      case Cutting::cut:
        break;
    }
    EXPECT_TRUE(
        cut(bytes, facts, whole.geometry, kMtu, {.thin = true}, [&](auto part) { send("out", part); }));
  }
};

/// The identification of an ICMP error is drawn by chance.
std::string without_identification(const std::string& line) {
  std::istringstream words(line);
  std::string interface, hex;
  words >> interface >> hex;
  Bytes bytes = bytes_of(hex);
  if (interface == "in") {
    store16(&bytes[4], 0);
    write_ip_checksum(std::span(bytes).first((bytes[0] & 15U) * 4U));
  }
  return interface + " " + hex_of(bytes);
}

TEST(Fragments, R12AsLinuxDid) {
  std::ifstream file(UTABLES_SOURCE_DIR "/src/packet/fragments.vectors");
  Router router;
  std::vector<std::string> expected, sent;
  unsigned inputs = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    if (!line.starts_with("I ")) {
      expected.push_back(without_identification(line));
      continue;
    }
    ASSERT_EQ(sent, expected) << "after packet " << inputs;
    expected.clear();
    sent = router.pass(bytes_of(line.substr(2)));
    ++inputs;
  }
  EXPECT_EQ(sent, expected);
  EXPECT_GT(inputs, 500U);
}

/// A packet as its parts' text, one a line.
std::vector<std::string> cut_lines(const char* line, const Geometry& geometry, std::uint32_t mtu,
                                   bool thin = true) {
  const Bytes bytes = read_packet_line(line)->bytes;
  Facts facts;
  EXPECT_EQ(parse(bytes, 0, facts), DropReason::none);
  std::vector<std::string> out;
  const bool done = cut(bytes, facts, geometry, mtu, {.thin = thin}, [&](std::span<const std::uint8_t> part) {
    Facts f;
    EXPECT_EQ(parse(part, 0, f), DropReason::none);
    EXPECT_TRUE(ip_checksum_good(part.first(f.header_size)));
    out.push_back(describe(part, f) + (f.dont_fragment ? " df" : ""));
  });
  EXPECT_EQ(done, !out.empty());
  return out;
}

constexpr const char* kPacket = "gre 10.0.0.1 > 10.0.0.2 len 60";

TEST(Cut, AnewWhenItCameWhole) {
  EXPECT_THAT(cut_lines(kPacket, {}, 50), ElementsAre("gre 10.0.0.1 > 10.0.0.2 len 24 frag 0 offset 0 more",
                                                      "gre 10.0.0.1 > 10.0.0.2 len 24 frag 0 offset 24 more",
                                                      "gre 10.0.0.1 > 10.0.0.2 len 12 frag 0 offset 48"));
  EXPECT_THAT(cut_lines(kPacket, {}, 28).size(), 8U);
  EXPECT_TRUE(cut_lines(kPacket, {}, 27).empty());
  EXPECT_TRUE(cut_lines(kPacket, {}, 0).empty());
}

TEST(Cut, AsItCameWhereThatFits) {
  const Geometry came{{8, 40, 12}, 60, false};
  const auto repeated = ElementsAre("gre 10.0.0.1 > 10.0.0.2 len 8 frag 0 offset 0 more",
                                    "gre 10.0.0.1 > 10.0.0.2 len 40 frag 0 offset 8 more",
                                    "gre 10.0.0.1 > 10.0.0.2 len 12 frag 0 offset 48");
  EXPECT_THAT(cut_lines(kPacket, came, 1500), repeated);
  EXPECT_THAT(cut_lines(kPacket, came, 60), repeated);
  EXPECT_THAT(cut_lines(kPacket, came, 59).size(), 2U) << "anew, 32 bytes each";
  EXPECT_THAT(cut_lines(kPacket, {{}, 60, false}, 1500).size(), 2U) << "made one piece: anew, 40 bytes each";
  EXPECT_THAT(cut_lines(kPacket, {{8, 40}, 60, false}, 1500).size(), 2U) << "not all of it: anew";
}

TEST(Cut, DontFragmentIsRepeatedOnlyWhenCutAnew) {
  EXPECT_THAT(cut_lines(kPacket, {{48, 12}, 68, true}, 68),
              ElementsAre("gre 10.0.0.1 > 10.0.0.2 len 48 frag 0 offset 0 more",
                          "gre 10.0.0.1 > 10.0.0.2 len 12 frag 0 offset 48"));
  EXPECT_THAT(cut_lines(kPacket, {{}, 68, true}, 68),
              ElementsAre("gre 10.0.0.1 > 10.0.0.2 len 48 frag 0 offset 0 more df",
                          "gre 10.0.0.1 > 10.0.0.2 len 12 frag 0 offset 48 df"));
}

TEST(Cut, AFragmentIsCutFurther) {
  EXPECT_THAT(cut_lines("gre 10.0.0.1 > 10.0.0.2 len 32 frag 7 offset 80 more", {}, 44),
              ElementsAre("gre 10.0.0.1 > 10.0.0.2 len 24 frag 7 offset 80 more",
                          "gre 10.0.0.1 > 10.0.0.2 len 8 frag 7 offset 104 more"));
}

TEST(Cut, OptionsByClass) {
  const char* packet = "gre 10.0.0.1 > 10.0.0.2 len 16 ip-options <ra,opt-99,nop,nop>";
  EXPECT_THAT(cut_lines(packet, {}, 36),
              ElementsAre("gre 10.0.0.1 > 10.0.0.2 len 8 frag 0 offset 0 more ip-options <ra,opt-99,nop,nop>",
                          "gre 10.0.0.1 > 10.0.0.2 len 8 frag 0 offset 8 ip-options <ra,nop,nop,nop,nop>"));
  EXPECT_EQ(cut_lines(packet, {}, 36, false)[1],
            "gre 10.0.0.1 > 10.0.0.2 len 8 frag 0 offset 8 ip-options <ra,opt-99,nop,nop>");
}

TEST(Cut, ACutCaptureGivesCutFragments) {
  Bytes bytes = read_packet_line(kPacket)->bytes;
  Facts facts;
  bytes.resize(50);
  ASSERT_EQ(parse(bytes, 80, facts), DropReason::none);
  std::vector<std::size_t> sizes;
  EXPECT_TRUE(cut(bytes, facts, {}, 44, {.thin = true}, [&](auto part) { sizes.push_back(part.size()); }));
  EXPECT_THAT(sizes, ElementsAre(44, 26, 20));
}

TEST(JudgeSize, DontFragmentAndGeometry) {
  Facts facts;
  facts.total_length = 1000;
  facts.header_size = 20;
  EXPECT_EQ(judge_size(facts, {}, 1000), Cutting::whole);
  EXPECT_EQ(judge_size(facts, {}, 999), Cutting::cut);
  EXPECT_EQ(judge_size(facts, {{500, 480}, 520, false}, 1000), Cutting::cut);
  EXPECT_FALSE(too_big_to_forward(facts, {}, 999));
  facts.dont_fragment = true;
  EXPECT_EQ(judge_size(facts, {}, 1000), Cutting::whole);
  EXPECT_EQ(judge_size(facts, {}, 999), Cutting::too_big);
  EXPECT_TRUE(too_big_to_forward(facts, {}, 999));
  EXPECT_EQ(judge_size(facts, {{500, 480}, 520, true}, 999), Cutting::cut);
  EXPECT_FALSE(too_big_to_forward(facts, {{500, 480}, 520, true}, 520));
  EXPECT_EQ(judge_size(facts, {{500, 480}, 520, true}, 519), Cutting::too_big);
  EXPECT_TRUE(too_big_to_forward(facts, {{500, 480}, 520, true}, 519));
}

}  // namespace
}  // namespace utables::packet
