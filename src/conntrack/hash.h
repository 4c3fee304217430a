// The keyed hash of tuples: SipHash-1-3 (Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012) over
// the tuple's words, with a key from the engine's seed. Without the key nobody can choose tuples that meet
// in one bucket; it needs no special instructions and is the same on every machine.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

#include "base/random.h"
#include "conntrack/tuple.h"

namespace utables::conntrack {

class TupleHash {
 public:
  explicit TupleHash(std::uint64_t seed) {
    Random random(seed);
    key0_ = random.next();
    key1_ = random.next();
  }
  TupleHash(std::uint64_t key0, std::uint64_t key1) : key0_(key0), key1_(key1) {}

  [[nodiscard]] std::uint64_t operator()(const Tuple& tuple) const { return begin(tuple).finish(); }
  /// ... and of a word more.
  [[nodiscard]] std::uint64_t operator()(const Tuple& tuple, std::uint64_t more) const {
    State s = begin(tuple);
    s.absorb(more);
    return s.finish();
  }

 private:
  struct State;
  [[nodiscard]] State begin(const Tuple& tuple) const {
    State s{key0_ ^ 0x736f6d6570736575ULL, key1_ ^ 0x646f72616e646f6dULL, key0_ ^ 0x6c7967656e657261ULL,
            key1_ ^ 0x7465646279746573ULL};
    const unsigned words = address_bytes(tuple.family) == 4 ? 1 : 2;
    for (unsigned i = 0; i < words; ++i) s.absorb(word(tuple.source, i));
    for (unsigned i = 0; i < words; ++i) s.absorb(word(tuple.destination, i));
    s.absorb(std::uint64_t{tuple.source_port} << 48 | std::uint64_t{tuple.destination_port} << 32 |
             std::uint64_t{tuple.zone} << 16 | std::uint64_t{tuple.protocol} << 8 |
             static_cast<std::uint64_t>(tuple.family));
    return s;
  }

  struct State {
    std::uint64_t a, b, c, d;
    void round() {
      a += b;
      b = std::rotl(b, 13) ^ a;
      a = std::rotl(a, 32);
      c += d;
      d = std::rotl(d, 16) ^ c;
      a += d;
      d = std::rotl(d, 21) ^ a;
      c += b;
      b = std::rotl(b, 17) ^ c;
      c = std::rotl(c, 32);
    }
    void absorb(std::uint64_t m) {
      d ^= m;
      round();
      a ^= m;
    }
    std::uint64_t finish() {
      c ^= 0xff;
      for (int i = 0; i < 3; ++i) round();
      return a ^ b ^ c ^ d;
    }
  };
  static std::uint64_t word(const Address& address, unsigned i) {
    std::uint64_t w;
    std::memcpy(&w, address.bytes.data() + std::size_t{8} * i, 8);
    return w;
  }
  std::uint64_t key0_, key1_;
};

}  // namespace utables::conntrack
