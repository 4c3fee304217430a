#include "packet/checksum.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"

namespace utables::packet {
namespace {

constexpr std::uint16_t add16(std::uint16_t a, std::uint16_t b) {  // end-around carry
  const std::uint32_t s = std::uint32_t{a} + b;
  return static_cast<std::uint16_t>((s & 0xffff) + (s >> 16));
}

/// Where a protocol's checksum stands, and how it is made.
enum class Algorithm : std::uint8_t { internet, internet_with_pseudo_header, crc32c };
struct ChecksumRow {
  std::uint8_t protocol;
  std::uint8_t offset;  ///< of the field, from the transport header on
  Algorithm algorithm;
  std::uint8_t pseudo_protocol;  ///< the protocol number in the pseudo-header
  std::uint8_t judged_protocol;  ///< the one with which conntrack judges: UDP's for UDP-Lite as well
};
constexpr std::array<ChecksumRow, 6> kChecksums{{
    {kTcp, 16, Algorithm::internet_with_pseudo_header, kTcp, kTcp},
    {kUdp, 6, Algorithm::internet_with_pseudo_header, kUdp, kUdp},
    {kIcmp, 2, Algorithm::internet, 0, 0},
    {kIcmpv6, 2, Algorithm::internet_with_pseudo_header, kIcmpv6, kIcmpv6},
    {kUdplite, 6, Algorithm::internet_with_pseudo_header, kUdplite, kUdp},
    {kSctp, 8, Algorithm::crc32c, 0, 0},
}};

/// The rows' places by protocol number: every packet asks.
constexpr auto kRowOf = [] {
  std::array<std::uint8_t, 256> row_of{};
  for (std::uint8_t& row : row_of) row = kChecksums.size();
  for (std::uint8_t i = 0; i < kChecksums.size(); ++i) row_of[kChecksums[i].protocol] = i;
  return row_of;
}();

constexpr const ChecksumRow* checksum_row(std::uint8_t protocol) {
  const std::uint8_t row = kRowOf[protocol];
  return row < kChecksums.size() ? &kChecksums[row] : nullptr;
}

/// Bytes under the checksum: all, but for UDP-Lite its coverage (RFC 3828); 0: an impossible coverage.
std::size_t coverage(std::span<const std::uint8_t> transport, std::uint8_t protocol) {
  if (protocol != kUdplite) return transport.size();
  const std::size_t claimed = load16(&transport[4]);
  if (claimed == 0) return transport.size();
  return claimed < 8 || claimed > transport.size() ? 0 : claimed;
}

constexpr std::array<std::uint32_t, 256> make_crc32c_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c >> 1) ^ ((c & 1) != 0 ? 0x82f63b78U : 0U);
    table[i] = c;
  }
  return table;
}
constexpr auto kCrc32c = make_crc32c_table();

/// The pseudo-header's sum where the row wants one.
std::uint64_t start_of(const ChecksumRow& row, std::uint8_t protocol, const Facts& facts,
                       std::size_t transport_length) {
  if (row.algorithm != Algorithm::internet_with_pseudo_header) return 0;
  return pseudo_header_sum(facts, protocol, static_cast<std::uint32_t>(transport_length));
}

}  // namespace

std::uint64_t pseudo_header_sum(const Facts& facts, std::uint8_t protocol, std::uint32_t transport_length) {
  // Length and protocol as 32-bit numbers, as IPv6 has them; IPv4's shorter fields give the same sum.
  const std::uint64_t tail =
      std::uint64_t{byteswap32(transport_length)} + byteswap32(std::uint32_t{protocol});
  const std::size_t size = address_bytes(facts.family);
  return sum({facts.source.bytes.data(), size}, sum({facts.destination.bytes.data(), size}, tail));
}

void write_ip_checksum(std::span<std::uint8_t> header) {
  store16(&header[10], 0);
  store16(&header[10], finish(sum(header)));
}

void adjust_checksum(std::uint8_t* field, std::uint16_t before, std::uint16_t after) {
  // RFC 1624, equation 3: ~(~HC + ~m + m').
  const auto inverted = static_cast<std::uint16_t>(~load16(field));
  const std::uint16_t without = add16(inverted, static_cast<std::uint16_t>(~before));
  store16(field, static_cast<std::uint16_t>(~add16(without, after)));
}

void adjust_checksum32(std::uint8_t* field, std::uint32_t before, std::uint32_t after) {
  // Not two steps of 16 bits: one sum, so that 0 and 0xffff come out as from a 32-bit one.
  const std::uint64_t s = std::uint64_t{~std::uint32_t{load16(field)}} + std::uint32_t{~before} + after;
  store16(field, static_cast<std::uint16_t>(~fold(s)));
}

void adjust_udp_checksum32(std::uint8_t* field, std::uint32_t before, std::uint32_t after) {
  if (load16(field) == 0) return;
  adjust_checksum32(field, before, after);
  if (load16(field) == 0) store16(field, 0xffff);
}

void decrease_ttl(std::uint8_t* header) {
  const std::uint16_t before = load16(header + 8);
  --header[8];
  adjust_checksum(header + 10, before, load16(header + 8));
}

void change_tos(std::uint8_t* header, std::uint8_t tos) {
  const std::uint16_t before = load16(header);
  header[1] = tos;
  adjust_checksum(header + 10, before, load16(header));
}

std::uint32_t sctp_checksum(std::span<const std::uint8_t> sctp) {
  std::uint32_t crc = ~0U;
  for (std::size_t i = 0; i < sctp.size(); ++i) {
    const std::uint8_t byte = i >= 8 && i < 12 ? 0 : sctp[i];
    crc = kCrc32c[(crc ^ byte) & 0xff] ^ (crc >> 8);
  }
  return byteswap32(~crc);  // sent with its least significant byte first
}

ChecksumState transport_checksum(std::span<const std::uint8_t> packet, const Facts& facts) {
  const ChecksumRow* row = checksum_row(facts.protocol);
  if (row == nullptr) return ChecksumState::good;
  // Over IPv6 Linux judges a first fragment that it could not put together as if it were all.
  if (!facts.has_transport_header || (facts.is_fragment() && !facts.is_ipv6())) return ChecksumState::unknown;
  const auto transport = packet.subspan(facts.header_size, facts.size - facts.header_size);
  if (facts.protocol == kUdp && load16(&transport[row->offset]) == 0) return ChecksumState::none;
  if (facts.size < facts.total_length) return ChecksumState::unknown;
  if (row->algorithm == Algorithm::crc32c)
    return sctp_checksum(transport) == load32(&transport[8]) ? ChecksumState::good : ChecksumState::bad;
  const std::size_t covered = coverage(transport, facts.protocol);
  if (covered == 0 || (facts.protocol == kUdplite && load16(&transport[6]) == 0)) return ChecksumState::bad;
  // Over IPv4 Linux takes the low byte of the length alone where a checksum has a coverage.
  const bool low_byte = facts.protocol == kUdplite && !facts.is_ipv6();
  const std::size_t length = low_byte ? transport.size() & 0xff : transport.size();
  const std::uint64_t pseudo = start_of(*row, row->judged_protocol, facts, length);
  if (finish(sum(transport.first(covered), pseudo)) == 0) return ChecksumState::good;
  const bool may_be_offloaded = facts.protocol == kTcp || facts.protocol == kUdp;
  const auto left_by_sender = static_cast<std::uint16_t>(~finish(pseudo));
  if (may_be_offloaded && load16(&transport[row->offset]) == left_by_sender) return ChecksumState::offloaded;
  return ChecksumState::bad;
}

void write_transport_checksum(std::span<std::uint8_t> packet, const Facts& facts) {
  const ChecksumRow* row = checksum_row(facts.protocol);
  if (row == nullptr || !facts.has_transport_header) return;
  const auto transport = packet.subspan(facts.header_size, facts.size - facts.header_size);
  if (row->algorithm == Algorithm::crc32c) return store32(&transport[8], sctp_checksum(transport));
  store16(&transport[row->offset], 0);
  const std::size_t covered = coverage(transport, facts.protocol);
  if (covered == 0) return;
  std::uint16_t value =
      finish(sum(transport.first(covered), start_of(*row, row->pseudo_protocol, facts, transport.size())));
  const bool zero_means_none = facts.protocol == kUdp || facts.protocol == kUdplite;
  if (zero_means_none && value == 0) value = 0xffff;
  store16(&transport[row->offset], value);
}

}  // namespace utables::packet
