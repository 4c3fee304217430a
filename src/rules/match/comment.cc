// comment: always matches; carries a text of at most 255 bytes.
#include <array>

#include "rules/bind.h"
#include "rules/option/text.h"

namespace utables::rules {
namespace {

struct Params {
  Given<std::string> comment;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<TextKind, &Params::comment>(
        {.name = "comment", .value = "text", .help = "a comment", .mandatory = true, .max = 255}),
};

Answer matches(const Params&, const Context&) { return Answer::yes(); }
std::string observed(const Params&, const Context&, unsigned) { return {}; }

}  // namespace

extern const MatchDescriptor kMatchComment;
const MatchDescriptor kMatchComment =
    match<Params, matches, observed>({.name = "comment",
                                      .summary = "a comment; always matches",
                                      .looks_at = LooksAt::flow,
                                      .options = kOptions});

}  // namespace utables::rules
