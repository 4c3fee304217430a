#include "packet/defrag.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <map>
#include <optional>

#include "base/bytes.h"
#include "base/ipv6_address.h"
#include "base/jiffies.h"
#include "packet/checksum.h"
#include "packet/extensions.h"

namespace utables::packet {
namespace {

/// What a queue itself counts for in Linux's account of memory.
constexpr std::uint64_t kQueueMemory = 200;

/// What a fragment of `size` bytes counts for: a buffer descriptor, and a block of the next of the
/// allocator's sizes that also holds 64 bytes in front and 320 behind; what does not fit a page goes
/// into pages of its own. Measured over TUN devices through /proc/net/sockstat.
std::uint64_t buffer_memory(std::uint64_t size) {
  constexpr std::uint64_t kDescriptor = 256, kPage = 4096, kFront = 64, kBehind = 320;
  constexpr std::uint64_t kLargestInOneBlock = kPage - kFront - kBehind;
  if (size > kLargestInOneBlock)
    return kDescriptor + kPage + (size - kLargestInOneBlock + kPage - 1) / kPage * kPage;
  const std::uint64_t needed = (kFront + size + 63) / 64 * 64 + kBehind;
  for (const std::uint64_t block : {576U, 1024U, 2048U})
    if (needed <= block) return kDescriptor + block;
  return kDescriptor + kPage;
}

// The set of ECN codepoints in a packet's fragments: bit 1 << codepoint (RFC 3168: 0 not-ECT, 1 ECT(1), 2
// ECT(0), 3 CE).
constexpr unsigned kNotEct = 1, kCongestion = 8;
constexpr std::uint8_t kCongestionExperienced = 3;

/// What reassembly adds to the TOS of the whole (RFC 3168 5.3); none: the mixture is not allowed.
std::optional<std::uint8_t> ecn_of(unsigned set) {
  if ((set & kNotEct) != 0) return set == kNotEct ? std::optional<std::uint8_t>(0) : std::nullopt;
  return (set & kCongestion) != 0 && set != kCongestion ? kCongestionExperienced : 0;
}

struct KeyLess {
  bool operator()(const FragmentKey& a, const FragmentKey& b) const {
    if (const int c = std::memcmp(a.source.bytes.data(), b.source.bytes.data(), 16)) return c < 0;
    if (const int c = std::memcmp(a.destination.bytes.data(), b.destination.bytes.data(), 16)) return c < 0;
    if (rest(a) != rest(b)) return rest(a) < rest(b);
    return a.zone != b.zone ? a.zone < b.zone : a.interface < b.interface;
  }
  static std::uint64_t rest(const FragmentKey& k) {
    return std::uint64_t{k.identification} << 32 | std::uint64_t{k.protocol} << 24 |
           std::uint64_t{static_cast<std::uint8_t>(k.user)} << 8 | static_cast<std::uint8_t>(k.family);
  }
};

struct SenderLess {
  bool operator()(const Address& a, const Address& b) const {
    return std::memcmp(a.bytes.data(), b.bytes.data(), 16) < 0;
  }
};

/// A sender of fragments that wait, and how many fragments it has sent meanwhile.
struct Sender {
  std::uint32_t count = 0;
  std::uint32_t queues = 0;
};

struct Run {
  std::uint32_t begin = 0, end = 0;
  std::vector<WaitingFragment> fragments{};
};

struct Queue {
  Time deadline = 0;
  std::uint64_t serial = 0;
  std::uint32_t distance = 0;
  InterfaceId interface = kNoInterface;
  std::uint32_t total = 0;
  std::uint32_t received = 0;  ///< payload bytes in the runs
  bool last_seen = false;
  std::uint8_t ecn = 0;
  std::uint32_t max_size = 0, max_df_size = 0;
  std::uint64_t memory = 0;  ///< of the fragments
  std::vector<Run> runs{};   ///< by offset, disjoint

  [[nodiscard]] bool complete() const {
    return last_seen && !runs.empty() && runs.front().begin == 0 && received == total;
  }
  void forget_fragments() {
    runs.clear();
    memory = total = received = 0;
    last_seen = false;
    ecn = 0;
  }
};

enum class Insertion : std::uint8_t { done, duplicate, overlap };

/// Linux joins a fragment to a run only when it continues the one with the highest offset; only within
/// one run is what is there already a duplicate.
Insertion insert(Queue& queue, WaitingFragment&& fragment) {
  const std::uint32_t begin = fragment.offset, end = begin + fragment.length;
  auto& runs = queue.runs;
  if (!runs.empty() && runs.back().end == begin) {
    runs.back().end = end;
    runs.back().fragments.push_back(std::move(fragment));
    return Insertion::done;
  }
  const auto at =
      std::partition_point(runs.begin(), runs.end(), [&](const Run& run) { return run.end <= begin; });
  if (at != runs.end() && at->begin < end)
    return at->begin <= begin && end <= at->end ? Insertion::duplicate : Insertion::overlap;
  Run run{begin, end, {}};
  run.fragments.push_back(std::move(fragment));
  runs.insert(at, std::move(run));
  return Insertion::done;
}

/// What a fragment says of its place, whatever its family.
struct Piece {
  std::uint32_t header = 0;  ///< bytes before its payload; IPv6: with the fragment header
  std::uint32_t begin = 0, end = 0;
  bool more = false;
  std::uint32_t identification = 0;
};
Piece piece_of(std::span<const std::uint8_t> bytes, const Facts& facts) {
  if (!facts.is_ipv6())
    return {facts.header_size, facts.fragment_offset, facts.fragment_offset + facts.transport_length(),
            facts.more_fragments, facts.identification};
  const FragmentFields fields = read_fragment_header(&bytes[facts.fragment_header]);
  const std::uint32_t header = facts.fragment_header + kFragmentHeader;
  return {header, fields.offset, fields.offset + facts.total_length - header, fields.more,
          fields.identification};
}

/// Bytes before the payload of a fragment that waits.
std::uint32_t header_size_of(const Bytes& packet) {
  if (packet[0] >> 4 == 4) return (packet[0] & 0x0fU) * 4U;
  Facts facts;
  (void)parse(packet, 0x20000, facts);
  return facts.fragment_header + kFragmentHeader;
}

bool holds_fragment_header(std::span<const std::uint8_t> bytes, const Facts& facts) {
  return bytes.size() >= std::size_t{facts.fragment_header} + kFragmentHeader;
}

std::uint32_t total_length_of(const Bytes& packet) {
  return packet[0] >> 4 == 4 ? load16(&packet[2]) : kIpv6Header + load16(&packet[4]);
}

/// A destination that means another one on every link (fe80::/10, groups).
bool is_of_link(const Address& a) { return ipv6::is_multicast(a) || ipv6::is_link_local(a); }

/// The header of the whole over IPv6: that of the first fragment, without its fragment header.
void finish_header_v6(Bytes& whole, std::uint32_t header_size, std::uint8_t ecn) {
  std::uint32_t named_at = 6;
  walk_chain(whole, [&](const Extension& header) {
    named_at = header.named_at;
    return header.protocol != kFragment;
  });
  const std::uint32_t at = header_size - kFragmentHeader;
  whole[named_at] = whole[at];
  whole.erase(whole.begin() + at, whole.begin() + header_size);
  whole[1] = static_cast<std::uint8_t>(whole[1] | ecn << 4);
}

/// The packet out of a complete queue; none: it would be too large, or its ECN codepoints contradict.
bool join(const Queue& queue, Reassembled& out) {
  const WaitingFragment& first = queue.runs.front().fragments.front();
  const Bytes& head = first.bytes;
  const bool v6 = head[0] >> 4 == 6;
  const std::uint32_t header_size = header_size_of(head);
  const std::uint32_t length = header_size + queue.total - (v6 ? kFragmentHeader : 0);
  const auto ecn = ecn_of(queue.ecn);
  if (!ecn || length > (v6 ? 0xffff + kIpv6Header : 0xffff)) return false;
  out = Reassembled{};
  out.type = first.type;
  out.link = first.link;
  out.interface = first.interface;
  out.bytes.reserve(length + 64);
  out.bytes.assign(head.begin(), head.begin() + header_size);
  std::uint32_t least_header = 0xffff;
  bool cut_short = false;  // by a capture's snap length: what is behind the first hole is not there
  for (const Run& run : queue.runs) {
    for (const WaitingFragment& fragment : run.fragments) {
      out.geometry.sizes.push_back(fragment.length);
      if (&fragment != &first) least_header = std::min(least_header, header_size_of(fragment.bytes));
      if (cut_short) continue;
      const auto payload = std::span(fragment.bytes).subspan(header_size_of(fragment.bytes));
      out.bytes.insert(out.bytes.end(), payload.begin(), payload.end());
      cut_short = payload.size() < fragment.length;
    }
  }
  out.geometry.max_size = std::max(queue.max_size, queue.max_df_size);
  if (v6) {
    finish_header_v6(out.bytes, header_size, *ecn);
    out.geometry.header = header_size - kFragmentHeader;
    out.geometry.least_header = least_header;
    store16(&out.bytes[4], static_cast<std::uint16_t>(length - kIpv6Header));
    return parse(out.bytes, length, out.facts) == DropReason::none;
  }
  out.geometry.dont_fragment = queue.max_df_size == queue.max_size;
  store16(&out.bytes[2], static_cast<std::uint16_t>(length));
  store16(&out.bytes[6], out.geometry.dont_fragment ? ip::kDontFragment : 0);
  out.bytes[1] |= *ecn;
  write_ip_checksum(std::span(out.bytes).first(header_size));
  return parse(out.bytes, length, out.facts) == DropReason::none;
}

}  // namespace

struct Defragmenter::Impl {
  using Queues = std::map<FragmentKey, Queue, KeyLess>;

  DefragSettings settings;
  Queues queues{};
  std::map<std::pair<Time, std::uint64_t>, FragmentKey> deadlines{};  // and creation
  std::map<Address, Sender, SenderLess> senders{};
  std::uint64_t memory = 0;
  std::uint64_t next_serial = 1;

  Queues::iterator create(const FragmentKey& key, Time now);
  void erase(Queues::iterator at);
  void start_over_if_too_far(Queues::iterator at, Time now);
  DefragOutcome take(Queues::iterator at, const FragmentArrival& arrival, Reassembled& out);
  void put_back(const WaitingQueue& saved);
};

Defragmenter::Impl::Queues::iterator Defragmenter::Impl::create(const FragmentKey& key, Time now) {
  const auto at = queues.try_emplace(key).first;
  at->second.deadline = timer_goes_off(now, settings.timeout);
  at->second.serial = next_serial++;
  deadlines.emplace(std::pair(at->second.deadline, at->second.serial), key);
  ++senders[key.source].queues;
  memory += kQueueMemory;
  return at;
}

void Defragmenter::Impl::erase(Queues::iterator at) {
  const auto sender = senders.find(at->first.source);
  if (sender != senders.end() && --sender->second.queues == 0) senders.erase(sender);
  memory -= kQueueMemory + at->second.memory;
  deadlines.erase(std::pair(at->second.deadline, at->second.serial));
  queues.erase(at);
}

/// A queue that its sender has sent too many other fragments since is taken for another packet's whose
/// identification wrapped around: it begins anew (ipfrag_max_dist).
void Defragmenter::Impl::start_over_if_too_far(Queues::iterator at, Time now) {
  if (settings.max_distance == 0) return;
  Queue& queue = at->second;
  const std::uint32_t before = queue.distance;
  queue.distance = ++senders[at->first.source].count;
  if (queue.runs.empty() || queue.distance - before <= settings.max_distance) return;
  memory -= queue.memory;
  queue.forget_fragments();
  deadlines.erase(std::pair(queue.deadline, queue.serial));
  queue.deadline = timer_goes_off(now, settings.timeout);
  deadlines.emplace(std::pair(queue.deadline, queue.serial), at->first);
}

DefragOutcome Defragmenter::Impl::take(Queues::iterator at, const FragmentArrival& arrival,
                                       Reassembled& out) {
  Queue& queue = at->second;
  const Facts& facts = arrival.facts;
  const bool v6 = facts.is_ipv6();
  const auto dropped = [](DropReason reason) { return DefragOutcome{DefragOutcome::Kind::dropped, reason}; };
  const auto give_up = [&](DropReason reason) {
    erase(at);
    return dropped(reason);
  };
  const Piece piece = piece_of(arrival.bytes, facts);
  const std::uint32_t begin = piece.begin;
  std::uint32_t end = piece.end;
  if (v6) {
    if (end > 0xffff) return dropped(DropReason::fragment_malformed);
    if (piece.more && end % 8 != 0) {
      erase(at);
      return {DefragOutcome::Kind::passed, DropReason::none};
    }
  } else if (piece.more) {
    end &= ~7U;
  }
  // Nothing may lie behind the end that a last fragment set. Over IPv4 the queue goes with what breaks that.
  const bool beyond = piece.more ? queue.last_seen && end > queue.total
                                 : end < queue.total || (queue.last_seen && end != queue.total);
  if (v6 && beyond) return dropped(DropReason::fragment_malformed);
  if (!v6 && (beyond || end == begin)) return give_up(DropReason::fragment_malformed);
  queue.total = std::max(queue.total, end);
  queue.last_seen |= !piece.more;
  if (end == begin) return dropped(DropReason::fragment_malformed);

  const std::uint32_t length = end - begin;
  const std::size_t there = std::min<std::size_t>({arrival.bytes.size(), facts.size, piece.header + length});
  WaitingFragment fragment{static_cast<std::uint16_t>(begin),
                           static_cast<std::uint16_t>(length),
                           0,
                           {},
                           arrival.type,
                           arrival.link,
                           arrival.interface};
  fragment.bytes.assign(arrival.bytes.begin(), arrival.bytes.begin() + static_cast<std::ptrdiff_t>(there));
  switch (insert(queue, std::move(fragment))) {
    case Insertion::duplicate:
      return dropped(DropReason::fragment_duplicate);
    case Insertion::overlap:
      return give_up(DropReason::fragment_overlap);
    case Insertion::done:
      break;
  }
  const std::uint64_t occupied = buffer_memory(facts.total_length);
  queue.memory += occupied;
  memory += occupied;
  queue.interface = arrival.interface;
  queue.received += length;
  queue.ecn |= static_cast<std::uint8_t>(1U << (facts.tos & 3U));
  const std::uint32_t size = piece.header + length;
  queue.max_size = std::max(queue.max_size, size);
  if (facts.dont_fragment) queue.max_df_size = std::max(queue.max_df_size, size);
  if (!queue.complete()) return {};
  if (!join(queue, out)) return give_up(DropReason::fragment_malformed);
  erase(at);
  return {DefragOutcome::Kind::complete, DropReason::none};
}

void Defragmenter::Impl::put_back(const WaitingQueue& saved) {
  FragmentKey key = saved.key;
  if (key.family == Family::ipv6 && is_of_link(key.destination)) key.interface = saved.interface;
  const auto at = queues.try_emplace(key).first;
  Queue& queue = at->second;
  queue.deadline = saved.deadline;
  queue.serial = saved.serial;
  queue.distance = saved.distance;
  queue.interface = saved.interface;
  queue.total = saved.total;
  queue.last_seen = saved.last_seen;
  queue.ecn = saved.ecn;
  queue.max_size = saved.max_size;
  queue.max_df_size = saved.max_df_size;
  for (const WaitingFragment& fragment : saved.fragments) {
    const bool joined = !queue.runs.empty() && queue.runs.back().fragments.back().run == fragment.run;
    if (!joined) queue.runs.push_back({fragment.offset, fragment.offset, {}});
    queue.runs.back().end = std::uint32_t{fragment.offset} + fragment.length;
    queue.runs.back().fragments.push_back(fragment);
    queue.received += fragment.length;
    queue.memory += buffer_memory(total_length_of(fragment.bytes));
  }
  memory += kQueueMemory + queue.memory;
  deadlines.emplace(std::pair(queue.deadline, queue.serial), key);
  Sender& sender = senders[saved.key.source];
  ++sender.queues;
  sender.count = std::max(sender.count, saved.sender_count);
  next_serial = std::max(next_serial, saved.serial + 1);
}

Defragmenter::Defragmenter(const DefragSettings& settings) : impl_(std::make_unique<Impl>()) {
  impl_->settings = settings;
}
Defragmenter::~Defragmenter() = default;
Defragmenter::Defragmenter(Defragmenter&&) noexcept = default;
Defragmenter& Defragmenter::operator=(Defragmenter&&) noexcept = default;

DefragOutcome Defragmenter::add(const FragmentArrival& arrival, Time now, Reassembled& out) {
  Impl& impl = *impl_;
  const std::uint64_t threshold = impl.settings.high_threshold;
  if (threshold == 0 || impl.memory > threshold)
    return {DefragOutcome::Kind::dropped, DropReason::fragment_memory};
  const Facts& facts = arrival.facts;
  FragmentKey key{facts.source,   facts.destination, facts.family, facts.identification,
                  facts.protocol, kNoInterface,      arrival.user, arrival.zone};
  if (facts.is_ipv6()) {
    key.protocol = 0;
    if (is_of_link(facts.destination)) key.interface = arrival.interface;
  }
  auto at = impl.queues.find(key);
  if (at != impl.queues.end() && at->second.deadline <= now) {
    impl.erase(at);
    at = impl.queues.end();
  }
  if (at == impl.queues.end()) {
    at = impl.create(key, now);
    at->second.interface = arrival.interface;
  }
  if (!facts.is_ipv6()) impl.start_over_if_too_far(at, now);
  return impl.take(at, arrival, out);
}

void Defragmenter::expire(Time now, const std::function<void(const ExpiredQueue&)>& tell) {
  while (!impl_->deadlines.empty() && impl_->deadlines.begin()->first.first <= now) {
    const auto at = impl_->queues.find(impl_->deadlines.begin()->second);
    const Queue& queue = at->second;
    ExpiredQueue expired{at->first, queue.deadline, queue.interface, {}};
    if (!queue.runs.empty() && queue.runs.front().begin == 0) {
      const WaitingFragment& first = queue.runs.front().fragments.front();
      expired.first = first.bytes;
      expired.type = first.type;
      if (at->first.family == Family::ipv6) expired.interface = first.interface;
    }
    if (tell) tell(expired);
    impl_->erase(at);
  }
}

Time Defragmenter::next_deadline() const {
  return impl_->deadlines.empty() ? std::numeric_limits<Time>::max() : impl_->deadlines.begin()->first.first;
}

std::size_t Defragmenter::size() const { return impl_->queues.size(); }
std::uint64_t Defragmenter::memory() const { return impl_->memory; }
void Defragmenter::change_settings(const DefragSettings& settings) { impl_->settings = settings; }

std::vector<WaitingQueue> Defragmenter::save() const {
  std::vector<WaitingQueue> out;
  for (const auto& [key, queue] : impl_->queues) {
    WaitingQueue saved{key,
                       queue.deadline,
                       queue.serial,
                       queue.distance,
                       impl_->senders.at(key.source).count,
                       queue.interface,
                       queue.total,
                       queue.last_seen,
                       queue.ecn,
                       queue.max_size,
                       queue.max_df_size,
                       {}};
    std::uint32_t number = 0;
    for (const Run& run : queue.runs) {
      for (const WaitingFragment& fragment : run.fragments) {
        saved.fragments.push_back(fragment);
        saved.fragments.back().run = number;
      }
      ++number;
    }
    out.push_back(std::move(saved));
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.serial < b.serial; });
  return out;
}

namespace {

/// The rule that a saved queue breaks; empty: none.
std::string_view broken_rule(const WaitingQueue& queue) {
  std::uint32_t end = 0;
  const WaitingFragment* previous = nullptr;
  for (const WaitingFragment& fragment : queue.fragments) {
    Facts facts;
    if (parse(fragment.bytes, 0x20000, facts) != DropReason::none) return "a fragment has no good IP header";
    if (fragment.length == 0) return "a fragment is empty";
    if (facts.is_ipv6() && (facts.fragment_header == 0 || !holds_fragment_header(fragment.bytes, facts)))
      return "a fragment has no fragment header";
    const Piece piece = piece_of(fragment.bytes, facts);
    if (fragment.bytes.size() > std::size_t{piece.header} + fragment.length)
      return "a fragment is longer than its length";
    if (fragment.offset % 8 != 0 || piece.begin != fragment.offset)
      return "a fragment's offset is not its header's";
    if (previous != nullptr && fragment.offset < end) return "the fragments are not disjoint and in order";
    if (previous != nullptr && previous->run == fragment.run && fragment.offset != end)
      return "a run has a gap";
    end = std::uint32_t{fragment.offset} + fragment.length;
    previous = &fragment;
  }
  if (end > queue.total) return "a fragment lies beyond the total length";
  return {};
}

}  // namespace

Result<void> Defragmenter::restore(const std::vector<WaitingQueue>& queues) {
  std::map<FragmentKey, std::uint64_t, KeyLess> seen;
  std::map<std::uint64_t, bool> serials;
  for (const auto& [key, queue] : impl_->queues)
    seen.emplace(key, queue.serial), serials.emplace(queue.serial, true);
  for (const WaitingQueue& queue : queues) {
    std::string_view broken = broken_rule(queue);
    if (broken.empty() && !seen.emplace(queue.key, queue.serial).second)
      broken = "its packet is waiting already";
    if (broken.empty() && !serials.emplace(queue.serial, true).second) broken = "its serial is taken";
    if (!broken.empty())
      return fail(fmt::format(
          "fragments from {} to {}, identification {}: {}", to_string(queue.key.source, queue.key.family),
          to_string(queue.key.destination, queue.key.family), queue.key.identification, broken));
  }
  for (const WaitingQueue& queue : queues) impl_->put_back(queue);
  return {};
}

}  // namespace utables::packet
