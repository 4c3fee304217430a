// SYNPROXY: answers a client's SYN in the server's place with a cookie, and opens the connection to the
// server only when the client has answered that rightly. What is sent is the engine's part
// (Services::proxy). The options say what the servers behind it can do; a client is told no more than it
// asked for. Other packets than a bare SYN or ACK go on to the next rule.
#include <array>

#include "packet/headers.h"
#include "rules/bind.h"
#include "rules/option/number.h"

namespace utables::rules {
namespace {

constexpr std::uint64_t kMost32 = 0xffffffff;

/// Numbers of 32 bits are taken, and cut.
template <std::uint32_t Mask>
struct CutKind : NumberKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    auto number = NumberKind::parse(row, input);
    if (number) *number &= Mask;
    return number;
  }
};

struct Params {
  Given<bool> sack, timestamp, ecn;
  Given<std::uint32_t> scale, mss;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<FlagKind, &Params::sack>({.name = "sack-perm",
                                     .help = "they take selective acknowledgements",
                                     .values = 0,
                                     .list_word = "sack-perm"}),
    option<FlagKind, &Params::timestamp>({.name = "timestamp",
                                          .help = "they use timestamps; without them no scale, SACK or ECN",
                                          .values = 0,
                                          .list_word = "timestamp"}),
    option<CutKind<0xff>, &Params::scale>({.name = "wscale",
                                           .value = "value",
                                           .help = "their window scale",
                                           .max = kMost32,
                                           .list_word = "wscale "}),
    option<CutKind<0xffff>, &Params::mss>(
        {.name = "mss", .value = "value", .help = "their MSS", .max = kMost32, .list_word = "mss "}),
    option<FlagKind, &Params::ecn>({.name = "ecn", .help = "they use ECN", .values = 0, .list_word = "ecn"}),
};

Action act(const Params& p, Context& c) {
  SynproxyOptions options;
  options.mss_set = p.mss.set;
  options.mss = static_cast<std::uint16_t>(p.mss.value);
  options.scale_set = p.scale.set;
  options.scale = static_cast<std::uint8_t>(p.scale.value);
  options.sack = p.sack.set;
  options.timestamp = p.timestamp.set;
  options.ecn = p.ecn.set;
  return c.services.proxy(c, options);
}

}  // namespace

extern const TargetDescriptor kTargetSynproxy;
const TargetDescriptor kTargetSynproxy =
    target<Params, act>({.name = "SYNPROXY",
                         .summary = "answer SYNs in the server's place, and open what is meant",
                         .hooks = bit(Hook::input) | bit(Hook::forward),
                         .protocol = packet::kTcp,
                         .options = kOptions,
                         .needs_tracking = [](const void*) { return true; }});

}  // namespace utables::rules
