#include <gtest/gtest.h>
#include <utables/verdict.h>

#include <set>

namespace utables {
namespace {

TEST(Verdict, EveryDropReasonHasItsOwnNameAndASentence) {
  std::set<std::string_view> names;
  for (unsigned i = 0; i < static_cast<unsigned>(DropReason::count_); ++i) {
    const auto reason = static_cast<DropReason>(i);
    EXPECT_TRUE(names.insert(name(reason)).second) << name(reason);
    EXPECT_TRUE(sentence(reason).ends_with('.')) << name(reason);
  }
  EXPECT_EQ(name(DropReason::bad_header_checksum), "bad-header-checksum");
}

TEST(Verdict, FatesAndStates) {
  EXPECT_EQ(name(Fate::forwarded), "forwarded");
  EXPECT_EQ(name(Fate::refused), "refused");
  EXPECT_EQ(name(CtInfo::new_), "NEW");
  EXPECT_EQ(name(CtInfo::related_reply), "RELATED");
  EXPECT_EQ(name(CtInfo::none), "-");
}

}  // namespace
}  // namespace utables
