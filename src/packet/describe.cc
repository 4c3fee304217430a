// Writes packet text. What read_packet_line() cannot turn back stands in [brackets], which it skips.
#include "packet/describe.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "packet/extensions.h"
#include "packet/names.h"
#include "packet/sctp.h"

namespace utables::packet {
namespace {

using View = std::span<const std::uint8_t>;

std::string protocol_text(std::uint8_t protocol) {
  const ProtocolName* row = protocol_by_number(protocol);
  return row != nullptr ? std::string(row->name) : fmt::format("ip-proto-{}", protocol);
}

std::string end_text(const Address& address, Family family, bool with_port, std::uint16_t port) {
  const std::string text = to_string(address, family);
  if (!with_port) return text;
  return family == Family::ipv6 ? fmt::format("[{}]:{}", text, port) : fmt::format("{}:{}", text, port);
}

std::string hex(View bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) out += fmt::format("{:02x}", byte);
  return out;
}

/// One TCP option; `data` is behind type and length.
std::string tcp_option_text(std::uint8_t type, View data) {
  if (type == tcp::kOptMss && data.size() == 2) return fmt::format("mss {}", load16(data.data()));
  if (type == tcp::kOptWindowScale && data.size() == 1) return fmt::format("wscale {}", data[0]);
  if (type == tcp::kOptSackPermitted && data.empty()) return "sackOK";
  if (type == tcp::kOptTimestamp && data.size() == 8)
    return fmt::format("TS val {} ecr {}", load32(data.data()), load32(&data[4]));
  if (type == tcp::kOptSack && !data.empty() && data.size() % 8 == 0) {
    std::string out = "sack";
    for (std::size_t at = 0; at < data.size(); at += 8)
      out += fmt::format(" {}:{}", load32(&data[at]), load32(&data[at + 4]));
    return out;
  }
  return data.empty() ? fmt::format("opt-{}", type) : fmt::format("opt-{} {}", type, hex(data));
}

/// ` <mss 1460,nop>`, or nothing. Stops at the first malformed option.
std::string tcp_options_text(View options) {
  std::string list;
  const auto add = [&](const std::string& text) { list += (list.empty() ? "" : ",") + text; };
  for (std::size_t at = 0; at < options.size();) {
    const std::uint8_t type = options[at];
    if (type == tcp::kOptEnd) break;
    if (type == tcp::kOptNop) {
      add("nop");
      ++at;
      continue;
    }
    const std::size_t length = at + 1 < options.size() ? options[at + 1] : 0;
    if (length < 2 || length > options.size() - at) return fmt::format(" <{}> [bad options]", list);
    add(tcp_option_text(type, options.subspan(at + 2, length - 2)));
    at += length;
  }
  return list.empty() ? "" : fmt::format(" <{}>", list);
}

constexpr std::uint32_t kDccpHeader = 12;  // what is always there of it (RFC 4340)

std::string length_text(std::uint32_t payload) { return payload == 0 ? "" : fmt::format(" len {}", payload); }

std::string tcp_text(View transport, const Facts& f) {
  std::string out = " " + tcp_flag_text(f.tcp_flags);
  if (f.tcp_seq != 0) out += fmt::format(" seq {}", f.tcp_seq);
  if ((f.tcp_flags & tcp::kAck) != 0 || f.tcp_ack != 0) out += fmt::format(" ack {}", f.tcp_ack);
  out += fmt::format(" win {}", f.tcp_window);
  if (f.tcp_header_size < 20 || f.tcp_header_size > f.transport_length())
    return out + fmt::format(" [bad header length {}]", f.tcp_header_size);
  out += tcp_options_text(
      transport.subspan(20, std::min<std::size_t>(transport.size(), f.tcp_header_size) - 20));
  return out + length_text(f.transport_length() - f.tcp_header_size);
}

std::string sctp_text(View transport, const Facts& f) {
  const std::uint32_t tag = load32(&transport[4]);
  std::string out = tag == 0 ? "" : fmt::format(" tag {:#x}", tag);
  const std::string chunks = f.size < f.total_length ? std::string() : sctp::chunks_text(transport);
  return out + (chunks.empty() ? length_text(f.transport_length() - sctp::kHeader) : " <" + chunks + ">");
}

std::string icmp_rest_text(View transport, const Facts& f) {
  const IcmpName* row = icmp_name(f.family, f.icmp_type, f.icmp_code);
  switch (row != nullptr ? row->rest : icmp_rest(f.family, f.icmp_type)) {
    case IcmpRest::id_and_sequence:
      return fmt::format(" id {} seq {}", f.icmp_id, load16(&transport[6]));
    case IcmpRest::gateway:
      return " gateway " + to_string(Address::load(&transport[4], Family::ipv4), Family::ipv4);
    case IcmpRest::mtu:
      return fmt::format(" mtu {}", f.is_ipv6() ? load32(&transport[4]) : load16(&transport[6]));
    case IcmpRest::pointer:
      return fmt::format(" pointer {}", f.is_ipv6() ? load32(&transport[4]) : transport[4]);
    case IcmpRest::nothing:
      break;
  }
  return "";
}

std::string describe_nested(View packet, const Facts& f, unsigned depth);

std::string icmp_packet_text(View transport, const Facts& f, unsigned depth) {
  std::string out = " " + icmp_text(f.family, f.icmp_type, f.icmp_code) + icmp_rest_text(transport, f);
  const std::uint32_t payload = f.transport_length() - 8;
  const bool error = f.is_ipv6() ? icmpv6::is_error(f.icmp_type) : icmp::is_error(f.icmp_type);
  if (!error) return out + length_text(payload);
  const View quoted = transport.subspan(8);
  Facts inner;
  if (depth > 0 || parse(quoted, 0x10000, inner) != DropReason::none) return out + length_text(payload);
  return out + " (" + describe_nested(quoted, inner, depth + 1) + ")";
}

/// Transport header and payload of a packet, its first fragment included.
std::string transport_text(View packet, const Facts& f, unsigned depth) {
  const View transport = packet.subspan(f.header_size, f.size - f.header_size);
  if (f.chain_broken) return f.size < f.total_length ? "" : " [extension headers are cut]";
  if (f.protocol == kNoNextHeader) return length_text(f.transport_length());
  if (!f.has_transport_header) {
    const bool cut = f.size < f.total_length;
    return cut ? "" : fmt::format(" [transport header cut at {} bytes]", transport.size());
  }
  switch (f.protocol) {
    case kTcp:
      return tcp_text(transport, f);
    case kIcmp:
    case kIcmpv6:
      if ((f.protocol == kIcmpv6) != f.is_ipv6()) return length_text(f.transport_length() - 8);
      return icmp_packet_text(transport, f, depth);
    case kUdp:
    case kUdplite:
      return length_text(f.transport_length() - 8);
    case kDccp:
      return length_text(f.transport_length() - kDccpHeader);
    case kSctp:
      return sctp_text(transport, f);
    default:
      return length_text(f.transport_length());
  }
}

std::string ip_options_text(View options) {
  std::string list;
  for (std::size_t at = 0; at < options.size();) {
    if (options[at] == 0) break;  // padding
    list += (list.empty() ? "" : ",") + ip_option_name(options[at]);
    const std::size_t length = options[at] == 1 ? 1 : at + 1 < options.size() ? options[at + 1] : 0;
    if (length == 0 || length > options.size() - at)
      return fmt::format(" ip-options <{}> [bad ip options]", list);
    at += length;
  }
  return list.empty() ? "" : fmt::format(" ip-options <{}>", list);
}

/// ` ext <hbh 050200000100,frag,dst 0104>`: every extension header but a fragment header that is the last.
std::string extensions_text(View packet) {
  std::string list;
  bool fragment_is_last = false;
  const ChainEnd end = walk_chain(packet, [&](const Extension& header) {
    list += list.empty() ? "" : ",";
    list += extension_name(header.protocol);
    fragment_is_last = header.protocol == kFragment;
    if (fragment_is_last) return true;
    const std::size_t from = std::min<std::size_t>(header.offset + 2, packet.size());
    const std::size_t to = std::min<std::size_t>(header.offset + header.size, packet.size());
    list += " " + hex(packet.subspan(from, std::max(to, from) - from));
    return true;
  });
  (void)end;
  if (fragment_is_last) list.resize(list.rfind("frag"));
  if (list.ends_with(',')) list.pop_back();
  return list.empty() ? "" : fmt::format(" ext <{}>", list);
}

std::string describe_nested(View packet, const Facts& f, unsigned depth) {
  packet = packet.first(std::min<std::size_t>(packet.size(), f.size));
  std::string out = protocol_text(f.protocol) + " " + describe_ends(f);
  out += f.is_later_fragment() ? length_text(f.transport_length()) : transport_text(packet, f, depth);
  if (f.is_fragment())
    out += fmt::format(" frag {} offset {}{}", f.identification, f.fragment_offset,
                       f.more_fragments ? " more" : "");
  else if (f.fragment_header != 0 && f.fragment_header < f.header_size)
    out += fmt::format(" frag {}", f.identification);
  if (f.is_ipv6()) {
    out += extensions_text(packet);
    if (const std::uint32_t flow = load32(packet.data()) & 0xfffff; flow != 0)
      out += fmt::format(" flow {:#07x}", flow);
  }
  if (f.tos != 0) out += fmt::format(" tos {:#04x}", f.tos);
  if (f.has_ip_options()) out += ip_options_text(packet.subspan(20, f.header_size - 20U));
  if (depth == 0 && f.size < f.total_length)
    out += fmt::format(" [{} of {} bytes captured]", f.size, f.total_length);
  return out;
}

}  // namespace

std::string describe_ends(const Facts& f) {
  return end_text(f.source, f.family, f.has_ports, f.source_port) + " > " +
         end_text(f.destination, f.family, f.has_ports, f.destination_port);
}

std::string tcp_flag_text(std::uint8_t flags) {
  std::string out;
  for (const TcpFlagLetter& row : tcp_flag_letters())
    if ((flags & row.flag) != 0) out += row.letter;
  return out.empty() ? "none" : out;
}

std::string icmp_text(Family family, std::uint8_t type, std::uint8_t code) {
  const IcmpName* row = icmp_name(family, type, code);
  return row != nullptr ? std::string(row->text) : fmt::format("type {} code {}", type, code);
}

std::string describe(std::span<const std::uint8_t> packet, const Facts& facts) {
  return describe_nested(packet, facts, 0);
}

}  // namespace utables::packet
