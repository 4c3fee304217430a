// helper: the connection was announced in another one, whose helper has this name. The connection that
// announced it does not match. The empty name: announced by whatever helper. Linux compares as many letters
// as the helper's own name has.
#include "conntrack/helper/helper.h"

#include <fmt/format.h>

#include <array>

#include "rules/bind.h"
#include "rules/option/text.h"

namespace utables::rules {
namespace {

struct Params {
  Given<std::string> helper;
  friend bool operator==(const Params&, const Params&) = default;
};

/// In listings the name is quoted always.
struct HelperNameKind : TextKind {
  static std::string listed(const OptionRow&, const std::string& value, Family) {
    return "\"" + value + "\"";
  }
};

constexpr std::array kOptions{
    option<HelperNameKind, &Params::helper>({.name = "helper",
                                             .value = "name",
                                             .help = "the helper that announced the connection",
                                             .mandatory = true,
                                             .invertible = true,
                                             .max = 29,
                                             .list_word = "helper match "}),
};

const conntrack::Helper* master_of(const Context& c) {
  return c.connection() == nullptr ? nullptr : conntrack::helper_of(c.connection()->master_helper);
}

Answer matches(const Params& p, const Context& c) {
  const auto* helper = master_of(c);
  const bool matched =
      helper != nullptr &&
      (p.helper.value.empty() || p.helper.value.compare(0, helper->name.size(), helper->name) == 0);
  return matched != p.helper.inverted ? Answer::yes() : Answer::no();
}

std::string observed(const Params&, const Context& c, unsigned) {
  const auto* helper = master_of(c);
  return helper == nullptr ? "no helper announced it" : fmt::format("it was announced by {}", helper->name);
}

}  // namespace

extern const MatchDescriptor kMatchHelper;
const MatchDescriptor kMatchHelper =
    match<Params, matches, observed>({.name = "helper",
                                      .summary = "the helper that announced the connection",
                                      .looks_at = LooksAt::flow,
                                      .options = kOptions,
                                      .needs_tracking = [](const void*) { return true; }});

}  // namespace utables::rules
