// Calls: PPTP's (RFC 2637). A packet of GRE names the call by the key of who receives it alone; the control
// connection told both, so that the other direction can be known. Who asks by a packet's tuple gets the key
// that its receiver's answers bear.
//
// Vocabulary: the *client* opened the control connection (the PNS), the *server* is the PAC. A *key* is the
// pair that one direction of a call has. Learned from Linux 6.18: a control connection has at most two, one a
// direction, until the first of the connections that met its calls ends, or the call, or it itself; and a
// key counts in every zone.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "conntrack/connection.h"

namespace utables::conntrack {

/// The ids that the two ends gave a call, as the server knows them. Under NAT the client's own words differ.
struct CallIds {
  std::uint16_t client = 0, server = 0;
  std::uint16_t own_client = 0;  ///< the client's, as it knows it itself
  friend bool operator==(const CallIds&, const CallIds&) = default;
};

/// A direction of a call, as a packet of it has it: from one end's id to the other's.
[[nodiscard]] Tuple call_tuple(const Tuple& way, std::uint16_t from, std::uint16_t to);

class Calls {
 public:
  struct Key {
    Handle master = kNoHandle;
    Direction direction = Direction::original;
    Tuple tuple{};
  };
  /// A connection that met what was awaited of a call.
  struct Met {
    Handle connection = kNoHandle, master = kNoHandle;
  };

  /// Completes the tuple of a packet of GRE, if that belongs to a call: by its sender's key; 0: not known.
  void complete(Tuple& tuple, std::span<const std::uint8_t> gre) const {
    if (!keys_.empty() && has_key(tuple, gre)) tuple.source_port = key_of(tuple);
  }
  /// The key of the sender of a packet with that tuple, and of version 1; 0: not known.
  [[nodiscard]] std::uint16_t key_of(const Tuple& tuple) const;
  [[nodiscard]] bool empty() const { return keys_.empty(); }

  /// False: this direction of the master's has another key already.
  bool add(Handle master, Direction direction, const Tuple& tuple);
  /// The master's keys are over.
  void remove_of(Handle master);
  void met(Handle connection, Handle master) { met_.push_back({connection, master}); }
  /// A connection's end: that of its master's keys, if it met a call; that of its own, if it is a master.
  void ended(Handle connection);

  /// The oldest first, which counts.
  [[nodiscard]] const std::vector<Key>& keys() const { return keys_; }
  [[nodiscard]] const std::vector<Met>& all_met() const { return met_; }

 private:
  static bool has_key(const Tuple& tuple, std::span<const std::uint8_t> gre);

  std::vector<Key> keys_;
  std::vector<Met> met_;
};

}  // namespace utables::conntrack
