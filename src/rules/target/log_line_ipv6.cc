// LOG's line about a packet of IPv6: its header, the extension headers one by one, what is behind them.
#include <fmt/format.h>

#include "base/bytes.h"
#include "base/ipv6_text.h"
#include "packet/extensions.h"
#include "packet/headers.h"
#include "rules/target/log_parts.h"

namespace utables::rules::log_parts {

namespace {

/// The extension headers. ESP is one of them here, of no size: what follows it cannot be read.
class ChainText {
 public:
  ChainText(std::string& out, Bytes packet, bool spelled_out)
      : out_(out), packet_(packet), spelled_out_(spelled_out) {}

  /// Writes them; false: the line ends here. Then `protocol` is what they lead to.
  bool put() {
    for (protocol_ = packet_[6]; const Row* row = row_of(protocol_);) {
      if (at_ + 2 > packet_.size()) {
        out_ += "TRUNCATED";
        return false;
      }
      if (spelled_out_) out_ += "OPT ( ";
      size_ = (packet_[at_ + 1] + 1U) * 8U;
      if (!(this->*row->put)(packet_.subspan(at_))) return false;
      if (spelled_out_) out_ += ") ";
      protocol_ = packet_[at_];
      at_ += size_;
    }
    return true;
  }
  [[nodiscard]] std::uint8_t protocol() const { return protocol_; }
  [[nodiscard]] Rest rest() const {
    return {packet_.size() > at_ ? packet_.subspan(at_) : Bytes{}, (packet_.size() - at_) & 0xffffffffU,
            later_fragment_};
  }

 private:
  struct Row {
    std::uint8_t protocol;
    bool (ChainText::*put)(Bytes header);
  };
  static const Row* row_of(std::uint8_t protocol) {
    static constexpr Row kRows[] = {
        {packet::kHopByHop, &ChainText::put_options},  {packet::kDestinationOptions, &ChainText::put_options},
        {packet::kRouting, &ChainText::put_options},   {packet::kFragment, &ChainText::put_fragment},
        {packet::kAh, &ChainText::put_authentication}, {packet::kEsp, &ChainText::put_encryption},
    };
    for (const Row& row : kRows)
      if (row.protocol == protocol) return &row;
    return nullptr;
  }

  /// What stands in a later fragment is not a header, whatever it is called.
  bool put_options(Bytes) { return !later_fragment_ || close(); }

  bool put_fragment(Bytes header) {
    out_ += "FRAG:";
    if (header.size() < packet::kFragmentHeader) {
      out_ += "TRUNCATED ";
      return false;
    }
    const packet::FragmentFields fields = packet::read_fragment_header(header.data());
    fmt::format_to(Out(out_), "{} {}ID:{:08x} ", fields.offset, fields.more ? "INCOMPLETE " : "",
                   fields.identification);
    later_fragment_ = later_fragment_ || fields.offset != 0;
    size_ = packet::kFragmentHeader;
    return true;
  }

  bool put_authentication(Bytes header) {
    size_ = (header[1] + 2U) * 4U;
    return !spelled_out_ || put_index("AH ", header, 4, 12);
  }
  bool put_encryption(Bytes header) {
    size_ = 0;
    if (spelled_out_ && put_index("ESP ", header, 0, 8)) close();
    return false;
  }
  bool put_index(std::string_view name, Bytes header, std::size_t at, std::size_t least) {
    out_ += name;
    if (later_fragment_) return close();
    put_spi(out_, header, at, least);
    return header.size() >= least || close();
  }

  bool close() {
    if (spelled_out_) out_ += ')';
    return false;
  }

  std::string& out_;
  Bytes packet_;
  bool spelled_out_, later_fragment_ = false;
  std::uint8_t protocol_ = 0;
  std::size_t at_ = packet::kIpv6Header, size_ = 0;
};

bool put_icmpv6(std::string& out, const Rest& rest, const LogParameters& p, bool outer) {
  using namespace packet::icmpv6;
  out += "PROTO=ICMPv6 ";
  const Bytes icmp = rest.bytes;
  if (rest.later_fragment) return true;
  if (icmp.size() < 8) {
    incomplete(out, rest.told);
    return false;
  }
  const std::uint8_t type = icmp[0];
  fmt::format_to(Out(out), "TYPE={} CODE={} ", type, icmp[1]);
  if (type == kEcho || type == kEchoReply)
    fmt::format_to(Out(out), "ID={} SEQ={} ", load16(&icmp[4]), load16(&icmp[6]));
  if (type == kParameterProblem) fmt::format_to(Out(out), "POINTER={:08x} ", load32(&icmp[4]));
  const bool quotes = type >= kUnreachable && type <= kParameterProblem;
  if (quotes && outer) {
    out += '[';
    (void)put_ipv6(out, icmp.subspan(8), p, false);
    out += "] ";
  }
  if (type == kPacketTooBig) fmt::format_to(Out(out), "MTU={} ", load32(&icmp[4]));
  return true;
}

}  // namespace

bool put_ipv6(std::string& out, Bytes packet, const LogParameters& p, bool outer) {
  if (packet.size() < packet::kIpv6Header) {
    out += "TRUNCATED";
    return false;
  }
  const std::uint32_t first = load32(&packet[0]);
  fmt::format_to(Out(out), "SRC={} DST={} LEN={} TC={} HOPLIMIT={} FLOWLBL={} ", full_text(&packet[8]),
                 full_text(&packet[24]), load16(&packet[4]) + packet::kIpv6Header, first >> 20U & 0xffU,
                 packet[7], first & 0xfffffU);
  ChainText chain(out, packet, p.ip_options);
  if (!chain.put()) return false;
  switch (chain.protocol()) {
    case packet::kTcp:
      return put_tcp(out, chain.rest(), p);
    case packet::kUdp:
    case packet::kUdplite:
      return put_udp(out, chain.rest(), chain.protocol());
    case packet::kIcmpv6:
      return put_icmpv6(out, chain.rest(), p, outer);
    default:
      fmt::format_to(Out(out), "PROTO={} ", chain.protocol());
      return true;
  }
}

}  // namespace utables::rules::log_parts
