// How often the box answers; each row was seen of the kernel: R an ICMP error towards the peer, N a packet
// of the peer that no route leads on.
#include "engine/limits.h"

#include <gtest/gtest.h>

#include <string_view>

namespace utables::engine {
namespace {

struct Row {
  std::uint32_t ratelimit;  // ms
  std::string_view events;  // R, N; `.` is 20 ms, `!` is 1.1 s
  std::string_view answered;
};

TEST(Limits, OneBucketForErrorsAndForUnreachableAnswers) {
  constexpr Row kRows[] = {
      {0, "NNNNNNNN", "+++++---"},
      {0, "N.N.N.N.N.N", "+++++-"},
      {0, "RNNN", "+---"},
      {0, "R.NNN", "+---"},
      {0, "N.N.RNN", "+++--"},
      {0, "R.N!NN", "+-+-"},
      {0, "RRRRRRRRRR", "++++++++++"},
      {1000, "RRRRRRRR", "++++++--"},
      {1000, "R!R!R", "+++"},
  };
  const Address peer = Address::from_v4(0x0a000002);
  for (const Row& row : kRows) {
    Limits limits(row.ratelimit);
    Time now = 1000 * kSecond;
    std::string answered;
    for (const char event : row.events) {
      if (event == '.') now += 20 * kMillisecond;
      if (event == '!') now += 1100 * kMillisecond;
      if (event == 'R') answered += limits.allow_icmp(peer, now) ? '+' : '-';
      // An unreachable answer is an ICMP error too.
      if (event == 'N')
        answered += limits.allow_unreachable(peer, now) && limits.allow_icmp(peer, now) ? '+' : '-';
    }
    EXPECT_EQ(answered, row.answered) << row.ratelimit << " " << row.events;
  }
}

}  // namespace
}  // namespace utables::engine
