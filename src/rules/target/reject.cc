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

constexpr Named kTypes6[] = {
    {"icmp6-no-route", number(RejectWith::v6_no_route)},
    {"no-route", number(RejectWith::v6_no_route)},
    {"icmp6-adm-prohibited", number(RejectWith::v6_admin_prohibited)},
    {"adm-prohibited", number(RejectWith::v6_admin_prohibited)},
    {"icmp6-addr-unreachable", number(RejectWith::v6_address_unreachable)},
    {"addr-unreach", number(RejectWith::v6_address_unreachable)},
    {"icmp6-port-unreachable", number(RejectWith::v6_port_unreachable)},
    {"port-unreach", number(RejectWith::v6_port_unreachable)},
    {"tcp-reset", number(RejectWith::tcp_reset)},
    {"icmp6-policy-fail", number(RejectWith::v6_policy_fail)},
    {"policy-fail", number(RejectWith::v6_policy_fail)},
    {"icmp6-reject-route", number(RejectWith::v6_reject_route)},
    {"reject-route", number(RejectWith::v6_reject_route)},
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

struct Params6 : Params {
  Params6() { with.value = number(RejectWith::v6_port_unreachable); }
};
constexpr std::array kOptions6{
    option<RejectKind, &Params::with>({.name = "reject-with",
                                       .value = "type",
                                       .help = "what the sender is told",
                                       .names = kTypes6,
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

Action act6(const Params6& p, Context& c) { return act(p, c); }

}  // namespace

extern const TargetDescriptor kTargetReject, kTargetReject6;
const TargetDescriptor kTargetReject =
    target<Params, act>({.name = "REJECT",
                         .summary = "drop, and answer the sender",
                         .families = 0b01,
                         .tables = bit(TableId::filter),
                         .hooks = bit(Hook::input) | bit(Hook::forward) | bit(Hook::output),
                         .options = kOptions,
                         .validate = validate});
const TargetDescriptor kTargetReject6 =
    target<Params6, act6>({.name = "REJECT",
                           .summary = "drop, and answer the sender",
                           .families = 0b10,
                           .tables = bit(TableId::filter),
                           .hooks = bit(Hook::input) | bit(Hook::forward) | bit(Hook::output),
                           .options = kOptions6,
                           .validate = validate});

}  // namespace utables::rules
