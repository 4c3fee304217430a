#include "rules/target/log_parts.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "packet/headers.h"

namespace utables::rules::log_parts {

void hexadecimal(std::string& out, Bytes bytes) {
  for (const std::uint8_t byte : bytes) fmt::format_to(Out(out), "{:02X}", byte);
}

void incomplete(std::string& out, std::size_t size) {
  fmt::format_to(Out(out), "INCOMPLETE [{} bytes] ", size);
}

bool put_tcp(std::string& out, const Rest& rest, const LogParameters& p) {
  const Bytes tcp = rest.bytes;
  out += "PROTO=TCP ";
  if (rest.later_fragment) return true;
  if (tcp.size() < 20) {
    incomplete(out, rest.told);
    return false;
  }
  fmt::format_to(Out(out), "SPT={} DPT={} ", load16(&tcp[0]), load16(&tcp[2]));
  if (p.tcp_sequence) fmt::format_to(Out(out), "SEQ={} ACK={} ", load32(&tcp[4]), load32(&tcp[8]));
  fmt::format_to(Out(out), "WINDOW={} RES=0x{:02x} ", load16(&tcp[14]), (tcp[12] & 0x0eU) << 2U);
  constexpr struct {
    std::uint8_t byte, bit;
    std::string_view name;
  } kFlags[] = {{12, 0x01, "AE "},  {13, 0x80, "CWR "}, {13, 0x40, "ECE "},
                {13, 0x20, "URG "}, {13, 0x10, "ACK "}, {13, 0x08, "PSH "},
                {13, 0x04, "RST "}, {13, 0x02, "SYN "}, {13, 0x01, "FIN "}};
  for (const auto& flag : kFlags)
    if ((tcp[flag.byte] & flag.bit) != 0) out += flag.name;
  fmt::format_to(Out(out), "URGP={} ", load16(&tcp[18]));
  const std::size_t header = (tcp[12] >> 4U) * 4U;
  if (!p.tcp_options || header <= 20) return true;
  if (tcp.size() < header) {
    out += "OPT (TRUNCATED)";
    return false;
  }
  out += "OPT (";
  hexadecimal(out, tcp.subspan(20, header - 20));
  out += ") ";
  return true;
}

bool put_udp(std::string& out, const Rest& rest, std::uint8_t protocol) {
  const Bytes udp = rest.bytes;
  out += protocol == packet::kUdplite ? "PROTO=UDPLITE " : "PROTO=UDP ";
  if (rest.later_fragment) return true;
  if (udp.size() < 8) {
    incomplete(out, rest.told);
    return false;
  }
  fmt::format_to(Out(out), "SPT={} DPT={} LEN={} ", load16(&udp[0]), load16(&udp[2]), load16(&udp[4]));
  return true;
}

void put_spi(std::string& out, Bytes header, std::size_t at, std::size_t least) {
  if (header.size() < least) return incomplete(out, header.size());
  fmt::format_to(Out(out), "SPI=0x{:x} ", load32(&header[at]));
}

}  // namespace utables::rules::log_parts
