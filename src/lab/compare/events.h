// What the kernel told of its connections and what utables tells, compared in order.
//
// Lines are those of `conntrack -E` without time and id. All of a line is compared, the seconds to live
// within two. An entry that expires is destroyed by Linux when its clean-up comes by, at any moment after
// that; by utables exactly then. So such a DESTROY is owed from its deadline on, and may come whenever
// Linux likes, or not at all before the table is listed; every other event has its place.
//
// What netbios-ns awaits is awaited anew with each question. Linux compares for that the whole mask, of which
// the helper sets four bytes of sixteen: where the others, left over in memory, are not the same it refuses,
// and tells nothing. So both are permitted, and counted.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace utables::lab::compare {

/// An event as it is compared.
struct ToldEvent {
  std::string text;   ///< of the line, without its seconds
  long seconds = -1;  ///< to live; -1: not told
};
/// Of a line with or without a time in front.
[[nodiscard]] ToldEvent told_event(std::string_view line);

/// Compares one stretch after another.
class EventComparison {
 public:
  /// What time did before the next stretch: lines of `[DESTROY]` are owed from then on, the others (an error
  /// about fragments that waited too long tells what its connection had to tell) are returned.
  [[nodiscard]] std::vector<std::string> expire(const std::vector<std::string>& ours);
  /// One stretch: what a packet caused, or what time did. Returns what differs, in words; empty: nothing.
  [[nodiscard]] std::string compare(const std::vector<std::string>& kernel,
                                    const std::vector<std::string>& ours);
  [[nodiscard]] std::uint64_t compared() const { return compared_; }
  /// DESTROYs by expiry that the kernel has not told.
  [[nodiscard]] std::size_t owed() const { return owed_.size(); }
  /// Renewals of netbios-ns that the kernel refused.
  [[nodiscard]] std::uint64_t not_renewed() const { return not_renewed_; }

 private:
  bool settles(const ToldEvent& theirs);
  bool agrees(const ToldEvent& theirs, const std::vector<std::string>& ours, std::size_t& next);
  std::multimap<std::string, long> owed_;  ///< by text: the seconds left
  std::uint64_t compared_ = 0, not_renewed_ = 0;
};

}  // namespace utables::lab::compare
