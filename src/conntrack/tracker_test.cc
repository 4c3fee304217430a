#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "conntrack/script_test.h"

namespace utables::conntrack::test {
namespace {

constexpr Time S = kSecond;

TEST(TrackerClassic, R01_Handshake) {
  Wire w(Profile::classic);
  const Ends ends{"140.208.5.62", "207.46.230.218"};
  w.send(tcp(ends, {.flags = "S", .seq = 1, .sport = 1311, .dport = 80}), 0);
  EXPECT_EQ(w.list(1 * S),
            "tcp      6 119 SYN_SENT src=140.208.5.62 dst=207.46.230.218 sport=1311 dport=80 [UNREPLIED] "
            "src=207.46.230.218 dst=140.208.5.62 sport=80 dport=1311 use=1\n");
  w.send(tcp(ends.back(), {.flags = "SA", .seq = 10, .ack = 2, .sport = 80, .dport = 1311}), 0);
  EXPECT_EQ(
      w.list(3 * S),
      "tcp      6 57 SYN_RECV src=140.208.5.62 dst=207.46.230.218 sport=1311 dport=80 src=207.46.230.218 "
      "dst=140.208.5.62 sport=80 dport=1311 use=1\n");
  w.send(tcp(ends, {.flags = "A", .seq = 2, .ack = 11, .sport = 1311, .dport = 80}), 0);
  EXPECT_EQ(w.list(5 * S),
            "tcp      6 431995 ESTABLISHED src=140.208.5.62 dst=207.46.230.218 sport=1311 dport=80 "
            "src=207.46.230.218 dst=140.208.5.62 sport=80 dport=1311 [ASSURED] use=1\n");
}

}  // namespace
}  // namespace utables::conntrack::test
