// Limits: how often the box answers, as Linux limits it for each address (inet_peer) and in all.
//
// Vocabulary: *ticks* are the kernel's jiffies (base/jiffies.h). A peer has one bucket of tokens, which
// unreachable answers, icmp_ratelimit and redirects share, as they do in Linux.
#pragma once
#include <utables/result.h>
#include <utables/time.h>

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/jiffies.h"

namespace utables::engine {

/// What is kept of one peer, as it is saved.
struct LimitedPeer {
  std::uint32_t place = 0;  ///< position in the table of peers
  Address address{};
  std::int64_t tokens = 0, last = 0;  ///< ticks
  std::uint32_t redirects = 0;
};

class Limits {
 public:
  explicit Limits(std::uint32_t icmp_ratelimit_ms) : ratelimit_(icmp_ratelimit_ms / 4) {}

  /// No route: a burst of 5 for each source, then one a second (ip_error).
  bool allow_unreachable(const Address& source, Time now);
  /// icmp_ratelimit towards one destination (a burst of 6); 0: no limit.
  bool allow_icmp(const Address& destination, Time now);
  /// Redirects to one source: ever more rarely, and silence after 9 that were ignored (ip_rt_send_redirect).
  bool allow_redirect(const Address& source, Time now);

  /// Every peer that is kept, by position, and back.
  [[nodiscard]] std::vector<LimitedPeer> save() const;
  [[nodiscard]] Result<void> restore(const std::vector<LimitedPeer>& peers);

 private:
  static constexpr std::size_t kPeers =
      16384;  // direct-mapped: two addresses may share a place, the later one takes it
  struct Peer {
    Address address{};
    std::int64_t tokens = 0, last = 0;
    std::uint32_t redirects = 0;
    bool used = false;
  };
  Peer& peer(const Address& address, std::int64_t now);

  std::int64_t ratelimit_;
  std::vector<Peer> peers_;
};

}  // namespace utables::engine
