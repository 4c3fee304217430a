#include "lab/report/show_filter.h"

#include <gtest/gtest.h>

#include "conntrack/invalid.h"
#include "packet/describe.h"

namespace utables::lab {
namespace {

const host::Host& box() {
  static const host::Host host = *host::build(BoxText{});
  return host;
}

Outcome dropped() {
  Outcome o;
  o.fate = Fate::dropped;
  o.reason = DropReason::policy;
  o.by = {"filter", "FORWARD", 0};
  o.ctinfo = CtInfo::new_;
  o.in = *box().find("in");
  o.out = *box().find("out");
  return o;
}

bool holds(std::string_view filter, std::string_view packet, const Outcome& outcome) {
  const auto line = packet::read_packet_line(packet);
  EXPECT_TRUE(line) << packet;
  const auto compiled = ShowFilter::compile(filter);
  EXPECT_TRUE(compiled) << compiled.error().text;
  return compiled &&
         compiled->matches(compiled->look(line->bytes, static_cast<std::uint32_t>(line->bytes.size())),
                           outcome, box());
}

TEST(ShowFilter, PcapFiltersKeepTheirMeaning) {
  const char* const kPacket = "tcp 10.0.0.5:4000 > 192.0.2.9:443 S";
  EXPECT_TRUE(holds("port 80 or 443", kPacket, dropped()));
  EXPECT_TRUE(holds("tcp[tcpflags] & tcp-syn != 0 and (src net 10.0.0.0/8 or icmp)", kPacket, dropped()));
  EXPECT_FALSE(holds("not host 10.0.0.5", kPacket, dropped()));
  EXPECT_TRUE(holds("(tcp[13] & 2) != 0", kPacket, dropped()));
}

TEST(ShowFilter, OursMixWithThem) {
  const char* const kPacket = "tcp 10.0.0.5:4000 > 192.0.2.9:443 S";
  const Outcome o = dropped();
  for (const char* yes :
       {"verdict drop", "verdict accept,drop", "port 80 or 443 and state NEW",
        "verdict drop && !(state INVALID)", "port 443 and verdict drop", "in in and out ou+",
        "chain FORWARD and not rule 1", "reason policy", "(verdict accept or chain FORWARD) and tcp",
        "not (verdict drop and udp)", "verdict dropped"})
    EXPECT_TRUE(holds(yes, kPacket, o)) << yes;
  for (const char* no :
       {"verdict accept", "state INVALID,UNTRACKED", "verdict drop and udp", "rule 1", "chain INPUT",
        "in out", "reason no-route", "udp and port 443 or verdict accept", "! verdict drop"})
    EXPECT_FALSE(holds(no, kPacket, o)) << no;
  Outcome invalid = o;
  invalid.invalid = static_cast<std::uint8_t>(conntrack::InvalidReason::bad_checksum);
  EXPECT_TRUE(holds(std::string("reason ") + std::string(name(conntrack::InvalidReason::bad_checksum)),
                    kPacket, invalid));
}

TEST(ShowFilter, AndAndOrBindFromTheLeft) {
  const char* const kPacket = "udp 10.0.0.5:4000 > 192.0.2.9:53 len 4";
  EXPECT_TRUE(holds("verdict drop or tcp and udp", kPacket, dropped()));
  EXPECT_FALSE(holds("verdict drop or udp and tcp", kPacket, dropped()));
}

TEST(ShowFilter, WhatIsWrongIsNamed) {
  for (const auto& [text, why] : std::initializer_list<std::pair<const char*, const char*>>{
           {"", "the filter is empty"},
           {"verdict", "needs a value: accept"},
           {"verdict maybe", "`verdict maybe': expected"},
           {"state new", "`state new': expected NEW"},
           {"rule first", "expected the number of a rule"},
           {"reason bored", "expected a reason"},
           {"verdict drop and", "ends where a condition is expected"},
           {"(verdict drop", "lacks a `)'"},
           {"verdict drop)", "one `)' too many"},
           {"frobnicate", "nor a pcap filter"},
           {"and verdict drop", "lacks a condition before"}}) {
    const auto compiled = ShowFilter::compile(text);
    ASSERT_FALSE(compiled) << text;
    EXPECT_NE(compiled.error().text.find(why), std::string::npos) << compiled.error().text;
  }
  EXPECT_FALSE(ShowFilter::compile(std::string(200, '(') + "verdict drop" + std::string(200, ')')));
  EXPECT_FALSE(ShowFilter::compile(std::string(20000, 'x')));
}

}  // namespace
}  // namespace utables::lab
