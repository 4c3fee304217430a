#include "lab/compare/kernel_cookies.h"

#include "conntrack/synproxy/options.h"
#include "packet/headers.h"

namespace utables::lab::compare {
namespace {

using namespace packet::tcp;

constexpr std::uint32_t kMinute = 1U << 24, kLowBits = 0x3f;
/// Grains of the clock, and how long the machine may have been at the packet.
constexpr std::int64_t kSlack = 64 + 40;

/// The packet that an ICMP error quotes; the packet itself, if it is none.
std::span<const std::uint8_t> quoted(std::span<const std::uint8_t> bytes) {
  packet::Facts facts;
  if (packet::parse(bytes, static_cast<std::uint32_t>(bytes.size()), facts) != DropReason::none) return {};
  if (facts.protocol != packet::kIcmp && facts.protocol != packet::kIcmpv6) return bytes;
  const std::size_t inner = facts.header_size + 8U;
  return inner < bytes.size() ? bytes.subspan(inner) : std::span<const std::uint8_t>{};
}

/// The SYN/ACK among them that acknowledges this, as it was sent or as an error of the box's quotes it.
const kernel::Emission* answer_among(const std::vector<kernel::Emission>& sent, std::uint32_t acknowledged,
                                     packet::Buffer& as) {
  constexpr std::uint32_t kLargest = 65575;  // a quote claims more than there is
  for (const kernel::Emission& emission : sent) {
    const auto bytes = quoted(emission.bytes);
    as = {};
    as.bytes = const_cast<std::uint8_t*>(bytes.data());  // only read
    as.size = as.room = static_cast<std::uint32_t>(bytes.size());
    if (packet::parse(bytes, kLargest, as.facts) != DropReason::none) continue;
    const bool answers = as.facts.protocol == packet::kTcp && as.facts.has_transport_header &&
                         (as.facts.tcp_flags & (kSyn | kAck)) == (kSyn | kAck);
    if (answers && as.facts.tcp_ack == acknowledged) return &emission;
  }
  return nullptr;
}

}  // namespace

/// The connection that the answer will be taken for a packet of.
const conntrack::Proxied* KernelCookies::met_by_answer(const conntrack::Tuple& ends, Time now) const {
  const conntrack::Tuple back{ends.destination, ends.source,   ends.destination_port,
                              ends.source_port, ends.protocol, ends.family};
  const conntrack::Connection* const met = tracker_.find(back, {}, now);
  return met == nullptr ? nullptr : tracker_.proxied(*met);
}

std::uint32_t KernelCookies::make(const conntrack::Tuple& ends, std::uint32_t client_number,
                                  std::uint32_t place, Time now) {
  std::vector<std::uint32_t>& known = drawn_[to_string(ends)];
  packet::Buffer answer;
  answered_ = client_number + 1;
  if (played_ != nullptr && answer_among(played_->sent, answered_, answer) != nullptr) {
    const std::uint32_t draw = answer.facts.tcp_seq - client_number - place;
    const bool next_minute =
        !known.empty() && draw - known.back() - 1 < 2 * kMinute && met_by_answer(ends, now) == nullptr;
    if (known.empty() || next_minute) known.push_back(draw);
  }
  return client_number + place + (known.empty() ? 0U : known.back());
}

std::optional<std::uint32_t> KernelCookies::place_of(const conntrack::Tuple& ends,
                                                     std::uint32_t client_number, std::uint32_t cookie,
                                                     Time) {
  const auto known = drawn_.find(to_string(ends));
  if (known == drawn_.end()) return std::nullopt;
  for (const std::uint32_t draw : known->second)
    if (const std::uint32_t place = cookie - client_number - draw;
        place < conntrack::cookie_mss(ends.family).size())
      return place;
  return std::nullopt;
}

/// The answer may be taken for that of the server, whose SYN is still open. Then nothing shows its clock but
/// the ACK to the server, whose echo was shifted by as much as that is ahead of the first answer's (unless it
/// was not tracked).
std::optional<std::uint32_t> clock_of_ack(const kernel::Played& played, std::uint32_t first_time,
                                          std::uint32_t expected) {
  for (const kernel::Emission& emission : played.sent) {
    packet::Buffer ack;
    ack.bytes = const_cast<std::uint8_t*>(emission.bytes.data());  // only read
    ack.size = ack.room = static_cast<std::uint32_t>(emission.bytes.size());
    if (packet::parse(emission.bytes, ack.size, ack.facts) != DropReason::none) continue;
    if (ack.facts.protocol != packet::kTcp || (ack.facts.tcp_flags & (kSyn | kAck)) != kAck) continue;
    const auto options = conntrack::read_options(ack);
    if (!options || !options->has_timestamp) continue;
    constexpr std::uint32_t kTopBit = 1U << 31;
    const std::uint32_t half = (options->echo + first_time) / 2;
    for (const std::uint32_t clock :
         {half & ~kLowBits, (half ^ kTopBit) & ~kLowBits, options->echo & ~kLowBits})
      if (const auto off = static_cast<std::int32_t>(clock - expected); off >= -kSlack && off <= kSlack)
        return clock;
  }
  return std::nullopt;
}

std::uint32_t KernelCookies::milliseconds(const conntrack::Tuple& ends, Time now) {
  packet::Buffer answer;
  if (played_ == nullptr) return 0;
  const auto passed = static_cast<std::uint32_t>((played_->when - clock_when_) / kMillisecond);
  const std::uint32_t expected = clock_known_ ? clock_ + passed : 0;
  if (answer_among(played_->sent, answered_, answer) == nullptr) {
    const auto* const met = met_by_answer(ends, now);
    if (met == nullptr) return expected;
    return clock_of_ack(*played_, met->first_time, expected).value_or(expected);
  }
  const auto options = conntrack::read_options(answer);
  if (!options || !options->has_timestamp) return expected;
  const auto* const met = met_by_answer(ends, now);
  std::uint32_t shown = options->value & ~kLowBits;
  auto off = static_cast<std::int32_t>(shown - expected);
  const std::int64_t at_it = (played_->done - played_->when) / kMillisecond;
  const auto fits = [&] { return off >= -kSlack && off <= kSlack + at_it; };
  if (met != nullptr && met->time_shift != 0 && (!clock_known_ || !fits())) {
    shown = (options->value + met->time_shift) & ~kLowBits;
    off = static_cast<std::int32_t>(shown - expected);
  }
  if (clock_known_ && !fits()) return expected;
  if (!clock_known_) {
    clock_known_ = true;
    clock_ = shown;
    clock_when_ = played_->when;
  }
  return shown;
}

}  // namespace utables::lab::compare
