// What no Linux counts any more, or nothing here can cause, is 0: new, ignore, delete, search_restart,
// chaintoolong.
#include "conntrack/statistics.h"

#include <fmt/format.h>

namespace utables::conntrack {

std::string proc_statistics(const Statistics& s, std::uint32_t entries) {
  const auto word = [](std::uint64_t count) { return static_cast<std::uint32_t>(count); };
  std::string out =
      "entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop "
      "icmp_error  expect_new expect_create expect_delete search_restart\n";
  out += fmt::format("{:08x}  {:08x} {:08x} {:08x} {:08x} {:08x} {:08x} {:08x} ", entries,
                     word(s.clash_resolve), word(s.found), 0, word(s.invalid), 0, 0, 0);
  out += fmt::format("{:08x} {:08x} {:08x} {:08x} {:08x}  ", word(s.insert), word(s.insert_failed),
                     word(s.drop), word(s.early_drop), word(s.error));
  return out + fmt::format("{:08x} {:08x} {:08x} {:08x}\n", word(s.expect_new), word(s.expect_create),
                           word(s.expect_delete), 0);
}

std::string statistics_line(const Statistics& s) {
  return fmt::format(
      "cpu=0   \tfound={} invalid={} insert={} insert_failed={} drop={} early_drop={} error={} "
      "search_restart=0 clash_resolve={} chaintoolong=0 ",
      s.found, s.invalid, s.insert, s.insert_failed, s.drop, s.early_drop, s.error, s.clash_resolve);
}

std::string expectation_statistics_line(const Statistics& s) {
  return fmt::format("cpu=0   \texpect_new={} expect_create={} expect_delete={} ", s.expect_new,
                     s.expect_create, s.expect_delete);
}

}  // namespace utables::conntrack
