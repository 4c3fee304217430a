#include "lab/capture/observations.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "lab/capture/checksums.h"
#include "packet/headers.h"

namespace utables::lab {
namespace {

constexpr std::size_t kFirstEntries = 1024, kFirstBytes = 1U << 16;

/// A hash of what a prediction and its observation must share, whatever the rest: interface, addresses,
/// protocol, length, the ports and what follows them (not UDP's checksum, which may have been left to
/// offloading), the identification (not ICMP's, which may be drawn at random). Few packets of a second share
/// it.
std::uint64_t key_of(const SeenPacket& p) {
  std::uint64_t hash = p.interface + 1;
  if (p.bytes.size() < 20) return mix(hash, p.bytes.size());
  const std::size_t header = std::size_t{4} * (p.bytes[0] & 0x0f);
  hash = mix(hash, std::uint64_t{load32(p.bytes.data() + 12)} << 32 | load32(p.bytes.data() + 16));
  hash = mix(hash, std::uint64_t{load16(p.bytes.data() + 2)} << 8 | p.bytes[9]);
  const std::uint8_t protocol = p.bytes[9];
  if (protocol != packet::kIcmp) hash = mix(hash, load32(p.bytes.data() + 4));
  if (p.bytes.size() >= header + 4) hash = mix(hash, load32(p.bytes.data() + header));
  const bool more = protocol == packet::kTcp || protocol == packet::kIcmp;
  return more && p.bytes.size() >= header + 8 ? mix(hash, load32(p.bytes.data() + header + 4)) : hash;
}

}  // namespace

std::uint64_t Predictions::store(std::span<const std::uint8_t> bytes) {
  const auto free_after = [&] { return ring_.size() - (ring_next_ - ring_first_); };
  for (;;) {
    std::uint64_t at = ring_next_;
    std::uint64_t skip = 0;
    if (!ring_.empty() && at % ring_.size() + bytes.size() > ring_.size())
      skip = ring_.size() - at % ring_.size();
    if (!ring_.empty() && free_after() >= skip + bytes.size()) {
      at += skip;
      std::copy(bytes.begin(), bytes.end(), ring_.begin() + static_cast<std::ptrdiff_t>(at % ring_.size()));
      ring_next_ = at + bytes.size();
      return at;
    }
    if (ring_.size() >= kPredictionBytes && first_ < next_) {
      forget_oldest();
      continue;
    }
    // Grow: what is there moves to the front of the new ring.
    std::vector<std::uint8_t> bigger(std::max({kFirstBytes, ring_.size() * 2, bytes.size() * 2}));
    std::uint64_t to = 0;
    for (std::uint64_t number = first_; number < next_; ++number) {
      Entry& e = entry(number);
      std::memcpy(bigger.data() + to, ring_.data() + e.offset % ring_.size(), e.size);
      e.offset = to;
      to += e.size;
    }
    ring_.swap(bigger);
    ring_first_ = 0;
    ring_next_ = to;
  }
}

void Predictions::forget(Time before) {
  while (first_ < next_ && entry(first_).time < before) ++first_;
  ring_first_ = first_ < next_ ? entry(first_).offset : ring_next_;
}

void Predictions::forget_oldest() {
  ++first_;
  ring_first_ = first_ < next_ ? entry(first_).offset : ring_next_;
}

void Predictions::add(const SeenPacket& sent) {
  // Nothing is forgotten for its age here: frames of the same batch, seen before this one was sent, are
  // still to be held against what was sent before them.
  if (next_ - first_ == kPredictions) forget_oldest();
  if (next_ - first_ == entries_.size()) {
    std::vector<Entry> bigger(std::max(kFirstEntries, entries_.size() * 2));
    for (std::uint64_t number = first_; number < next_; ++number)
      bigger[number % bigger.size()] = entry(number);
    entries_.swap(bigger);
    buckets_.assign(entries_.size() * 2, 0);
    for (std::uint64_t number = first_; number < next_; ++number) {
      std::uint64_t& bucket = buckets_[entry(number).key % buckets_.size()];
      entry(number).previous = bucket;
      bucket = number + 1;
    }
  }
  const std::uint64_t offset = store(sent.bytes);
  const std::uint64_t key = key_of(sent);
  std::uint64_t& bucket = buckets_[key % buckets_.size()];
  entry(next_) = {key,
                  bucket,
                  sent.time,
                  sent.order,
                  offset,
                  static_cast<std::uint32_t>(sent.bytes.size()),
                  sent.interface,
                  sent.made_here,
                  false};
  bucket = ++next_;
}

bool Predictions::fulfils(const SeenPacket& seen, const Entry& e) {
  if (e.interface != seen.interface || e.order >= seen.order || e.time + kPredictionLife < seen.time)
    return false;
  const std::span<const std::uint8_t> said(ring_.data() + e.offset % ring_.size(), e.size);
  const std::size_t shared = std::min(said.size(), seen.bytes.size());
  if (said.size() != seen.bytes.size() && (shared < 20 || load16(said.data() + 2) <= shared))
    return false;  // neither is cut
  if (std::memcmp(said.data(), seen.bytes.data(), shared) == 0) return true;
  scratch_.assign(seen.bytes.begin(), seen.bytes.end());
  const auto take_over = [&](std::size_t at) {
    if (at + 2 <= shared) std::memcpy(scratch_.data() + at, said.data() + at, 2);
  };
  packet::Facts facts;
  if (packet::parse(seen.bytes, static_cast<std::uint32_t>(seen.bytes.size()), facts) == DropReason::none &&
      left_to_offloading(seen.bytes, facts))
    take_over(facts.header_size + (facts.protocol == packet::kTcp ? std::size_t{16} : std::size_t{6}));
  if (e.made_here) {
    take_over(4);   // identification
    take_over(10);  // the header checksum over it
  }
  return std::memcmp(said.data(), scratch_.data(), shared) == 0;
}

bool Predictions::consume(const SeenPacket& seen) {
  if (buckets_.empty()) return false;
  forget(seen.time - kPredictionLife);
  const std::uint64_t key = key_of(seen);
  Entry* oldest = nullptr;
  for (std::uint64_t number = buckets_[key % buckets_.size()]; number > first_;) {
    Entry& e = entry(number - 1);
    if (e.key == key && !e.consumed && fulfils(seen, e)) oldest = &e;
    number = e.previous;
  }
  if (oldest == nullptr) return false;
  return oldest->consumed = true;
}

std::vector<SavedPrediction> Predictions::save(Time now) const {
  std::vector<SavedPrediction> saved;
  for (std::uint64_t number = first_; number < next_; ++number) {
    const Entry& e = entry(number);
    if (e.consumed || e.time + kPredictionLife < now) continue;
    const std::uint8_t* const bytes = ring_.data() + e.offset % ring_.size();
    saved.push_back({{bytes, bytes + e.size}, e.interface, e.time, e.made_here});
  }
  return saved;
}

void Predictions::restore(const std::vector<SavedPrediction>& saved) {
  for (const SavedPrediction& one : saved) add({one.bytes, one.interface, one.time, 0, one.made_here});
}

}  // namespace utables::lab
