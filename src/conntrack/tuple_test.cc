#include "conntrack/tuple.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/bytes.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

using Bytes = std::vector<std::uint8_t>;

packet::Facts facts_of(std::uint8_t protocol, const Bytes& transport) {
  Bytes bytes{0x45, 0, 0, 0, 0, 1, 0, 0, 64, protocol, 0, 0, 20, 0, 0, 2, 20, 0, 0, 1};
  bytes.insert(bytes.end(), transport.begin(), transport.end());
  store16(&bytes[2], static_cast<std::uint16_t>(bytes.size()));
  packet::Facts facts;
  EXPECT_EQ(packet::parse(bytes, static_cast<std::uint32_t>(bytes.size()), facts), DropReason::none);
  return facts;
}

std::string gre(const Bytes& header) {
  const auto tuple = tuple_of(facts_of(packet::kGre, header));
  return tuple ? to_string(*tuple) : "none";
}

// Each as Linux 6.18 lists it.
TEST(Tuple, GreHasAKeyWithPptpAlone) {
  const std::string ends = "src=20.0.0.2 dst=20.0.0.1 ";
  EXPECT_EQ(gre({0x20, 0x00, 0x08, 0x00, 0, 0, 0, 7}), ends + "srckey=0x0 dstkey=0x0");
  EXPECT_EQ(gre({0x30, 0x01, 0x88, 0x0b, 0, 4, 0, 0x18, 0, 0, 0, 1}), ends + "srckey=0x0 dstkey=0x18");
  EXPECT_EQ(gre({0x30, 0x01, 0x88, 0x0b, 0, 4}), ends + "srckey=0x0 dstkey=0x0") << "cut before the call";
  EXPECT_EQ(gre({0x30, 0x01, 0x08, 0x00, 0, 4, 0, 0x18}), "none") << "not PPP";
  EXPECT_EQ(gre({0x30, 0x01, 0x08, 0x00, 0, 4, 0}), ends + "srckey=0x0 dstkey=0x0")
      << "cut: nobody asks what it is";
  EXPECT_EQ(gre({0x30, 0x01}), ends + "srckey=0x0 dstkey=0x0") << "cut before the version is known";
}

TEST(Tuple, TheAnswersKeyIsTheOtherOne) {
  const auto tuple = tuple_of(facts_of(packet::kGre, {0x30, 0x01, 0x88, 0x0b, 0, 4, 0, 0x18}));
  ASSERT_TRUE(tuple);
  const auto back = inverse(*tuple);
  ASSERT_TRUE(back);
  EXPECT_EQ(to_string(*back), "src=20.0.0.1 dst=20.0.0.2 srckey=0x18 dstkey=0x0");
}

}  // namespace
}  // namespace utables::conntrack
