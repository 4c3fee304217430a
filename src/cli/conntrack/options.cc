// Rows were found by asking the original which options it takes with which command.
#include "cli/conntrack/options.h"

#include <strings.h>

#include <algorithm>
#include <array>

#include "packet/headers.h"

namespace utables::cli::conntrack_tool {
namespace {

constexpr std::array<std::string_view, kOptions> kNames{
    "src",     "dst",        "reply-src", "reply-dst", "protonum",  "timeout",   "status",
    "zero",    "event-mask", "tuple-src", "tuple-dst", "mask-src",  "mask-dst",  "mark",
    "id",      "family",     "src-nat",   "dst-nat",   "output",    "secmark",   "buffer-size",
    "any-nat", "zone",       "label",     "label-add", "label-del", "orig-zone", "reply-zone"};

struct VerbRow {
  Verb verb;
  bool expectations;
  std::string_view letters;
};
//                                         s d r q  p t u z  e  T T M M  m i f n g  o c b j  w l+ - oz rz
// clang-format off
constexpr std::array<VerbRow, 16> kVerbRows{{
    {Verb::list, false,       "....." "x" ".." "xxx" ".." "." "x" "...." "." "x" ".." "." "x" "x" ".."},
    {Verb::list, true,        "xxxxx" "x" "xx" "xxx" "xx" "x" "x" ".xx." "x" "x" "xx" "x" "x" "x" "xx"},
    {Verb::get, false,        "....+" "x" "xx" "xxx" "xx" "x" "." "xxx." "x" "x" "xx" "." "x" "x" "xx"},
    {Verb::get, true,         "++..+" "x" "xx" "xxx" "xx" "x" "x" "xxxx" "x" "x" "xx" "x" "x" "x" "xx"},
    {Verb::remove, false,     "....." "." ".x" "xxx" ".." "." "." "...." "x" "x" "x." "." "x" "x" ".."},
    {Verb::remove, true,      "++..+" "x" "xx" "xxx" "xx" "x" "x" "xxxx" "x" "x" "xx" "x" "x" "x" "xx"},
    {Verb::create, false,     "....+" "+" ".x" "xxx" "xx" "." "x" "x..x" "x" "x" "x." "x" "." "x" ".."},
    {Verb::create, true,      "++..+" "+" ".x" "x++" "++" "x" "x" "xxxx" "x" "x" "xx" "x" "x" "x" "xx"},
    {Verb::add, false,        "....+" "+" ".x" "xxx" "xx" "." "x" "x..x" "x" "x" "x." "x" "." "x" ".."},
    {Verb::update, false,     "....." "." ".x" "xxx" ".." "." "." "...." "x" "x" "xx" "." "." "." "xx"},
    {Verb::flush, false,      "xxxxx" "x" "xx" "xxx" "xx" "x" "x" ".xxx" "x" "x" "xx" "x" "x" "x" "xx"},
    {Verb::events, false,     "....." "x" "xx" ".xx" ".." "." "x" "...." "." "." ".." "." "x" "x" ".."},
    {Verb::events, true,      "xxxxx" "x" "xx" "xxx" "xx" "x" "x" "xxx." "x" "x" "xx" "x" "x" "x" "xx"},
    {Verb::help, false,       "xxxxx" "x" "xx" "xxx" "xx" "x" "x" "xxxx" "x" "x" "xx" "x" "x" "x" "xx"},
    {Verb::help, true,        "xxxxx" "x" "xx" "xxx" "xx" "x" "x" "xxxx" "x" "x" "xx" "x" "x" "x" "xx"},
    {Verb::load, false,       "xxxxx" "x" "xx" "xxx" "xx" "x" "x" "xxxx" "x" "x" "xx" "x" "x" "x" "xx"},
}};
// clang-format on
/// Commands without a row take no option.
constexpr std::string_view kNothing = kVerbRows.back().letters;

constexpr std::array<ProtocolOption, 11> kPortOptions{{
    {"sport", PortOption::original_source},
    {"dport", PortOption::original_destination},
    {"reply-port-src", PortOption::reply_source},
    {"reply-port-dst", PortOption::reply_destination},
    {"mask-port-src", PortOption::mask_source},
    {"mask-port-dst", PortOption::mask_destination},
    {"state", PortOption::state},
    {"tuple-port-src", PortOption::tuple_source},
    {"tuple-port-dst", PortOption::tuple_destination},
    {"orig-vtag", PortOption::original_tag},
    {"reply-vtag", PortOption::reply_tag},
}};
constexpr std::array<ProtocolOption, 10> kDccpOptions{{
    {"sport", PortOption::original_source},
    {"dport", PortOption::original_destination},
    {"reply-port-src", PortOption::reply_source},
    {"reply-port-dst", PortOption::reply_destination},
    {"mask-port-src", PortOption::mask_source},
    {"mask-port-dst", PortOption::mask_destination},
    {"state", PortOption::state},
    {"tuple-port-src", PortOption::tuple_source},
    {"tuple-port-dst", PortOption::tuple_destination},
    {"role", PortOption::role},
}};
constexpr std::array<ProtocolOption, 8> kUdpOptions{{
    {"sport", PortOption::original_source},
    {"dport", PortOption::original_destination},
    {"reply-port-src", PortOption::reply_source},
    {"reply-port-dst", PortOption::reply_destination},
    {"mask-port-src", PortOption::mask_source},
    {"mask-port-dst", PortOption::mask_destination},
    {"tuple-port-src", PortOption::tuple_source},
    {"tuple-port-dst", PortOption::tuple_destination},
}};
constexpr std::array<ProtocolOption, 8> kGreOptions{{
    {"srckey", PortOption::original_source},
    {"dstkey", PortOption::original_destination},
    {"reply-key-src", PortOption::reply_source},
    {"reply-key-dst", PortOption::reply_destination},
    {"mask-key-src", PortOption::mask_source},
    {"mask-key-dst", PortOption::mask_destination},
    {"tuple-key-src", PortOption::tuple_source},
    {"tuple-key-dst", PortOption::tuple_destination},
}};
constexpr std::array<ProtocolOption, 3> kIcmpOptions{{
    {"icmp-type", PortOption::icmp_type},
    {"icmp-code", PortOption::icmp_code},
    {"icmp-id", PortOption::icmp_id},
}};
constexpr std::array<ProtocolOption, 3> kIcmpv6Options{{
    {"icmpv6-type", PortOption::icmp_type},
    {"icmpv6-code", PortOption::icmp_code},
    {"icmpv6-id", PortOption::icmp_id},
}};

constexpr std::array<ProtocolRule, 10> kTcpRules{{
    {Verb::list, false, "....xx.xx"},
    {Verb::get, false, "....xx.xx"},
    {Verb::remove, false, "....xx.xx"},
    {Verb::create, false, "....xx+xx"},
    {Verb::add, false, "....xx+xx"},
    {Verb::update, false, "....xx.xx"},
    {Verb::events, false, "....xx.xx"},
    {Verb::get, true, "++++xxxxx"},
    {Verb::remove, true, "++++xxxxx"},
    {Verb::create, true, "++xx++x++"},
}};
constexpr std::array<ProtocolRule, 10> kUdpRules{{
    {Verb::list, false, "....xxxx"},
    {Verb::get, false, "....xxxx"},
    {Verb::remove, false, "....xxxx"},
    {Verb::create, false, "....xxxx"},
    {Verb::add, false, "....xxxx"},
    {Verb::update, false, "....xxxx"},
    {Verb::events, false, "....xxxx"},
    {Verb::get, true, "++++xxxx"},
    {Verb::remove, true, "++++xxxx"},
    {Verb::create, true, "++xx++++"},
}};
constexpr std::array<ProtocolRule, 10> kGreRules{{
    {Verb::list, false, "....xxxx"},
    {Verb::get, false, "....xxxx"},
    {Verb::remove, false, "....xxxx"},
    {Verb::create, false, "....xxxx"},
    {Verb::add, false, "....xxxx"},
    {Verb::update, false, "....xxxx"},
    {Verb::events, false, "....xxxx"},
    {Verb::get, true, "++++xxxx"},
    {Verb::remove, true, "++++xxxx"},
    {Verb::create, true, "++++++++"},
}};
constexpr std::array<ProtocolRule, 10> kSctpRules{{
    {Verb::list, false, "....xx.xxxx"},
    {Verb::get, false, "....xx.xx.."},
    {Verb::remove, false, "....xx.xxxx"},
    {Verb::create, false, "....xx+xx++"},
    {Verb::add, false, "....xx+xx++"},
    {Verb::update, false, "....xx.xx.."},
    {Verb::events, false, "....xx.xxxx"},
    {Verb::get, true, "++++xxxxxxx"},
    {Verb::remove, true, "++++xxxxxxx"},
    {Verb::create, true, "++xx++x++++"},
}};
constexpr std::array<ProtocolRule, 10> kDccpRules{{
    {Verb::list, false, "....xx.xxx"},
    {Verb::get, false, "....xx.xxx"},
    {Verb::remove, false, "....xx.xxx"},
    {Verb::create, false, "....xx+xx+"},
    {Verb::add, false, "....xx+xx+"},
    {Verb::update, false, "....xx.xxx"},
    {Verb::events, false, "....xx.xxx"},
    {Verb::get, true, "++++xxxxxx"},
    {Verb::remove, true, "++++xxxxxx"},
    {Verb::create, true, "++xx++x+++"},
}};
constexpr std::array<ProtocolRule, 6> kIcmpRules{{
    {Verb::get, false, "++."},
    {Verb::create, false, "++."},
    {Verb::add, false, "++."},
    {Verb::get, true, "xxx"},
    {Verb::remove, true, "xxx"},
    {Verb::create, true, "xxx"},
}};

constexpr std::span<const ProtocolOption> kTcpOptions = std::span(kPortOptions).first(9);
using Names = std::array<std::string_view, 2>;
constexpr Names kPortNames{"sport", "dport"}, kReplyPortNames{"reply-src-port", "reply-dst-port"};
constexpr Names kDccpReplyNames{"reply-port-src", "report-port-dst"};  // so it is
constexpr Names kKeyNames{"srckey", "dstkey"}, kReplyKeyNames{"reply-src-key", "reply-dst-key"};
constexpr std::array<ProtocolModule, 8> kModules{{
    {"tcp", packet::kTcp, kTcpOptions, kTcpRules, kPortNames, kReplyPortNames},
    {"udp", packet::kUdp, kUdpOptions, kUdpRules, kPortNames, kReplyPortNames},
    {"udplite", packet::kUdplite, kUdpOptions, kUdpRules, kPortNames, kReplyPortNames},
    {"icmp", packet::kIcmp, kIcmpOptions, kIcmpRules},
    {"icmpv6", packet::kIcmpv6, kIcmpv6Options, kIcmpRules},
    {"sctp", packet::kSctp, kPortOptions, kSctpRules, kPortNames, kReplyPortNames},
    {"dccp", packet::kDccp, kDccpOptions, kDccpRules, kPortNames, kDccpReplyNames},
    {"gre", packet::kGre, kGreOptions, kGreRules, kKeyNames, kReplyKeyNames},
}};

constexpr int kNone = no_argument, kNeeds = required_argument, kMay = optional_argument;
constexpr std::array kLongOptions{
    ::option{"dump", kMay, nullptr, 'L'},
    ::option{"create", kMay, nullptr, 'I'},
    ::option{"add", kMay, nullptr, 'A'},
    ::option{"delete", kMay, nullptr, 'D'},
    ::option{"update", kMay, nullptr, 'U'},
    ::option{"get", kMay, nullptr, 'G'},
    ::option{"flush", kMay, nullptr, 'F'},
    ::option{"event", kMay, nullptr, 'E'},
    ::option{"counter", kMay, nullptr, 'C'},
    ::option{"stats", kNone, nullptr, 'S'},
    ::option{"version", kNone, nullptr, 'V'},
    ::option{"help", kNone, nullptr, 'h'},
    ::option{"orig-src", kNeeds, nullptr, 's'},
    ::option{"src", kNeeds, nullptr, 's'},
    ::option{"orig-dst", kNeeds, nullptr, 'd'},
    ::option{"dst", kNeeds, nullptr, 'd'},
    ::option{"reply-src", kNeeds, nullptr, 'r'},
    ::option{"reply-dst", kNeeds, nullptr, 'q'},
    ::option{"protonum", kNeeds, nullptr, 'p'},
    ::option{"timeout", kNeeds, nullptr, 't'},
    ::option{"status", kNeeds, nullptr, 'u'},
    ::option{"zero", kNone, nullptr, 'z'},
    ::option{"event-mask", kNeeds, nullptr, 'e'},
    ::option{"tuple-src", kNeeds, nullptr, kLongOnly + static_cast<int>(Option::tuple_source)},
    ::option{"tuple-dst", kNeeds, nullptr, kLongOnly + static_cast<int>(Option::tuple_destination)},
    ::option{"mask-src", kNeeds, nullptr, kLongOnly + static_cast<int>(Option::mask_source)},
    ::option{"mask-dst", kNeeds, nullptr, kLongOnly + static_cast<int>(Option::mask_destination)},
    ::option{"nat-range", kNeeds, nullptr, 'a'},
    ::option{"mark", kNeeds, nullptr, 'm'},
    ::option{"secmark", kNeeds, nullptr, 'c'},
    ::option{"id", kNeeds, nullptr, 'i'},
    ::option{"family", kNeeds, nullptr, 'f'},
    ::option{"src-nat", kMay, nullptr, 'n'},
    ::option{"dst-nat", kMay, nullptr, 'g'},
    ::option{"output", kNeeds, nullptr, 'o'},
    ::option{"buffer-size", kNeeds, nullptr, kLongOnly + static_cast<int>(Option::buffer_size)},
    ::option{"any-nat", kMay, nullptr, 'j'},
    ::option{"zone", kNeeds, nullptr, 'w'},
    ::option{"label", kNeeds, nullptr, 'l'},
    ::option{"label-add", kNeeds, nullptr, kLongOnly + static_cast<int>(Option::label_add)},
    ::option{"label-del", kMay, nullptr, kLongOnly + static_cast<int>(Option::label_del)},
    ::option{"orig-zone", kNeeds, nullptr, kLongOnly + static_cast<int>(Option::original_zone)},
    ::option{"reply-zone", kNeeds, nullptr, kLongOnly + static_cast<int>(Option::reply_zone)},
};
constexpr const char* kShortOptions =
    ":L::I::U::D::G::E::F::A::C::ShVs:d:r:q:p:t:u:e:a:zm:i:f:o:n::g::c:b:w:j::l:";

constexpr int of(PortOption o) { return kProtocolValue + static_cast<int>(o); }
constexpr std::array kPortLong{
    ::option{"role", kNeeds, nullptr, of(PortOption::role)},
    ::option{"orig-port-src", kNeeds, nullptr, of(PortOption::original_source)},
    ::option{"sport", kNeeds, nullptr, of(PortOption::original_source)},
    ::option{"orig-port-dst", kNeeds, nullptr, of(PortOption::original_destination)},
    ::option{"dport", kNeeds, nullptr, of(PortOption::original_destination)},
    ::option{"reply-port-src", kNeeds, nullptr, of(PortOption::reply_source)},
    ::option{"reply-port-dst", kNeeds, nullptr, of(PortOption::reply_destination)},
    ::option{"mask-port-src", kNeeds, nullptr, of(PortOption::mask_source)},
    ::option{"mask-port-dst", kNeeds, nullptr, of(PortOption::mask_destination)},
    ::option{"tuple-port-src", kNeeds, nullptr, of(PortOption::tuple_source)},
    ::option{"tuple-port-dst", kNeeds, nullptr, of(PortOption::tuple_destination)},
    ::option{"state", kNeeds, nullptr, of(PortOption::state)},
    ::option{"orig-vtag", kNeeds, nullptr, of(PortOption::original_tag)},
    ::option{"reply-vtag", kNeeds, nullptr, of(PortOption::reply_tag)},
};
constexpr std::array kGreLong{
    ::option{"orig-key-src", kNeeds, nullptr, of(PortOption::original_source)},
    ::option{"srckey", kNeeds, nullptr, of(PortOption::original_source)},
    ::option{"orig-key-dst", kNeeds, nullptr, of(PortOption::original_destination)},
    ::option{"dstkey", kNeeds, nullptr, of(PortOption::original_destination)},
    ::option{"reply-key-src", kNeeds, nullptr, of(PortOption::reply_source)},
    ::option{"reply-key-dst", kNeeds, nullptr, of(PortOption::reply_destination)},
    ::option{"mask-key-src", kNeeds, nullptr, of(PortOption::mask_source)},
    ::option{"mask-key-dst", kNeeds, nullptr, of(PortOption::mask_destination)},
    ::option{"tuple-key-src", kNeeds, nullptr, of(PortOption::tuple_source)},
    ::option{"tuple-key-dst", kNeeds, nullptr, of(PortOption::tuple_destination)},
};

constexpr std::array kIcmpLong{
    ::option{"icmp-type", kNeeds, nullptr, of(PortOption::icmp_type)},
    ::option{"icmp-code", kNeeds, nullptr, of(PortOption::icmp_code)},
    ::option{"icmp-id", kNeeds, nullptr, of(PortOption::icmp_id)},
};
constexpr std::array kIcmpv6Long{
    ::option{"icmpv6-type", kNeeds, nullptr, of(PortOption::icmp_type)},
    ::option{"icmpv6-code", kNeeds, nullptr, of(PortOption::icmp_code)},
    ::option{"icmpv6-id", kNeeds, nullptr, of(PortOption::icmp_id)},
};
/// What of kPortLong a protocol has: the plain ports begin at 1, then the state, then SCTP's tags.
constexpr std::size_t kPlainPorts = 10, kPortsAndState = 11;

}  // namespace

std::string_view name(Option option) { return kNames[static_cast<std::size_t>(option)]; }

std::string_view options_of(Verb verb, TableName table) {
  const bool expectations = table == TableName::expect;
  for (const VerbRow& row : kVerbRows)
    if (row.verb == verb && row.expectations == expectations) return row.letters;
  return kNothing;
}

const ProtocolModule* find_module(std::string_view name) {
  for (const ProtocolModule& module : kModules)
    if (module.name.size() == name.size() && strncasecmp(module.name.data(), name.data(), name.size()) == 0)
      return &module;
  return nullptr;
}

const ProtocolModule* find_module(std::uint8_t number) {
  for (const ProtocolModule& module : kModules)
    if (module.number == number) return &module;
  return nullptr;
}

std::string_view letters_of(const ProtocolModule& module, Verb verb, bool expectations) {
  for (const ProtocolRule& rule : module.rules)
    if (rule.verb == verb && rule.expectations == expectations) return rule.letters;
  return {};
}

std::span<const ::option> long_options() { return kLongOptions; }

std::span<const ::option> long_options(const ProtocolModule& module) {
  const std::span<const ::option> ports(kPortLong);
  switch (module.number) {
    case packet::kIcmp:
      return kIcmpLong;
    case packet::kIcmpv6:
      return kIcmpv6Long;
    case packet::kGre:
      return kGreLong;
    case packet::kTcp:
      return ports.subspan(1, kPortsAndState);
    case packet::kDccp:
      return ports.first(1 + kPortsAndState);
    case packet::kSctp:
      return ports.subspan(1);
    default:
      return ports.subspan(1, kPlainPorts);
  }
}

const char* short_options() { return kShortOptions; }

}  // namespace utables::cli::conntrack_tool
