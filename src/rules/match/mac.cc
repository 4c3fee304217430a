// mac: the Ethernet source address. A packet that did not come by Ethernet never matches, inverted or not.
#include <fmt/format.h>

#include <array>

#include "base/scan.h"
#include "rules/bind.h"

namespace utables::rules {
namespace {

using Mac = std::array<std::uint8_t, 6>;

std::string mac_text(const Mac& m) {
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", m[0], m[1], m[2], m[3], m[4], m[5]);
}

struct MacKind {
  using Value = Mac;
  static Result<Value> parse(const OptionRow&, const OptionInput& input) {
    Mac mac{};
    const auto parts = split(input.values[0], ':');
    bool good = parts.size() == mac.size();
    for (std::size_t i = 0; good && i < mac.size(); ++i) {
      const auto byte = parts[i].size() <= 2 ? scan_unsigned(parts[i], 16, 255) : std::nullopt;
      good = byte.has_value();
      if (good) mac[i] = static_cast<std::uint8_t>(*byte);
    }
    if (!good) return fail("Invalid MAC address specified.");
    return mac;
  }
  static std::string text(const OptionRow&, const Value& value, Family) { return mac_text(value); }
};

struct Params {
  Given<Mac> source;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<MacKind, &Params::source>({.name = "mac-source",
                                      .value = "XX:XX:XX:XX:XX:XX",
                                      .help = "Ethernet source address",
                                      .mandatory = true,
                                      .invertible = true,
                                      .list_word = "MAC "}),
};

Answer matches(const Params& p, const Context& c) {
  if (!c.link->present) return Answer::no();
  return (c.link->source == p.source.value) != p.source.inverted ? Answer::yes() : Answer::no();
}

std::string observed(const Params&, const Context& c, unsigned) {
  return c.link->present ? "mac-source is " + mac_text(c.link->source) : "it did not come by Ethernet";
}

}  // namespace

extern const MatchDescriptor kMatchMac;
const MatchDescriptor kMatchMac =
    match<Params, matches, observed>({.name = "mac",
                                      .summary = "the Ethernet source address",
                                      .hooks = bit(Hook::prerouting) | bit(Hook::input) | bit(Hook::forward),
                                      .options = kOptions});

}  // namespace utables::rules
