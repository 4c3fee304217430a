#include "rules/target/header_change.h"

#include "base/bytes.h"
#include "packet/checksum.h"

namespace utables::rules {

namespace {
constexpr std::uint32_t kIpChecksum = 10, kTcpChecksum = 16;
}

void change_ds_field(packet::Buffer& packet, std::uint8_t value) {
  std::uint8_t* header = packet.bytes;
  if (packet.facts.family == Family::ipv6) {
    header[0] = static_cast<std::uint8_t>((header[0] & 0xf0U) | value >> 4U);
    header[1] = static_cast<std::uint8_t>((header[1] & 0x0fU) | (value & 0x0fU) << 4U);
  } else {
    std::uint32_t check = std::uint32_t{load16(header + kIpChecksum)} + header[1];
    if (check + 1 > 0xffff) check = (check + 1) & 0xffff;
    check -= value;
    check += check >> 16U;
    store16(header + kIpChecksum, static_cast<std::uint16_t>(check));
    header[1] = value;
  }
  packet.facts.tos = value;
}

void change_ip_word(packet::Buffer& packet, std::uint32_t offset, std::uint16_t value) {
  const std::uint16_t before = load16(packet.bytes + offset);
  store16(packet.bytes + offset, value);
  packet::adjust_checksum(packet.bytes + kIpChecksum, before, value);
}

void change_tcp_word(packet::Buffer& packet, std::uint32_t offset, std::uint16_t value) {
  std::uint8_t* tcp = packet.transport();
  const std::uint16_t before = load16(tcp + offset);
  store16(tcp + offset, value);
  packet::adjust_checksum(tcp + kTcpChecksum, before, value);
}

}  // namespace utables::rules
