// Messages are nfnetlink's: a netlink header, a header of four bytes, attributes (length, type, value,
// padded to four bytes), numbers in network order.
#include "lab/kernel/conntrack_events.h"

#include <fmt/format.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <string_view>

#include "base/address.h"
#include "base/bytes.h"
#include "lab/kernel/process.h"

namespace utables::lab::kernel {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr int kQueue = 64 << 20;         // bytes that events may wait in
constexpr std::size_t kMost = 64 << 10;  // a datagram has one event, far below this
constexpr std::array<int, 5> kGroups{NFNLGRP_CONNTRACK_NEW, NFNLGRP_CONNTRACK_UPDATE,
                                     NFNLGRP_CONNTRACK_DESTROY, NFNLGRP_CONNTRACK_EXP_NEW,
                                     NFNLGRP_CONNTRACK_EXP_DESTROY};

constexpr std::array<std::string_view, 10> kTcpStates{"NONE",     "SYN_SENT",   "SYN_RECV", "ESTABLISHED",
                                                      "FIN_WAIT", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT",
                                                      "CLOSE",    "SYN_SENT2"};

constexpr std::array<std::string_view, 9> kSctpStates{
    "NONE",          "CLOSED",        "COOKIE_WAIT",       "COOKIE_ECHOED", "ESTABLISHED",
    "SHUTDOWN_SENT", "SHUTDOWN_RECD", "SHUTDOWN_ACK_SENT", "HEARTBEAT_SENT"};

struct ProtocolName {
  std::uint8_t number;
  std::string_view name;
};
/// Those that conntrack(8) has words for; any other is `unknown`.
constexpr std::array<ProtocolName, 8> kProtocols{{{1, "icmp"},
                                                  {6, "tcp"},
                                                  {17, "udp"},
                                                  {33, "dccp"},
                                                  {47, "gre"},
                                                  {58, "icmpv6"},
                                                  {132, "sctp"},
                                                  {136, "udplite"}}};

/// The value of the attribute of that type; empty: it is not there.
Bytes attribute(Bytes all, unsigned type) {
  while (all.size() >= NLA_HDRLEN) {
    nlattr header{};
    std::copy_n(all.data(), sizeof header, reinterpret_cast<std::uint8_t*>(&header));
    const std::size_t length = header.nla_len;
    if (length < NLA_HDRLEN || length > all.size()) return {};
    if ((header.nla_type & NLA_TYPE_MASK) == type) return all.subspan(NLA_HDRLEN, length - NLA_HDRLEN);
    all = all.subspan(std::min<std::size_t>(NLA_ALIGN(length), all.size()));
  }
  return {};
}

std::uint8_t number8(Bytes value) { return value.empty() ? std::uint8_t{0} : value[0]; }
std::uint16_t number16(Bytes value) { return value.size() < 2 ? std::uint16_t{0} : load16(value.data()); }
std::uint32_t number32(Bytes value) { return value.size() < 4 ? 0U : load32(value.data()); }
std::uint64_t number64(Bytes value) {
  return value.size() < 8 ? 0U : std::uint64_t{load32(value.data())} << 32 | load32(value.data() + 4);
}

std::uint8_t protocol_of(Bytes tuple) {
  return number8(attribute(attribute(tuple, CTA_TUPLE_PROTO), CTA_PROTO_NUM));
}

std::string address(Bytes value) {
  if (value.size() < 4) return "?";
  const Family family = value.size() == 16 ? Family::ipv6 : Family::ipv4;
  return to_string(Address::load(value.data(), family), family);
}

std::string tuple_text(Bytes tuple) {
  const Bytes ip = attribute(tuple, CTA_TUPLE_IP), proto = attribute(tuple, CTA_TUPLE_PROTO);
  const Bytes v6_source = attribute(ip, CTA_IP_V6_SRC), v6_target = attribute(ip, CTA_IP_V6_DST);
  std::string text =
      fmt::format(" src={} dst={}", address(v6_source.empty() ? attribute(ip, CTA_IP_V4_SRC) : v6_source),
                  address(v6_target.empty() ? attribute(ip, CTA_IP_V4_DST) : v6_target));
  const Bytes source = attribute(proto, CTA_PROTO_SRC_PORT), target = attribute(proto, CTA_PROTO_DST_PORT);
  const Bytes id = attribute(proto, CTA_PROTO_ICMP_ID);
  switch (number8(attribute(proto, CTA_PROTO_NUM))) {
    case 1:
      return text + fmt::format(" type={} code={} id={}", number8(attribute(proto, CTA_PROTO_ICMP_TYPE)),
                                number8(attribute(proto, CTA_PROTO_ICMP_CODE)), number16(id));
    case 58:
      return text + fmt::format(" type={} code={} id={}", number8(attribute(proto, CTA_PROTO_ICMPV6_TYPE)),
                                number8(attribute(proto, CTA_PROTO_ICMPV6_CODE)),
                                number16(attribute(proto, CTA_PROTO_ICMPV6_ID)));
    case 47:
      return text + fmt::format(" srckey={:#x} dstkey={:#x}", number16(source), number16(target));
    case 6:
    case 17:
    case 33:
    case 132:
    case 136:
      return text + fmt::format(" sport={} dport={}", number16(source), number16(target));
    default:
      return text;
  }
}

/// The kernel does not tell of a zone whose number is 0.
std::string zone_text(Bytes zone, std::string_view word) {
  return zone.empty() ? std::string() : fmt::format(" {}={}", word, number16(zone));
}

std::string counters_text(Bytes counters) {
  if (counters.empty()) return {};
  return fmt::format(" packets={} bytes={}", number64(attribute(counters, CTA_COUNTERS_PACKETS)),
                     number64(attribute(counters, CTA_COUNTERS_BYTES)));
}

std::string state_text(Bytes protocol_info) {
  const Bytes tcp = attribute(attribute(protocol_info, CTA_PROTOINFO_TCP), CTA_PROTOINFO_TCP_STATE);
  const Bytes sctp = attribute(attribute(protocol_info, CTA_PROTOINFO_SCTP), CTA_PROTOINFO_SCTP_STATE);
  if (!tcp.empty() && tcp[0] < kTcpStates.size()) return " " + std::string(kTcpStates[tcp[0]]);
  if (!sctp.empty() && sctp[0] < kSctpStates.size()) return " " + std::string(kSctpStates[sctp[0]]);
  return {};
}

std::string name_of(std::uint8_t protocol) {
  for (const auto& row : kProtocols)
    if (row.number == protocol) return std::string(row.name);
  return "unknown";
}

std::string_view kind_of(const nlmsghdr& header) {
  if ((header.nlmsg_type & 0xff) == IPCTNL_MSG_CT_DELETE) return "[DESTROY]";
  return (header.nlmsg_flags & NLM_F_CREATE) != 0 ? "    [NEW]" : " [UPDATE]";
}

std::string name_text(Bytes name) {
  const auto end = std::find(name.begin(), name.end(), std::uint8_t{0});
  return {name.begin(), end};
}

std::string line_of(const nlmsghdr& header, Bytes all) {
  const Bytes original = attribute(all, CTA_TUPLE_ORIG), reply = attribute(all, CTA_TUPLE_REPLY);
  const std::uint8_t protocol = protocol_of(original);
  const std::uint32_t status = number32(attribute(all, CTA_STATUS));
  std::string text = fmt::format("{} {:<8} {}", kind_of(header), name_of(protocol), protocol);
  if (const Bytes timeout = attribute(all, CTA_TIMEOUT); !timeout.empty())
    text += fmt::format(" {}", number32(timeout));
  text += state_text(attribute(all, CTA_PROTOINFO)) + tuple_text(original) +
          zone_text(attribute(original, CTA_TUPLE_ZONE), "zone-orig") +
          counters_text(attribute(all, CTA_COUNTERS_ORIG));
  if ((status & IPS_SEEN_REPLY) == 0) text += " [UNREPLIED]";
  text += tuple_text(reply) + zone_text(attribute(reply, CTA_TUPLE_ZONE), "zone-reply") +
          counters_text(attribute(all, CTA_COUNTERS_REPLY));
  if ((status & IPS_ASSURED) != 0) text += " [ASSURED]";
  if (const Bytes mark = attribute(all, CTA_MARK); !mark.empty())
    text += fmt::format(" mark={}", number32(mark));
  text += zone_text(attribute(all, CTA_ZONE), "zone");
  const Bytes times = attribute(all, CTA_TIMESTAMP);
  if (const Bytes start = attribute(times, CTA_TIMESTAMP_START), stop = attribute(times, CTA_TIMESTAMP_STOP);
      !start.empty() && !stop.empty())
    text += fmt::format(" delta-time={}", number64(stop) / 1'000'000'000 - number64(start) / 1'000'000'000);
  if (const Bytes helper = attribute(attribute(all, CTA_HELP), CTA_HELP_NAME); !helper.empty())
    text += " helper=" + name_text(helper);
  return text;
}

/// A line of `conntrack -E expect`.
std::string expectation_line_of(const nlmsghdr& header, Bytes all) {
  const Bytes tuple = attribute(all, CTA_EXPECT_TUPLE), mask = attribute(all, CTA_EXPECT_MASK);
  const bool gone = (header.nlmsg_type & 0xff) == IPCTNL_MSG_EXP_DELETE;
  std::string masked = tuple_text(mask);
  for (const auto& [from, to] : {std::pair{" src=", " mask-src="}, std::pair{" dst=", " mask-dst="}})
    if (const auto at = masked.find(from); at != std::string::npos) masked.replace(at, 5, to);
  std::string master = tuple_text(attribute(all, CTA_EXPECT_MASTER));
  for (const auto& [from, to] : {std::pair{" src=", " master-src="}, std::pair{" dst=", " master-dst="}})
    if (const auto at = master.find(from); at != std::string::npos) master.replace(at, 5, to);
  const Bytes flags = attribute(all, CTA_EXPECT_FLAGS);
  const std::uint32_t set = flags.empty() ? 0 : number32(flags);
  std::string words = (set & NF_CT_EXPECT_PERMANENT) != 0 ? " PERMANENT" : "";
  if ((set & NF_CT_EXPECT_INACTIVE) != 0) words += words.empty() ? " INACTIVE" : ",INACTIVE";
  return fmt::format("{} {} proto={}{}{}{}{} class={} helper={}", gone ? "[DESTROY]" : "    [NEW]",
                     number32(attribute(all, CTA_EXPECT_TIMEOUT)), protocol_of(tuple), tuple_text(tuple),
                     masked, master, words, number32(attribute(all, CTA_EXPECT_CLASS)),
                     name_text(attribute(all, CTA_EXPECT_HELP_NAME)));
}

}  // namespace

ConntrackEvents::~ConntrackEvents() {
  if (fd_ >= 0) close(fd_);
}

Result<void> ConntrackEvents::open() {
  fd_ = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
  if (fd_ < 0) return lacking_errno("a netlink socket for the kernel's events");
  buffer_.resize(kMost);
  // In a user namespace the queue stays as large as the machine allows everybody.
  if (setsockopt(fd_, SOL_SOCKET, SO_RCVBUFFORCE, &kQueue, sizeof kQueue) != 0)
    setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &kQueue, sizeof kQueue);
  sockaddr_nl self{};  // a socket without a name of its own hears nothing
  self.nl_family = AF_NETLINK;
  if (bind(fd_, reinterpret_cast<const sockaddr*>(&self), sizeof self) != 0)
    return lacking_errno("a netlink socket for the kernel's events");
  for (const int group : kGroups)
    if (setsockopt(fd_, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0)
      return lacking_errno("the kernel's events of connections");
  return {};
}

void ConntrackEvents::drain(std::vector<std::string>& into) {
  if (fd_ < 0) return;
  for (;;) {
    const ssize_t n = recv(fd_, buffer_.data(), buffer_.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == ENOBUFS) {
      lost_ = true;
      continue;
    }
    if (n <= 0) return;
    Bytes rest(buffer_.data(), static_cast<std::size_t>(n));
    while (rest.size() >= NLMSG_HDRLEN + sizeof(nfgenmsg)) {
      nlmsghdr header{};
      std::copy_n(rest.data(), sizeof header, reinterpret_cast<std::uint8_t*>(&header));
      const std::size_t length = header.nlmsg_len, head = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(nfgenmsg));
      if (length < head || length > rest.size()) break;
      const auto family = rest[NLMSG_HDRLEN];
      if (header.nlmsg_type >> 8 == NFNL_SUBSYS_CTNETLINK_EXP && (family == AF_INET || family == AF_INET6))
        into.push_back(expectation_line_of(header, rest.subspan(head, length - head)));
      if (header.nlmsg_type >> 8 == NFNL_SUBSYS_CTNETLINK && (family == AF_INET || family == AF_INET6))
        into.push_back(line_of(header, rest.subspan(head, length - head)));
      rest = rest.subspan(std::min<std::size_t>(NLMSG_ALIGN(length), rest.size()));
    }
  }
}

}  // namespace utables::lab::kernel
