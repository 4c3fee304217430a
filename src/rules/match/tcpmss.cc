// tcpmss: the MSS option of TCP. A packet without the option fits the inverted form alone; one without the
// whole header that it claims is dropped on the spot.
#include <fmt/format.h>

#include <array>
#include <optional>

#include "packet/headers.h"
#include "rules/bind.h"
#include "rules/match/tcp_bytes.h"
#include "rules/option/number.h"

namespace utables::rules {
namespace {

struct MssKind : NumberRangeKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    auto range = NumberRangeKind::parse(row, input);
    if (range && range->first > range->last) return fail("tcpmss: invalid range given");
    return range;
  }
};

struct Params {
  Given<NumberRange> mss;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<MssKind, &Params::mss>({.name = "mss",
                                   .value = "value[:value]",
                                   .help = "the MSS option lies in it",
                                   .mandatory = true,
                                   .invertible = true,
                                   .max = 0xffff,
                                   .list_word = "tcpmss match "}),
};

struct Header {
  bool cut = false;
  std::optional<std::uint16_t> mss{};
};

Header read(const packet::Buffer& packet) {
  const auto tcp = tcp_bytes(packet);
  const auto size = static_cast<std::uint32_t>(tcp.size());
  if (size < 20) return {true};
  const std::uint32_t header = (tcp[12] >> 4U) * 4U;
  if (header < 20 || size < header) return {true};
  for (std::uint32_t i = 20; i < header;) {
    if (tcp[i] == packet::tcp::kOptMss && header - i >= 4 && tcp[i + 1] == 4)
      return {false, load16(&tcp[i + 2])};
    const std::uint32_t length = tcp[i] < 2 || i + 1 >= header ? 1 : tcp[i + 1];
    i += length == 0 ? 1 : length;
  }
  return {};
}

Answer matches(const Params& p, const Context& c) {
  const Header header = read(c.packet);
  if (header.cut) return Answer::hot_drop();
  const bool fits = header.mss && p.mss.value.holds(*header.mss);
  return fits != p.mss.inverted ? Answer::yes() : Answer::no();
}

std::string observed(const Params&, const Context& c, unsigned) {
  const Header header = read(c.packet);
  return header.mss ? fmt::format("mss is {}", *header.mss) : "it has no MSS option";
}

}  // namespace

extern const MatchDescriptor kMatchTcpmss;
const MatchDescriptor kMatchTcpmss = match<Params, matches, observed>(
    {.name = "tcpmss", .summary = "the MSS option of TCP", .protocol = packet::kTcp, .options = kOptions});

}  // namespace utables::rules
