// The words of packet text, each table used both ways: by describe() and by read_packet_line().
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/address.h"

namespace utables::packet {

struct ProtocolName {
  std::uint8_t number;
  std::string_view name;
  bool ports;
};
/// The row of a protocol; null: none (`ip-proto-N` in text).
[[nodiscard]] const ProtocolName* protocol_by_number(std::uint8_t number);
[[nodiscard]] const ProtocolName* protocol_by_name(std::string_view name);

/// What the second word of an ICMP header means.
enum class IcmpRest : std::uint8_t { nothing, id_and_sequence, gateway, mtu, pointer };
struct IcmpName {
  std::uint8_t type, code;
  std::string_view text;
  IcmpRest rest;
};
/// ICMP's, or ICMPv6's.
[[nodiscard]] std::span<const IcmpName> icmp_names(Family family);
[[nodiscard]] const IcmpName* icmp_name(Family family, std::uint8_t type, std::uint8_t code);
/// Of a type, whatever its code.
[[nodiscard]] IcmpRest icmp_rest(Family family, std::uint8_t type);

/// `hbh`, `rt`, `frag`, `dst`, `ah`: the extension headers of IPv6. Empty, and none, for other numbers.
[[nodiscard]] std::string_view extension_name(std::uint8_t protocol);
[[nodiscard]] std::optional<std::uint8_t> extension_number(std::string_view name);

/// `rr`, `ra`, ...; `opt-99` for those without a name.
[[nodiscard]] std::string ip_option_name(std::uint8_t type);
[[nodiscard]] std::optional<std::uint8_t> ip_option_type(std::string_view name);

/// The letters of the TCP flags, in the order in which they are written.
struct TcpFlagLetter {
  std::uint8_t flag;
  char letter;
};
[[nodiscard]] std::span<const TcpFlagLetter> tcp_flag_letters();

}  // namespace utables::packet
