// TrackerMemory: what is saved of a tracker besides its entries. Apart from tracker.h, so that who only sends
// packets through does not know what helpers remember.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "conntrack/expect/expectations.h"
#include "conntrack/helper/helper.h"
#include "conntrack/helper/sequences.h"
#include "conntrack/label/labels.h"
#include "conntrack/statistics.h"
#include "conntrack/synproxy/cookies.h"
#include "conntrack/synproxy/proxied.h"

namespace utables::conntrack {

/// What a tracker remembers besides its entries: to be saved (state.jsonl) and taken up again, so that a
/// replay cut and resumed goes on as one uncut.
struct TrackerMemory {
  /// `master`, `connection`: serials of entries.
  struct Awaited {
    Expectation expectation{};
    std::uint64_t master = 0;
  };
  struct Helped {
    std::uint64_t connection = 0;
    HelperMemory memory{};
    Sequences sequences{};
  };
  struct Labelled {
    std::uint64_t connection = 0;
    Labels labels{};
  };
  /// A key of a call of pptp.
  struct CallKey {
    std::uint64_t master = 0;
    Direction direction = Direction::original;
    Tuple tuple{};
  };
  /// A connection that met a call.
  struct CallMet {
    std::uint64_t connection = 0, master = 0;
  };
  struct ProxiedConnection {
    std::uint64_t connection = 0;
    Proxied proxied{};
  };
  std::uint64_t next_serial = 0;          ///< of the next connection
  std::array<std::uint64_t, 4> random{};  ///< the state of its stream, if it draws (early drop)
  std::vector<Awaited> awaited{};         ///< expectations, in order of creation
  std::vector<Helped> helped{};           ///< what helpers remember, in order of connections
  std::vector<Labelled> labelled{};       ///< in order of connections
  Statistics statistics{};
  std::vector<CallKey> call_keys{};  ///< the oldest first
  std::vector<CallMet> calls_met{};
  std::vector<ProxiedConnection> proxied{};  ///< in order of connections
  ProxyStatistics proxy_statistics{};
  CookieSecret cookies{};  ///< zero: the seed's own
};

}  // namespace utables::conntrack
