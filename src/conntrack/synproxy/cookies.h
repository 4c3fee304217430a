// SYN cookies: the sequence number with which a proxy answers a SYN holds what it would else have to remember
// (D. J. Bernstein, "SYN cookies", 1996; RFC 4987 3.6): whom it answers, when, and which MSS the client
// named. Linux makes it, modulo 2^32, as
//
//   base(ends) + client's number + (minutes << 24) + ((blind(ends, minutes) + place) mod 2^24)
//
// with the *place* of the MSS in a short table, and takes it back for one to two minutes. base and blind are
// hashes with a secret that Linux draws at its start; so are minute and clock, which count from there.
//
// Linux knows nothing else of the client's number than that sum: a cookie that answers a number one too low
// is one of the next place.
#pragma once
#include <utables/time.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "conntrack/tuple.h"

namespace utables::conntrack {

/// The MSS that a cookie can tell, in order.
[[nodiscard]] std::span<const std::uint16_t> cookie_mss(Family family);
/// Where the largest one stands that is not above `mss`; 0 if all are.
[[nodiscard]] std::uint32_t cookie_place(Family family, std::uint16_t mss);

/// What Linux draws of its answers to SYNs. `ends`: of the client's packet, zone 0.
class CookieDraw {
 public:
  virtual ~CookieDraw() = default;
  [[nodiscard]] virtual std::uint32_t make(const Tuple& ends, std::uint32_t client_number,
                                           std::uint32_t place, Time now) = 0;
  /// The place that the cookie tells, which may be beyond the table. Nothing: it is none, or too old.
  [[nodiscard]] virtual std::optional<std::uint32_t> place_of(const Tuple& ends, std::uint32_t client_number,
                                                              std::uint32_t cookie, Time now) = 0;
  /// The clock of timestamps, in milliseconds. `ends`, too: of the client's packet.
  [[nodiscard]] virtual std::uint32_t milliseconds(const Tuple& ends, Time now) = 0;
};

/// The secret of a box: two keys of SipHash, and by how much its clock is ahead.
struct CookieSecret {
  std::array<std::uint64_t, 2> keys{};
  std::uint64_t ahead = 0;  ///< milliseconds
  friend bool operator==(const CookieSecret&, const CookieSecret&) = default;
};

class SecretCookies final : public CookieDraw {
 public:
  explicit SecretCookies(std::uint64_t seed);
  std::uint32_t make(const Tuple& ends, std::uint32_t client_number, std::uint32_t place, Time now) override;
  std::optional<std::uint32_t> place_of(const Tuple& ends, std::uint32_t client_number, std::uint32_t cookie,
                                        Time now) override;
  std::uint32_t milliseconds(const Tuple& ends, Time now) override;

  [[nodiscard]] const CookieSecret& secret() const { return secret_; }
  void restore(const CookieSecret& secret) { secret_ = secret; }

 private:
  [[nodiscard]] std::uint32_t hash(const Tuple& ends, std::uint32_t minutes, std::uint32_t which) const;
  [[nodiscard]] std::uint32_t minutes(Time now) const;
  CookieSecret secret_;
};

}  // namespace utables::conntrack
