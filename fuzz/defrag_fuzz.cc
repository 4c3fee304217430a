// Fragments in any order, with time going on, saved and restored in between. The input is records: a
// length byte, a control byte, then that many bytes of a packet.
// What is restored must behave as what was saved: two defragmenters run side by side.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "base/bytes.h"
#include "packet/defrag.h"
#include "packet/extensions.h"

using namespace utables;
using namespace utables::packet;

namespace {

constexpr std::uint8_t kSave = 0x80, kWait = 0x40, kCut = 0x20, kOut = 0x10;

struct Pair {
  Defragmenter kept, restored;
  DefragSettings settings;

  explicit Pair(const DefragSettings& s) : kept(s), restored(s), settings(s) {}

  void save_and_restore() {
    Defragmenter fresh(settings);
    if (!fresh.restore(kept.save())) std::abort();
    restored = std::move(fresh);
    if (restored.memory() != kept.memory() || restored.size() != kept.size()) std::abort();
  }

  void add(const FragmentArrival& arrival, Time now) {
    kept.expire(now, [](const ExpiredQueue&) {});
    restored.expire(now, [](const ExpiredQueue&) {});
    Reassembled a, b;
    const DefragOutcome x = kept.add(arrival, now, a), y = restored.add(arrival, now, b);
    if (x.kind != y.kind || x.reason != y.reason || a.bytes != b.bytes ||
        a.geometry.sizes != b.geometry.sizes)
      std::abort();
    if (x.kind != DefragOutcome::Kind::complete) return;
    // Over IPv6 a second fragment header may stand behind the first.
    const std::size_t most = a.facts.is_ipv6() ? 65535 + kIpv6Header : 65535;
    if (!a.geometry.was_cut() || a.bytes.size() > most || (!a.facts.is_ipv6() && a.facts.is_fragment()))
      std::abort();
    if (judge_size(a.facts, a.geometry, 1500) != Cutting::cut) return;
    std::size_t bytes = 0;
    const bool done = cut(a.bytes, a.facts, a.geometry, 1500, {.thin = true, .identification = 7},
                          [&](std::span<const std::uint8_t> part) { bytes += part.size(); });
    if (done ? bytes < a.bytes.size() : bytes != 0) std::abort();
  }
};

/// What reassembly asks of a fragment.
bool waits(const std::vector<std::uint8_t>& bytes, const Facts& facts) {
  if (!facts.is_ipv6()) return facts.is_fragment();
  const bool jumbogram = load16(&bytes[4]) == 0;
  return !jumbogram && facts.fragment_header != 0 && facts.size >= facts.fragment_header + kFragmentHeader;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 8192) return 0;
  Pair pair({3 * kSecond, 20000, 5});
  Time now = 1;
  for (std::size_t at = 0; at + 2 <= size;) {
    const std::size_t length = std::min<std::size_t>(data[at], size - at - 2);
    const std::uint8_t control = data[at + 1];
    const std::vector<std::uint8_t> bytes(data + at + 2, data + at + 2 + length);
    at += 2 + length;
    if ((control & kWait) != 0) now += kSecond;
    if ((control & kSave) != 0) pair.save_and_restore();
    Facts facts;
    if (parse(bytes, (control & kCut) != 0 ? 0x10000 : 0, facts) != DropReason::none || !waits(bytes, facts))
      continue;
    pair.add(
        {bytes, facts, (control & kOut) != 0 ? DefragUser::conntrack_out : DefragUser::conntrack_in, 0, 0},
        now);
  }
  return 0;
}
