#include "lab/state/state.h"

#include <gtest/gtest.h>

#include "packet/headers.h"

namespace utables::lab {
namespace {

const std::string kHead =
    R"({"v":1,"kind":"state","profile":"modern","time":5,"next_serial":9,"tables":["filter","raw"],"tracker_random":[0,0,0,0],"random":[1,2,3,4]})"
    "\n";
const std::string kTcp =
    R"({"kind":"connection","family":4,"protocol":6,"serial":1,"deadline":100,"status":14,"original":{"src":"10.0.0.1","dst":"10.0.0.2","sport":1,"dport":2},"reply":{"src":"10.0.0.2","dst":"10.0.0.1","sport":2,"dport":1},"tcp":{"state":"ESTABLISHED"}})"
    "\n";
const std::string kUdp =
    R"({"kind":"connection","family":4,"protocol":17,"serial":2,"deadline":100,"status":8,"original":{"src":"10.0.0.1","dst":"10.0.0.2","sport":1,"dport":2},"reply":{"src":"10.0.0.2","dst":"10.0.0.1","sport":2,"dport":1}})"
    "\n";
const std::string kSctp =
    R"({"kind":"connection","family":4,"protocol":132,"serial":3,"deadline":100,"status":14,"original":{"src":"10.0.0.1","dst":"10.0.0.2","sport":1,"dport":2},"reply":{"src":"10.0.0.2","dst":"10.0.0.1","sport":2,"dport":1},"sctp":{"state":"COOKIE_WAIT","tag":4294967295,"reply_tag":7,"opening":3,"heartbeat_astray":1,"astray_direction":1}})"
    "\n";
const std::string kFragments =
    R"({"kind":"fragments","family":4,"src":"10.0.0.1","dst":"10.0.0.2","id":7,"protocol":17,"user":1,"zone":0,"deadline":9,"serial":1,"distance":1,"sender_count":1,"total":8,"last_seen":0,"ecn":1,"max_size":28,"max_df_size":0,"interface":"in","parts":[{"offset":0,"length":8,"run":0,"bytes":"4500001c","type":0,"link":"","interface":"in"}]})"
    "\n";

const host::Host& box() {
  static const host::Host host = *host::build(BoxText{});
  return host;
}

std::string error_of(const std::string& text) {
  const auto state = read_state(text, "state.jsonl", box());
  return state ? std::string() : state.error().front().str();
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

std::string written(const State& state) {
  std::string out;
  append_state_head(out, state);
  for (const conntrack::Connection& c : state.connections) append_connection(out, c);
  append_state_rest(out, state, box());
  return out;
}

TEST(State, WhatIsWrittenIsReadTheSame) {
  const std::string text =
      kHead + kTcp + kUdp + kSctp +
      R"({"kind":"expectation","family":4,"protocol":6,"master":1,"serial":9,"deadline":77,"helper":1,"direction":1,"follows":1,"own_port":1025,"tuple":{"src":"10.0.0.2","dst":"192.0.2.1","sport":0,"dport":1025},"mask_src":"255.255.255.255"})"
      "\n"
      R"({"kind":"expectation","family":4,"protocol":17,"master":1,"serial":10,"deadline":78,"helper":8,"new_helper":8,"class":3,"permanent":1,"inactive":1,"tuple":{"src":"192.0.2.1","dst":"10.0.0.2","sport":0,"dport":5060},"mask_src":"255.255.255.255"})"
      "\n"
      R"({"kind":"helper","connection":1,"lines":[{"known":2,"first":4294967295,"second":6},{}],"shifts":[{"position":5,"before":4294967290,"behind":3},{}]})"
      "\n"
      R"({"kind":"helper","connection":2,"sip":{"registration":7,"invite":4294967295,"forced_port":5070}})"
      "\n" +
      R"({"kind":"rule","table":"filter","chain":"a \"b\"","rule":3,"extension":0,"name":"limit","state":"credit=1"})"
      "\n" +
      kFragments +
      R"({"kind":"limit","place":3,"address":"a00:1::","tokens":-5,"last":7,"redirects":1})"
      "\n"
      R"({"kind":"identifications","counters":[1,2,65535]})"
      "\n"
      R"({"kind":"prediction","time":4,"made_here":1,"interface":"out","bytes":"45ff"})"
      "\n"
      R"({"kind":"senders","keys":[1,18446744073709551615]})"
      "\n";
  const auto state = read_state(text, "state.jsonl", box());
  ASSERT_TRUE(state) << state.error().front().str();
  ASSERT_EQ(state->connections.size(), 3U);
  EXPECT_EQ(state->connections[2].sctp.state, conntrack::SctpState::cookie_wait);
  EXPECT_EQ(state->connections[2].sctp.tag, (std::array<std::uint32_t, 2>{0xffffffff, 7}));
  EXPECT_EQ(state->connections[2].sctp.opening, 3);
  EXPECT_EQ(state->engine.limits.front().tokens, -5);
  ASSERT_EQ(state->tracker.awaited.size(), 2U);
  EXPECT_TRUE(state->tracker.awaited.back().expectation.inactive);
  EXPECT_TRUE(state->tracker.awaited.front().expectation.follows);
  EXPECT_EQ(state->tracker.awaited.front().expectation.direction, conntrack::Direction::reply);
  EXPECT_EQ(std::get<conntrack::FtpMemory>(state->tracker.helped.front().memory).starts[0].sequence[0],
            0xffffffffU);
  EXPECT_EQ(state->tracker.helped.front().sequences[0].behind, 3U);
  EXPECT_EQ(state->senders.back(), 0xffffffffffffffffU);
  EXPECT_EQ(state->predictions.front().bytes, (std::vector<std::uint8_t>{0x45, 0xff}));
  const std::string once = written(*state);
  const auto again = read_state(once, "state.jsonl", box());
  ASSERT_TRUE(again) << again.error().front().str();
  EXPECT_EQ(written(*again), once);
}

// A table taken from a real kernel has no window figures: both ends are liberal until they were seen.
TEST(State, WithoutWindowFiguresBothEndsAreLiberal) {
  const auto state = read_state(kHead + kTcp, "state.jsonl", box());
  ASSERT_TRUE(state);
  EXPECT_TRUE(state->connections[0].tcp.end[0].be_liberal);
  EXPECT_TRUE(state->connections[0].tcp.end[1].be_liberal);
  EXPECT_EQ(state->connections[0].tcp.state, conntrack::TcpState::established);
}

struct Damage {
  std::string text, error;
};

TEST(State, DamageIsToldByLineAndField) {
  const std::string h = kHead;
  const Damage kDamages[] = {
      {"", "state.jsonl: the first line"},
      {"\n\n", "state.jsonl: the first line"},
      {"nonsense", "state.jsonl:1: this is not JSON"},
      {"{", "state.jsonl:1: this is not JSON"},
      {"[]", "state.jsonl:1: this is not a JSON object"},
      {"17", "state.jsonl:1: this is not a JSON object"},
      {"{}", "state.jsonl:1: the field \"kind\" is missing"},
      {R"({"kind":7})", "state.jsonl:1: \"kind\": 7 is not a text"},
      {kTcp, "state.jsonl:1: the first line is not of the kind \"state\""},
      {h + h, "state.jsonl:2: state: there is more than one line of this kind"},
      {replaced(h, "\"v\":1", "\"v\":2"), "state.jsonl:1: state: its version is not 1"},
      {replaced(h, "\"v\":1,", ""), "state.jsonl:1: state: the field \"v\" is missing"},
      {replaced(h, "modern", "ancient"), "state.jsonl:1: state: \"profile\""},
      {replaced(h, "\"time\":5", "\"time\":-5"), "state.jsonl:1: state: \"time\": -5 is not a number"},
      {replaced(h, "\"time\":5", "\"time\":\"5\""), "state.jsonl:1: state: \"time\""},
      {replaced(h, "\"time\":5", "\"time\":9223372036854775808"), "state.jsonl:1: state: \"time\""},
      {replaced(h, "[1,2,3,4]", "[1,2,3]"), "state.jsonl:1: state: \"random\" is not an array of 4 numbers"},
      {replaced(h, "[1,2,3,4]", "[1,2,3,-4]"), "state.jsonl:1: state: \"random\""},
      {replaced(h, "[1,2,3,4]", "7"), "state.jsonl:1: state: \"random\""},
      {replaced(h, "\"raw\"", "\"rare\""), "state.jsonl:1: state: \"tables\""},
      {replaced(h, "[\"filter\",\"raw\"]", "{}"), "state.jsonl:1: state: \"tables\""},
      {replaced(h, "\"next", "\"more\":1,\"next"),
       "state.jsonl:1: state: the field \"more\" is not known here"},
      {h + R"({"kind":"dream"})", "state.jsonl:2: the kind \"dream\" is not known here"},
      {h + "\n" + R"({"kind":"dream"})", "state.jsonl:3: the kind \"dream\""},
      {h + replaced(kTcp, "\"family\":4", "\"family\":5"),
       "state.jsonl:2: connection: \"family\" is neither 4 nor 6"},
      {h + replaced(kTcp, "\"family\":4", "\"family\":6"), "state.jsonl:2: connection: original: \"src\""},
      {h + replaced(kTcp, "\"protocol\":6", "\"protocol\":256"),
       "state.jsonl:2: connection: \"protocol\": 256 is not a number from 0 to 255"},
      {h + replaced(kTcp, "\"serial\":1", "\"serial\":9"),
       "state.jsonl:2: connection: \"serial\" is not below the next one"},
      {h + kUdp + kTcp, "state.jsonl:3: connection: \"serial\" is not above"},
      {h + replaced(kTcp, "\"status\":14", "\"status\":6"),
       "state.jsonl:2: connection: \"status\" is not that of a confirmed"},
      {h + replaced(kTcp, "\"status\":14", "\"status\":70000"),
       "state.jsonl:2: connection: \"status\": 70000"},
      {h + replaced(kTcp, "\"deadline\":100,", ""),
       "state.jsonl:2: connection: the field \"deadline\" is missing"},
      {h + replaced(kTcp, "\"deadline\":100", "\"deadline\":1e3"), "state.jsonl:2: connection: \"deadline\""},
      {h + replaced(kTcp, "10.0.0.1", "10.0.0.256"), "state.jsonl:2: connection: original: \"src\""},
      {h + replaced(kTcp, "\"sport\":1", "\"sport\":65536"),
       "state.jsonl:2: connection: original: \"sport\": 65536"},
      {h + replaced(kTcp, "\"sport\":1,", ""),
       "state.jsonl:2: connection: original: the field \"sport\" is missing"},
      {h + replaced(kTcp, "\"dport\":2}", "\"dport\":2,\"via\":1}"),
       "state.jsonl:2: connection: original: the field \"via\""},
      {h + replaced(kTcp, "{\"state\":\"ESTABLISHED\"}", "[]"),
       "state.jsonl:2: connection: \"tcp\" is not an object"},
      {h + replaced(kTcp, "ESTABLISHED", "ASLEEP"),
       "state.jsonl:2: connection: tcp: \"state\": `ASLEEP' is no state of TCP"},
      {h + replaced(kTcp, "{\"state\"", "{\"retransmissions\":256,\"state\""),
       "state.jsonl:2: connection: tcp: \"retransmissions\""},
      {h + replaced(kTcp, "{\"state\"", "{\"ends\":[{}],\"state\""),
       "state.jsonl:2: connection: tcp: \"ends\" is not an array of two"},
      {h + replaced(kTcp, "{\"state\"", "{\"ends\":[{},{\"scale\":15}],\"state\""),
       "state.jsonl:2: connection: tcp: ends: \"scale\": 15"},
      {h + replaced(kTcp, "{\"state\"", "{\"ends\":[{},{\"be_liberal\":true}],\"state\""),
       "state.jsonl:2: connection: tcp: ends: \"be_liberal\": true"},
      {h + replaced(kTcp, ",\"tcp\":{\"state\":\"ESTABLISHED\"}", ""),
       "state.jsonl:2: connection: the field \"tcp\" is missing"},
      {h + replaced(kSctp, "COOKIE_WAIT", "SYN_SENT"),
       "state.jsonl:2: connection: sctp: \"state\": `SYN_SENT' is no state of SCTP"},
      {h + replaced(kSctp, "4294967295", "4294967296"), "state.jsonl:2: connection: sctp: \"tag\""},
      {h + replaced(kSctp, "\"opening\":3", "\"opening\":4"), "state.jsonl:2: connection: sctp: \"opening\""},
      {h + replaced(kSctp, "\"opening\"", "\"closing\""),
       "state.jsonl:2: connection: sctp: the field \"closing\" is not known here"},
      {h + replaced(kSctp, "\"protocol\":132", "\"protocol\":17"),
       "state.jsonl:2: connection: the field \"sctp\" is not known here"},
      {h + replaced(kUdp, "}}", "},\"tcp\":{}}"),
       "state.jsonl:2: connection: the field \"tcp\" is not known here"},
      {h + replaced(kFragments, "\"in\"", "\"eth7\""),
       "state.jsonl:2: fragments: \"interface\": the box has no `eth7'"},
      {h + replaced(kFragments, "\"user\":1", "\"user\":3"), "state.jsonl:2: fragments: \"user\": 3"},
      {h + replaced(kFragments, "4500001c", "4500001"),
       "state.jsonl:2: fragments: parts: \"bytes\" is not a row of bytes"},
      {h + replaced(kFragments, "4500001c", "45zz001c"), "state.jsonl:2: fragments: parts: \"bytes\""},
      {h + replaced(kFragments, "[{\"offset\"", "[7,{\"offset\""), "state.jsonl:2: fragments: \"parts\""},
      {h + R"({"kind":"rule","table":"tafel","chain":"a","rule":1,"extension":0,"name":"x","state":""})",
       "state.jsonl:2: rule: \"table\": `tafel' is no table"},
      {h + R"({"kind":"limit","place":1,"address":"10.0.0.1","tokens":1,"last":1,"redirects":0})",
       "state.jsonl:2: limit: \"address\""},
      {h + R"({"kind":"identifications","counters":[65536]})",
       "state.jsonl:2: identifications: \"counters\""},
      {h + R"({"kind":"senders","keys":["a"]})", "state.jsonl:2: senders: \"keys\""},
      {h + R"({"kind":"prediction","time":4,"made_here":2,"interface":"out","bytes":""})",
       "state.jsonl:2: prediction: \"made_here\": 2"},
  };
  static_assert(std::size(kDamages) >= 50);
  for (const Damage& damage : kDamages)
    EXPECT_EQ(error_of(damage.text).rfind(damage.error, 0), 0U) << damage.error << "\n"
                                                                << error_of(damage.text);
}

}  // namespace
}  // namespace utables::lab
