#include "rules/target/log_line.h"

#include <gtest/gtest.h>

#include <fstream>

#include "rules/testing.h"

namespace utables::rules {
namespace {

// Every line that Linux wrote about the packets of log_line.vectors.
TEST(LogLine, AsLinuxWritesIt) {
  std::ifstream in(std::string(UTABLES_SOURCE_DIR) + "/src/rules/target/log_line.vectors");
  std::vector<std::uint8_t> packet;
  unsigned compared = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('>')) packet = testing::from_hex(line.substr(2));
    if (line.starts_with('>') || line.starts_with('#') || line.empty()) continue;
    testing::World world(packet);
    LogParameters parameters;
    const bool forward = line.front() == '7';
    if (forward) {
      world.bytes[8] -= 1;  // the TTL, whose checksum no line shows
      parameters.prefix = "P ";
      parameters.tcp_sequence = parameters.tcp_options = parameters.ip_options = true;
    } else {
      world.host.interfaces[1].kind = host::LinkKind::point_to_point;  // it came in by a TUN device
      world.context.out = kNoInterface;
      parameters.macdecode = true;
    }
    if (forward && packet[9] == 47) world.mark = 0x2a;
    EXPECT_EQ(log_line(world.context, parameters) + "|", line.substr(2));
    ++compared;
  }
  EXPECT_EQ(compared, 80U);
}

TEST(LogLine, LinkLayer) {
  testing::World world(testing::from_hex("4500001c12344000400114a90a0000020a0100022800000000000000"));
  world.link = {true, {2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 0xfe}, 0x0800};
  const auto beginning = [&](const LogParameters& parameters) {
    const std::string line = log_line(world.context, parameters);
    return line.substr(0, line.find("SRC=1"));
  };
  EXPECT_EQ(beginning({}), "IN=wan OUT=lan MAC=02:00:00:00:00:fe:02:00:00:00:00:01:08:00 ");
  LogParameters decode;
  decode.macdecode = true;
  EXPECT_EQ(beginning(decode),
            "IN=wan OUT=lan MACSRC=02:00:00:00:00:01 MACDST=02:00:00:00:00:fe MACPROTO=0800 ");
  // On the way out the device that it leaves by decides.
  world.context.hook = Hook::postrouting;
  world.host.interfaces[2].kind = host::LinkKind::point_to_point;
  EXPECT_EQ(beginning(decode), "IN=wan OUT=lan MAC= ");
  world.host.interfaces[2].kind = host::LinkKind::ordinary;
  world.link = {};  // it came without
  EXPECT_EQ(beginning({}), "IN=wan OUT=lan MAC= ");
  EXPECT_EQ(beginning(decode), "IN=wan OUT=lan ");
  world.context.hook = Hook::input;
  world.context.in = 0;
  world.context.out = kNoInterface;
  world.host.interfaces[0].kind = host::LinkKind::loopback;
  EXPECT_EQ(beginning(decode), "IN=lo OUT= MAC=00:00:00:00:00:00:00:00:00:00:00:00:08:00 ");
  world.context.in = kNoInterface;
  world.context.out = 2;
  EXPECT_EQ(beginning({}), "IN= OUT=lan ");
}

}  // namespace
}  // namespace utables::rules
