// Proxied: a connection whose client was answered by the box in the server's place (SYNPROXY). The box opens
// it to the server once the client has proved to be there; from then on both ends speak with each other, and
// the box translates what they could not know: the server's sequence numbers and its clock.
//
// What is kept of it lies beside the table, by its handle; Connection::proxied says that there is something.
#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "conntrack/connection.h"
#include "conntrack/synproxy/options.h"

namespace utables::conntrack {

struct Proxied {
  std::uint32_t first = 0;       ///< the number that the client takes for the server's first
  std::uint32_t first_time = 0;  ///< ... and for its clock's reading then
  std::uint32_t time_shift = 0;  ///< by how much the server's clock is ahead of that
  friend bool operator==(const Proxied&, const Proxied&) = default;
};

class ProxiedTable {
 public:
  /// Null: it is not proxied. The end of a connection is outlived until sweep().
  [[nodiscard]] Proxied* of(const Connection& connection) {
    const auto found = connection.proxied ? proxied_.find(connection.handle) : proxied_.end();
    return found == proxied_.end() ? nullptr : &found->second;
  }
  void give(Connection& connection, const Proxied& proxied) {
    connection.proxied = true;
    proxied_[connection.handle] = proxied;
  }
  void forget(const Connection& connection) {
    if (connection.proxied) gone_.push_back(connection.handle);
  }
  /// Together with the table's.
  void sweep() {
    for (const Handle handle : gone_) proxied_.erase(handle);
    gone_.clear();
  }

 private:
  std::unordered_map<Handle, Proxied> proxied_;
  std::vector<Handle> gone_;
};

/// What Linux counts of it, as /proc/net/stat/synproxy has it.
struct ProxyStatistics {
  std::uint64_t syn_received = 0, cookie_invalid = 0, cookie_valid = 0, cookie_retrans = 0, conn_reopened = 0;
  friend bool operator==(const ProxyStatistics&, const ProxyStatistics&) = default;
};
[[nodiscard]] std::string proc_proxy_statistics(const ProxyStatistics& statistics);

/// What is to be done with a packet of a proxied connection, right before it would be confirmed.
struct ProxyStep {
  enum class Kind : std::uint8_t {
    pass,
    drop,        ///< its options cannot be read
    open_again,  ///< the client's keep-alive, and the server did not answer yet: to be opened once more
    answer,      ///< the server's SYN/ACK: the box acknowledges it, and tells the client its window
  } kind = Kind::pass;
  ProxyOptions options{};    ///< of the packet
  std::uint32_t shift = 0;   ///< answer: what is added to the server's numbers from now on
  std::uint16_t window = 0;  ///< answer: the client's
  bool shift_now = false;    ///< pass: a reset, whose numbers are shifted as if `shift` had been known
};
/// Moves the connection's proxy and translates the packet's timestamp.
[[nodiscard]] ProxyStep step_proxied(Connection& connection, Proxied& proxied, Direction direction,
                                     packet::Buffer& packet, ProxyStatistics& statistics);

}  // namespace utables::conntrack
