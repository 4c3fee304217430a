// ecn: the ECN bits of the IP header, and CWR and ECE of the TCP header (RFC 3168).
// The TCP bits are read where a TCP header would stand, in later fragments too; without 20 bytes there it
// does not match.
#include <fmt/format.h>

#include <array>

#include "packet/headers.h"
#include "rules/bind.h"
#include "rules/match/tcp_bytes.h"
#include "rules/option/number.h"

namespace utables::rules {
namespace {

struct Params {
  Given<bool> ece, cwr;
  Given<std::uint32_t> ect;
  friend bool operator==(const Params&, const Params&) = default;
};

enum Row : unsigned { kEce, kCwr, kEct };
constexpr std::array kOptions{
    option<FlagKind, &Params::ece>(
        {.name = "ecn-tcp-ece", .help = "ECE of TCP is set", .values = 0, .invertible = true}),
    option<FlagKind, &Params::cwr>(
        {.name = "ecn-tcp-cwr", .help = "CWR of TCP is set", .values = 0, .invertible = true}),
    option<NumberKind, &Params::ect>({.name = "ecn-ip-ect",
                                      .value = "0..3",
                                      .help = "the ECN bits of IP",
                                      .invertible = true,
                                      .max = 3,
                                      .list_word = "ECT="}),
};

Result<void> check(Params& p, const Rule&) {
  return p.ece.set || p.cwr.set || p.ect.set ? Result<void>{} : fail("ECN match: some option required");
}

Result<void> validate(const void* params, const Rule& rule, std::uint8_t) {
  const auto& p = *static_cast<const Params*>(params);
  const bool tcp = rule.header.protocol == packet::kTcp && !rule.header.protocol_inverted;
  return tcp || !(p.ece.set || p.cwr.set) ? Result<void>{} : fail("ecn's TCP bits need -p tcp");
}

Answer matches(const Params& p, const Context& c) {
  if (p.ect.set && ((c.facts().tos & 3U) == p.ect.value) == p.ect.inverted) return Answer::no(kEct);
  if (!p.ece.set && !p.cwr.set) return Answer::yes();
  const auto tcp = tcp_bytes(c.packet);
  if (tcp.size() < 20) return Answer::no(p.ece.set ? kEce : kCwr);
  const std::uint8_t flags = tcp[13];
  if (p.ece.set && ((flags & packet::tcp::kEce) != 0) == p.ece.inverted) return Answer::no(kEce);
  if (p.cwr.set && ((flags & packet::tcp::kCwr) != 0) == p.cwr.inverted) return Answer::no(kCwr);
  return Answer::yes();
}

std::string observed(const Params&, const Context& c, unsigned row) {
  if (row == kEct) return fmt::format("ECT is {}", c.facts().tos & 3U);
  const auto tcp = tcp_bytes(c.packet);
  if (tcp.size() < 20) return "it has no whole TCP header";
  const std::uint8_t bit = row == kEce ? packet::tcp::kEce : packet::tcp::kCwr;
  return fmt::format("{} is {}", row == kEce ? "ECE" : "CWR", (tcp[13] & bit) != 0 ? "set" : "clear");
}

}  // namespace

extern const MatchDescriptor kMatchEcn;
const MatchDescriptor kMatchEcn = match<Params, matches, observed>({.name = "ecn",
                                                                    .summary = "the ECN bits of IP and TCP",
                                                                    .options = kOptions,
                                                                    .check = checked<Params, check>,
                                                                    .validate = validate});

}  // namespace utables::rules
