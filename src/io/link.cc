#include "io/link.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"

namespace utables::io {

namespace {

// A frame that is being read: `at` is the next byte, `wire` where its content ends on the wire (which an
// inner length field may move to the front, cutting padding off).
struct Cursor {
  std::span<const std::uint8_t> bytes;
  std::uint32_t wire = 0;
  std::uint32_t at = 0;

  [[nodiscard]] bool has(std::uint32_t n) const { return bytes.size() - at >= n; }
  [[nodiscard]] const std::uint8_t* here() const { return bytes.data() + at; }
  [[nodiscard]] std::uint32_t wire_left() const { return wire - at; }
  /// The content is the next n bytes. False: so many were not on the wire.
  [[nodiscard]] bool limit(std::uint32_t n) {
    if (n > wire_left()) return false;
    wire = at + n;
    bytes = bytes.first(std::min<std::size_t>(bytes.size(), wire));
    return true;
  }
};

constexpr std::uint16_t kPppIpv4 = 0x0021, kPppIpv6 = 0x0057;
constexpr std::uint16_t kSmallestEtherType = 0x0600;  // below: an 802.3 length

PacketType type_of_address(const std::array<std::uint8_t, 6>& address) {
  if (std::all_of(address.begin(), address.end(), [](std::uint8_t b) { return b == 0xff; }))
    return PacketType::broadcast;
  return (address[0] & 1) != 0 ? PacketType::multicast : PacketType::host;
}

// PPP: address and control (absent where both ends agreed to that), the protocol, one byte if that is odd.
LinkProblem ppp(Cursor& c, LinkLayer& out) {
  if (c.has(1) && c.here()[0] == 0xff && !c.has(2)) return LinkProblem::truncated;
  if (c.has(2) && c.here()[0] == 0xff && c.here()[1] == 0x03) c.at += 2;
  if (!c.has(1)) return LinkProblem::truncated;
  if ((c.here()[0] & 1) != 0) {
    out.ppp_protocol = c.here()[0];
    c.at += 1;
  } else {
    if (!c.has(2)) return LinkProblem::truncated;
    out.ppp_protocol = load16(c.here());
    c.at += 2;
  }
  out.ether_type = out.ppp_protocol == kPppIpv4   ? ethertype::kIpv4
                   : out.ppp_protocol == kPppIpv6 ? ethertype::kIpv6
                                                  : ethertype::kPpp;
  return LinkProblem::none;
}

// PPPoE session: version and type, code, session, length of what follows.
LinkProblem pppoe(Cursor& c, LinkLayer& out) {
  if (!c.has(6)) return LinkProblem::truncated;
  if (c.here()[0] != 0x11 || c.here()[1] != 0) return LinkProblem::bad_pppoe_header;
  out.pppoe_session = load16(c.here() + 2);
  const std::uint16_t length = load16(c.here() + 4);
  c.at += 6;
  if (length < 2 || !c.limit(length)) return LinkProblem::bad_pppoe_length;
  out.facts.present = false;  // the packet comes by a PPP device, which has no Ethernet header
  return ppp(c, out);
}

// 802.2 LLC; with SNAP and no organisation an EtherType follows.
LinkProblem llc(Cursor& c, LinkLayer& out) {
  if (!c.has(3)) return LinkProblem::truncated;
  out.ether_type = 0;
  if (c.here()[0] != 0xaa || c.here()[1] != 0xaa || c.here()[2] != 0x03) return LinkProblem::none;
  if (!c.has(8)) return LinkProblem::truncated;
  if (c.here()[3] != 0 || c.here()[4] != 0 || c.here()[5] != 0) return LinkProblem::none;
  out.snap = true;
  out.ether_type = load16(c.here() + 6);
  c.at += 8;
  return LinkProblem::none;
}

bool is_vlan(std::uint16_t type) {
  return type == ethertype::kVlan || type == ethertype::kProviderVlan || type == ethertype::kOldQinq;
}

// What follows an EtherType field: tags, a length with LLC, a PPPoE session, or the packet itself.
LinkProblem after_type(Cursor& c, std::uint16_t type, LinkLayer& out) {
  while (is_vlan(type)) {
    if (!c.has(4)) return LinkProblem::truncated;
    if (out.vlan_count == kMaxVlanTags) return LinkProblem::too_many_tags;
    out.vlan_ids[out.vlan_count++] = load16(c.here()) & 0x0fff;
    type = load16(c.here() + 2);
    c.at += 4;
  }
  out.ether_type = out.facts.type = type;
  if (type == ethertype::kPppoeSession) return pppoe(c, out);
  if (type >= kSmallestEtherType) return LinkProblem::none;
  if (!c.limit(type)) return LinkProblem::bad_llc_length;
  return llc(c, out);
}

LinkProblem ethernet(Cursor& c, LinkLayer& out) {
  if (!c.has(14)) return LinkProblem::truncated;
  out.facts.present = true;
  std::copy_n(c.here(), 6, out.facts.destination.begin());
  std::copy_n(c.here() + 6, 6, out.facts.source.begin());
  out.type = type_of_address(out.facts.destination);
  const std::uint16_t type = load16(c.here() + 12);
  c.at += 14;
  return after_type(c, type, out);
}

// What both cooked headers say.
struct Cooked {
  std::uint16_t hardware = 0;  ///< ARPHRD_...
  std::uint32_t packet_type = 0;
  std::uint32_t address_size = 0;
  const std::uint8_t* address = nullptr;
  std::uint16_t protocol = 0;
};

LinkProblem cooked(Cursor& c, const Cooked& header, LinkLayer& out) {
  constexpr std::uint16_t kHardwareEthernet = 1, kHardwareNetlink = 824, kProtocolRaw8023 = 1,
                          kProtocolLlc = 4;
  if (header.packet_type <= static_cast<std::uint32_t>(PacketType::loopback))
    out.type = static_cast<PacketType>(header.packet_type);
  out.direction = out.type == PacketType::outgoing ? Direction::outbound : Direction::inbound;
  if (header.hardware == kHardwareEthernet && header.address_size == 6) {
    out.facts.present = true;
    std::copy_n(header.address, 6, out.facts.source.begin());
  }
  if (header.hardware == kHardwareNetlink || header.protocol == kProtocolRaw8023) return LinkProblem::none;
  if (header.protocol == kProtocolLlc) return llc(c, out);
  if (header.protocol >= kSmallestEtherType) return after_type(c, header.protocol, out);
  return LinkProblem::none;  // protocols of Linux alone (CAN, ...)
}

LinkProblem cooked1(Cursor& c, LinkLayer& out) {
  if (!c.has(16)) return LinkProblem::truncated;
  const std::uint8_t* p = c.here();
  c.at += 16;
  return cooked(c, Cooked{load16(p + 2), load16(p), load16(p + 4), p + 6, load16(p + 14)}, out);
}

LinkProblem cooked2(Cursor& c, LinkLayer& out) {
  if (!c.has(20)) return LinkProblem::truncated;
  const std::uint8_t* p = c.here();
  c.at += 20;
  out.interface_index = load32(p + 4);
  return cooked(c, Cooked{load16(p + 8), p[10], p[11], p + 12, load16(p)}, out);
}

LinkProblem raw(Cursor& c, LinkLayer& out) {
  if (!c.has(1)) return LinkProblem::truncated;
  const unsigned version = c.here()[0] >> 4;
  out.ether_type = version == 4 ? ethertype::kIpv4 : version == 6 ? ethertype::kIpv6 : std::uint16_t{0};
  return LinkProblem::none;
}

LinkProblem raw_ipv4(Cursor&, LinkLayer& out) {
  out.ether_type = ethertype::kIpv4;
  return LinkProblem::none;
}

LinkProblem raw_ipv6(Cursor&, LinkLayer& out) {
  out.ether_type = ethertype::kIpv6;
  return LinkProblem::none;
}

// HDLC framing: PPP, or Cisco's, whose header ends in an EtherType.
LinkProblem ppp_serial(Cursor& c, LinkLayer& out) {
  if (!c.has(1)) return LinkProblem::truncated;
  const bool cisco = c.here()[0] == 0x0f || c.here()[0] == 0x8f;
  if (!cisco) return ppp(c, out);
  if (!c.has(4)) return LinkProblem::truncated;
  out.ether_type = load16(c.here() + 2);
  c.at += 4;
  return LinkProblem::none;
}

LinkProblem ppp_with_direction(Cursor& c, LinkLayer& out) {
  if (!c.has(1)) return LinkProblem::truncated;
  out.direction = c.here()[0] == 0 ? Direction::inbound : Direction::outbound;
  c.at += 1;
  return ppp(c, out);
}

// The address family of the system that captured: each has its own number for IPv6.
LinkProblem address_family(Cursor& c, std::uint32_t family, LinkLayer& out) {
  c.at += 4;
  switch (family) {
    case 2:
      out.ether_type = ethertype::kIpv4;
      break;
    case 10:  // Linux
    case 24:  // NetBSD, OpenBSD
    case 28:  // FreeBSD
    case 30:  // macOS
      out.ether_type = ethertype::kIpv6;
      break;
    default:
      break;
  }
  return LinkProblem::none;
}

LinkProblem null(Cursor& c, LinkLayer& out) {
  if (!c.has(4)) return LinkProblem::truncated;
  const std::uint32_t family = load32(c.here());  // in the order of whoever captured: families are small
  return address_family(c, family > 0xffff ? byteswap32(family) : family, out);
}

LinkProblem loop(Cursor& c, LinkLayer& out) {
  if (!c.has(4)) return LinkProblem::truncated;
  return address_family(c, load32(c.here()), out);
}

struct LinkType {
  std::uint16_t number;
  const char* name;  ///< as tcpdump -L has it
  LinkProblem (*parse)(Cursor&, LinkLayer&);
};
constexpr LinkType kLinkTypes[] = {
    {linktype::kEthernet, "EN10MB", ethernet},
    {linktype::kRaw, "RAW", raw},
    {linktype::kLinuxSll, "LINUX_SLL", cooked1},
    {linktype::kLinuxSll2, "LINUX_SLL2", cooked2},
    {linktype::kNull, "NULL", null},
    {linktype::kLoop, "LOOP", loop},
    {linktype::kPpp, "PPP", ppp},
    {linktype::kPppSerial, "PPP_SERIAL", ppp_serial},
    {linktype::kPppEther, "PPP_ETHER", pppoe},
    {linktype::kPppPppd, "PPP_PPPD", ppp_with_direction},
    {linktype::kPppWithDirection, "PPP_WITH_DIR", ppp_with_direction},
    {linktype::kRawBsd, "RAW", raw},
    {linktype::kRawOpenBsd, "RAW", raw},
    {linktype::kIpv4, "IPV4", raw_ipv4},
    {linktype::kIpv6, "IPV6", raw_ipv6},
};

// Link types that utables does not read, and that captures have; so that the error can say which it is.
struct LinkName {
  std::uint16_t number;
  const char* name;
};
constexpr LinkName kOtherLinkTypes[] = {
    {6, "IEEE802 (Token Ring)"},
    {8, "SLIP"},
    {10, "FDDI"},
    {104, "C_HDLC"},
    {105, "IEEE802_11 (wireless)"},
    {107, "FRELAY"},
    {109, "ENC"},
    {117, "PFLOG"},
    {119, "PRISM_HEADER (wireless)"},
    {127, "IEEE802_11_RADIO (wireless)"},
    {147, "USER0"},
    {187, "BLUETOOTH_HCI_H4"},
    {189, "USB_LINUX"},
    {192, "PPI"},
    {195, "IEEE802_15_4_WITHFCS"},
    {220, "USB_LINUX_MMAPPED"},
    {227, "CAN_SOCKETCAN"},
    {239, "NFLOG"},
    {249, "USBPCAP"},
    {253, "NETLINK"},
};

const LinkType* find(std::uint16_t number) {
  for (const LinkType& t : kLinkTypes)
    if (t.number == number) return &t;
  return nullptr;
}

}  // namespace

std::string_view name(LinkProblem problem) {
  switch (problem) {
    case LinkProblem::none:
      return "none";
    case LinkProblem::truncated:
      return "link-truncated";
    case LinkProblem::too_many_tags:
      return "link-too-many-tags";
    case LinkProblem::bad_pppoe_header:
      return "link-bad-pppoe-header";
    case LinkProblem::bad_pppoe_length:
      return "link-bad-pppoe-length";
    case LinkProblem::bad_llc_length:
      return "link-bad-llc-length";
    case LinkProblem::unknown_link_type:
      return "link-unknown-type";
    case LinkProblem::count_:
      break;
  }
  return "?";
}

std::string link_type_name(std::uint16_t link_type) {
  if (const LinkType* t = find(link_type)) return t->name;
  for (const LinkName& n : kOtherLinkTypes)
    if (n.number == link_type) return n.name;
  return fmt::format("link type {}", link_type);
}

Result<void> check_link_type(std::uint16_t link_type) {
  if (find(link_type) != nullptr) return {};
  return fail(fmt::format(
      "link type {}{} is not understood: Ethernet, raw IP, Linux cooked, PPP and BSD loopback are", link_type,
      link_type_name(link_type).starts_with("link type") ? std::string()
                                                         : ", " + link_type_name(link_type) + ","));
}

LinkProblem parse_link(const Frame& frame, LinkLayer& out) {
  out = LinkLayer{};
  const LinkType* type = find(frame.link_type);
  if (type == nullptr) return LinkProblem::unknown_link_type;
  const auto captured = static_cast<std::uint32_t>(frame.bytes.size());
  Cursor cursor{frame.bytes, std::max(frame.wire_size, captured)};
  const LinkProblem problem = type->parse(cursor, out);
  out.offset = cursor.at;
  out.size = static_cast<std::uint32_t>(cursor.bytes.size()) - cursor.at;
  out.wire_size = cursor.wire_left();
  if (frame.type) out.type = *frame.type;
  if (frame.direction != Direction::unknown) out.direction = frame.direction;
  return problem;
}

}  // namespace utables::io
