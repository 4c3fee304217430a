#include "rules/target/log_line.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "packet/headers.h"
#include "rules/target/log_parts.h"

namespace utables::rules {

using namespace log_parts;

namespace {

bool put_ipv4(std::string& out, Bytes packet, const LogParameters& p, bool outer);

// Bytes that Linux wants of an ICMP message before it looks inside; 0: no more than the header.
std::size_t icmp_wanted(std::uint8_t type) {
  using namespace packet::icmp;
  switch (type) {
    case kEchoReply:
    case kEcho:
      return 4;
    case kUnreachable:
    case kSourceQuench:
    case kRedirect:
    case kTimeExceeded:
    case kParameterProblem:
      return 28;
    case kTimestamp:
    case kTimestampReply:
      return 20;
    case kAddressMask:
    case kAddressMaskReply:
      return 12;
    default:
      return 0;
  }
}

void put_icmp(std::string& out, Bytes icmp, bool later_fragment, const LogParameters& p, bool outer) {
  using namespace packet::icmp;
  out += "PROTO=ICMP ";
  if (later_fragment) return;
  if (icmp.size() < 8) return incomplete(out, icmp.size());
  const std::uint8_t type = icmp[0], code = icmp[1];
  fmt::format_to(Out(out), "TYPE={} CODE={} ", type, code);
  if (icmp.size() < icmp_wanted(type)) return incomplete(out, icmp.size());
  if (type == kEchoReply || type == kEcho)
    fmt::format_to(Out(out), "ID={} SEQ={} ", load16(&icmp[4]), load16(&icmp[6]));
  if (type == kParameterProblem) fmt::format_to(Out(out), "PARAMETER={} ", icmp[4]);
  if (type == kRedirect)
    fmt::format_to(Out(out), "GATEWAY={} ", to_string(Address::load(&icmp[4], Family::ipv4), Family::ipv4));
  if (type != kRedirect && type != kUnreachable && type != kSourceQuench && type != kTimeExceeded) return;
  if (outer) {
    out += '[';
    put_ipv4(out, icmp.subspan(8), p, false);
    out += "] ";
  }
  if (type == kUnreachable && code == 4) fmt::format_to(Out(out), "MTU={} ", load16(&icmp[6]));
}

bool put_transport(std::string& out, Bytes transport, std::uint8_t protocol, bool later_fragment,
                   const LogParameters& p, bool outer) {
  switch (protocol) {
    case packet::kTcp:
      return put_tcp(out, {transport, transport.size(), later_fragment}, p);
    case packet::kUdp:
    case packet::kUdplite:
      return put_udp(out, {transport, transport.size(), later_fragment}, protocol);
    case packet::kIcmp:
      put_icmp(out, transport, later_fragment, p, outer);
      return true;
    case packet::kAh:
      if (later_fragment) return true;
      out += "PROTO=AH ";
      put_spi(out, transport, 4, 12);
      return true;
    case packet::kEsp:
      out += "PROTO=ESP ";
      if (!later_fragment) put_spi(out, transport, 0, 8);
      return true;
    default:
      fmt::format_to(Out(out), "PROTO={} ", protocol);
      return true;
  }
}

bool put_ipv4(std::string& out, Bytes packet, const LogParameters& p, bool outer) {
  if (packet.size() < 20) {
    out += "TRUNCATED";
    return false;
  }
  const auto address = [&](std::size_t at) {
    return to_string(Address::load(&packet[at], Family::ipv4), Family::ipv4);
  };
  fmt::format_to(Out(out), "SRC={} DST={} LEN={} TOS=0x{:02X} PREC=0x{:02X} TTL={} ID={} ", address(12),
                 address(16), load16(&packet[2]), packet[1] & 0x1e, packet[1] & 0xe0, packet[8],
                 load16(&packet[4]));
  const std::uint16_t fragment = load16(&packet[6]), offset = fragment & packet::ip::kOffsetMask;
  if ((fragment & 0x8000U) != 0) out += "CE ";
  if ((fragment & packet::ip::kDontFragment) != 0) out += "DF ";
  if ((fragment & packet::ip::kMoreFragments) != 0) out += "MF ";
  if (offset != 0) fmt::format_to(Out(out), "FRAG:{} ", offset);
  const std::size_t header = (packet[0] & 0x0fU) * 4U;
  if (p.ip_options && header > 20) {
    if (packet.size() < header) {
      out += "TRUNCATED";
      return false;
    }
    out += "OPT (";
    hexadecimal(out, packet.subspan(20, header - 20));
    out += ") ";
  }
  const Bytes transport = packet.size() > header ? packet.subspan(header) : Bytes{};
  return put_transport(out, transport, packet[9], offset != 0, p, outer);
}

/// The device that has the packet says what is before its IP header: in POSTROUTING the one that it leaves
/// by. lo shows the zeros that it puts there, a device without a link layer nothing; on Ethernet a packet
/// that came without (from such a device, or put together from fragments) shows nothing, not even the word
/// where it is to be decoded.
void put_link(std::string& out, const Context& c, const LogParameters& p) {
  const LinkFacts& link = *c.link;
  const auto kind = c.host.at(c.hook == Hook::postrouting && c.out != kNoInterface ? c.out : c.in).kind;
  const auto mac = [&](const std::array<std::uint8_t, 6>& m) {
    return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", m[0], m[1], m[2], m[3], m[4], m[5]);
  };
  if (kind == host::LinkKind::loopback) {
    fmt::format_to(Out(out), "MAC=00:00:00:00:00:00:00:00:00:00:00:00:{} ",
                   c.facts().is_ipv6() ? "86:dd" : "08:00");
  } else if (kind == host::LinkKind::point_to_point || (!link.present && !p.macdecode)) {
    out += "MAC= ";
  } else if (link.present && p.macdecode) {
    fmt::format_to(Out(out), "MACSRC={} MACDST={} MACPROTO={:04x} ", mac(link.source), mac(link.destination),
                   link.type);
  } else if (link.present) {
    fmt::format_to(Out(out), "MAC={}:{}:{:02x}:{:02x} ", mac(link.destination), mac(link.source),
                   link.type >> 8U, link.type & 0xffU);
  }
}

}  // namespace

std::string log_line(const Context& c, const LogParameters& p) {
  const auto interface = [&](InterfaceId id) {
    return id == kNoInterface ? std::string{} : c.host.at(id).name;
  };
  std::string out = fmt::format("{}IN={} OUT={} ", p.prefix, interface(c.in), interface(c.out));
  if (c.in != kNoInterface) put_link(out, c, p);
  const bool whole =
      c.facts().is_ipv6() ? put_ipv6(out, c.packet.view(), p, true) : put_ipv4(out, c.packet.view(), p, true);
  if (whole && c.mark != 0) fmt::format_to(Out(out), "MARK=0x{:x} ", c.mark);
  return out;
}

}  // namespace utables::rules
