#include "conntrack/complaint.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/ipv6_address.h"
#include "base/ipv6_text.h"
#include "base/jiffies.h"
#include "conntrack/proto/icmp_error.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

using Reason = InvalidReason;

/// `packet (index 2) in dir 1 invalid, state SYN_SENT`: the index is the event's.
std::string out_of_place(const TcpJudgement& j, std::string_view what) {
  return fmt::format("packet (index {}) in dir {} {}, state {}", static_cast<unsigned>(j.event),
                     static_cast<unsigned>(j.direction), what, name(j.state_before));
}

std::string of_window(const TcpJudgement& j) {
  switch (j.window_verdict) {
    case WindowVerdict::seq_beyond:
      return fmt::format("SEQ is over upper bound {} (over the window of the receiver)", j.seq_upper_bound);
    case WindowVerdict::more_than_expected:
      return fmt::format("{} bytes more than expected", j.end - j.seq_upper_bound + 2);
    case WindowVerdict::ack_beyond:
      return fmt::format("ACK is over upper bound {} (ACKed data not seen yet)", j.ack_upper_bound);
    case WindowVerdict::seq_below:
      return fmt::format("SEQ is under lower bound {} (already ACKed data retransmitted)", j.seq_lower_bound);
    case WindowVerdict::ack_below:
      return fmt::format("ignored ACK under lower bound {} (possible overly delayed)", j.ack_lower_bound);
    default:
      return {};
  }
}

/// Of what passes all the same.
std::string of_doubt(const TcpJudgement& j) {
  switch (j.doubt) {
    case TcpDoubt::none:
      break;
    case TcpDoubt::ignored:
      return out_of_place(j, "ignored");
    case TcpDoubt::challenge_ack:
      return "challenge-ack ignored";
    case TcpDoubt::outside:
      return of_window(j);
  }
  return {};
}

std::string of_tcp(Reason reason, const TcpJudgement& j) {
  switch (reason) {
    case Reason::tcp_bad_header_length:
      return "truncated packet";
    case Reason::bad_checksum:
      return "bad checksum";
    case Reason::tcp_bad_flags:
      return "invalid tcp flag combination";
    case Reason::tcp_not_an_opener:
      return "invalid new";
    case Reason::tcp_invalid_state:
      return out_of_place(j, "invalid");
    case Reason::tcp_rst_inexact:
      return "invalid rst";
    case Reason::tcp_seq_beyond:
    case Reason::tcp_ack_beyond:
      return of_window(j);
    case Reason::none:
      return of_doubt(j);
    default:
      return {};
  }
}

std::string of_lowered_timeout(const TcpJudgement& j) {
  if (j.lowered_to < 0) return {};
  return fmt::format("packet (index {}, dir {}) response for index {} lower timeout to {}",
                     static_cast<unsigned>(j.event), static_cast<unsigned>(j.direction),
                     static_cast<unsigned>(j.answered), j.lowered_to / kTick);
}

std::string of_udp(Reason reason, const packet::Buffer& packet) {
  switch (reason) {
    case Reason::truncated_header:
      return "short packet";
    case Reason::udp_bad_length:
      return "truncated/malformed packet";
    case Reason::udplite_bad_coverage:
      return load16(packet.transport() + 6) == 0 ? "checksum missing" : "invalid checksum coverage";
    case Reason::bad_checksum:
      return "bad checksum";
    default:
      return {};
  }
}

std::string as_logged(const std::uint8_t* address, bool v6) {
  return v6 ? full_text(address) : to_string(Address::load(address, Family::ipv4), Family::ipv4);
}

std::string of_icmp(Reason reason, const packet::Buffer& packet) {
  const bool v6 = packet.facts.is_ipv6();
  switch (reason) {
    case Reason::truncated_header:
      return "short packet";
    case Reason::bad_checksum:
      return v6 ? "ICMPv6 checksum failed" : "bad hw icmp checksum";
    case Reason::icmp_unknown_type:
      return "invalid icmp type";
    case Reason::icmp_strange_redirect:
      return "invalid saddr or hoplimit for redirect";
    case Reason::icmp_redirect_truncated:
      return packet.transport_size() < 40 ? "short redirect" : "redirect without options";
    case Reason::icmp_inner_mismatch:
      return fmt::format("outer daddr {} != inner {}", as_logged(packet.facts.destination.bytes.data(), v6),
                         as_logged(packet.transport() + quote_offset(packet.facts) + (v6 ? 8 : 12), v6));
    default:
      return {};
  }
}

std::string of_sctp(Reason reason, const SctpJudgement& j) {
  switch (reason) {
    case Reason::truncated_header:
      return "nf_ct_sctp: short packet ";
    case Reason::bad_checksum:
      return "nf_ct_sctp: bad CRC ";
    case Reason::sctp_bad_chunks:
    case Reason::sctp_bad_bundle:
      if (!j.refused) return {};
      return fmt::format("do_basic_checks failed. chunk num {}, type {}, len {} flag {}\n", j.refused->number,
                         j.refused->type, byteswap16(j.refused->length), j.refused->stands_alone ? 1 : 0);
    case Reason::sctp_wrong_tag:  // the tags in the machine's own order of bytes
      if (!j.tag_refused) return {};
      return fmt::format("verification tag check failed {:x} vs {:x} for dir {}", byteswap32(j.tag),
                         byteswap32(j.expected_tag[0]), static_cast<unsigned>(j.direction));
    case Reason::sctp_invalid_state:
      return fmt::format("Invalid, old_state {}, dir {}, type {}", static_cast<unsigned>(j.last.state_before),
                         static_cast<unsigned>(j.direction), j.last.type);
    default:
      return {};
  }
}

}  // namespace

std::vector<std::string> complaints(const packet::Buffer& packet, const Tracked& tracked,
                                    const Judgement& judgement, const Settings& settings) {
  const std::uint8_t protocol = packet.facts.protocol;
  if (!complains(settings, protocol)) return {};
  std::vector<std::string> all;
  const auto add = [&](const std::string& text) {
    if (!text.empty()) all.push_back(fmt::format("nf_ct_proto_{}: {} ", protocol, text));
  };
  switch (protocol) {
    case packet::kTcp:
      add(of_tcp(tracked.invalid, judgement.tcp));
      add(of_lowered_timeout(judgement.tcp));
      break;
    case packet::kUdp:
    case packet::kUdplite:
      add(of_udp(tracked.invalid, packet));
      break;
    case packet::kIcmp:
    case packet::kIcmpv6:
      add(of_icmp(tracked.invalid, packet));
      break;
    case packet::kSctp:
      add(of_sctp(tracked.invalid, judgement.sctp));
      break;
    default:
      break;
  }
  return all;
}

}  // namespace utables::conntrack
