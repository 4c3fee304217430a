// The one table of matches and targets: an extension is a row here, or it does not exist.
// ACCEPT, DROP, QUEUE and RETURN are verdicts of a rule itself (TargetUse::Kind), not extensions.
#include <algorithm>
#include <array>

#include "rules/extension.h"

namespace utables::rules {

extern const MatchDescriptor kMatchAddrtype, kMatchComment, kMatchConnbytes, kMatchConnlabel, kMatchConnmark,
    kMatchConntrack, kMatchDscp, kMatchEcn, kMatchHelper, kMatchIcmp, kMatchIprange, kMatchLength,
    kMatchLimit, kMatchMac, kMatchMark, kMatchMultiport, kMatchPkttype, kMatchSctp, kMatchState,
    kMatchStatistic, kMatchTcp, kMatchTcpmss, kMatchTos, kMatchTtl, kMatchUdp, kMatchAh, kMatchDst, kMatchEsp,
    kMatchEui64, kMatchFrag, kMatchHbh, kMatchHl, kMatchIcmp6, kMatchIpv6header, kMatchRt;
extern const TargetDescriptor kTargetConnmark, kTargetConnsecmark, kTargetCt, kTargetCt6, kTargetDnat,
    kTargetDscp, kTargetEcn, kTargetHl, kTargetLog, kTargetMark, kTargetMasquerade, kTargetNetmap,
    kTargetNotrack, kTargetRedirect, kTargetReject, kTargetReject6, kTargetSnat, kTargetSnpt, kTargetDnpt,
    kTargetSynproxy, kTargetTcpmss, kTargetTos, kTargetTtl;

namespace {

const std::array kMatches{
    &kMatchAddrtype, &kMatchComment,   &kMatchConnbytes, &kMatchConnlabel,  &kMatchConnmark, &kMatchConntrack,
    &kMatchDscp,     &kMatchEcn,       &kMatchHelper,    &kMatchIcmp,       &kMatchIprange,  &kMatchLength,
    &kMatchLimit,    &kMatchMac,       &kMatchMark,      &kMatchMultiport,  &kMatchPkttype,  &kMatchSctp,
    &kMatchState,    &kMatchStatistic, &kMatchTcp,       &kMatchTcpmss,     &kMatchTos,      &kMatchTtl,
    &kMatchUdp,      &kMatchAh,        &kMatchDst,       &kMatchEsp,        &kMatchEui64,    &kMatchFrag,
    &kMatchHbh,      &kMatchHl,        &kMatchIcmp6,     &kMatchIpv6header, &kMatchRt,
};

const std::array kTargets{
    &kTargetConnmark,   &kTargetConnsecmark, &kTargetCt,       &kTargetCt6,      &kTargetDnat,
    &kTargetDscp,       &kTargetEcn,         &kTargetHl,       &kTargetLog,      &kTargetMark,
    &kTargetMasquerade, &kTargetNetmap,      &kTargetNotrack,  &kTargetRedirect, &kTargetReject,
    &kTargetReject6,    &kTargetSnat,        &kTargetSynproxy, &kTargetTcpmss,   &kTargetTos,
    &kTargetTtl,        &kTargetSnpt,        &kTargetDnpt,
};

template <class Rows>
auto find(const Rows& rows, std::string_view name, Family family) -> typename Rows::value_type {
  const unsigned wanted = family == Family::ipv4 ? 1 : 2;
  for (const auto* row : rows)
    if (row->name == name && (row->families & wanted) != 0) return row;
  return nullptr;
}

}  // namespace

const MatchDescriptor* find_match(std::string_view name, Family family) {
  return find(kMatches, name, family);
}
const TargetDescriptor* find_target(std::string_view name, Family family) {
  return find(kTargets, name, family);
}
std::span<const MatchDescriptor* const> all_matches() { return kMatches; }
std::span<const TargetDescriptor* const> all_targets() { return kTargets; }

}  // namespace utables::rules
