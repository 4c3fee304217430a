#include "lab/kernel/closed_loop.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/scan.h"
#include "lab/kernel/run.h"
#include "lab/kernel/sip_loop.h"
#include "packet/checksum.h"
#include "packet/extensions.h"
#include "packet/headers.h"

namespace utables::lab::kernel {
namespace {

constexpr std::size_t kIpv4Header = 20, kIpChecksum = 10, kIcmpHeader = 8, kTcpHeader = 20;

/// What of a packet's beginning says where the rest is.
struct Layout {
  Family family = Family::ipv4;
  std::size_t source = 0, destination = 0;  ///< offsets
  std::size_t transport = 0;                ///< offset; may lie beyond the packet
  std::uint8_t protocol = 0;
  bool later = false;  ///< a later fragment: no transport header
  bool whole = true;   ///< no fragment
};

std::optional<Layout> layout_of(std::span<const std::uint8_t> packet) {
  if (packet.size() >= kIpv4Header && packet[0] >> 4 == 4) {
    const std::size_t header = static_cast<std::size_t>(packet[0] & 15U) * 4;
    if (header < kIpv4Header) return std::nullopt;
    const std::uint16_t fragment = load16(&packet[6]);
    return Layout{Family::ipv4,
                  12,
                  16,
                  header,
                  packet[9],
                  (fragment & packet::ip::kOffsetMask) != 0,
                  (fragment & (packet::ip::kOffsetMask | packet::ip::kMoreFragments)) == 0};
  }
  if (packet.size() < packet::kIpv6Header || packet[0] >> 4 != 6) return std::nullopt;
  bool whole = true;
  const packet::ChainEnd end = packet::walk_chain(packet, [&](const packet::Extension& header) {
    whole = whole && header.protocol != packet::kFragment;
    return true;
  });
  if (end.kind == packet::ChainEnd::Kind::cut) return std::nullopt;
  return Layout{Family::ipv6, 8, 24, end.offset, end.protocol, end.kind == packet::ChainEnd::Kind::fragment,
                whole};
}

bool is_icmp(std::uint8_t protocol) { return protocol == packet::kIcmp || protocol == packet::kIcmpv6; }
bool has_id(std::uint8_t protocol, std::uint8_t type) {
  if (protocol == packet::kIcmpv6) return type == packet::icmpv6::kEcho || type == packet::icmpv6::kEchoReply;
  return type == 0 || type == 8 || (type >= 13 && type <= 18);
}

/// Where the checksum stands that covers the ports, from the transport header on; 0: there is none to adjust.
std::size_t checksum_of(std::uint8_t protocol) {
  return protocol == packet::kTcp                                   ? 16
         : protocol == packet::kUdp || protocol == packet::kUdplite ? 6
         : protocol == packet::kIcmpv6 || protocol == packet::kIcmp ? 2
                                                                    : 0;
}
bool has_ports(std::uint8_t protocol) {
  return protocol == packet::kSctp || (checksum_of(protocol) != 0 && !is_icmp(protocol));
}
bool zero_is_none(std::uint8_t protocol) { return protocol == packet::kUdp || protocol == packet::kUdplite; }

void change_port(std::uint8_t* field, std::uint16_t to, std::uint8_t* checksum) {
  if (checksum != nullptr) packet::adjust_checksum(checksum, load16(field), to);
  store16(field, to);
}

/// The address at `at` changed, and what covers it: IPv4's header checksum, and `checksum`, if not null.
void change_address(std::span<std::uint8_t> packet, const Layout& layout, std::size_t at, const Address& to,
                    std::uint8_t* checksum) {
  for (std::size_t i = 0; i < address_bytes(layout.family); i += 4) {
    const std::uint32_t before = load32(&packet[at + i]), after = load32(&to.bytes[i]);
    if (layout.family == Family::ipv4) packet::adjust_checksum32(&packet[kIpChecksum], before, after);
    if (checksum != nullptr) packet::adjust_checksum32(checksum, before, after);
    store32(&packet[at + i], after);
  }
}

Ends inverse(const Ends& ends) {
  Ends back = ends;
  std::swap(back.source, back.destination);
  if (!is_icmp(ends.protocol)) std::swap(back.source_port, back.destination_port);
  return back;
}

/// The quoted packet as who made the error saw it, and the error to whom he took for its sender.
void complete_error(std::vector<std::uint8_t>& bytes, const Ends& seen) {
  const auto layout = layout_of(bytes);
  if (!layout || layout->later || bytes.size() < layout->transport + kIcmpHeader) return;
  const std::span<std::uint8_t> inner = std::span(bytes).subspan(layout->transport + kIcmpHeader);
  const auto quoted = ends_of(inner);
  if (!quoted || quoted->family != layout->family || quoted->protocol != seen.protocol) return;
  const auto icmp = std::span<const std::uint8_t>(bytes).subspan(layout->transport);
  const auto before = static_cast<std::uint16_t>(~packet::finish(packet::sum(icmp)));
  readdress(inner, seen);
  std::uint8_t* const checksum = &bytes[layout->transport + 2];
  packet::adjust_checksum(checksum, before, static_cast<std::uint16_t>(~packet::finish(packet::sum(icmp))));
  const auto at = [&](std::size_t offset) { return Address::load(&bytes[offset], layout->family); };
  std::uint8_t* const covers = layout->family == Family::ipv6 ? checksum : nullptr;
  if (at(layout->destination) == quoted->source)
    change_address(bytes, *layout, layout->destination, seen.source, covers);
  if (at(layout->source) == quoted->destination)
    change_address(bytes, *layout, layout->source, seen.destination, covers);
}

struct Payload {
  std::uint32_t sequence = 0;
  std::string_view text{};
};
/// Of a whole TCP packet.
std::optional<Payload> payload_of(std::span<const std::uint8_t> packet) {
  const auto layout = layout_of(packet);
  if (!layout || layout->protocol != packet::kTcp || !layout->whole) return std::nullopt;
  if (packet.size() < layout->transport + kTcpHeader) return std::nullopt;
  const std::size_t data =
      layout->transport + static_cast<std::size_t>(packet[layout->transport + 12] >> 4) * 4;
  if (packet.size() < data) return std::nullopt;
  return Payload{load32(&packet[layout->transport + 4]),
                 {reinterpret_cast<const char*>(packet.data()) + data, packet.size() - data}};
}

constexpr std::uint16_t kAmanda = 10080, kSane = 6566;  ///< servers' ports
constexpr std::size_t kSaneAnswer = 8;

/// The payload of a whole UDP packet.
std::string_view datagram_of(std::span<const std::uint8_t> packet) {
  const auto layout = layout_of(packet);
  if (!layout || layout->protocol != packet::kUdp || !layout->whole) return {};
  const std::size_t data = layout->transport + 8;
  if (packet.size() < data) return {};
  return {reinterpret_cast<const char*>(packet.data()) + data, packet.size() - data};
}

/// What a whole packet of TCP or UDP says.
std::string_view words_of(std::span<const std::uint8_t> packet) {
  const auto segment = payload_of(packet);
  return segment ? segment->text : datagram_of(packet);
}

/// The numbers of an announcement: six of PORT and 227, of EPRT as if they were six, one of 229.
std::vector<std::uint32_t> numbers_of(std::string_view text) {
  std::vector<std::uint32_t> all;
  bool within = false;
  for (const char c : text.substr(std::min<std::size_t>(text.size(), 4))) {
    const bool digit = c >= '0' && c <= '9';
    if (digit && !within) all.push_back(0);
    if (digit) all.back() = all.back() * 10 + static_cast<std::uint32_t>(c - '0');
    within = digit;
  }
  if (!text.starts_with("EPRT") || all.size() != 6) return all;
  return {all[1], all[2], all[3], all[4], all[5] >> 8, all[5] & 255};
}

/// What `EPRT |2|2001:db8::1|6446|` announces, as a destination.
std::optional<Ends> announced6(std::string_view text) {
  constexpr std::size_t kSign = 5, kAddress = 8;
  if (text.size() < kAddress || !text.starts_with("EPRT ") || text[kSign + 1] != '2') return std::nullopt;
  const std::size_t end = text.find(text[kSign], kAddress), last = text.find(text[kSign], end + 1);
  if (end == std::string_view::npos || last == std::string_view::npos) return std::nullopt;
  const auto address = parse_address(text.substr(kAddress, end - kAddress), Family::ipv6);
  const auto port = scan_unsigned(text.substr(end + 1, last - end - 1), 10, 0xffff);
  if (!address || !port) return std::nullopt;
  Ends ends;
  ends.family = Family::ipv6;
  ends.destination = *address;
  ends.destination_port = static_cast<std::uint16_t>(*port);
  return ends;
}

}  // namespace

std::optional<Ends> ends_of(std::span<const std::uint8_t> packet) {
  const auto layout = layout_of(packet);
  if (!layout || layout->later || packet.size() < layout->transport + 4) return std::nullopt;
  Ends ends{Address::load(&packet[layout->source], layout->family),
            Address::load(&packet[layout->destination], layout->family),
            0,
            0,
            layout->protocol,
            layout->family};
  const std::uint8_t* const transport = &packet[layout->transport];
  if (is_icmp(ends.protocol)) {
    if (packet.size() < layout->transport + 6 || !has_id(ends.protocol, transport[0])) return std::nullopt;
    ends.source_port = load16(transport + 4);
  } else if (has_ports(ends.protocol)) {
    ends.source_port = load16(transport);
    ends.destination_port = load16(transport + 2);
  } else if (ends.protocol == packet::kGre && packet.size() >= layout->transport + 8 &&
             (transport[1] & 7) == 1) {
    ends.destination_port = load16(transport + 6);
  }
  return ends;
}

void readdress(std::span<std::uint8_t> packet, const Ends& ends) {
  const auto layout = layout_of(packet);
  if (!layout || layout->family != ends.family) return;
  const bool first = !layout->later && layout->protocol == ends.protocol;
  const std::size_t left = packet.size() > layout->transport ? packet.size() - layout->transport : 0;
  std::uint8_t* const transport = packet.data() + std::min(layout->transport, packet.size());
  const std::size_t offset = checksum_of(ends.protocol);
  std::uint8_t* checksum = nullptr;
  if (first && offset != 0 && left >= offset + 2) checksum = transport + offset;
  if (checksum != nullptr && zero_is_none(ends.protocol) && load16(checksum) == 0) checksum = nullptr;
  std::uint8_t* const covers = ends.protocol == packet::kIcmp ? nullptr : checksum;
  change_address(packet, *layout, layout->source, ends.source, covers);
  change_address(packet, *layout, layout->destination, ends.destination, covers);
  if (!first || left < 4) return;
  if (is_icmp(ends.protocol)) {
    if (left >= kIcmpHeader && has_id(ends.protocol, transport[0]))
      change_port(transport + 4, ends.source_port, checksum);
  } else if (has_ports(ends.protocol)) {
    change_port(transport, ends.source_port, checksum);
    change_port(transport + 2, ends.destination_port, checksum);
  } else if (ends.protocol == packet::kGre) {
    if (std::uint8_t* const key = gre_key(packet.subspan(layout->transport)))
      store16(key, ends.destination_port);
  }
  if (checksum != nullptr && zero_is_none(ends.protocol) && load16(checksum) == 0) store16(checksum, 0xffff);
}

void ClosedLoop::complete(std::vector<std::uint8_t>& bytes, const Part& part) const {
  if (part.flow == Part::kNone) return;
  complete_ends(bytes, part);
  if (part.error) return;
  complete_acknowledgement(bytes, part);
  proxies_.complete_echo(bytes, part);
  calls_.complete_message(bytes, part);
}

/// What the other end sent became longer or shorter on its way.
void ClosedLoop::complete_acknowledgement(std::vector<std::uint8_t>& bytes, const Part& part) const {
  const auto longer = longer_.find({part.flow, static_cast<std::uint8_t>(1 - part.end)});
  if (longer == longer_.end() || longer->second == 0) return;
  const auto layout = layout_of(bytes);
  if (!layout || layout->protocol != packet::kTcp || layout->later) return;
  if (bytes.size() < layout->transport + kTcpHeader) return;
  std::uint8_t* const tcp = &bytes[layout->transport];
  if ((tcp[13] & packet::tcp::kAck) == 0) return;
  const std::uint32_t before = load32(tcp + 8), after = before + longer->second;
  packet::adjust_checksum32(tcp + 16, before, after);
  store32(tcp + 8, after);
}

void ClosedLoop::complete_ends(std::vector<std::uint8_t>& bytes, const Part& part) const {
  const auto end = static_cast<std::uint8_t>(part.error ? part.end : 1 - part.end);
  const auto seen = seen_.find({part.flow, end});
  if (seen == seen_.end()) {
    const auto told = told_.find({part.control, part.announcer});
    auto mine = ends_of(bytes);
    if (!part.error && mine && mine->protocol == packet::kGre)
      return calls_.complete_call(bytes, part, part.end == 0);
    if (part.error || part.end != 0 || told == told_.end() || !mine) return;
    if (part.which >= told->second.size()) return;
    const Told& place = told->second[part.which];
    if (mine->family != place.family) return;
    mine->destination = place.address;
    mine->destination_port = place.port;
    return readdress(bytes, *mine);
  }
  const auto layout = layout_of(bytes);
  if (part.error)
    complete_error(bytes, seen->second);
  else if (layout && layout->protocol == packet::kGre && layout->protocol == seen->second.protocol)
    complete_gre(bytes, part, seen->second);
  else if (layout && layout->protocol == seen->second.protocol) {
    const auto before = ends_of(bytes);
    readdress(bytes, inverse(seen->second));
    if (before) complete_words(bytes, *before);
  }
}

/// SIP says who the ends are.
void ClosedLoop::complete_words(std::vector<std::uint8_t>& bytes, const Ends& before) const {
  const auto layout = layout_of(bytes);
  const auto after = ends_of(bytes);
  if (!layout || !after || !layout->whole) return;
  const std::string_view text = words_of(bytes);
  if (!is_sip(text)) return;
  const std::array<KnownAs, 2> ends{
      {{before.source, after->source, before.source_port, after->source_port},
       {before.destination, after->destination, before.destination_port, after->destination_port}}};
  const std::string said = said_as(text, ends, after->family);
  if (said == text) return;
  const auto payload = std::span(bytes).last(text.size());
  const auto sum_of = [&] { return static_cast<std::uint16_t>(~packet::finish(packet::sum(payload))); };
  const std::uint16_t sum = sum_of();
  std::copy(said.begin(), said.end(), payload.begin());
  std::uint8_t* const checksum = &bytes[layout->transport + checksum_of(layout->protocol)];
  if (zero_is_none(layout->protocol) && load16(checksum) == 0) return;
  packet::adjust_checksum(checksum, sum, sum_of());
  if (zero_is_none(layout->protocol) && load16(checksum) == 0) store16(checksum, 0xffff);
}

/// What a message of SIP says of its sender's places: the contact, then media with their control.
void ClosedLoop::learn_places(const std::pair<std::uint32_t, std::uint8_t>& key, std::string_view text,
                              const Ends& ends) {
  const SipPlaces places = places_of(text, ends.family);
  auto& told = told_[key];
  if (told.empty()) told.push_back({ends.source, ends.source_port, ends.family});
  if (places.has_contact) told[0] = {places.contact.address, places.contact.port, ends.family};
  if (places.media.empty()) return;
  told.resize(1);
  for (const SipPlace& place : places.media) told.push_back({place.address, place.port, ends.family});
}

/// Whose answers go back to whom he took for the sender, with the key that he was told.
void ClosedLoop::complete_gre(std::vector<std::uint8_t>& bytes, const Part& part, const Ends& seen) const {
  const auto mine = ends_of(bytes);
  if (!mine) return;
  readdress(bytes, {seen.destination, seen.source, 0, mine->destination_port, mine->protocol});
  calls_.complete_call(bytes, part, false);
}

void ClosedLoop::learn(const Injection& packet, const std::vector<Emission>& sent) {
  const auto layout = layout_of(packet.bytes);
  if (packet.part.flow == Part::kNone || packet.part.error || !layout) return;
  const auto mine = ends_of(packet.bytes);
  if (packet.part.proxied)
    if (const auto shift = proxies_.learn(packet.bytes, sent, packet.part))
      longer_[{packet.part.flow, std::uint8_t{1}}] = *shift;
  for (const Emission& emission : sent) {
    const auto ends = ends_of(emission.bytes);
    if (!ends || ends->family != layout->family || ends->protocol != layout->protocol) continue;
    // The box's own answer to it (REJECT) goes back to its sender.
    if (mine && !is_icmp(ends->protocol) && ends->destination == mine->source &&
        ends->destination_port == mine->source_port)
      continue;
    seen_[{packet.part.flow, packet.part.end}] = *ends;
    if (!packet.part.proxied) learn_payload(packet, emission);
    return;
  }
}

/// TFTP's request announces its own ends, other payloads say more.
void ClosedLoop::learn_payload(const Injection& packet, const Emission& emission) {
  const auto ends = ends_of(emission.bytes);
  const std::pair key{packet.part.flow, packet.part.end};
  if (ends->protocol == packet::kUdp) {
    const std::string_view text = datagram_of(emission.bytes);
    if (is_sip(text)) return learn_places(key, text, *ends);
    const std::size_t connect = text.find("CONNECT ");
    if (ends->source_port == kAmanda && connect == std::string_view::npos) return;
    told_[key] = {{ends->source, ends->source_port, ends->family}};
    if (connect == std::string_view::npos) return;
    told_[key].clear();
    for (const std::uint32_t port : numbers_of(text.substr(connect)))
      told_[key].push_back({ends->source, static_cast<std::uint16_t>(port), ends->family});
    return;
  }
  calls_.learn(packet.bytes, emission.bytes, packet.part);
  const auto before = payload_of(packet.bytes), after = payload_of(emission.bytes);
  if (!before || !after) return;
  const std::uint32_t end_before = before->sequence + static_cast<std::uint32_t>(before->text.size());
  longer_[key] = after->sequence + static_cast<std::uint32_t>(after->text.size()) - end_before;
  if (is_sip(after->text)) return learn_places(key, after->text, *ends);
  if (ends->source_port == kSane) {
    if (after->text.size() == kSaneAnswer)
      told_[key] = {{ends->source, load16(reinterpret_cast<const std::uint8_t*>(after->text.data()) + 6),
                     ends->family}};
    return;
  }
  if (const std::size_t dcc = after->text.find("\1DCC "); dcc != std::string_view::npos) {
    const std::size_t name = after->text.find(" f", dcc);
    const std::size_t place = name == std::string_view::npos ? name : after->text.find(' ', name + 1);
    if (place == std::string_view::npos) return;
    const auto said = numbers_of("DCC " + std::string(after->text.substr(place)));
    if (said.size() >= 2)
      told_[key] = {{Address::from_v4(said[0]), static_cast<std::uint16_t>(said[1]), Family::ipv4}};
    return;
  }
  if (const auto place = announced6(after->text)) {
    told_[key] = {{place->destination, place->destination_port, place->family}};
    return;
  }
  const auto n = numbers_of(after->text);
  if (n.size() == 6)
    told_[key] = {{Address::from_v4(n[0] << 24 | n[1] << 16 | n[2] << 8 | n[3]),
                   static_cast<std::uint16_t>(n[4] << 8 | n[5]), Family::ipv4}};
  else if (after->text.starts_with("229 ") && n.size() == 1)
    told_[key] = {{ends->source, static_cast<std::uint16_t>(n[0]), ends->family}};
}

}  // namespace utables::lab::kernel
