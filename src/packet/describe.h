// A packet as one line of text, and back. The grammar is in docs/packets.md:
//   tcp 203.0.113.9:4000 > 192.0.2.254:8443 S win 64240 <mss 1460>
#pragma once
#include <utables/result.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "packet/build.h"
#include "packet/facts.h"

namespace utables::packet {

/// One line, no line break, about any bytes that parse() took. Sequence numbers are as on the wire.
[[nodiscard]] std::string describe(std::span<const std::uint8_t> packet, const Facts& facts);
/// `10.0.0.1:80 > 10.0.0.2:4000`; without ports the addresses alone.
[[nodiscard]] std::string describe_ends(const Facts& facts);
/// tcpdump's words: `S`, `S.`, `.`, `P.`, `F.`, `R`, `none`.
[[nodiscard]] std::string tcp_flag_text(std::uint8_t flags);
/// `echo request`, `host unreachable`, ...; unknown ones `type 42 code 1`.
[[nodiscard]] std::string icmp_text(Family family, std::uint8_t type, std::uint8_t code);

struct PacketLine {
  Bytes bytes{};                       ///< a whole packet, from the IP header on
  std::vector<std::string> assumed{};  ///< what the text did not say, in words (`ttl 64`)
};
/// Reads what describe() writes, and shorter forms of it; what is not said is filled in and listed.
[[nodiscard]] Result<PacketLine> read_packet_line(std::string_view text);

}  // namespace utables::packet
