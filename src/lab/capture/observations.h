// Observations: frames that the box sent, as the capture has them, held against what utables sent.
//
// A capture of a router holds each forwarded packet twice. An outbound frame is an *observation* when
// utables sent the same bytes on that interface within the second before it: it is consumed. Otherwise a
// frame from an address of the box (or 0.0.0.0, or one that was never seen coming in) is a packet of the
// box's programs, to be played, and so is a translated one of a program's connection (program_side.h); any
// other is an observation without a prediction, reported, never played.
//
// "The same bytes" allows for what a capture cannot have: a cut frame is compared as far as it goes, a
// checksum left to transmit offloading as if it were filled in, and in an answer of the box itself the
// identification, which Linux draws at random.
#pragma once
#include <utables/packet.h>
#include <utables/time.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/address.h"
#include "lab/capture/flow_map.h"
#include "packet/facts.h"

namespace utables::lab {

/// How long a prediction waits to be seen.
inline constexpr Duration kPredictionLife = kSecond;
/// Bounds on what is remembered of packets sent; the oldest go first.
inline constexpr std::size_t kPredictionBytes = 64U << 20, kPredictions = 1U << 18;

/// A packet that left, or was seen leaving.
struct SeenPacket {
  std::span<const std::uint8_t> bytes{};
  InterfaceId interface = kNoInterface;
  Time time = 0;
  std::uint64_t order = 0;  ///< of the input packet that caused it, or of the frame itself
  bool made_here = false;
};

/// A prediction that waits, as it is saved.
struct SavedPrediction {
  std::vector<std::uint8_t> bytes{};
  InterfaceId interface = kNoInterface;
  Time time = 0;
  bool made_here = false;
};

/// What utables sent lately.
class Predictions {
 public:
  /// What still waits at `now`, oldest first; and back, before all others.
  [[nodiscard]] std::vector<SavedPrediction> save(Time now) const;
  void restore(const std::vector<SavedPrediction>& saved);
  void add(const SeenPacket& sent);
  /// Consumes the oldest prediction that `seen` fulfils. Returns whether there was one.
  [[nodiscard]] bool consume(const SeenPacket& seen);

 private:
  struct Entry {
    std::uint64_t key = 0;
    std::uint64_t previous = 0;  // number of the entry before it with the same bucket, plus one
    Time time = 0;
    std::uint64_t order = 0;
    std::uint64_t offset = 0;  // within the ring of bytes, absolute
    std::uint32_t size = 0;
    InterfaceId interface = kNoInterface;
    bool made_here = false, consumed = false;
  };
  [[nodiscard]] Entry& entry(std::uint64_t number) { return entries_[number % entries_.size()]; }
  [[nodiscard]] const Entry& entry(std::uint64_t number) const { return entries_[number % entries_.size()]; }
  void forget(Time before);
  void forget_oldest();
  std::uint64_t store(std::span<const std::uint8_t> bytes);
  [[nodiscard]] bool fulfils(const SeenPacket& seen, const Entry& entry);

  std::vector<Entry> entries_{};
  std::vector<std::uint64_t> buckets_{};
  std::vector<std::uint8_t> ring_{};
  std::vector<std::uint8_t> scratch_{};
  std::uint64_t first_ = 0, next_ = 0;            // numbers of entries
  std::uint64_t ring_first_ = 0, ring_next_ = 0;  // absolute positions in the ring
};

/// What became of the outbound frames.
struct ObservationCounts {
  std::uint64_t outbound = 0;     ///< frames that the box sent
  std::uint64_t predicted = 0;    ///< ... and utables had sent
  std::uint64_t played = 0;       ///< ... and its programs made: played
  std::uint64_t unpredicted = 0;  ///< ... and nothing explains
  std::uint64_t looped = 0;       ///< copies of packets of the box to itself, seen coming in by lo
};

/// Addresses that were seen coming in. 0.0.0.0 is nobody's.
class Senders {
 public:
  void saw(const Address& address) {
    if (address == last_ || address.is_zero()) return;
    last_ = address;
    seen_.insert(hash_of(address), 0);
  }
  [[nodiscard]] std::vector<std::uint64_t> save() const { return seen_.keys(); }
  void restore(const std::vector<std::uint64_t>& keys) {
    for (const std::uint64_t key : keys) seen_.insert(key, 0);
  }
  [[nodiscard]] bool has(const Address& address) const {
    return seen_.find(hash_of(address)) != nullptr || seen_.full();
  }

 private:
  FlowMap seen_{std::size_t{1} << 24};
  Address last_{};
};

}  // namespace utables::lab
