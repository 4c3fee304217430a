#include "lab/capture/flow_map.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace utables::lab {

std::uint64_t hash_of(const Address& address) {
  std::uint64_t low = 0, high = 0;
  std::memcpy(&low, address.bytes.data(), 8);
  std::memcpy(&high, address.bytes.data() + 8, 8);
  return mix(mix(0x9e3779b97f4a7c15ULL, low), high);
}

std::uint64_t flow_hash(const packet::Facts& facts) {
  std::uint64_t a = hash_of(facts.source), b = hash_of(facts.destination);
  if (facts.has_ports) {
    a = mix(a, facts.source_port);
    b = mix(b, facts.destination_port);
  }
  std::uint64_t hash = a + b;  // the same both ways
  if (facts.protocol == packet::kIcmp || facts.protocol == packet::kIcmpv6) hash = mix(hash, facts.icmp_id);
  return mix(hash, facts.protocol);
}

std::size_t FlowMap::slot_of(std::uint64_t key) const {
  std::size_t at = key & (slots_.size() - 1);
  while (slots_[at].key != 0 && slots_[at].key != key) at = (at + 1) & (slots_.size() - 1);
  return at;
}

const std::uint32_t* FlowMap::find(std::uint64_t key) const {
  if (slots_.empty()) return nullptr;
  const Slot& slot = slots_[slot_of(key == 0 ? 1 : key)];
  return slot.key == 0 ? nullptr : &slot.value;
}

bool FlowMap::insert(std::uint64_t key, std::uint32_t value) {
  if (key == 0) key = 1;
  if (used_ * 2 >= slots_.size() && used_ < bound_) grow();
  Slot& slot = slots_[slot_of(key)];
  if (slot.key == key) return false;
  if (used_ >= bound_) {
    full_ = true;
    return false;
  }
  slot = {key, value};
  ++used_;
  return true;
}

std::vector<std::uint64_t> FlowMap::keys() const {
  std::vector<std::uint64_t> out;
  out.reserve(used_);
  for (const Slot& slot : slots_)
    if (slot.key != 0) out.push_back(slot.key);
  std::sort(out.begin(), out.end());
  return out;
}

void FlowMap::grow() {
  std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.empty() ? 64 : slots_.size() * 2));
  for (const Slot& slot : old)
    if (slot.key != 0) slots_[slot_of(slot.key)] = slot;
}

}  // namespace utables::lab
