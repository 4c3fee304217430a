// Index: hash -> (connection, direction). Open addressing over buckets of one cache line: ten 16-bit tags
// beside ten 32-bit references, and a count of entries that found this bucket full and stand further on
// (a look-up goes on only where that count is not zero; removal leaves no tombstones).
//
// The home bucket comes from the hash's upper 32 bits by multiplication, so a range of hashes is a range of
// buckets (early drop looks at ranges). The tag is the lower 16 bits. It grows by half: both arrays
// live side by side while each insertion moves some buckets, so that no packet pays for the whole.
#pragma once
#include <array>
#include <cstdint>
#include <utility>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "base/pages.h"
#include "base/prefetch.h"
#include "conntrack/connection.h"

namespace utables::conntrack {

struct Reference {
  std::uint32_t word = 0;  ///< (handle + 1) << 1 | direction; 0: none
  static Reference of(Handle handle, Direction direction) {
    return {(handle + 1) << 1 | static_cast<std::uint32_t>(direction)};
  }
  [[nodiscard]] bool empty() const { return word == 0; }
  [[nodiscard]] Handle handle() const { return (word >> 1) - 1; }
  [[nodiscard]] Direction direction() const { return static_cast<Direction>(word & 1); }
  friend bool operator==(const Reference&, const Reference&) = default;
};

class Index {
 public:
  Index() : current_(kFirstBuckets) {}

  void prefetch(std::uint64_t hash) const {
    utables::prefetch(&current_.at(current_.home(hash)));
    if (old_.count != 0) utables::prefetch(&old_.at(old_.home(hash)));
  }
  /// What find() will most likely look at, without looking at it: the first with the tag in its home bucket.
  [[nodiscard]] Reference candidate(std::uint64_t hash) const {
    if (const Reference r = tagged(current_, hash); !r.empty()) return r;
    return old_.count == 0 ? Reference{} : tagged(old_, hash);
  }

  /// The first reference with this hash's tag for which `same(reference)` holds.
  template <class Same>
  [[nodiscard]] Reference find(std::uint64_t hash, Same same) const {
    if (const Reference r = find_in(current_, hash, same); !r.empty()) return r;
    return old_.count == 0 ? Reference{} : find_in(old_, hash, same);
  }

  /// `hash_of(reference)` gives an entry's hash again, for growing.
  template <class HashOf>
  void insert(std::uint64_t hash, Reference reference, HashOf hash_of) {
    if (old_.count == 0 && used_ + 1 > current_.count * kWays / 4 * 3) start_growing();
    if (old_.count != 0) move_some(hash_of);
    put(current_, hash, reference);
    ++used_;
  }

  void remove(std::uint64_t hash, Reference reference) {
    if (take(current_, hash, reference) || (old_.count != 0 && take(old_, hash, reference))) --used_;
  }

  /// Calls `visit(reference)` for what stands in the buckets of hashes whose upper half is in [first, last],
  /// displaced entries of other homes included.
  template <class Visit>
  void visit_range(std::uint32_t first, std::uint32_t last, Visit visit) const {
    for (const Array* array : {&current_, &old_}) {
      if (array->count == 0) continue;
      std::uint32_t b = array->home(std::uint64_t{first} << 32);
      const std::uint32_t end = array->home(std::uint64_t{last} << 32);
      for (std::uint32_t steps = 0; steps < array->count; ++steps, b = array->next(b)) {
        for (const Reference r : array->at(b).references)
          if (!r.empty()) visit(r);
        if (b >= end && array->at(b).overflowed == 0) break;
      }
    }
  }

  [[nodiscard]] std::size_t bytes() const {
    return (std::size_t{current_.count} + old_.count) * sizeof(Bucket);
  }

 private:
  static constexpr unsigned kWays = 10;
  static constexpr std::uint32_t kFirstBuckets = 64;
  static constexpr unsigned kMovedPerInsert = 2;

  struct alignas(64) Bucket {
    std::array<std::uint16_t, kWays> tags;
    std::array<Reference, kWays> references;
    std::uint32_t overflowed;
  };
  static_assert(sizeof(Bucket) == 64);

  struct Array {
    Array() = default;
    explicit Array(std::uint32_t n)
        : memory(allocate_pages(std::size_t{n} * sizeof(Bucket))),
          buckets(static_cast<Bucket*>(memory.get())),
          count(n) {}
    Pages memory{};
    Bucket* buckets = nullptr;
    std::uint32_t count = 0;

    [[nodiscard]] std::uint32_t home(std::uint64_t hash) const {
      return static_cast<std::uint32_t>(((hash >> 32) * count) >> 32);
    }
    [[nodiscard]] std::uint32_t next(std::uint32_t b) const { return b + 1 == count ? 0 : b + 1; }
    [[nodiscard]] Bucket& at(std::uint32_t b) const { return buckets[b]; }
  };

  /// A bit for each place with the tag.
  static unsigned hits_of(const Bucket& bucket, std::uint16_t tag) {
    unsigned hits = 0, from = 0;
#ifdef __SSE2__
    const __m128i tags = _mm_load_si128(reinterpret_cast<const __m128i*>(bucket.tags.data()));
    const __m128i same = _mm_cmpeq_epi16(tags, _mm_set1_epi16(static_cast<std::int16_t>(tag)));
    hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_packs_epi16(same, _mm_setzero_si128())));
    from = 8;
#endif
    for (unsigned i = from; i < kWays; ++i) hits |= static_cast<unsigned>(bucket.tags[i] == tag) << i;
    return hits;
  }

  static Reference tagged(const Array& array, std::uint64_t hash) {
    const Bucket& bucket = array.at(array.home(hash));
    unsigned hits = hits_of(bucket, static_cast<std::uint16_t>(hash));
    for (; hits != 0; hits &= hits - 1) {
      const Reference r = bucket.references[static_cast<unsigned>(__builtin_ctz(hits))];
      if (!r.empty()) return r;
    }
    return {};
  }

  template <class Same>
  static Reference find_in(const Array& array, std::uint64_t hash, Same same) {
    const auto tag = static_cast<std::uint16_t>(hash);
    std::uint32_t b = array.home(hash);
    for (std::uint32_t steps = 0; steps < array.count; ++steps, b = array.next(b)) {
      const Bucket& bucket = array.at(b);
      for (unsigned hits = hits_of(bucket, tag); hits != 0; hits &= hits - 1) {
        const Reference r = bucket.references[static_cast<unsigned>(__builtin_ctz(hits))];
        if (!r.empty() && same(r)) return r;
      }
      if (bucket.overflowed == 0) break;
    }
    return {};
  }

  static void put(Array& array, std::uint64_t hash, Reference reference) {
    for (std::uint32_t b = array.home(hash);; b = array.next(b)) {
      Bucket& bucket = array.at(b);
      for (unsigned i = 0; i < kWays; ++i) {
        if (!bucket.references[i].empty()) continue;
        bucket.references[i] = reference;
        bucket.tags[i] = static_cast<std::uint16_t>(hash);
        return;
      }
      ++bucket.overflowed;
    }
  }

  static bool take(Array& array, std::uint64_t hash, Reference reference) {
    const std::uint32_t home = array.home(hash);
    std::uint32_t b = home;
    for (std::uint32_t steps = 0; steps < array.count; ++steps, b = array.next(b)) {
      Bucket& bucket = array.at(b);
      for (unsigned i = 0; i < kWays; ++i) {
        if (bucket.references[i] != reference) continue;
        bucket.references[i] = {};
        bucket.tags[i] = 0;
        for (std::uint32_t passed = home; passed != b; passed = array.next(passed))
          --array.at(passed).overflowed;
        return true;
      }
      if (bucket.overflowed == 0) break;
    }
    return false;
  }

  /// By half, not to twice: what is empty costs memory for every connection. Large arrays fill huge pages.
  void start_growing() {
    constexpr std::uint32_t page = kHugePage / sizeof(Bucket);
    std::uint32_t count = current_.count + current_.count / 2;
    if (count > page) count = (count + page - 1) / page * page;
    old_ = std::exchange(current_, Array(count));
    moved_ = 0;
  }

  template <class HashOf>
  void move_some(HashOf hash_of) {
    for (unsigned n = 0; n < kMovedPerInsert && moved_ < old_.count; ++n, ++moved_) {
      for (const Reference r : std::array<Reference, kWays>(old_.at(moved_).references)) {
        if (r.empty()) continue;
        const std::uint64_t hash = hash_of(r);
        take(old_, hash, r);
        put(current_, hash, r);
      }
    }
    if (moved_ == old_.count) old_ = Array{};
  }

  Array current_, old_{};
  std::uint32_t moved_ = 0;  ///< buckets of old_ that are empty by now
  std::uint32_t used_ = 0;
};

}  // namespace utables::conntrack
