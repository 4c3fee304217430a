#include "lab/generate/ipv6.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "packet/checksum.h"
#include "packet/extensions.h"
#include "packet/headers.h"

namespace utables::lab::generate {
namespace {

constexpr std::size_t kHeader = packet::kIpv6Header;

/// A type of ICMP and what stands for it over IPv6; both ways of the same conversation.
struct IcmpRow {
  std::uint8_t v4, v6;
};
constexpr IcmpRow kIcmpTypes[] = {{0, 129},  {8, 128},  {13, 139}, {14, 140}, {15, 139}, {16, 140}, {17, 133},
                                  {18, 134}, {3, 1},    {4, 2},    {5, 137},  {11, 3},   {12, 4},   {9, 130},
                                  {10, 143}, {19, 135}, {30, 136}, {42, 141}, {40, 131}, {1, 132},  {6, 100}};
constexpr std::array<std::uint8_t, 16> kUnreachableCodes{0, 3, 4, 4, 0, 5, 6, 3, 0, 1, 1, 0, 3, 1, 2, 7};

std::uint8_t icmp_type6(std::uint8_t type) {
  for (const IcmpRow& row : kIcmpTypes)
    if (row.v4 == type) return row.v6;
  return type;
}

/// Extension headers in front of `protocol`, which becomes what names the first.
class Chain {
 public:
  Chain(Random& random, std::uint8_t& protocol) : random_(random), next_(protocol) {}

  void fragment(std::uint32_t identification, std::uint16_t offset, bool more) {
    Bytes header{next_, 0, 0, 0, 0, 0, 0, 0};
    store16(&header[2], static_cast<std::uint16_t>(offset | (more ? 1 : 0)));
    store32(&header[4], identification);
    put(packet::kFragment, header);
  }
  void any() {
    const auto roll = random_.below(10);
    if (roll < 4) options(packet::kHopByHop);
    if (roll >= 3 && roll < 6) options(packet::kDestinationOptions);
    if (roll >= 5 && roll < 8) routing();
    if (roll == 8) authentication();
    if (roll == 9) options(packet::kHopByHop);
  }
  [[nodiscard]] const Bytes& bytes() const { return bytes_; }

 private:
  void put(std::uint8_t protocol, const Bytes& header) {
    bytes_.insert(bytes_.begin(), header.begin(), header.end());
    next_ = protocol;
  }

  void options(std::uint8_t protocol) {
    Bytes body;
    for (unsigned i = 0, n = random_.below(4); i < n; ++i) {
      constexpr std::array<std::uint8_t, 10> kOptions{5, 5, 0x1e, 0x3e, 0x5e, 0x9e, 0xde, 0xc2, 0xc9, 7};
      const std::uint8_t type = pick(random_, kOptions);
      const std::uint8_t length = type == 5      ? static_cast<std::uint8_t>(chance(random_, 95) ? 2 : 3)
                                  : type == 0xc2 ? 4
                                                 : static_cast<std::uint8_t>(random_.below(8));
      body.push_back(type);
      body.push_back(length);
      for (unsigned k = 0; k < length; ++k) body.push_back(static_cast<std::uint8_t>(random_.below(3)));
    }
    const std::size_t rest = (8 - (body.size() + 2) % 8) % 8;
    if (rest == 1) body.push_back(0);
    if (rest > 1) {
      body.push_back(1);
      body.push_back(static_cast<std::uint8_t>(rest - 2));
      body.resize(body.size() + rest - 2, chance(random_, 97) ? std::uint8_t{0} : std::uint8_t{1});
    }
    Bytes header{next_, static_cast<std::uint8_t>((body.size() + 2) / 8 - 1)};
    header.insert(header.end(), body.begin(), body.end());
    if (chance(random_, 3)) header[1] = static_cast<std::uint8_t>(random_.below(40));
    put(protocol, header);
  }
  void routing() {
    const std::uint8_t addresses = static_cast<std::uint8_t>(random_.below(3));
    Bytes header(8 + std::size_t{addresses} * 16, 0);
    header[0] = next_;
    header[1] = static_cast<std::uint8_t>(addresses * 2);
    header[2] = pick(random_, std::array<std::uint8_t, 4>{0, 2, 3, 4});
    header[3] = static_cast<std::uint8_t>(random_.below(addresses + 1U));
    for (std::size_t i = 0; i < addresses; ++i) {
      const Address a = address6(0x0a000002 + random_.below(3));
      std::copy(a.bytes.begin(), a.bytes.end(), header.begin() + static_cast<std::ptrdiff_t>(8 + i * 16));
    }
    put(packet::kRouting, header);
  }
  void authentication() {
    Bytes header(24, 0);
    header[0] = next_;
    header[1] = 4;
    store32(&header[4], random_.below(20));
    put(packet::kAh, header);
  }

  Random& random_;
  std::uint8_t& next_;
  Bytes bytes_;
};

/// What of an IPv4 packet is there, as far as it is.
struct Parts {
  std::uint8_t tos = 0, ttl = 0, protocol = 0;
  std::uint16_t identification = 0, fragment = 0;
  std::uint32_t source = 0, destination = 0;
  long excess = 0;  ///< what the length field claims, less what is there
  bool options = false;
  std::span<const std::uint8_t> payload{};
};

Parts parts_of(std::span<const std::uint8_t> v4) {
  Bytes header(v4.begin(), v4.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(v4.size(), 20)));
  header.resize(20);
  const std::size_t size =
      std::min<std::size_t>(std::max<std::size_t>((header[0] & 15U) * 4U, 20), v4.size());
  Parts parts;
  parts.tos = header[1];
  parts.excess = static_cast<long>(load16(&header[2])) - static_cast<long>(v4.size());
  parts.identification = load16(&header[4]);
  parts.fragment = load16(&header[6]);
  parts.ttl = header[8];
  parts.protocol = header[9];
  parts.source = load32(&header[12]);
  parts.destination = load32(&header[16]);
  parts.options = (header[0] & 15U) > 5;
  parts.payload = v4.subspan(size);
  return parts;
}

/// The difference that other addresses make to a checksum of TCP, UDP or UDP-Lite, right or wrong.
void move_checksum(Bytes& payload, std::size_t at, const Parts& parts, std::uint8_t protocol) {
  if (payload.size() < at + 2 || (protocol != packet::kTcp && load16(&payload[at]) == 0)) return;
  std::uint64_t sum = static_cast<std::uint16_t>(~load16(&payload[at]));
  const auto add = [&](std::span<const std::uint8_t> bytes, bool less) {
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
      const std::uint16_t word = load16(&bytes[i]);
      sum += less ? static_cast<std::uint16_t>(~word) : word;
    }
  };
  for (const std::uint32_t address : {parts.source, parts.destination}) {
    std::array<std::uint8_t, 4> old{};
    store32(old.data(), address);
    add(old, true);
    add(address6(address).bytes, false);
  }
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  auto result = static_cast<std::uint16_t>(~sum);
  if (protocol != packet::kTcp && result == 0) result = 0xffff;
  store16(&payload[at], result);
}

Bytes without_chain(std::span<const std::uint8_t> v4, Random& random, bool inner);

/// An ICMP message as one of ICMPv6, its quote too; the checksum is left wrong if it was.
Bytes icmp6(const Parts& parts, Random& random, bool inner) {
  Bytes out(parts.payload.begin(), parts.payload.end());
  if ((parts.fragment & 0x1fff) != 0 || out.size() < 8) return out;
  const bool good = packet::finish(packet::sum(out)) == 0;
  const std::uint8_t type = out[0], code = out[1];
  out[0] = icmp_type6(type);
  if (type == 3 && code == 4) {
    out[0] = packet::icmpv6::kPacketTooBig;
    out[1] = 0;
  } else if (type == 3) {
    out[1] = kUnreachableCodes[code & 15U];
  } else if (type == 4) {
    store32(&out[4], 1280 + random.below(300));
  }
  if (!inner && packet::icmp::is_error(type) && out.size() > 8) {
    const Bytes quoted = without_chain(std::span(parts.payload).subspan(8), random, true);
    out.resize(8);
    out.insert(out.end(), quoted.begin(), quoted.end());
  }
  packet::Facts facts;
  facts.family = Family::ipv6;
  facts.source = address6(parts.source);
  facts.destination = address6(parts.destination);
  store16(&out[2], 0);
  const auto sum = packet::finish(packet::sum(
      out, packet::pseudo_header_sum(facts, packet::kIcmpv6, static_cast<std::uint32_t>(out.size()))));
  store16(&out[2], good ? sum : static_cast<std::uint16_t>(sum ^ 0x1111));
  return out;
}

Bytes without_chain(std::span<const std::uint8_t> v4, Random& random, bool inner) {
  const Parts parts = parts_of(v4);
  const bool later = (parts.fragment & 0x1fff) != 0;
  Bytes payload(parts.payload.begin(), parts.payload.end());
  std::uint8_t protocol = parts.protocol;
  if (protocol == packet::kIcmp) {
    payload = icmp6(parts, random, inner);
    protocol = packet::kIcmpv6;
  } else if (protocol == packet::kIcmpv6) {
    protocol = packet::kIcmp;
  } else if (!later && protocol == packet::kTcp) {
    move_checksum(payload, 16, parts, protocol);
  } else if (!later && (protocol == packet::kUdp || protocol == packet::kUdplite)) {
    move_checksum(payload, 6, parts, protocol);
  }
  Chain chain(random, protocol);
  const bool fragment = (parts.fragment & 0x3fff) != 0;
  if (fragment || (!inner && chance(random, 2)))
    chain.fragment(parts.identification * 0x10001U, static_cast<std::uint16_t>((parts.fragment & 0x1fff) * 8),
                   (parts.fragment & 0x2000) != 0);
  if (!inner && (parts.options ? chance(random, 80) : chance(random, 5))) chain.any();
  Bytes out(kHeader, 0);
  const std::uint32_t flow = chance(random, 80) ? 0 : random.below(0x100000);
  store32(out.data(), 0x60000000U | std::uint32_t{parts.tos} << 20 | flow);
  out[6] = protocol;
  out[7] = parts.ttl;
  const Address source = address6(parts.source), destination = address6(parts.destination);
  std::copy(source.bytes.begin(), source.bytes.end(), out.begin() + 8);
  std::copy(destination.bytes.begin(), destination.bytes.end(), out.begin() + 24);
  out.insert(out.end(), chain.bytes().begin(), chain.bytes().end());
  out.insert(out.end(), payload.begin(), payload.end());
  const long claimed = static_cast<long>(out.size() - kHeader) + parts.excess;
  store16(&out[4], static_cast<std::uint16_t>(std::clamp(claimed, 0L, 0xffffL)));
  return out;
}

}  // namespace

Address address6(std::uint32_t v4) {
  const auto of = [](std::initializer_list<std::uint8_t> first, std::uint32_t last) {
    Address a;
    std::copy(first.begin(), first.end(), a.bytes.begin());
    store32(&a.bytes[12], last);
    return a;
  };
  if (v4 == 0) return {};
  if (v4 == 0xffffffff) return of({0xff, 0x02}, 1);
  if (v4 >> 24 == 127) return of({}, 1);
  if (v4 >> 8 == 0xe00000) return of({0xff, 0x02}, v4 == 0xe0000005 ? 2 : v4 & 0xff);
  if (v4 >> 28 == 14) return of({0xff, static_cast<std::uint8_t>(v4 >> 24 == 0xef ? 0x3e : 0x05)}, v4 & 3);
  if (v4 >> 16 == 0xa9fe) return of({0xfe, 0x80}, v4 & 0xffff);
  return of({0x20, 0x01, 0x0d, 0xb8}, v4);
}

Bytes packet6(const Bytes& v4, Random& random) {
  Bytes out = without_chain(v4, random, false);
  if (v4.size() < 20) out.resize(v4.size() * 2);
  if (!out.empty() && !v4.empty() && v4[0] >> 4 != 4) out[0] = static_cast<std::uint8_t>(v4[0] & 0xf0);
  return out;
}

/// A redirect, if it is one, as a router on the link sends it: from a link-local address, not forwarded on
/// its way, the packet that it is about in its first option (RFC 4861, 4.5). In some, one of these is not so.
void as_routers_redirect(Bytes& packet, Random& random) {
  constexpr std::size_t kQuote = kHeader + 8;
  packet::Facts facts;
  if (packet.size() < kQuote || packet[6] != packet::kIcmpv6 || packet[kHeader] != packet::icmpv6::kRedirect)
    return;
  const Bytes quote(packet.begin() + kQuote, packet.end());
  if (!chance(random, 15)) packet[kHeader + 1] = 0;
  if (!chance(random, 10)) packet[7] = 255;
  if (!chance(random, 10)) {
    const Address router = address6(0xa9fe0000U | random.below(256));
    std::copy(router.bytes.begin(), router.bytes.end(), packet.begin() + 8);
  }
  packet.resize(kQuote);
  packet.insert(packet.end(), packet.begin() + 8, packet.begin() + 24);  // the better way
  packet.insert(packet.end(), 16, 0);
  if (quote.size() >= kHeader) std::copy_n(quote.begin() + 24, 16, packet.end() - 16);
  if (!chance(random, 10)) {
    const auto units = static_cast<std::uint8_t>((quote.size() + 15) / 8);
    const std::uint8_t type = chance(random, 10) ? 2 : 4;
    packet.insert(packet.end(), {type, chance(random, 10) ? std::uint8_t{0} : units, 0, 0, 0, 0, 0, 0});
    packet.insert(packet.end(), quote.begin(), quote.end());
  }
  store16(&packet[4], static_cast<std::uint16_t>(packet.size() - kHeader));
  if (packet::parse(packet, 0, facts) == DropReason::none) packet::write_transport_checksum(packet, facts);
}

Flow flow6(Flow flow, Random& random) {
  for (Planned& planned : flow) planned.bytes = packet6(planned.bytes, random);
  return flow;
}

}  // namespace utables::lab::generate
