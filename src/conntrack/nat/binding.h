// Binding: which tuple a connection gets under a NatRange, as Linux chooses it: the address by a hash of the
// client (and, unless persistent, the server), the port its own where that is free, else another of the
// class it belongs to, or of the range.
#pragma once
#include <array>
#include <functional>
#include <optional>
#include <string_view>

#include "base/random.h"
#include "conntrack/nat/range.h"
#include "conntrack/nat/source_index.h"

namespace utables::conntrack {

/// Where the search for a free port begins, which Linux draws at random.
class PortDraw {
 public:
  virtual ~PortDraw() = default;
  /// An offset from `first`; whatever it is, the search goes on from it modulo `size`.
  virtual std::uint16_t draw(const Connection& connection, Manipulation manipulation, std::uint16_t first,
                             std::uint32_t size) = 0;
  /// Likewise for a port that is announced in a payload; `first` itself is taken. `nth`: so many were
  /// announced by the same packet before.
  virtual std::uint16_t draw_announced(unsigned nth, std::uint16_t first, std::uint32_t size) = 0;
};

/// Draws from a stream.
class RandomPortDraw final : public PortDraw {
 public:
  explicit RandomPortDraw(Random& random) : random_(random) {}
  std::uint16_t draw(const Connection&, Manipulation, std::uint16_t, std::uint32_t) override {
    return static_cast<std::uint16_t>(random_.next32());
  }
  std::uint16_t draw_announced(unsigned, std::uint16_t, std::uint32_t) override {
    return static_cast<std::uint16_t>(random_.next32());
  }

 private:
  Random& random_;
};

/// How a tuple was come by, for the coverage of comparisons.
enum class NatCase : std::uint8_t {
  kept,           ///< the source fits and is free: as it is
  mapped_before,  ///< the mapping that the same source had before
  address_given,
  address_hashed,  ///< one of a range
  port_kept,
  port_not_asked,  ///< a single port: taken, whether or not it is free
  port_stays,      ///< a destination's, or of a protocol without ports: nothing may change it
  port_shifted,
  port_drawn,
  port_from_start,  ///< searched from the beginning of the range
  evicted,          ///< a closed connection had it, and made room
  exhausted,        ///< every port that was tried is taken
  count_
};
[[nodiscard]] std::string_view name(NatCase nat_case);
using NatCases = std::array<std::uint64_t, static_cast<std::size_t>(NatCase::count_)>;

class Binder {
 public:
  using Evict = std::function<void(Connection&)>;
  struct Counters {
    NatCases& cases;
    std::uint64_t& found;  ///< tuples that another connection has
  };
  /// `evict` ends a connection whose port is needed more by a new one.
  Binder(const Table& table, const SourceIndex& sources, PortDraw& draw, Counters counters, Evict evict)
      : table_(table), sources_(sources), draw_(draw), counters_(counters), evict_(std::move(evict)) {}

  /// The tuple that `connection`'s packets of the original direction get behind the manipulation. It may be
  /// taken where every port that was tried is.
  [[nodiscard]] Tuple choose(const Connection& connection, Manipulation manipulation, const NatRange& range);

 private:
  /// The answers to `tuple` would be taken for those of another connection.
  [[nodiscard]] bool taken(const Tuple& tuple, const Connection& connection) const;
  /// What has its tuples is the same connection from the other end, in another zone, and neither is
  /// translated: Linux takes it for the two ends having spoken at once, and leaves that to confirmation,
  /// which drops the later one. Not of TCP and SCTP.
  [[nodiscard]] bool crosses(const Connection& connection) const;
  /// As taken(), but with so few attempts left nothing gives way: of TCP a closed connection does, to a SYN
  /// with a higher sequence number.
  [[nodiscard]] bool in_the_way(const Tuple& tuple, const Connection& connection,
                                std::uint32_t attempts_left);
  [[nodiscard]] std::optional<Tuple> mapped_before(const Connection& connection, const Tuple& current,
                                                   const NatRange& range) const;
  [[nodiscard]] bool port_may_stay(const Tuple& tuple, const Connection& connection,
                                   Manipulation manipulation, const NatRange& range) const;
  void choose_port(Tuple& tuple, const Connection& connection, Manipulation manipulation,
                   const NatRange& range);

  void count(NatCase nat_case) const { ++counters_.cases[static_cast<std::size_t>(nat_case)]; }

  const Table& table_;
  const SourceIndex& sources_;
  PortDraw& draw_;
  Counters counters_;
  Evict evict_;
};

}  // namespace utables::conntrack
