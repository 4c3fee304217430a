#include "conntrack/control/change.h"

#include <algorithm>

#include "base/jiffies.h"
#include "conntrack/control/select.h"
#include "conntrack/port_kind.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

/// What may be set by hand, and what only the kernel sets (asking for it is refused). OFFLOAD and the like
/// are ignored.
constexpr std::uint16_t kSettable = kSeenReply | kAssured | kFixedTimeout;
constexpr std::uint16_t kReserved = kExpected | kDying;
/// Known from a listing, where a reply shows that it was translated.
constexpr std::uint16_t kFromListing = kSourceNat | kDestinationNat | kSourceNatDone | kDestinationNatDone;

/// The kernel counts timeouts in ticks (base/jiffies.h), in 31 bits.
constexpr Duration kLongestTimeout = Duration{0x7fffffff} * kTick;

Duration timeout_of(std::uint32_t seconds) { return std::min(Duration{seconds} * kSecond, kLongestTimeout); }

/// Fills the port fields from what is given, the rest is 0; false: it says nothing of them, or no ICMP query.
bool fill_ports(const Parameters& wanted, const TupleParts& parts, Tuple& tuple) {
  switch (port_kind(tuple.protocol)) {
    case PortKind::none:
      return true;
    case PortKind::ports:
    case PortKind::keys:
      tuple.source_port = parts.source_port.value_or(0);
      tuple.destination_port = parts.destination_port.value_or(0);
      return parts.source_port || parts.destination_port;
    case PortKind::icmp:
      if (!wanted.icmp_type || !wanted.icmp_code) return false;
      tuple.source_port = wanted.icmp_id.value_or(0);
      tuple.destination_port = static_cast<std::uint16_t>(*wanted.icmp_type << 8 | *wanted.icmp_code);
      return true;
  }
  return false;
}

void fill_addresses(const TupleParts& parts, Tuple& tuple) {
  tuple.source = parts.source.value_or(Address{});
  tuple.destination = parts.destination.value_or(Address{});
}

/// ICMP's query belongs to the original direction; its reply has the answer's type, whatever was given.
bool fill_reply(const Parameters& wanted, Connection& made) {
  const auto answer = inverse(made.original());
  if (!answer) return false;
  Tuple& reply = made.tuple[1];
  reply = *answer;
  const TupleParts& parts = wanted.tuple[1];
  if (!parts.has_address()) return true;
  fill_addresses(parts, reply);
  return port_kind(reply.protocol) == PortKind::icmp || fill_ports(wanted, parts, reply);
}

/// `-n` and `-g`: the reply goes to, or comes from, the new address.
void translate(const NatParts& nat, Address& address, std::uint16_t& port, bool has_ports, bool& changed) {
  changed = false;
  if (nat.address && *nat.address != address) {
    address = *nat.address;
    changed = true;
  }
  if (!nat.address || !has_ports || !nat.port || *nat.port == port) return;
  port = *nat.port;
  changed = true;
}

void translate(const Parameters& wanted, Connection& made) {
  Tuple& reply = made.tuple[1];
  const bool ports = reply.protocol == packet::kTcp || reply.protocol == packet::kUdp;  // of others none
  bool changed = false;
  if (wanted.destination_nat) {
    translate(*wanted.destination_nat, reply.source, reply.source_port, ports, changed);
    if (changed) made.set(kDestinationNat);
  }
  if (wanted.source_nat) {
    translate(*wanted.source_nat, reply.destination, reply.destination_port, ports, changed);
    if (changed) made.set(kSourceNat);
  }
  const auto asked = [](const std::optional<NatParts>& nat) { return nat && nat->address; };
  if (asked(wanted.source_nat) || asked(wanted.destination_nat)) {
    made.set(kSourceNatDone);
    made.set(kDestinationNatDone);
  }
}

bool fill_tuples(const Parameters& wanted, Connection& made) {
  Tuple blank;
  blank.protocol = *wanted.protocol;
  blank.family = *wanted.family;
  made.tuple = {blank, blank};
  const bool reply_alone = !wanted.tuple[0].has_address();
  const TupleParts& given = wanted.tuple[reply_alone ? 1 : 0];
  fill_addresses(given, blank);
  const bool ports = fill_ports(wanted, given, blank);
  const bool icmp = port_kind(blank.protocol) == PortKind::icmp;
  if (!ports && (icmp || reply_alone)) return false;
  const auto original = reply_alone ? inverse(blank) : std::optional<Tuple>(blank);
  if (!original) return false;
  made.tuple[0] = *original;
  return fill_reply(wanted, made);
}

/// One zone, for both directions or for one; one that is 0 may be said again.
Refusal read_zones(const Parameters& wanted, Zone& zone) {
  zone.id = wanted.zone.value_or(0);
  for (const Direction d : {Direction::original, Direction::reply}) {
    const auto& of_one = d == Direction::original ? wanted.original_zone : wanted.reply_zone;
    if (!of_one) continue;
    if (zone.id != 0) return Refusal::invalid;
    zone = {*of_one, static_cast<std::uint8_t>(1U << static_cast<unsigned>(d))};
  }
  return Refusal::none;
}

void set_tcp(const Parameters& wanted, Connection& c) {
  if (c.original().protocol != packet::kTcp || !wanted.state) return;
  if (*wanted.state < static_cast<std::uint8_t>(TcpState::count_))
    c.tcp.state = static_cast<TcpState>(*wanted.state);
}

/// The state's number and its tags as they are given.
void set_sctp(const Parameters& wanted, Connection& c) {
  if (c.original().protocol != packet::kSctp || !wanted.state) return;
  if (*wanted.state < static_cast<std::uint8_t>(SctpState::count_))
    c.sctp.state = static_cast<SctpState>(*wanted.state);
  for (std::size_t i = 0; i < c.sctp.tag.size(); ++i) c.sctp.tag[i] = wanted.tags[i].value_or(0);
}

/// SCTP's state and both tags change together: some of them alone are refused.
Refusal change_sctp(const Parameters& wanted, Connection& c) {
  if (c.original().protocol != packet::kSctp) return Refusal::none;
  const int given = (wanted.state ? 1 : 0) + (wanted.tags[0] ? 1 : 0) + (wanted.tags[1] ? 1 : 0);
  if (given != 0 && given != 3) return Refusal::invalid;
  set_sctp(wanted, c);
  return Refusal::none;
}

Status status_bit(unsigned bits) { return static_cast<Status>(bits); }

}  // namespace

bool fits_family(std::uint8_t protocol, Family family) {
  return !(protocol == packet::kIcmp && family == Family::ipv6) &&
         !(protocol == packet::kIcmpv6 && family == Family::ipv4);
}

Refusal make_connection(const Parameters& wanted, const Settings& settings, Time now, Connection& made) {
  made = Connection{};
  if (!wanted.protocol || !wanted.family) return Refusal::invalid;
  Zone zone;
  if (const Refusal zones = read_zones(wanted, zone); zones != Refusal::none) return zones;
  if (!fits_family(*wanted.protocol, *wanted.family) || !fill_tuples(wanted, made)) return Refusal::invalid;
  const std::uint16_t status = wanted.status.value_or(0);
  if ((status & kReserved) != 0) return Refusal::busy;
  made.status = static_cast<std::uint16_t>(kConfirmed | (status & (kSettable | kFromListing)));
  if (settings.accounting) made.set(kAccounted);
  if (settings.timestamp) made.set(kTimestamped);
  translate(wanted, made);
  made.set_zone(zone);
  made.mark = wanted.mark.value_or(0);
  made.created = now;
  made.timeout = timeout_of(wanted.timeout.value_or(0));
  made.deadline = now + made.timeout;
  set_tcp(wanted, made);
  set_sctp(wanted, made);
  if (*wanted.protocol == packet::kTcp)
    for (TcpEnd& end : made.tcp.end) end.be_liberal = true;  // nobody knows its windows
  return Refusal::none;
}

Refusal change_connection(Connection& c, const Parameters& wanted, Time now) {
  if (wanted.timeout) {
    if (c.is(kFixedTimeout)) return Refusal::not_allowed;
    c.timeout = timeout_of(*wanted.timeout);
    c.deadline = now + c.timeout;
  }
  const std::uint16_t status = wanted.status.value_or(0);
  if ((status & kReserved & ~c.status) != 0) return Refusal::busy;
  c.set(status_bit(status & kSettable));
  set_tcp(wanted, c);
  if (const Refusal sctp = change_sctp(wanted, c); sctp != Refusal::none) return sctp;
  if (wanted.mark) c.mark = (c.mark & ~wanted.mark_mask.value_or(0xffffffff)) ^ *wanted.mark;
  return Refusal::none;
}

bool would_change(const Connection& c, const Labels& labels, const Parameters& wanted, Time now) {
  if (wanted.label_change && (wanted.label_change->adds || labels != Labels{})) return true;
  if (wanted.timeout && *wanted.timeout != static_cast<std::uint64_t>((c.deadline - now) / kSecond))
    return true;
  if (wanted.status && (*wanted.status & ~c.status) != 0) return true;
  if (!state_is(c, wanted.state)) return true;
  return wanted.mark && ((c.mark & ~wanted.mark_mask.value_or(0xffffffff)) ^ *wanted.mark) != c.mark;
}

}  // namespace utables::conntrack
