// LOG: writes a line about the packet (log_line.h) and goes on.
#include <fmt/format.h>

#include <array>

#include "base/scan.h"
#include "rules/bind.h"
#include "rules/option/choice.h"
#include "rules/option/text.h"

namespace utables::rules {
namespace {

struct Params {
  Given<std::string> prefix;
  Given<std::uint32_t> level{4, false, false};
  Given<bool> tcp_sequence, tcp_options, ip_options, uid, macdecode;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr Named kLevels[] = {{"emerg", 0},   {"panic", 0},  {"alert", 1}, {"crit", 2}, {"error", 3},
                             {"warning", 4}, {"notice", 5}, {"info", 6},  {"debug", 7}};

struct LevelKind {
  using Value = std::uint32_t;
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    const std::string& word = input.values[0];
    if (const auto number = scan_unsigned(word, 0, 7)) return static_cast<std::uint32_t>(*number);
    for (const Named& level : row.names)
      if (same_word(level.name, word)) return level.value;
    return fail(fmt::format("log level \"{}\" unknown", word));
  }
  static std::string text(const OptionRow&, const Value& value, Family) { return std::to_string(value); }
  static void settle(Given<Value>& given) { given.set = given.value != 4; }
};

constexpr std::array kOptions{
    option<TextKind, &Params::prefix>({.name = "log-prefix",
                                       .value = "text",
                                       .help = "put before the line; at most 29 bytes",
                                       .min = 1,
                                       .max = 29,
                                       .list_word = "prefix "}),
    option<LevelKind, &Params::level>({.name = "log-level",
                                       .value = "level",
                                       .help = "emerg to debug, or 0 to 7",
                                       .names = kLevels,
                                       .list_word = "level "}),
    option<FlagKind, &Params::tcp_sequence>(
        {.name = "log-tcp-sequence", .help = "with TCP sequence numbers", .values = 0}),
    option<FlagKind, &Params::tcp_options>(
        {.name = "log-tcp-options", .help = "with TCP options", .values = 0}),
    option<FlagKind, &Params::ip_options>({.name = "log-ip-options", .help = "with IP options", .values = 0}),
    option<FlagKind, &Params::uid>(
        {.name = "log-uid", .help = "with the owner of the sending socket", .values = 0}),
    option<FlagKind, &Params::macdecode>(
        {.name = "log-macdecode", .help = "with link-layer addresses one by one", .values = 0}),
};

Action act(const Params& p, Context& c) {
  LogParameters parameters;
  parameters.prefix = p.prefix.value;
  parameters.level = static_cast<std::uint8_t>(p.level.value);
  parameters.tcp_sequence = p.tcp_sequence.set;
  parameters.tcp_options = p.tcp_options.set;
  parameters.ip_options = p.ip_options.set;
  parameters.uid = p.uid.set;
  parameters.macdecode = p.macdecode.set;
  c.services.log(c, parameters);
  return Action::continue_;
}

}  // namespace

extern const TargetDescriptor kTargetLog;
const TargetDescriptor kTargetLog = target<Params, act>(
    {.name = "LOG", .summary = "write a line about the packet, and go on", .options = kOptions});

}  // namespace utables::rules
