#include "lab/generate/packets.h"

#include <algorithm>

#include "base/bytes.h"
#include "packet/headers.h"

namespace utables::lab::generate {
namespace {

// A sum of its own: the comparison must not rest on the code that it tests.
std::uint16_t internet_checksum(std::span<const std::uint8_t> bytes, std::uint32_t start = 0) {
  std::uint64_t sum = start;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) sum += load16(bytes.data() + i);
  if (bytes.size() % 2 != 0) sum += std::uint32_t{bytes.back()} << 8;
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

std::uint32_t pseudo_sum(const IpFields& ip, std::uint8_t protocol, std::size_t length) {
  return (ip.source >> 16) + (ip.source & 0xffff) + (ip.destination >> 16) + (ip.destination & 0xffff) +
         protocol + static_cast<std::uint32_t>(length);
}

// Bit by bit, for the same reason.
std::uint32_t crc32c(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = ~0U;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78U : 0U);
  }
  return ~crc;
}

void pad(Bytes& options) {
  while (options.size() % 4 != 0) options.push_back(0);
}

}  // namespace

Bytes ip_packet(const IpFields& ip, std::span<const std::uint8_t> payload) {
  Bytes options = ip.options;
  pad(options);
  if (options.size() > 40) options.resize(40);
  Bytes bytes(20, 0);
  bytes[0] = static_cast<std::uint8_t>(0x40 | (5 + options.size() / 4));
  bytes[1] = ip.tos;
  store16(&bytes[4], ip.identification);
  store16(&bytes[6], static_cast<std::uint16_t>((ip.dont_fragment ? 0x4000 : 0) |
                                                (ip.more_fragments ? 0x2000 : 0) | ip.offset / 8));
  bytes[8] = ip.ttl;
  bytes[9] = ip.protocol;
  store32(&bytes[12], ip.source);
  store32(&bytes[16], ip.destination);
  bytes.insert(bytes.end(), options.begin(), options.end());
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  fix_ip_length(bytes);
  return bytes;
}

Bytes tcp_segment(const IpFields& ip, const TcpFields& tcp, std::span<const std::uint8_t> payload) {
  Bytes options = tcp.options;
  pad(options);
  if (options.size() > 40) options.resize(40);
  Bytes bytes(20, 0);
  store16(&bytes[0], tcp.source_port);
  store16(&bytes[2], tcp.destination_port);
  store32(&bytes[4], tcp.seq);
  store32(&bytes[8], tcp.ack);
  bytes[12] = static_cast<std::uint8_t>((5 + options.size() / 4) << 4);
  bytes[13] = tcp.flags;
  store16(&bytes[14], tcp.window);
  store16(&bytes[18], tcp.urgent);
  bytes.insert(bytes.end(), options.begin(), options.end());
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  store16(&bytes[16], internet_checksum(bytes, pseudo_sum(ip, packet::kTcp, bytes.size())));
  return bytes;
}

Bytes udp_datagram(const IpFields& ip, std::uint16_t source_port, std::uint16_t destination_port,
                   std::span<const std::uint8_t> payload) {
  Bytes bytes(8, 0);
  store16(&bytes[0], source_port);
  store16(&bytes[2], destination_port);
  store16(&bytes[4], static_cast<std::uint16_t>(8 + payload.size()));
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  const std::uint16_t sum = internet_checksum(bytes, pseudo_sum(ip, packet::kUdp, bytes.size()));
  store16(&bytes[6], sum == 0 ? 0xffff : sum);
  return bytes;
}

Bytes udplite_datagram(const IpFields& ip, std::uint16_t source_port, std::uint16_t destination_port,
                       std::uint16_t coverage, std::uint8_t protocol, std::span<const std::uint8_t> payload) {
  Bytes bytes(8, 0);
  store16(&bytes[0], source_port);
  store16(&bytes[2], destination_port);
  store16(&bytes[4], coverage);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  const std::size_t covered = coverage == 0 ? bytes.size() : std::min<std::size_t>(coverage, bytes.size());
  const std::size_t length = protocol == packet::kUdplite ? bytes.size() : bytes.size() & 0xff;
  const std::uint16_t sum = internet_checksum({bytes.data(), covered}, pseudo_sum(ip, protocol, length));
  store16(&bytes[6], sum == 0 ? 0xffff : sum);
  return bytes;
}

Bytes sctp_packet(std::uint16_t source_port, std::uint16_t destination_port, std::uint32_t tag,
                  std::span<const std::uint8_t> chunks) {
  Bytes bytes(12, 0);
  store16(&bytes[0], source_port);
  store16(&bytes[2], destination_port);
  store32(&bytes[4], tag);
  bytes.insert(bytes.end(), chunks.begin(), chunks.end());
  const std::uint32_t crc = crc32c(bytes);
  for (unsigned i = 0; i < 4; ++i) bytes[8 + i] = static_cast<std::uint8_t>(crc >> (8 * i));
  return bytes;
}

Bytes icmp_message(std::uint8_t type, std::uint8_t code, std::uint32_t rest,
                   std::span<const std::uint8_t> payload) {
  Bytes bytes(8, 0);
  bytes[0] = type;
  bytes[1] = code;
  store32(&bytes[4], rest);
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  store16(&bytes[2], internet_checksum(bytes));
  return bytes;
}

void fix_ip_checksum(Bytes& packet) {
  if (packet.size() < 20) return;
  const std::size_t header = static_cast<std::size_t>(packet[0] & 15) * 4;
  if (header < 20 || header > packet.size()) return;
  store16(&packet[10], 0);
  store16(&packet[10], internet_checksum({packet.data(), header}));
}

void fix_icmp_checksum(Bytes& packet) {
  const std::size_t header = packet.empty() ? 0 : static_cast<std::size_t>(packet[0] & 15) * 4;
  if (header < 20 || packet.size() < header + 8) return;
  store16(&packet[header + 2], 0);
  store16(&packet[header + 2], internet_checksum({packet.data() + header, packet.size() - header}));
}

void fix_ip_length(Bytes& packet) {
  if (packet.size() < 20) return;
  store16(&packet[2], static_cast<std::uint16_t>(packet.size()));
  fix_ip_checksum(packet);
}

Bytes filler(std::size_t size, std::uint8_t first) {
  Bytes bytes(size);
  for (auto& byte : bytes) byte = first++;
  return bytes;
}

}  // namespace utables::lab::generate
