// REJECT: drops the packet and answers it. What is sent, and whether, is the engine's part
// (Services::reject).
#include <fmt/format.h>

#include <array>

#include "packet/headers.h"
#include "rules/bind.h"
#include "rules/option/choice.h"

namespace utables::rules {
namespace {

constexpr auto number(RejectWith with) { return static_cast<std::uint32_t>(with); }

struct Params {
  Given<std::uint32_t> with{number(RejectWith::port_unreachable), true, false};
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr Named kTypes[] = {
    {"icmp-net-unreachable", number(RejectWith::net_unreachable)},
    {"icmp-host-unreachable", number(RejectWith::host_unreachable)},
    {"icmp-proto-unreachable", number(RejectWith::proto_unreachable)},
    {"icmp-port-unreachable", number(RejectWith::port_unreachable)},
    {"icmp-net-prohibited", number(RejectWith::net_prohibited)},
    {"icmp-host-prohibited", number(RejectWith::host_prohibited)},
    {"tcp-reset", number(RejectWith::tcp_reset)},
    {"icmp-admin-prohibited", number(RejectWith::admin_prohibited)},
    {"net-unreach", number(RejectWith::net_unreachable)},
    {"host-unreach", number(RejectWith::host_unreachable)},
    {"proto-unreach", number(RejectWith::proto_unreachable)},
    {"port-unreach", number(RejectWith::port_unreachable)},
    {"net-prohib", number(RejectWith::net_prohibited)},
    {"host-prohib", number(RejectWith::host_prohibited)},
    {"tcp-rst", number(RejectWith::tcp_reset)},
    {"admin-prohib", number(RejectWith::admin_prohibited)},
};

struct RejectKind : ChoiceKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    if (const Named* type = find_beginning(row.names, input.values[0])) return type->value;
    return fail(fmt::format("unknown reject type \"{}\"", input.values[0]));
  }
};

constexpr std::array kOptions{
    option<RejectKind, &Params::with>({.name = "reject-with",
                                       .value = "type",
                                       .help = "what the sender is told",
                                       .names = kTypes,
                                       .list_word = "reject-with "}),
};

Result<void> validate(const void* params, const Rule& rule, std::uint8_t) {
  const auto& p = *static_cast<const Params*>(params);
  if (p.with.value != number(RejectWith::tcp_reset)) return {};
  if (rule.header.protocol == packet::kTcp && !rule.header.protocol_inverted) return {};
  return fail("REJECT --reject-with tcp-reset needs -p tcp");
}

Action act(const Params& p, Context& c) {
  c.services.reject(c, static_cast<RejectWith>(p.with.value));
  return Action::drop;
}

}  // namespace

extern const TargetDescriptor kTargetReject;
const TargetDescriptor kTargetReject =
    target<Params, act>({.name = "REJECT",
                         .summary = "drop, and answer the sender",
                         .families = 0b01,
                         .tables = bit(TableId::filter),
                         .hooks = bit(Hook::input) | bit(Hook::forward) | bit(Hook::output),
                         .options = kOptions,
                         .validate = validate});

}  // namespace utables::rules
