#include "lab/report/tally.h"

#include <algorithm>

namespace utables::lab {
namespace {

std::uint64_t hash_text(std::uint64_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

}  // namespace

std::uint32_t Tally::group_of(const Outcome& o, Family family) {
  std::uint64_t key =
      mix(static_cast<std::uint64_t>(o.fate) << 40 | static_cast<std::uint64_t>(o.reason) << 32, o.by.rule);
  key = mix(hash_text(hash_text(key, o.by.table), o.by.chain), o.by.table.size());
  if (family == Family::ipv6) key = mix(key, 6);
  if (const std::uint32_t* found = group_index_.find(key)) return *found;
  const auto index = static_cast<std::uint32_t>(losses_.size());
  losses_.push_back(
      {o.fate, o.reason, std::string(o.by.table), std::string(o.by.chain), o.by.rule, family, 0, 0, 0, {}});
  group_index_.insert(key, index);
  return index;
}

void Tally::lose(std::uint32_t index, const InputPacket& input) {
  LossGroup& group = losses_[index];
  if (group.packets++ == 0) group.first = input.frame;
  if (input.flow != 0 && distinct_.insert(mix(input.flow, index + 1), 0)) ++group.flows;
}

void Tally::judge_invalid(const Outcome& outcome, const InputPacket& input, bool consequence) {
  InvalidGroup& group = invalid_[std::min<std::size_t>(outcome.invalid, invalid_.size() - 1)];
  if (consequence) {
    ++group.follow;
    return;
  }
  if (group.packets++ == 0) group.first = input.frame;
  if (!is_lost(outcome.fate)) ++group.passed;
  if (input.flow != 0 && distinct_.insert(mix(input.flow, 0x10000000ULL + outcome.invalid), 0)) ++group.flows;
}

void Tally::outcome(const Outcome& outcome, const InputPacket& input) {
  Fates& fates = input.placed.outbound ? own_ : rows_[input.placed.interface];
  ++fates[static_cast<std::size_t>(outcome.fate)];
  if (tracker_ != nullptr) peak_ = std::max(peak_, tracker_->size());
  const bool lost = is_lost(outcome.fate), invalid = outcome.ctinfo == CtInfo::invalid;
  if (!lost && !invalid) return;
  const std::uint32_t* const found = input.flow == 0 ? nullptr : causes_.find(input.flow);
  const std::uint32_t index = lost ? group_of(outcome, input.facts.family) : 0;
  // A loss by what took the flow's first packet too is no consequence: it is the same again.
  const bool same_again = found != nullptr && lost && *found == index;
  LossGroup* const cause = found == nullptr || same_again ? nullptr : &losses_[*found];
  if (invalid) judge_invalid(outcome, input, cause != nullptr);
  if (!lost) return;
  if (cause != nullptr)
    ++cause->follow;
  else
    lose(index, input);
  if (found == nullptr && input.flow != 0) causes_.insert(input.flow, index);
}

}  // namespace utables::lab
