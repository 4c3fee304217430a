// Tally: counts what became of the packets of a replay, grouped as the report shows it.
//
// Cause and consequence: a capture does not react. Once utables dropped a packet of a flow, whatever else
// goes wrong in that flow for another reason is noise of that first difference; it is counted under it
// (`follow`) and nowhere else. So for the packets that were lost:  sum of `packets` + sum of `follow` = all.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "conntrack/invalid.h"
#include "conntrack/tracker.h"
#include "lab/capture/flow_map.h"
#include "lab/replay.h"

namespace utables::lab {

inline constexpr std::size_t kFates = static_cast<std::size_t>(Fate::refused) + 1;
/// Flows of which is remembered what was lost first; beyond them consequences are not told from causes.
inline constexpr std::size_t kCauseFlows = std::size_t{1} << 21;

constexpr bool is_lost(Fate fate) {
  return fate == Fate::dropped || fate == Fate::rejected || fate == Fate::refused;
}

/// Packets lost by one decision: a rule, a policy, or a reason of the stack.
struct LossGroup {
  Fate fate = Fate::dropped;
  DropReason reason = DropReason::none;
  std::string table{}, chain{};  ///< empty: no rule decided
  std::uint32_t rule = 0;        ///< 0: the policy
  Family family = Family::ipv4;  ///< of the packets, and so of the ruleset
  std::uint64_t packets = 0, flows = 0;
  std::uint64_t follow = 0;  ///< packets that went wrong later in these flows, for other reasons
  FrameName first{};
};

/// Packets INVALID for one reason.
struct InvalidGroup {
  std::uint64_t packets = 0, flows = 0;
  std::uint64_t passed = 0;  ///< of `packets`: no rule dropped them
  std::uint64_t follow = 0;  ///< of flows in which a packet was lost before: not in `packets`
  FrameName first{};
};

class Tally final : public ReplayListener {
 public:
  Tally(std::size_t interfaces, const conntrack::Tracker* tracker) : rows_(interfaces), tracker_(tracker) {}

  void outcome(const Outcome& outcome, const InputPacket& input) override;
  void sent(const Sent& sent, const InputPacket*) override { ++(sent.made_here ? answers_ : left_); }
  void log(const LogLine&, const InputPacket*) override { ++logged_; }

  using Fates = std::array<std::uint64_t, kFates>;  ///< packets by fate
  [[nodiscard]] const Fates& came_in(InterfaceId id) const { return rows_[id]; }
  [[nodiscard]] const Fates& own() const { return own_; }
  [[nodiscard]] const std::vector<LossGroup>& losses() const { return losses_; }
  [[nodiscard]] const std::array<InvalidGroup, static_cast<std::size_t>(conntrack::InvalidReason::count_)>&
  invalid() const {
    return invalid_;
  }
  [[nodiscard]] std::uint32_t peak() const { return peak_; }
  [[nodiscard]] std::uint64_t left() const { return left_; }  ///< packets that left, the box's answers apart
  [[nodiscard]] std::uint64_t answers() const { return answers_; }  ///< answers of the box itself
  [[nodiscard]] std::uint64_t logged() const { return logged_; }
  [[nodiscard]] bool causes_incomplete() const { return causes_.full(); }

 private:
  [[nodiscard]] std::uint32_t group_of(const Outcome& outcome, Family family);
  void lose(std::uint32_t group, const InputPacket& input);
  void judge_invalid(const Outcome& outcome, const InputPacket& input, bool consequence);

  std::vector<Fates> rows_;
  Fates own_{};
  const conntrack::Tracker* tracker_;
  std::vector<LossGroup> losses_{};
  FlowMap group_index_{65536};     // hash of the decision -> position in losses_
  FlowMap causes_{kCauseFlows};    // flow -> what lost its first packet
  FlowMap distinct_{kCauseFlows};  // (flow, group): counted already
  std::array<InvalidGroup, static_cast<std::size_t>(conntrack::InvalidReason::count_)> invalid_{};
  std::uint32_t peak_ = 0;
  std::uint64_t left_ = 0, answers_ = 0, logged_ = 0;
};

}  // namespace utables::lab
