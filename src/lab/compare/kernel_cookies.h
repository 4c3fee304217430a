// KernelCookies: what Linux drew of its answers to SYNs, read off them. Of one pair of ends and one minute it
// is one draw: where a second cookie for them is not what the first says, the engine answers by the first,
// and the two differ. (An answer may meet a connection that the same ends had before, and then leave with
// that one's numbers and clock.) From one minute to the next a draw may move by what the minute adds and its
// hash, and clocks must go as the run's does.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "conntrack/synproxy/cookies.h"
#include "conntrack/synproxy/proxied.h"
#include "conntrack/tracker.h"
#include "lab/kernel/run.h"

namespace utables::lab::compare {

class KernelCookies final : public conntrack::CookieDraw {
 public:
  /// `tracker`: the engine's, which must outlive it.
  explicit KernelCookies(const conntrack::Tracker& tracker) : tracker_(tracker) {}
  /// What became in the kernel of the packet that comes next; it must outlive that packet.
  void of_packet(const kernel::Played& played) { played_ = &played; }
  std::uint32_t make(const conntrack::Tuple& ends, std::uint32_t client_number, std::uint32_t place,
                     Time now) override;
  std::optional<std::uint32_t> place_of(const conntrack::Tuple& ends, std::uint32_t client_number,
                                        std::uint32_t cookie, Time now) override;
  std::uint32_t milliseconds(const conntrack::Tuple& ends, Time now) override;

 private:
  [[nodiscard]] const conntrack::Proxied* met_by_answer(const conntrack::Tuple& ends, Time now) const;
  const conntrack::Tracker& tracker_;
  const kernel::Played* played_ = nullptr;
  std::map<std::string, std::vector<std::uint32_t>> drawn_;  ///< by ends, one a minute
  std::uint32_t answered_ = 0;  ///< the acknowledgement of the SYN/ACK looked for
  bool clock_known_ = false;
  std::uint32_t clock_ = 0;  ///< what it showed ...
  Time clock_when_ = 0;      ///< ... then
};

}  // namespace utables::lab::compare
