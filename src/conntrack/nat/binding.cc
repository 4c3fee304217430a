#include "conntrack/nat/binding.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/bytes.h"
#include "conntrack/proto/tcp_window.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

/// Ports that Linux tries before it draws anew, and the least that it still tries then.
constexpr std::uint32_t kMostAttempts = 128, kLeastAttempts = 16;
/// With so few left closed connections have to make room.
constexpr std::uint32_t kFewAttempts = 32;

/// A port that may be chosen, where no range says: of the class that the connection's own belongs to.
struct PortClass {
  std::uint16_t below, first;
  std::uint32_t size;
};
constexpr std::array<PortClass, 3> kPortClasses{{
    {512, 1, 511},
    {1024, 600, 424},
    {0, 1024, 64512},
}};

const PortClass& class_of(std::uint16_t port) {
  return *std::find_if(kPortClasses.begin(), kPortClasses.end(),
                       [&](const PortClass& c) { return c.below == 0 || port < c.below; });
}

bool has_ports(std::uint8_t protocol) {
  switch (protocol) {
    case packet::kTcp:
    case packet::kUdp:
    case packet::kUdplite:
    case packet::kSctp:
      return true;
    default:
      return false;
  }
}
/// A key of GRE may change if somebody knows of it: in a connection that was announced.
bool has_keys(const Connection& connection) {
  return connection.original().protocol == packet::kGre && connection.is(kExpected);
}
bool is_icmp(const Tuple& tuple) {
  return tuple.protocol == packet::kIcmp || tuple.protocol == packet::kIcmpv6;
}

/// Bob Jenkins' lookup3 (public domain, 2006) over 32-bit words, which Linux chooses addresses with.
std::uint32_t jenkins(std::span<const std::uint32_t> words, std::uint32_t start) {
  const auto rot = [](std::uint32_t x, int k) { return std::rotl(x, k); };
  std::uint32_t a, b, c;
  a = b = c = 0xdeadbeef + static_cast<std::uint32_t>(words.size() * 4) + start;
  while (words.size() > 3) {
    a += words[0];
    b += words[1];
    c += words[2];
    a -= c, a ^= rot(c, 4), c += b;
    b -= a, b ^= rot(a, 6), a += c;
    c -= b, c ^= rot(b, 8), b += a;
    a -= c, a ^= rot(c, 16), c += b;
    b -= a, b ^= rot(a, 19), a += c;
    c -= b, c ^= rot(b, 4), b += a;
    words = words.subspan(3);
  }
  if (words.size() > 2) c += words[2];
  if (words.size() > 1) b += words[1];
  if (words.empty()) return c;
  a += words[0];
  c ^= b, c -= rot(b, 14);
  a ^= c, a -= rot(c, 11);
  b ^= a, b -= rot(a, 25);
  c ^= b, c -= rot(b, 16);
  a ^= c, a -= rot(c, 4);
  b ^= a, b -= rot(a, 14);
  c ^= b, c -= rot(b, 24);
  return c;
}

/// A word of an address as little-endian machines hash it.
std::uint32_t hashed_word(const Address& address, std::size_t i) {
  const std::uint8_t* p = &address.bytes[i * 4];
  return std::uint32_t{p[0]} | std::uint32_t{p[1]} << 8 | std::uint32_t{p[2]} << 16 |
         std::uint32_t{p[3]} << 24;
}

/// The address of the range that a connection gets: the same for the same ends.
Address choose_address(const Tuple& tuple, std::uint16_t zone, Manipulation manipulation,
                       const NatRange& range) {
  if (range.first == range.last) return range.first;
  std::array<std::uint32_t, 4> client{};
  for (std::size_t i = 0; i < client.size(); ++i) client[i] = hashed_word(tuple.source, i);
  const std::size_t words = address_bytes(tuple.family) / 4;
  const std::uint32_t server = range.persistent ? 0 : hashed_word(tuple.destination, words - 1) ^ zone;
  std::uint32_t hash = jenkins(client, server);
  Address chosen{};
  bool below_last = false;  // already under the end of the range: what follows is free
  for (std::size_t i = 0; i < words; ++i) {
    const std::uint32_t first = below_last ? 0 : load32(&range.first.bytes[i * 4]);
    const std::uint32_t last = load32(&range.last.bytes[i * 4]);
    // What is free goes up to one before all; a range of all that was given comes to nothing.
    const std::uint32_t size = below_last ? 0xffffffff : last - first + 1;
    const auto offset = static_cast<std::uint32_t>((std::uint64_t{hash} * size) >> 32);
    store32(&chosen.bytes[i * 4], first + offset);
    if (first + offset != last) below_last = true;
    // A destination's word is the new one by then.
    if (!range.persistent)
      hash ^= hashed_word(manipulation == Manipulation::source ? tuple.destination : chosen, i);
  }
  return chosen;
}

/// The field that a manipulation may change: a port, or an ICMP query's id.
std::uint16_t& port_of(Tuple& tuple, Manipulation manipulation) {
  return is_icmp(tuple) || manipulation == Manipulation::source ? tuple.source_port : tuple.destination_port;
}

bool port_fits(const Tuple& tuple, Manipulation manipulation, const NatRange& range) {
  if (!is_icmp(tuple) && !has_ports(tuple.protocol) && tuple.protocol != packet::kGre) return true;
  Tuple copy = tuple;
  const std::uint16_t port = port_of(copy, manipulation);
  return port >= range.first_port && port <= range.last_port;
}

bool source_fits(const Tuple& tuple, const NatRange& range) {
  if (range.has_addresses && (tuple.source < range.first || tuple.source > range.last)) return false;
  return !range.has_ports || port_fits(tuple, Manipulation::source, range);
}

}  // namespace

bool Binder::taken(const Tuple& tuple, const Connection& connection) const {
  const auto answer = inverse(tuple);
  if (!answer) return false;
  const Connection* other = table_.find_taken(*answer, connection.zone()).connection;
  if (other == nullptr || other == &connection) return false;
  ++counters_.found;
  return true;
}

bool Binder::crosses(const Connection& connection) const {
  const std::uint8_t protocol = connection.original().protocol;
  const bool may_clash = protocol != packet::kTcp && protocol != packet::kSctp;
  const auto translated = [](const Connection& c) {
    return c.is(kSourceNat) || c.is(kDestinationNat) || c.sequences_adjusted;
  };
  if (!may_clash || translated(connection)) return false;
  const auto same = [](Tuple a, const Tuple& b) {
    a.zone = b.zone;
    return a == b;
  };
  const Connection* const other = table_.find_taken(connection.reply(), connection.zone()).connection;
  return other != nullptr && !translated(*other) && same(other->original(), connection.reply()) &&
         same(other->reply(), connection.original());
}

bool Binder::in_the_way(const Tuple& tuple, const Connection& connection, std::uint32_t attempts_left) {
  const auto answer = inverse(tuple);
  if (!answer) return false;
  const bool opening = tuple.protocol == packet::kTcp && connection.tcp.state == TcpState::syn_sent;
  const bool hard = attempts_left <= kFewAttempts && opening;
  const Zone zone = connection.zone();
  const Found found = hard ? table_.find_in(*answer, zone) : table_.find_taken(*answer, zone);
  Connection* const other = found.connection;
  if (other == nullptr || other == &connection) return false;
  if (!hard) ++counters_.found;
  if (!hard || found.direction != Direction::reply) return true;
  const bool closed = other->tcp.state >= TcpState::time_wait && other->is(kSourceNat) &&
                      !other->is(kFixedTimeout) && !other->is(kDying);
  if (!closed || !after(connection.tcp.end[0].end, other->tcp.end[0].end)) return true;
  count(NatCase::evicted);
  evict_(*other);
  return false;
}

std::optional<Tuple> Binder::mapped_before(const Connection& connection, const Tuple& current,
                                           const NatRange& range) const {
  std::optional<Tuple> mapped;
  (void)sources_.find(connection, [&](const Connection& other) {
    mapped = inverse(other.reply());
    if (!mapped) return false;
    mapped->zone = current.zone;
    mapped->destination = current.destination;
    mapped->destination_port = current.destination_port;
    if (source_fits(*mapped, range)) return true;
    mapped.reset();
    return false;
  });
  return mapped;
}

Tuple Binder::choose(const Connection& connection, Manipulation manipulation, const NatRange& range) {
  const auto inverted = inverse(connection.reply());
  if (!inverted) return connection.original();
  const Tuple current = *inverted;
  if (manipulation == Manipulation::source && !range.random) {
    if (source_fits(current, range)) {
      if (!taken(current, connection) || crosses(connection)) return count(NatCase::kept), current;
    } else if (const auto mapped = mapped_before(connection, current, range);
               mapped && !taken(*mapped, connection)) {
      return count(NatCase::mapped_before), *mapped;
    }
  }
  Tuple tuple = current;
  if (range.has_addresses) {
    count(range.first == range.last ? NatCase::address_given : NatCase::address_hashed);
    (manipulation == Manipulation::source ? tuple.source : tuple.destination) =
        choose_address(current, connection.zone().id, manipulation, range);
  }
  if (!port_may_stay(tuple, connection, manipulation, range))
    choose_port(tuple, connection, manipulation, range);
  return tuple;
}

bool Binder::port_may_stay(const Tuple& tuple, const Connection& connection, Manipulation manipulation,
                           const NatRange& range) const {
  if (range.random) return false;
  if (!range.has_ports) {
    if (taken(tuple, connection)) return false;
    return count(NatCase::port_kept), true;
  }
  if (range.shifted || !port_fits(tuple, manipulation, range)) return false;
  if (range.first_port == range.last_port) return count(NatCase::port_not_asked), true;
  if (taken(tuple, connection)) return false;
  return count(NatCase::port_kept), true;
}

void Binder::choose_port(Tuple& tuple, const Connection& connection, Manipulation manipulation,
                         const NatRange& range) {
  std::uint16_t first = 0;
  std::uint32_t size = 0x10000;
  std::uint16_t& port = port_of(tuple, manipulation);
  const bool keys = has_keys(connection);
  const bool by_request = is_icmp(tuple) || keys || range.has_ports;
  // A server's port changes on demand alone.
  if ((!is_icmp(tuple) && !keys && !has_ports(tuple.protocol)) ||
      (!by_request && manipulation == Manipulation::destination))
    return count(NatCase::port_stays);
  if (range.has_ports) {
    first = std::min(range.first_port, range.last_port);
    size = static_cast<std::uint32_t>(std::max(range.first_port, range.last_port) - first) + 1;
  } else if (keys) {
    first = 1;
    size = 0xffff;
  } else if (!is_icmp(tuple)) {
    const PortClass& own = class_of(port);
    first = own.first;
    size = own.size;
  }
  std::uint16_t offset = 0;
  bool drawn = false;
  if (range.shifted) {
    count(NatCase::port_shifted);
    offset = static_cast<std::uint16_t>(port - range.base_port);
  } else if (range.random || manipulation == Manipulation::source) {
    count(NatCase::port_drawn);
    offset = draw_.draw(connection, manipulation, first, size);
    drawn = true;
  } else {
    count(NatCase::port_from_start);
  }
  for (std::uint32_t attempts = std::min(size, kMostAttempts);; attempts /= 2) {
    const std::uint16_t start = offset;
    for (std::uint32_t i = 0; i < attempts; ++i, ++offset) {
      port = static_cast<std::uint16_t>(first + offset % size);
      if (!in_the_way(tuple, connection, attempts - i)) return;
    }
    if (attempts >= size || attempts < kLeastAttempts) {
      // Linux keeps the last one tried. Behind a draw that is any of them, so the one drawn is as good, and
      // is what a PortDraw that knows the outcome can name.
      if (drawn) port = static_cast<std::uint16_t>(first + start % size);
      return count(NatCase::exhausted);
    }
    offset = draw_.draw(connection, manipulation, first, size);
    drawn = true;
  }
}

std::string_view name(NatCase nat_case) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(NatCase::count_)> kNames{
      "a source that fits and is free stays",
      "a source is mapped as it was before",
      "the address that was given",
      "an address of a range",
      "the port stays",
      "a single port, whether or not it is free",
      "a port that nothing may change",
      "a port shifted",
      "a port drawn",
      "a port looked for from the start of the range",
      "a closed connection makes room",
      "every port that was tried is taken"};
  return kNames[static_cast<std::size_t>(nat_case)];
}

}  // namespace utables::conntrack
