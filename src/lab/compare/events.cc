#include "lab/compare/events.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/scan.h"

namespace utables::lab::compare {
namespace {

constexpr long kTolerance = 2;  // seconds
constexpr std::string_view kDestroy = "[DESTROY]";

/// Of what is destroyed Linux tells the seconds that were left, unless there was not one.
long seconds_of(const ToldEvent& told) {
  const bool destroyed = told.text.starts_with(kDestroy);
  return destroyed && told.seconds < 0 ? 0 : told.seconds;
}

bool same(const ToldEvent& a, const ToldEvent& b) {
  const long left = seconds_of(a), right = seconds_of(b);
  return a.text == b.text && (left < 0) == (right < 0) && std::labs(left - right) <= kTolerance;
}

std::string listed(std::string_view who, const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) {
    const auto bare = line.substr(line.find('\t') == std::string::npos ? 0 : line.find('\t') + 1);
    text += "  " + std::string(who) + bare + "\n";
  }
  return lines.empty() ? "  " + std::string(who) + "nothing\n" : text;
}

}  // namespace

ToldEvent told_event(std::string_view line) {
  if (const auto tab = line.find('\t'); tab != std::string_view::npos) line.remove_prefix(tab + 1);
  ToldEvent told;
  const auto all = words(line);  // [NEW] tcp 6 120 SYN_SENT src=...
  for (std::size_t i = 0; i < all.size(); ++i) {
    // Of an expectation they come first: [NEW] 300 proto=6 src=...
    const auto seconds = i == 3 || i == 1 ? scan_unsigned(all[i], 10, 0xffffffff) : std::nullopt;
    if (seconds)
      told.seconds = static_cast<long>(*seconds);
    else
      told.text += (told.text.empty() ? "" : " ") + std::string(all[i]);
  }
  return told;
}

namespace {

/// Two lines say that what netbios-ns awaits is awaited anew.
bool is_renewal(const std::vector<std::string>& ours, std::size_t at) {
  if (at + 1 >= ours.size()) return false;
  constexpr std::string_view kNew = "[NEW]";
  const std::string before = told_event(ours[at]).text, after = told_event(ours[at + 1]).text;
  return before.starts_with(kDestroy) && after.starts_with(kNew) && after.ends_with(" helper=netbios-ns") &&
         before.substr(kDestroy.size()) == after.substr(kNew.size());
}

}  // namespace

std::vector<std::string> EventComparison::expire(const std::vector<std::string>& ours) {
  std::vector<std::string> others;
  for (const auto& line : ours) {
    const ToldEvent told = told_event(line);
    if (told.text.starts_with(kDestroy))
      owed_.emplace(told.text, told.seconds);
    else
      others.push_back(line);
  }
  return others;
}

bool EventComparison::settles(const ToldEvent& theirs) {
  if (!theirs.text.starts_with(kDestroy)) return false;
  const auto found = owed_.find(theirs.text);
  if (found == owed_.end()) return false;
  // Of what goes with its master (an expectation, a call) seconds may be left.
  if (theirs.seconds > 0 && found->second <= 0) return false;
  owed_.erase(found);
  ++compared_;
  return true;
}

/// `next` is where the line has its equal in `ours`, or would have it.
bool EventComparison::agrees(const ToldEvent& theirs, const std::vector<std::string>& ours,
                             std::size_t& next) {
  for (;; next += 2, ++not_renewed_) {
    if (next < ours.size() && same(theirs, told_event(ours[next]))) {
      ++next;
      ++compared_;
      return true;
    }
    if (settles(theirs)) return true;
    if (!is_renewal(ours, next)) return false;
  }
}

std::string EventComparison::compare(const std::vector<std::string>& kernel,
                                     const std::vector<std::string>& ours) {
  std::size_t next = 0;
  const bool equal = std::all_of(kernel.begin(), kernel.end(), [&](const std::string& line) {
    return agrees(told_event(line), ours, next);
  });
  for (; equal && is_renewal(ours, next); next += 2) ++not_renewed_;
  if (equal && next == ours.size()) return {};
  return listed("kernel  ", kernel) + listed("utables ", ours);
}

}  // namespace utables::lab::compare
