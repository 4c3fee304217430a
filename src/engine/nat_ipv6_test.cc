// NAT and prefix translation over IPv6, on a packet's way: both directions, errors outside and inside, the
// box's own addresses, and that every packet leaves with right checksums.
#include <gmock/gmock.h>

#include "engine/testing/scene.h"
#include "packet/checksum.h"

namespace utables::engine::testing {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kNet = R"(addr add fe80::1/64 dev lan
addr add 2001:db8:a::fe/64 dev lan
addr add fd00:a::fe/64 dev wan
addr add 2001:db8:2::fe/64 dev wan
route add default via 2001:db8:2::1 dev wan
)";
constexpr std::string_view kGateway = R"(*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -d 2001:db8:2::fe/128 -p tcp -m tcp --dport 8080 -j DNAT --to-destination [2001:db8:a::80]:80
-A PREROUTING -i lan -p udp -m udp --dport 53 -j REDIRECT --to-ports 5353
-A OUTPUT -p udp -m udp --dport 54 -j REDIRECT
-A POSTROUTING -s 2001:db8:a::/64 -d 2001:db8:a::/64 -j MASQUERADE
-A POSTROUTING -o wan -j MASQUERADE
COMMIT
)";
constexpr std::string_view kPrefixes = R"(*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -i wan -j DNPT --src-pfx 2001:db8:2::/48 --dst-pfx 2001:db8:a::/48
-A POSTROUTING -o wan -j SNPT --src-pfx 2001:db8:a::/48 --dst-pfx 2001:db8:2::/48
COMMIT
)";

packet::Bytes line(const std::string& text) {
  auto read = packet::read_packet_line(text);
  EXPECT_TRUE(read) << text << ": " << (read ? "" : read.error().text);
  return read ? read->bytes : packet::Bytes(40);
}

struct Gateway6 : Scene {
  explicit Gateway6(std::string_view rules) : Scene({.rules = {}, .net = kNet, .rules_v6 = rules}) {}
  /// What left of a packet, its checksums being right.
  std::vector<std::string> left(const Told& told) {
    for (const SentPacket& sent : told.sent)
      EXPECT_NE(packet::transport_checksum(sent.bytes, sent.facts()), packet::ChecksumState::bad);
    return told.texts();
  }
  std::vector<std::string> from(std::string_view interface, const std::string& text) {
    return left(in(interface, line(text)));
  }
};

TEST(Nat66, MasqueradeTakesTheSourceThatLinuxWould) {
  Gateway6 box(kGateway);
  EXPECT_THAT(box.from("lan", "udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:99 len 8"),
              ElementsAre("wan: udp [2001:db8:2::fe]:4000 > [2001:db8:9::1]:99 len 8"));
  EXPECT_THAT(box.from("lan", "udp [2001:db8:a::5]:4000 > [fd00:a::9]:99 len 8"),
              ElementsAre("wan: udp [fd00:a::fe]:4000 > [fd00:a::9]:99 len 8"));
  EXPECT_THAT(box.from("wan", "udp [2001:db8:9::1]:99 > [2001:db8:2::fe]:4000 len 8"),
              ElementsAre("lan: udp [2001:db8:9::1]:99 > [2001:db8:a::5]:4000 len 8"));
}

TEST(Nat66, MasqueradeTakesTheSourceOfNoAddressToo) {
  Gateway6 box(kGateway);
  EXPECT_THAT(box.left(box.out(line("udp [::]:4000 > [2001:db8:9::1]:99 len 8"))),
              ElementsAre("wan: udp [2001:db8:2::fe]:4000 > [2001:db8:9::1]:99 len 8"));
}

TEST(Nat66, EchoesAreToldApartByTheirId) {
  Gateway6 box(kGateway);
  EXPECT_THAT(box.from("lan", "icmpv6 2001:db8:a::5 > 2001:db8:9::1 echo request id 7 seq 1"),
              ElementsAre("wan: icmpv6 2001:db8:2::fe > 2001:db8:9::1 echo request id 7 seq 1"));
  EXPECT_THAT(box.from("wan", "icmpv6 2001:db8:9::1 > 2001:db8:2::fe echo reply id 7 seq 1"),
              ElementsAre("lan: icmpv6 2001:db8:9::1 > 2001:db8:a::5 echo reply id 7 seq 1"));
}

TEST(Nat66, AHairpinIsTranslatedAtBothEnds) {
  Gateway6 box(kGateway);
  EXPECT_THAT(box.from("lan", "tcp [2001:db8:a::5]:4000 > [2001:db8:2::fe]:8080 S seq 9"),
              ElementsAre("lan: tcp [2001:db8:a::fe]:4000 > [2001:db8:a::80]:80 S seq 9 win 64240"));
}

TEST(Nat66, ErrorsAreTranslatedOutsideAndInside) {
  Gateway6 box(kGateway);
  box.from("lan", "udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:99 len 8");
  EXPECT_THAT(box.from("wan",
                       "icmpv6 2001:db8:9::77 > 2001:db8:2::fe address unreachable (udp "
                       "[2001:db8:2::fe]:4000 > [2001:db8:9::1]:99 len 8)"),
              ElementsAre("lan: icmpv6 2001:db8:9::77 > 2001:db8:a::5 address unreachable (udp "
                          "[2001:db8:a::5]:4000 > [2001:db8:9::1]:99 len 8)"));
}

TEST(Nat66, RedirectGoesToAnAddressOfThePacketsScope) {
  Gateway6 box(kGateway);
  EXPECT_EQ(box.in("lan", line("udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8")).fate(),
            Fate::delivered);
  EXPECT_THAT(box.left(box.out(line("udp [2001:db8:a::fe]:5353 > [2001:db8:a::5]:4000 len 8"))),
              ElementsAre("lan: udp [2001:db8:9::1]:53 > [2001:db8:a::5]:4000 len 8"));
}

TEST(Nat66, WhatTheBoxSendsIsRedirectedToLo) {
  Gateway6 box(kGateway);
  const Told told = box.out(line("udp [2001:db8:2::fe]:4000 > [2001:db8:9::1]:54 len 8"));
  EXPECT_EQ(told.fate(), Fate::looped);
  EXPECT_THAT(told.texts(), ::testing::IsEmpty());
}

TEST(Nat66, PrefixesThereAndBack) {
  Gateway6 box(kPrefixes);
  EXPECT_THAT(box.from("lan", "udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8"),
              ElementsAre("wan: udp [2001:db8:2:8::5]:4000 > [2001:db8:9::1]:53 len 8"));
  EXPECT_THAT(box.from("wan", "udp [2001:db8:9::1]:53 > [2001:db8:2:8::5]:4000 len 8"),
              ElementsAre("lan: udp [2001:db8:9::1]:53 > [2001:db8:a::5]:4000 len 8"));
  EXPECT_THAT(box.from("wan",
                       "icmpv6 2001:db8:9::1 > 2001:db8:2:8::5 address unreachable (udp "
                       "[2001:db8:2:8::5]:4000 > [2001:db8:9::1]:53 len 8)"),
              ElementsAre("lan: icmpv6 2001:db8:9::1 > 2001:db8:a::5 address unreachable (udp "
                          "[2001:db8:a::5]:4000 > [2001:db8:9::1]:53 len 8)"));
}

TEST(Nat66, WhatAnErrorQuotesIsMappedButNotOfAProgramsError) {
  Gateway6 box(kPrefixes);
  EXPECT_THAT(box.in("wan", line("udp [2001:db8:9::1]:53 > [2001:db8:2:8::5]:4000 len 8 ttl 1")).texts(),
              ElementsAre("wan: icmpv6 2001:db8:2:8::fe > 2001:db8:9::1 hop limit exceeded (udp "
                          "[2001:db8:9::1]:53 > [2001:db8:2:8::5]:4000 len 8)"));
  EXPECT_THAT(box.left(box.out(line("icmpv6 2001:db8:a::fe > 2001:db8:9::1 address unreachable (udp "
                                    "[2001:db8:9::1]:53 > [2001:db8:a::fe]:4000 len 8)"))),
              ElementsAre("wan: icmpv6 2001:db8:2:8::fe > 2001:db8:9::1 address unreachable (udp "
                          "[2001:db8:9::1]:53 > [2001:db8:a::fe]:4000 len 8)"));
}

TEST(Nat66, WhatAnErrorQuotesInALaterFragmentIsNotMapped) {
  const packet::Bytes error = line(
      "icmpv6 2001:db8:9::1 > 2001:db8:2:8::5 address unreachable (udp [2001:db8:2:8::5]:4000 > "
      "[2001:db8:9::1]:53 len 8)");
  const auto part = [&](std::size_t from, std::size_t to) {
    packet::IpPart ip{.source = Address::load(&error[8], Family::ipv6),
                      .destination = Address::load(&error[24], Family::ipv6),
                      .family = Family::ipv6,
                      .identification = 9,
                      .more_fragments = to < error.size() - 40,
                      .fragment_offset = static_cast<std::uint16_t>(from),
                      .fragment_header = true};
    return packet::build_ip(ip, packet::kIcmpv6, std::span(error).subspan(40 + from, to - from));
  };
  const auto quoted_source = [&](std::size_t first) {
    Gateway6 box(std::string(kPrefixes) + std::string(kGateway));
    std::string bytes;
    for (const auto& packet : {part(0, first), part(first, error.size() - 40)})
      for (const SentPacket& sent : box.in("wan", packet).sent)
        bytes.append(sent.bytes.begin() + 48, sent.bytes.end());
    if (bytes.size() < 32) return std::string("too little left");
    return to_string(Address::load(reinterpret_cast<const std::uint8_t*>(bytes.data()) + 16, Family::ipv6),
                     Family::ipv6);
  };
  EXPECT_EQ(quoted_source(48), "2001:db8:a::5");
  EXPECT_EQ(quoted_source(40), "2001:db8:2:8::5");
}

TEST(Nat66, AChecksumThatWasRightOnceIsNotAskedAgain) {
  // The longer prefix takes the place of a word that nothing makes good.
  const auto rules = [](const std::string& more) {
    return "*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n"
           ":OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n" +
           more +
           "-A PREROUTING -i wan -p ipv6-icmp -j DNPT --src-pfx 2001:db8::/32 --dst-pfx 2001:db8::/64\n"
           "COMMIT\n" +
           std::string(kGateway);
  };
  constexpr std::string_view kError =
      "icmpv6 2001:db8:9::77 > 2001:db8:2::fe address unreachable (udp [2001:db8:2::fe]:4000 > "
      "[2001:db8:9::1]:99 len 8)";
  Gateway6 box(rules({}));
  box.from("lan", "udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:99 len 8");
  EXPECT_THAT(box.from("wan", std::string(kError)),
              ElementsAre("lan: icmpv6 2001:db8:9::77 > 2001:db8:a::5 address unreachable (udp "
                          "[2001:db8:a::5]:4000 > [2001:db8:9::1]:99 len 8)"));
  Gateway6 summed_anew(rules("-A PREROUTING -j HL --hl-inc 1\n"));
  summed_anew.from("lan", "udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:99 len 8");
  EXPECT_EQ(summed_anew.in("wan", line(std::string(kError))).reason(), DropReason::error_untranslatable)
      << "what Linux knew is of another header";
}

TEST(Nat66, TheBoxsOwnErrorsAreSummedToo) {
  const auto errors = [](const std::string& rules) {
    Gateway6 box(rules);
    box.from("lan", "udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:99 len 8");
    return box.in("lan", line("udp [2001:db8:a::5]:4000 > [2001:db8:9::1]:99 len 8 ttl 1")).sent.size();
  };
  EXPECT_EQ(errors(std::string(kGateway)), 1U);
  EXPECT_EQ(
      errors("*mangle\n:OUTPUT ACCEPT [0:0]\n"
             "-A OUTPUT -p ipv6-icmp -j DNPT --src-pfx 2001:db8::/32 --dst-pfx 2001:db8::/64\nCOMMIT\n" +
             std::string(kGateway)),
      0U);
}

TEST(Nat66, APrefixThatNothingMakesGoodIsTold) {
  Gateway6 box(R"(*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -j DNPT --src-pfx 2001:db8:9::/64 --dst-pfx 2001:db8:2::/64
COMMIT
)");
  EXPECT_THAT(box.from("lan", "udp [2001:db8:a::5]:4000 > [2001:db8:9::ffff:ffff:ffff:ffff]:53 len 8"),
              ElementsAre("lan: icmpv6 2001:db8:a::fe > 2001:db8:a::5 bad header field pointer 24 (udp "
                          "[2001:db8:a::5]:4000 > [2001:db8:2:0:ffff:ffff:ffff:ffff]:53 len 8)"));
}

}  // namespace
}  // namespace utables::engine::testing
