#include "lab/kernel/proxy_loop.h"

#include "base/bytes.h"
#include "lab/kernel/run.h"
#include "packet/checksum.h"
#include "packet/facts.h"
#include "packet/headers.h"

namespace utables::lab::kernel {
namespace {

using namespace packet::tcp;

/// A whole TCP header; nothing for all else.
std::optional<packet::Facts> tcp_of(std::span<const std::uint8_t> bytes) {
  packet::Facts facts;
  const auto size = static_cast<std::uint32_t>(bytes.size());
  if (packet::parse(bytes, size, facts) != DropReason::none || facts.is_fragment()) return std::nullopt;
  if (facts.protocol != packet::kTcp || !facts.has_transport_header) return std::nullopt;
  if (facts.tcp_header_size < 20 || facts.header_size + facts.tcp_header_size > size) return std::nullopt;
  return facts;
}

/// Where the value of the timestamp stands; 0: there is none.
std::size_t timestamp_at(std::span<const std::uint8_t> bytes, const packet::Facts& facts) {
  constexpr std::uint8_t kSize = 10;
  const std::size_t end = std::size_t{facts.header_size} + facts.tcp_header_size;
  for (std::size_t at = facts.header_size + 20U; at < end && bytes[at] != kOptEnd;) {
    if (bytes[at] == kOptNop) {
      ++at;
      continue;
    }
    if (at + 1 >= end || bytes[at + 1] < 2 || at + bytes[at + 1] > end) return 0;
    if (bytes[at] == kOptTimestamp && bytes[at + 1] == kSize) return at + 2;
    at += bytes[at + 1];
  }
  return 0;
}

}  // namespace

void ProxyLoop::complete_echo(std::span<std::uint8_t> packet, const Part& part) const {
  if (!part.echoes) return;
  const auto heard = heard_.find({part.flow, part.end});
  const auto facts = tcp_of(packet);
  if (heard == heard_.end() || !facts || (facts->tcp_flags & kAck) == 0) return;
  const std::size_t at = timestamp_at(packet, *facts);
  if (at == 0) return;
  std::uint8_t* const echo = packet.data() + at + 4;
  packet::adjust_checksum32(packet.data() + facts->header_size + 16, load32(echo), heard->second);
  store32(echo, heard->second);
}

std::optional<std::uint32_t> ProxyLoop::learn(std::span<const std::uint8_t> packet,
                                              const std::vector<Emission>& sent, const Part& part) {
  const auto mine = tcp_of(packet);
  std::optional<std::uint32_t> shift;
  if (!mine) return shift;
  for (const Emission& emission : sent) {
    const auto facts = tcp_of(emission.bytes);
    if (!facts) continue;
    const bool back = facts->destination == mine->source && facts->destination_port == mine->source_port;
    const auto hears = static_cast<std::uint8_t>(back ? part.end : 1 - part.end);
    if (const std::size_t at = timestamp_at(emission.bytes, *facts); at != 0)
      heard_[{part.flow, hears}] = load32(&emission.bytes[at]);
    if (back && part.end == 0 && (facts->tcp_flags & (kSyn | kAck)) == (kSyn | kAck))
      shift = facts->tcp_seq - part.server_first;
  }
  return shift;
}

}  // namespace utables::lab::kernel
