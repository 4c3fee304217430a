// The table of reasons, in the order of the enumeration.
#include "conntrack/invalid.h"

#include <array>

namespace utables::conntrack {
namespace {

struct Row {
  InvalidReason reason;
  std::string_view name, sentence;
};
using R = InvalidReason;
constexpr std::array<Row, static_cast<std::size_t>(R::count_)> kRows{{
    {R::none, "none", "the packet is valid"},
    {R::bad_checksum, "bad-checksum", "its transport checksum is wrong"},
    {R::truncated_header, "truncated-header", "its transport header is not all there"},
    {R::later_fragment, "later-fragment", "it is a fragment without the transport header"},
    {R::no_tuple, "no-tuple", "it ends before its ports or its ICMP header"},
    {R::wrong_family, "wrong-family", "ICMPv6 in IPv4, or ICMP in IPv6, belongs to no connection"},
    {R::extensions_cut, "extensions-cut", "its IPv6 extension headers end before any upper layer"},
    {R::no_next_header, "no-next-header", "nothing follows its IPv6 headers"},
    {R::tcp_bad_header_length, "tcp-bad-header-length",
     "its TCP header claims fewer than 20 bytes, or more than the packet has"},
    {R::tcp_bad_flags, "tcp-bad-flags", "its combination of TCP flags has no meaning"},
    {R::tcp_not_an_opener, "tcp-not-an-opener",
     "no connection is known for it, and a TCP packet with these flags cannot open one"},
    {R::tcp_not_loose, "tcp-not-loose",
     "no connection is known for it, and nf_conntrack_tcp_loose=0 lets only a SYN open one"},
    {R::tcp_invalid_state, "tcp-invalid-state", "these flags have no meaning in the connection's state"},
    {R::tcp_seq_beyond, "tcp-seq-beyond", "its sequence number is over the window of the receiver"},
    {R::tcp_ack_beyond, "tcp-ack-beyond", "it acknowledges data that was not seen yet"},
    {R::tcp_rst_inexact, "tcp-rst-inexact",
     "a reset whose sequence number the other end has acknowledged past already"},
    {R::udp_bad_length, "udp-bad-length", "its UDP length is under 8 or longer than the packet"},
    {R::udplite_bad_coverage, "udplite-bad-coverage",
     "its UDP-Lite checksum is 0, or covers fewer than 8 bytes or more than the packet has"},
    {R::sctp_bad_chunks, "sctp-bad-chunks", "it has no SCTP chunk, or one that claims a length of zero"},
    {R::sctp_bad_bundle, "sctp-bad-bundle",
     "an INIT, INIT ACK or SHUTDOWN COMPLETE that is not alone, or a COOKIE ECHO or COOKIE ACK that is not "
     "first"},
    {R::sctp_not_an_opener, "sctp-not-an-opener",
     "no connection is known for it, and an SCTP packet with these chunks cannot open one"},
    {R::sctp_short_init, "sctp-short-init", "it ends in the middle of its INIT or INIT ACK"},
    {R::sctp_init_tag, "sctp-init-tag", "an INIT whose verification tag is not 0"},
    {R::sctp_wrong_tag, "sctp-wrong-tag", "its verification tag is not the association's"},
    {R::sctp_wrong_initiate_tag, "sctp-wrong-initiate-tag",
     "an INIT ACK with another initiate tag than that end has, which answers no INIT that could change it"},
    {R::sctp_invalid_state, "sctp-invalid-state", "a chunk that has no meaning in the association's state"},
    {R::icmp_unknown_type, "icmp-unknown-type", "ICMP types above 18 are unknown"},
    {R::icmp_opens_nothing, "icmp-opens-nothing", "an ICMP type that is neither query, reply nor error"},
    {R::icmp_not_a_query, "icmp-not-a-query", "an ICMP reply that nobody asked for"},
    {R::icmp_no_connection, "icmp-no-connection", "an ICMP error about no known connection"},
    {R::icmp_inner_truncated, "icmp-inner-truncated", "an ICMP error that quotes too little of its packet"},
    {R::icmp_inner_fragment, "icmp-inner-fragment", "an ICMP error about a fragment without ports"},
    {R::icmp_inner_not_trackable, "icmp-inner-not-trackable",
     "an ICMP error about an ICMP message that belongs to no connection"},
    {R::icmp_inner_mismatch, "icmp-inner-mismatch",
     "an ICMP error sent to another address than the quoted packet came from"},
    {R::icmp_error_about_error, "icmp-error-about-error", "an ICMP error about an ICMP error"},
    {R::icmp_strange_redirect, "icmp-strange-redirect",
     "a redirect that did not come straight from a router: its hop limit is not 255, or its source not "
     "link-local"},
    {R::icmp_redirect_truncated, "icmp-redirect-truncated",
     "a redirect that ends before its first option, or whose first option has no length"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (static_cast<std::size_t>(kRows[i].reason) != i || kRows[i].sentence.empty()) return false;
  return true;
}
static_assert(in_order());

const Row& row(InvalidReason reason) {
  const auto index = static_cast<std::size_t>(reason);
  return kRows[index < kRows.size() ? index : 0];
}

}  // namespace

std::string_view name(InvalidReason reason) { return row(reason).name; }
std::string_view sentence(InvalidReason reason) { return row(reason).sentence; }

}  // namespace utables::conntrack
