// Any packets through a tracker: each begins with a byte that says how long it is, what passes of it and how
// much time goes by. Listings and every connection are looked at in the end.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "conntrack/listing.h"
#include "conntrack/tracker.h"

using namespace utables;
using namespace utables::conntrack;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  Settings settings = defaults((data[0] & 1) != 0 ? Profile::classic : Profile::modern);
  settings.checksum = (data[0] & 2) != 0;
  settings.tcp_be_liberal = (data[0] & 4) != 0;
  settings.max = 16;
  settings.buckets = 8;
  Tracker tracker(settings, data[0], nullptr);
  Time now = kSecond;
  for (std::size_t at = 1; at + 2 < size;) {
    const std::size_t length = data[at] % 128U;
    const std::uint8_t control = data[at + 1];
    at += 2;
    std::vector<std::uint8_t> bytes(data + at, data + std::min(size, at + length));
    at += length;
    now += (control >> 2) * kSecond;
    packet::Buffer buffer;
    buffer.bytes = bytes.data();
    buffer.size = buffer.room = static_cast<std::uint32_t>(bytes.size());
    if (packet::parse(bytes, buffer.size, buffer.facts) != DropReason::none) continue;
    buffer.size = buffer.facts.size;
    Judgement judgement;
    Tracked tracked = tracker.track(buffer, now, (control & 1) != 0, &judgement);
    if ((control & 2) != 0)
      tracker.drop(tracked, now);
    else
      (void)tracker.confirm(tracked, buffer, now);
    if (tracker.size() > settings.max) std::abort();
  }
  tracker.advance(now);
  std::size_t listed = 0;
  tracker.for_each(now, [&](const Connection& c) {
    ++listed;
    if (conntrack_line(c, now).empty() || tracker.find(c.original(), c.zone(), now) != &c) std::abort();
  });
  if (listed != tracker.size()) std::abort();
  return 0;
}
