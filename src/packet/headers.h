// Field positions and numbers of the headers that utables reads, IPv4 to the transport layer.
// Sources: RFC 791 (IP), RFC 792 (ICMP), RFC 768 (UDP), RFC 9293 (TCP), RFC 8200 (IPv6).
#pragma once
#include <cstdint>

namespace utables::packet {

inline constexpr std::uint8_t kIcmp = 1, kIgmp = 2, kIpip = 4, kTcp = 6, kUdp = 17, kDccp = 33, kGre = 47,
                              kEsp = 50, kAh = 51, kIcmpv6 = 58, kSctp = 132, kUdplite = 136;

namespace tcp {
inline constexpr std::uint8_t kFin = 0x01, kSyn = 0x02, kRst = 0x04, kPsh = 0x08, kAck = 0x10, kUrg = 0x20,
                              kEce = 0x40, kCwr = 0x80;
inline constexpr std::uint8_t kOptEnd = 0, kOptNop = 1, kOptMss = 2, kOptWindowScale = 3,
                              kOptSackPermitted = 4, kOptSack = 5, kOptTimestamp = 8;
}  // namespace tcp

namespace ip {
inline constexpr std::uint16_t kDontFragment = 0x4000, kMoreFragments = 0x2000, kOffsetMask = 0x1fff;
}

namespace icmp {
inline constexpr std::uint8_t kEchoReply = 0, kUnreachable = 3, kSourceQuench = 4, kRedirect = 5, kEcho = 8,
                              kRouterAdvertisement = 9, kRouterSolicitation = 10, kTimeExceeded = 11,
                              kParameterProblem = 12, kTimestamp = 13, kTimestampReply = 14,
                              kInformation = 15, kInformationReply = 16, kAddressMask = 17,
                              kAddressMaskReply = 18;
constexpr bool is_error(std::uint8_t type) {
  return type == kUnreachable || type == kSourceQuench || type == kRedirect || type == kTimeExceeded ||
         type == kParameterProblem;
}
}  // namespace icmp

namespace icmpv6 {  // RFC 4443, RFC 4861, RFC 2710, RFC 3810, RFC 4620
inline constexpr std::uint8_t kUnreachable = 1, kPacketTooBig = 2, kTimeExceeded = 3, kParameterProblem = 4,
                              kFirstInformational = 128, kEcho = 128, kEchoReply = 129, kListenerQuery = 130,
                              kListenerReport = 131, kListenerDone = 132, kRouterSolicitation = 133,
                              kRouterAdvertisement = 134, kNeighbourSolicitation = 135,
                              kNeighbourAdvertisement = 136, kRedirect = 137, kNodeQuery = 139,
                              kNodeReply = 140, kListenerReport2 = 143;
constexpr bool is_error(std::uint8_t type) { return type < kFirstInformational; }
/// Is about a packet, which it quotes.
constexpr bool quotes(std::uint8_t type) { return is_error(type) || type == kRedirect; }
/// Neighbour discovery and multicast listeners: never of any connection.
constexpr bool is_housekeeping(std::uint8_t type) {
  return (type >= kListenerQuery && type <= kNeighbourAdvertisement) || type == kListenerReport2;
}
}  // namespace icmpv6

}  // namespace utables::packet
