// FlowMap: 64-bit keys to 32-bit values, open addressing, up to a bound; what finds no room is counted.
// The keys are hashes already (of flows, addresses, groups), so they are used as they are.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/address.h"
#include "packet/facts.h"

namespace utables::lab {

/// Mixes a word into a hash (the finaliser of MurmurHash3).
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash ^= word;
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccdULL;
  hash ^= hash >> 33;
  hash *= 0xc4ceb9fe1a85ec53ULL;
  return hash ^ (hash >> 33);
}
[[nodiscard]] std::uint64_t hash_of(const Address& address);
/// The same for both directions of a flow: addresses, protocol, and ports or ICMP id where there are any.
[[nodiscard]] std::uint64_t flow_hash(const packet::Facts& facts);

class FlowMap {
 public:
  explicit FlowMap(std::size_t bound) : bound_(bound) {}

  /// The value of a key; null if it is not there.
  [[nodiscard]] const std::uint32_t* find(std::uint64_t key) const;
  /// Adds a key that is not there. Returns whether it was added: false if it was there, or there is no room.
  bool insert(std::uint64_t key, std::uint32_t value);
  [[nodiscard]] std::vector<std::uint64_t> keys() const;  ///< ascending
  [[nodiscard]] std::size_t size() const { return used_; }
  [[nodiscard]] bool full() const { return full_; }  ///< something found no room

 private:
  struct Slot {
    std::uint64_t key = 0;  // 0: empty
    std::uint32_t value = 0;
  };
  [[nodiscard]] std::size_t slot_of(std::uint64_t key) const;
  void grow();

  std::vector<Slot> slots_{};
  std::size_t used_ = 0, bound_;
  bool full_ = false;
};

}  // namespace utables::lab
