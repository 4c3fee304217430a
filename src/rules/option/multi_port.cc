#include "rules/option/multi_port.h"

#include <fmt/format.h>

#include "base/scan.h"
#include "packet/headers.h"

namespace utables::rules {
namespace {

constexpr unsigned kMostPorts = 15;

// What multiport asks of -p, at the moment that its option is read.
Result<void> check_protocol(const OptionInput& input) {
  using namespace packet;
  if (input.protocol == 0 && !input.protocol_inverted)
    return fail("multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'");
  for (const auto good : {kTcp, kUdp, kUdplite, kSctp, kDccp})
    if (input.protocol == good && !input.protocol_inverted) return {};
  return fail("multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP");
}

Result<PortRange> parse_one(std::string_view word, const OptionInput& input) {
  const std::size_t colon = word.find(':');
  const auto first = parse_port(word.substr(0, colon), input.protocol);
  if (!first) return tl::unexpected(first.error());
  if (colon == std::string_view::npos) return PortRange{*first, *first};
  const auto last = parse_port(word.substr(colon + 1), input.protocol);
  if (!last) return tl::unexpected(last.error());
  if (*first >= *last) return fail("invalid portrange specified");
  return PortRange{*first, *last};
}

}  // namespace

Result<PortList> PortListKind::parse(const OptionRow&, const OptionInput& input) {
  if (auto good = check_protocol(input); !good) return tl::unexpected(good.error());
  PortList list;
  unsigned used = 0;
  for (const std::string_view word : split(input.values[0], ',')) {
    used += word.find(':') == std::string_view::npos ? 1 : 2;
    if (used > kMostPorts) return fail("too many ports specified");
    const auto range = parse_one(word, input);
    if (!range) return tl::unexpected(range.error());
    list.ranges[list.count++] = *range;
  }
  return list;
}

std::string PortListKind::text(const OptionRow& row, const Value& value, Family family) {
  std::string out;
  for (unsigned i = 0; i < value.count; ++i) {
    if (i != 0) out += ',';
    out += PortRangeKind::text(row, value.ranges[i], family);
  }
  return out;
}

}  // namespace utables::rules
