#include "conntrack/synproxy/options.h"

#include <algorithm>

#include "base/bytes.h"
#include "packet/checksum.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

using namespace packet::tcp;

constexpr std::size_t kHeader = 20, kChecksum = 16;
constexpr std::uint8_t kMssSize = 4, kScaleSize = 3, kTimestampSize = 10, kSackSize = 2, kMostScale = 14;
constexpr std::uint32_t kNoScale = 0xf, kSackBit = 1U << 4, kEcnBit = 1U << 5, kLowBits = 0x3f;

/// The bytes behind the fixed header, or nothing if the header is not there, or not whole.
std::optional<std::span<const std::uint8_t>> options_of(const packet::Buffer& packet) {
  const std::size_t there = packet.transport_size();
  if (there < kHeader) return std::nullopt;
  const std::uint8_t* const tcp = packet.transport();
  const std::size_t header = static_cast<std::size_t>(tcp[12] >> 4) * 4;
  if (header < kHeader || header > there) return std::nullopt;
  return std::span(tcp + kHeader, header - kHeader);
}

/// Calls `take(kind, value, at)` for each option; what does not fit ends it.
template <class Take>
void for_each_option(std::span<const std::uint8_t> options, Take take) {
  for (std::size_t at = 0; at < options.size();) {
    const std::uint8_t kind = options[at];
    if (kind == kOptEnd) return;
    if (kind == kOptNop) {
      ++at;
      continue;
    }
    if (at + 1 >= options.size()) return;
    const std::size_t size = options[at + 1];
    if (size < 2 || at + size > options.size()) return;
    if (!take(kind, options.subspan(at + 2, size - 2), at)) return;
    at += size;
  }
}

}  // namespace

std::optional<ProxyOptions> read_options(const packet::Buffer& packet) {
  const auto bytes = options_of(packet);
  if (!bytes) return std::nullopt;
  ProxyOptions found;
  for_each_option(*bytes, [&](std::uint8_t kind, std::span<const std::uint8_t> value, std::size_t) {
    const std::size_t size = value.size() + 2;
    if (kind == kOptMss && size == kMssSize) {
      found.has_mss = true;
      found.mss = load16(value.data());
    } else if (kind == kOptWindowScale && size == kScaleSize) {
      found.has_scale = true;
      found.scale = std::min(value[0], kMostScale);
    } else if (kind == kOptTimestamp && size == kTimestampSize) {
      found.has_timestamp = true;
      found.value = load32(value.data());
      found.echo = load32(value.data() + 4);
    } else if (kind == kOptSackPermitted && size == kSackSize) {
      found.sack_permitted = true;
    }
    return true;
  });
  return found;
}

std::vector<std::uint8_t> write_options(const ProxyOptions& options) {
  std::vector<std::uint8_t> bytes;
  const auto put = [&](std::initializer_list<std::uint8_t> more) { bytes.insert(bytes.end(), more); };
  const auto put32 = [&](std::uint32_t value) {
    bytes.resize(bytes.size() + 4);
    store32(&bytes[bytes.size() - 4], value);
  };
  if (options.has_mss)
    put({kOptMss, kMssSize, static_cast<std::uint8_t>(options.mss >> 8),
         static_cast<std::uint8_t>(options.mss)});
  if (options.sack_permitted && options.has_timestamp)
    put({kOptSackPermitted, kSackSize});
  else if (options.sack_permitted)
    put({kOptNop, kOptNop, kOptSackPermitted, kSackSize});
  else if (options.has_timestamp)
    put({kOptNop, kOptNop});
  if (options.has_timestamp) {
    put({kOptTimestamp, kTimestampSize});
    put32(options.value);
    put32(options.echo);
  }
  if (options.has_scale) put({kOptNop, kOptWindowScale, kScaleSize, options.scale});
  return bytes;
}

std::uint32_t timestamp_of(const ProxyOptions& offered, std::uint32_t milliseconds) {
  return (milliseconds & ~kLowBits) | (offered.has_scale ? offered.scale : kNoScale) |
         (offered.sack_permitted ? kSackBit : 0) | (offered.ecn ? kEcnBit : 0);
}

void take_timestamp(ProxyOptions& answer) {
  const std::uint32_t scale = answer.echo & kNoScale;
  answer.has_scale = answer.has_scale || scale != kNoScale;
  answer.scale = static_cast<std::uint8_t>(scale);
  answer.sack_permitted = answer.sack_permitted || (answer.echo & kSackBit) != 0;
  answer.ecn = (answer.echo & kEcnBit) != 0;
}

void shift_timestamp(packet::Buffer& packet, bool echo, std::uint32_t by) {
  const auto bytes = options_of(packet);
  if (!bytes || by == 0) return;
  // Linux writes where the whole header lies in one piece.
  packet.pulled = std::max(packet.pulled, static_cast<std::uint32_t>(kHeader + bytes->size()));
  std::uint8_t* const tcp = packet.transport();
  for_each_option(*bytes, [&](std::uint8_t kind, std::span<const std::uint8_t> value, std::size_t at) {
    if (kind != kOptTimestamp || value.size() + 2 != kTimestampSize) return true;
    std::uint8_t* const field = tcp + kHeader + at + (echo ? 6 : 2);
    const std::uint32_t before = load32(field), after = before + by;
    packet::adjust_checksum32(tcp + kChecksum, before, after);
    store32(field, after);
    return false;
  });
}

}  // namespace utables::conntrack
