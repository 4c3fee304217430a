#include "engine/memory.h"

#include <fmt/format.h>

#include "engine/compiled.h"
#include "engine/path.h"

namespace utables::engine {

void Path::save(Memory& memory) const {
  memory.random = random_.state();
  memory.identifications = identifications_;
  memory.limits = limits_.save();
  for (const packet::Defragmenter& one : defragmenters_)
    for (packet::WaitingQueue& queue : one.save()) memory.fragments.push_back(std::move(queue));
}

Result<void> Path::restore(const Memory& memory) {
  if (!memory.identifications.empty() && memory.identifications.size() != kIdentificationCounters)
    return fail(fmt::format("{} counters of identifications, where {} are kept",
                            memory.identifications.size(), kIdentificationCounters));
  if (auto taken = limits_.restore(memory.limits); !taken) return taken;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    std::vector<packet::WaitingQueue> its_own;
    for (const packet::WaitingQueue& queue : memory.fragments)
      if (queue.key.family == family) its_own.push_back(queue);
    if (auto taken = defragmenter(family).restore(its_own); !taken) return taken;
  }
  identifications_ = memory.identifications;
  if (memory.random != std::array<std::uint64_t, 4>{}) random_.restore(memory.random);  // else the seed's own
  return {};
}

namespace {
template <class Visit>
void for_each_state(EngineParts& parts, Visit visit) {
  for (const Family family : {Family::ipv4, Family::ipv6})
    parts.rules(family).for_each_state(
        [&](const Compiled::StatePlace& place, rules::RuleState& state) { visit(family, place, state); });
}
}  // namespace

Memory save_memory(EngineParts& parts, Worker& worker) {
  Memory memory;
  worker.path().save(memory);
  for_each_state(parts, [&](Family family, const Compiled::StatePlace& place, rules::RuleState& state) {
    memory.rules.push_back({family, place.table, std::string(place.chain), place.rule, place.extension,
                            std::string(place.name), state.save()});
  });
  return memory;
}

Result<void> restore_memory(const Memory& memory, EngineParts& parts, Worker& worker) {
  std::size_t taken = 0;
  Result<void> result{};
  for_each_state(parts, [&](Family family, const Compiled::StatePlace& place, rules::RuleState& state) {
    for (const RuleMemory& saved : memory.rules) {
      if (saved.family != family || saved.table != place.table || saved.rule != place.rule ||
          saved.extension != place.extension || saved.chain != place.chain)
        continue;
      ++taken;
      Result<void> loaded = fail(fmt::format("{} {} {}: the state of `{}', where the rule has `{}'",
                                             rules::kTableNames[static_cast<std::size_t>(place.table)],
                                             saved.chain, saved.rule, saved.name, place.name));
      if (saved.name == place.name) loaded = state.load(saved.state);
      if (!loaded && result) result = std::move(loaded);
    }
  });
  if (!result) return result;
  if (taken != memory.rules.size())
    return fail("the state of a rule that the box does not have, or that keeps none");
  return worker.path().restore(memory);
}

}  // namespace utables::engine
