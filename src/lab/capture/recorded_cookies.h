// RecordedCookies: a capture does not react. Its clients answer the cookies of the box that it was taken at,
// which drew others. Where the capture has that box's answer to a SYN, that tells the cookie; where it has
// not, the acknowledgement that comes first with the number behind the SYN's is taken for the right one. Any
// other for the same SYN is wrong.
//
// Kept is the last SYN of each pair of ends, two minutes long, and at most so many (kMost): then the oldest
// go first.
#pragma once
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "conntrack/hash.h"
#include "conntrack/synproxy/cookies.h"
#include "packet/facts.h"

namespace utables::lab {

/// A SYN that a proxy answered.
struct AnsweredSyn {
  conntrack::Tuple ends{};
  std::uint32_t number = 0, place = 0;
  bool known = false;        ///< what the client was given is known:
  std::uint32_t cookie = 0;  ///< this
  Time when = 0;
};

class RecordedCookies final : public conntrack::CookieDraw {
 public:
  static constexpr std::size_t kMost = 65536;
  /// `own` draws the box's own, which are right too.
  explicit RecordedCookies(conntrack::CookieDraw& own) : own_(own), answered_(1, conntrack::TupleHash(1)) {}
  std::uint32_t make(const conntrack::Tuple& ends, std::uint32_t client_number, std::uint32_t place,
                     Time now) override;
  std::optional<std::uint32_t> place_of(const conntrack::Tuple& ends, std::uint32_t client_number,
                                        std::uint32_t cookie, Time now) override;
  std::uint32_t milliseconds(const conntrack::Tuple& ends, Time now) override {
    return own_.milliseconds(ends, now);
  }

  /// A packet that the box sent by the capture, and nothing predicted: true if it is its answer to a SYN that
  /// was answered here.
  bool learn(const packet::Facts& facts);

  /// Those that still count at `now`, the oldest first.
  [[nodiscard]] std::vector<AnsweredSyn> save(Time now) const;
  void restore(const std::vector<AnsweredSyn>& saved);

 private:
  void remember(const AnsweredSyn& syn);
  conntrack::CookieDraw& own_;
  std::unordered_map<conntrack::Tuple, AnsweredSyn, conntrack::TupleHash> answered_;
  struct Turn {
    conntrack::Tuple ends{};
    Time when = 0;
  };
  std::deque<Turn> turns_;  ///< the oldest first; another moment than the SYN's: it was answered again
};

}  // namespace utables::lab
