// ECN: sets the ECN bits of IP, and ECE and CWR of TCP (RFC 3168); --ecn-tcp-remove clears both of TCP's.
// A packet without a whole TCP header, where one is to be changed, is dropped.
#include <array>

#include "packet/headers.h"
#include "rules/bind.h"
#include "rules/option/number.h"
#include "rules/target/header_change.h"

namespace utables::rules {
namespace {

struct Params {
  Given<bool> remove;
  Given<std::uint32_t> ece, cwr, ect;
  friend bool operator==(const Params&, const Params&) = default;
};

enum Row : unsigned { kRemove, kEce, kCwr, kEct };
constexpr std::array kOptions{
    option<FlagKind, &Params::remove>({.name = "ecn-tcp-remove",
                                       .help = "clear ECE and CWR of TCP",
                                       .values = 0,
                                       .excludes = 1U << kEce | 1U << kCwr,
                                       .list_word = "ECN TCP remove"}),
    option<NumberKind, &Params::ece>({.name = "ecn-tcp-ece",
                                      .value = "0|1",
                                      .help = "set ECE of TCP",
                                      .max = 1,
                                      .excludes = 1U << kRemove,
                                      .list_word = "ECE="}),
    option<NumberKind, &Params::cwr>({.name = "ecn-tcp-cwr",
                                      .value = "0|1",
                                      .help = "set CWR of TCP",
                                      .max = 1,
                                      .excludes = 1U << kRemove,
                                      .list_word = "CWR="}),
    option<NumberKind, &Params::ect>({.name = "ecn-ip-ect",
                                      .value = "0..3",
                                      .help = "set the ECN bits of IP",
                                      .max = 3,
                                      .list_word = "ECT codepoint="}),
};

Result<void> check(Params& p, const Rule&) {
  if (!p.remove.set && !p.ece.set && !p.cwr.set && !p.ect.set)
    return fail("ECN target: An operation is required");
  if (p.remove.set) p.ece = p.cwr = {0, true, false};
  // Both bits cleared and nothing else has a spelling of its own.
  p.remove = {};
  const bool clears_both = p.ece.set && p.cwr.set && p.ece.value == 0 && p.cwr.value == 0;
  if (clears_both && !p.ect.set) {
    p.remove = {true, true, false};
    p.ece = p.cwr = {};
  }
  return {};
}

Result<void> validate(const void* params, const Rule& rule, std::uint8_t) {
  const auto& p = *static_cast<const Params*>(params);
  const bool tcp = rule.header.protocol == packet::kTcp && !rule.header.protocol_inverted;
  return tcp || !(p.remove.set || p.ece.set || p.cwr.set) ? Result<void>{}
                                                          : fail("ECN's TCP bits need -p tcp");
}

Action act(const Params& p, Context& c) {
  constexpr std::uint32_t kVersionAndTos = 0, kFlags = 12;
  packet::Buffer& packet = c.packet;
  if (p.ect.set && (packet.facts.tos & 3U) != p.ect.value) {
    const auto tos = static_cast<std::uint8_t>((packet.facts.tos & ~3U) | p.ect.value);
    change_ip_word(packet, kVersionAndTos, static_cast<std::uint16_t>(packet.bytes[0] << 8U | tos));
    packet.facts.tos = tos;
  }
  if (!p.remove.set && !p.ece.set && !p.cwr.set) return Action::continue_;
  if (packet.facts.protocol != packet::kTcp) return Action::continue_;
  if (packet.transport_size() < 20) return Action::drop;
  std::uint8_t flags = packet.transport()[13];
  const auto put = [&](std::uint8_t bit, bool on) {
    flags = static_cast<std::uint8_t>(on ? flags | bit : flags & ~bit);
  };
  if (p.remove.set || p.ece.set) put(packet::tcp::kEce, p.ece.value == 1);
  if (p.remove.set || p.cwr.set) put(packet::tcp::kCwr, p.cwr.value == 1);
  if (flags == packet.transport()[13]) return Action::continue_;
  change_tcp_word(packet, kFlags, static_cast<std::uint16_t>(packet.transport()[12] << 8U | flags));
  if (!packet.facts.is_later_fragment()) packet.facts.tcp_flags = flags;
  return Action::continue_;
}

}  // namespace

extern const TargetDescriptor kTargetEcn;
const TargetDescriptor kTargetEcn = target<Params, act>({.name = "ECN",
                                                         .summary = "set the ECN bits of IP and TCP",
                                                         .families = 0b01,
                                                         .tables = bit(TableId::mangle),
                                                         .options = kOptions,
                                                         .check = checked<Params, check>,
                                                         .validate = validate});

}  // namespace utables::rules
