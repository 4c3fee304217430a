#include "conntrack/control/select.h"

#include "conntrack/listing.h"
#include "conntrack/port_kind.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

template <class T, class U>
bool holds(const std::optional<T>& wanted, const U& is) {
  return !wanted || *wanted == is;
}

bool holds(const std::optional<Address>& wanted, const std::optional<Address>& mask, const Address& is) {
  if (!wanted) return true;
  return mask ? (*wanted & *mask) == (is & *mask) : *wanted == is;
}

bool is_icmp(std::uint8_t protocol) { return protocol == packet::kIcmp || protocol == packet::kIcmpv6; }

bool tuples_hold(const Parameters& wanted, const Connection& c) {
  const TupleParts &original = wanted.tuple[0], &reply = wanted.tuple[1];
  if (!holds(original.source, wanted.source_mask, c.original().source) ||
      !holds(original.destination, wanted.destination_mask, c.original().destination) ||
      !holds(reply.source, c.reply().source) || !holds(reply.destination, c.reply().destination))
    return false;
  const bool keys =
      port_kind(c.original().protocol) == PortKind::keys;  // conntrack(8) does not select by them
  for (std::size_t i = 0; i < 2 && !keys; ++i)
    if (!holds(wanted.tuple[i].source_port, c.tuple[i].source_port) ||
        !holds(wanted.tuple[i].destination_port, c.tuple[i].destination_port))
      return false;
  if (!wanted.icmp_type && !wanted.icmp_code && !wanted.icmp_id) return true;
  return is_icmp(c.original().protocol) && holds(wanted.icmp_type, c.original().icmp_type()) &&
         holds(wanted.icmp_code, c.original().icmp_code()) && holds(wanted.icmp_id, c.original().source_port);
}

/// What a translation made of an end: the address and port that the other side sees. Of a connection that is
/// translated at all each end counts that is another; for ICMP the original takes the type for a port.
bool translated(const NatParts& wanted, const Connection& c, bool source) {
  if (!c.is(kSourceNat) && !c.is(kDestinationNat)) return false;
  const Tuple &original = c.original(), &reply = c.reply();
  const bool changed =
      source ? reply.destination != original.source || reply.destination_port != original.source_port
             : reply.source != original.destination || reply.source_port != original.destination_port;
  if (!changed) return false;
  return holds(wanted.address, source ? reply.destination : reply.source) &&
         holds(wanted.port, source ? reply.destination_port : reply.source_port);
}

bool nat_holds(const Parameters& wanted, const Connection& c) {
  if (wanted.any_nat && !translated(*wanted.any_nat, c, true) && !translated(*wanted.any_nat, c, false))
    return false;
  return (!wanted.source_nat || translated(*wanted.source_nat, c, true)) &&
         (!wanted.destination_nat || translated(*wanted.destination_nat, c, false));
}

/// `-w` is about a zone of both directions, `--orig-zone` and `--reply-zone` about one of that direction
/// alone: of those that it is not a connection has 0.
bool zones_hold(const Parameters& wanted, const Connection& c) {
  const Zone zone = c.zone();
  const auto shown = [&](unsigned directions) {
    return zone.directions == directions ? zone.id : std::uint16_t{0};
  };
  return holds(wanted.zone, shown(Zone::kBoth)) && holds(wanted.original_zone, shown(1)) &&
         holds(wanted.reply_zone, shown(2));
}

bool has_all(const Labels& has, const LabelParts& wanted) {
  if (wanted.beyond) return false;
  for (std::size_t i = 0; i < has.words.size(); ++i)
    if ((has.words[i] & wanted.labels.words[i]) != wanted.labels.words[i]) return false;
  return true;
}

}  // namespace

bool state_is(const Connection& c, std::optional<std::uint8_t> number) {
  if (!number) return true;
  if (c.original().protocol == packet::kTcp) return *number == static_cast<std::uint8_t>(c.tcp.state);
  if (c.original().protocol == packet::kSctp) return *number == static_cast<std::uint8_t>(c.sctp.state);
  return true;
}

bool selects_time(const Parameters& wanted, const Connection& c, Time now) {
  Parameters alone;
  alone.timeout = wanted.timeout;
  return !wanted.timeout || wanted == alone || *wanted.timeout == seconds_left(c, now);
}

bool selects(const Parameters& wanted, const Connection& c, const Labels& labels) {
  const Tuple& original = c.original();
  if (wanted.labels && !has_all(labels, *wanted.labels)) return false;
  if (!holds(wanted.family, original.family) || !holds(wanted.protocol, original.protocol)) return false;
  if (wanted.status && (c.status & *wanted.status) != *wanted.status) return false;
  if (wanted.mark && (c.mark & wanted.mark_mask.value_or(0xffffffff)) != *wanted.mark) return false;
  if (!state_is(c, wanted.state)) return false;
  return holds(wanted.id, id_of(c)) && zones_hold(wanted, c) && tuples_hold(wanted, c) &&
         nat_holds(wanted, c);
}

}  // namespace utables::conntrack
