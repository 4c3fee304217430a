#include "lab/kernel/closed_loop.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "lab/kernel/run.h"
#include "packet/checksum.h"
#include "packet/headers.h"

namespace utables::lab::kernel {
namespace {

constexpr std::size_t kTcpHeader = 20;
constexpr std::size_t kIpHeader = 20, kIpChecksum = 10, kSource = 12, kDestination = 16, kIcmpHeader = 8;

std::size_t header_of(std::span<const std::uint8_t> packet) {
  return packet.size() < kIpHeader ? 0 : static_cast<std::size_t>(packet[0] & 15U) * 4;
}
bool is_later_fragment(std::span<const std::uint8_t> packet) {
  return (load16(&packet[6]) & packet::ip::kOffsetMask) != 0;
}
bool has_id(std::uint8_t type) { return type == 0 || type == 8 || (type >= 13 && type <= 18); }

/// Where the checksum stands that covers the ports, from the transport header on; 0: there is none to adjust.
std::size_t checksum_of(std::uint8_t protocol) {
  return protocol == packet::kTcp ? 16 : protocol == packet::kUdp || protocol == packet::kUdplite ? 6 : 0;
}
bool has_ports(std::uint8_t protocol) { return checksum_of(protocol) != 0 || protocol == packet::kSctp; }

void change_port(std::uint8_t* field, std::uint16_t to, std::uint8_t* checksum) {
  if (checksum != nullptr) packet::adjust_checksum(checksum, load16(field), to);
  store16(field, to);
}

/// A word of the pseudo-header changed; UDP's checksum of zero means none.
void change_address(std::span<std::uint8_t> packet, std::size_t at, std::uint32_t to,
                    std::uint8_t* checksum) {
  packet::adjust_checksum32(&packet[kIpChecksum], load32(&packet[at]), to);
  if (checksum != nullptr) packet::adjust_checksum32(checksum, load32(&packet[at]), to);
  store32(&packet[at], to);
}

Ends inverse(const Ends& ends) {
  if (ends.protocol == packet::kIcmp)
    return {ends.destination, ends.source, ends.source_port, ends.destination_port, ends.protocol};
  return {ends.destination, ends.source, ends.destination_port, ends.source_port, ends.protocol};
}

/// The quoted packet as who made the error saw it, and the error to whom he took for its sender.
void complete_error(std::vector<std::uint8_t>& bytes, const Ends& seen) {
  const std::size_t header = header_of(bytes), quote = header + kIcmpHeader;
  if (header < kIpHeader || bytes.size() < quote + kIpHeader || is_later_fragment(bytes)) return;
  const std::span<std::uint8_t> inner = std::span(bytes).subspan(quote);
  const auto quoted = ends_of(inner);
  if (!quoted || quoted->protocol != seen.protocol) return;
  const auto icmp = std::span<const std::uint8_t>(bytes).subspan(header);
  const auto before = static_cast<std::uint16_t>(~packet::finish(packet::sum(icmp)));
  readdress(inner, seen);
  packet::adjust_checksum(&bytes[header + 2], before,
                          static_cast<std::uint16_t>(~packet::finish(packet::sum(icmp))));
  if (load32(&bytes[kDestination]) == quoted->source)
    change_address(bytes, kDestination, seen.source, nullptr);
  if (load32(&bytes[kSource]) == quoted->destination)
    change_address(bytes, kSource, seen.destination, nullptr);
}

struct Payload {
  std::uint32_t sequence = 0;
  std::string_view text{};
};
/// Of a whole TCP packet.
std::optional<Payload> payload_of(std::span<const std::uint8_t> packet) {
  const std::size_t header = header_of(packet);
  if (header < kIpHeader || packet[9] != packet::kTcp || (load16(&packet[6]) & 0x3fff) != 0)
    return std::nullopt;
  if (packet.size() < header + kTcpHeader) return std::nullopt;
  const std::size_t data = header + static_cast<std::size_t>(packet[header + 12] >> 4) * 4;
  if (packet.size() < data) return std::nullopt;
  return Payload{load32(&packet[header + 4]),
                 {reinterpret_cast<const char*>(packet.data()) + data, packet.size() - data}};
}

constexpr std::uint16_t kAmanda = 10080, kSane = 6566;  ///< servers' ports
constexpr std::size_t kSaneAnswer = 8;

/// The payload of a whole UDP packet.
std::string_view datagram_of(std::span<const std::uint8_t> packet) {
  const std::size_t data = header_of(packet) + 8;
  if ((load16(&packet[6]) & 0x3fff) != 0 || packet.size() < data) return {};
  return {reinterpret_cast<const char*>(packet.data()) + data, packet.size() - data};
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

}  // namespace

std::optional<Ends> ends_of(std::span<const std::uint8_t> packet) {
  const std::size_t header = header_of(packet);
  if (header < kIpHeader || packet[0] >> 4 != 4 || packet.size() < header + 4 || is_later_fragment(packet))
    return std::nullopt;
  Ends ends{load32(&packet[kSource]), load32(&packet[kDestination]), 0, 0, packet[9]};
  if (ends.protocol == packet::kIcmp) {
    if (packet.size() < header + 6 || !has_id(packet[header])) return std::nullopt;
    ends.source_port = load16(&packet[header + 4]);
  } else if (has_ports(ends.protocol)) {
    ends.source_port = load16(&packet[header]);
    ends.destination_port = load16(&packet[header + 2]);
  }
  return ends;
}

void readdress(std::span<std::uint8_t> packet, const Ends& ends) {
  const std::size_t header = header_of(packet);
  const bool first = header >= kIpHeader && !is_later_fragment(packet);
  const std::size_t offset = checksum_of(ends.protocol);
  std::uint8_t* checksum = nullptr;
  if (first && offset != 0 && packet.size() >= header + offset + 2) checksum = &packet[header + offset];
  if (checksum != nullptr && ends.protocol != packet::kTcp && load16(checksum) == 0) checksum = nullptr;
  change_address(packet, kSource, ends.source, checksum);
  change_address(packet, kDestination, ends.destination, checksum);
  if (!first || packet.size() < header + 4) return;
  if (ends.protocol == packet::kIcmp) {
    if (packet.size() >= header + kIcmpHeader && has_id(packet[header]))
      change_port(&packet[header + 4], ends.source_port, &packet[header + 2]);
  } else if (has_ports(ends.protocol)) {
    change_port(&packet[header], ends.source_port, checksum);
    change_port(&packet[header + 2], ends.destination_port, checksum);
  }
  if (checksum != nullptr && ends.protocol != packet::kTcp && load16(checksum) == 0)
    store16(checksum, 0xffff);
}

void ClosedLoop::complete(std::vector<std::uint8_t>& bytes, const Part& part) const {
  if (part.flow == Part::kNone || bytes.size() < kIpHeader) return;
  complete_ends(bytes, part);
  if (!part.error) complete_acknowledgement(bytes, part);
}

/// What the other end sent became longer or shorter on its way.
void ClosedLoop::complete_acknowledgement(std::vector<std::uint8_t>& bytes, const Part& part) const {
  const auto longer = longer_.find({part.flow, static_cast<std::uint8_t>(1 - part.end)});
  const std::size_t header = header_of(bytes);
  if (longer == longer_.end() || longer->second == 0 || bytes[9] != packet::kTcp) return;
  if (is_later_fragment(bytes) || bytes.size() < header + kTcpHeader) return;
  if ((bytes[header + 13] & packet::tcp::kAck) == 0) return;
  std::uint8_t* const field = &bytes[header + 8];
  const std::uint32_t to = load32(field) + longer->second;
  packet::adjust_checksum32(&bytes[header + 16], load32(field), to);
  store32(field, to);
}

void ClosedLoop::complete_ends(std::vector<std::uint8_t>& bytes, const Part& part) const {
  const auto end = static_cast<std::uint8_t>(part.error ? part.end : 1 - part.end);
  const auto seen = seen_.find({part.flow, end});
  if (seen == seen_.end()) {
    const auto told = told_.find({part.control, part.announcer});
    const auto mine = ends_of(bytes);
    if (part.error || part.end != 0 || told == told_.end() || !mine) return;
    if (part.which >= told->second.size()) return;
    const Told& place = told->second[part.which];
    return readdress(bytes, {mine->source, place.address, mine->source_port, place.port, mine->protocol});
  }
  if (part.error)
    complete_error(bytes, seen->second);
  else if (bytes[9] == seen->second.protocol)
    readdress(bytes, inverse(seen->second));
}

void ClosedLoop::learn(const Injection& packet, const std::vector<Emission>& sent) {
  if (packet.part.flow == Part::kNone || packet.part.error || packet.bytes.size() < kIpHeader) return;
  const auto mine = ends_of(packet.bytes);
  for (const Emission& emission : sent) {
    const auto ends = ends_of(emission.bytes);
    if (!ends || ends->protocol != packet.bytes[9]) continue;
    // The box's own answer to it (REJECT) goes back to its sender.
    if (mine && ends->protocol != packet::kIcmp && ends->destination == mine->source &&
        ends->destination_port == mine->source_port)
      continue;
    seen_[{packet.part.flow, packet.part.end}] = *ends;
    learn_payload(packet, emission);
    return;
  }
}

/// TFTP's request announces its own ends, other payloads say more.
void ClosedLoop::learn_payload(const Injection& packet, const Emission& emission) {
  const auto ends = ends_of(emission.bytes);
  const std::pair key{packet.part.flow, packet.part.end};
  if (ends->protocol == packet::kUdp) {
    const std::string_view text = datagram_of(emission.bytes);
    const std::size_t connect = text.find("CONNECT ");
    if (ends->source_port == kAmanda && connect == std::string_view::npos) return;
    told_[key] = {{ends->source, ends->source_port}};
    if (connect == std::string_view::npos) return;
    told_[key].clear();
    for (const std::uint32_t port : numbers_of(text.substr(connect)))
      told_[key].push_back({ends->source, static_cast<std::uint16_t>(port)});
    return;
  }
  const auto before = payload_of(packet.bytes), after = payload_of(emission.bytes);
  if (!before || !after) return;
  const std::uint32_t end_before = before->sequence + static_cast<std::uint32_t>(before->text.size());
  longer_[key] = after->sequence + static_cast<std::uint32_t>(after->text.size()) - end_before;
  if (ends->source_port == kSane) {
    if (after->text.size() == kSaneAnswer)
      told_[key] = {{ends->source, load16(reinterpret_cast<const std::uint8_t*>(after->text.data()) + 6)}};
    return;
  }
  if (const std::size_t dcc = after->text.find("\1DCC "); dcc != std::string_view::npos) {
    const std::size_t name = after->text.find(" f", dcc);
    const std::size_t place = name == std::string_view::npos ? name : after->text.find(' ', name + 1);
    if (place == std::string_view::npos) return;
    const auto said = numbers_of("DCC " + std::string(after->text.substr(place)));
    if (said.size() >= 2) told_[key] = {{said[0], static_cast<std::uint16_t>(said[1])}};
    return;
  }
  const auto n = numbers_of(after->text);
  if (n.size() == 6)
    told_[key] = {{n[0] << 24 | n[1] << 16 | n[2] << 8 | n[3], static_cast<std::uint16_t>(n[4] << 8 | n[5])}};
  else if (after->text.starts_with("229 ") && n.size() == 1)
    told_[key] = {{ends->source, static_cast<std::uint16_t>(n[0])}};
}

}  // namespace utables::lab::kernel
