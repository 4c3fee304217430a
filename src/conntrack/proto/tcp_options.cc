// Reading TCP options (RFC 9293, 3.1; RFC 7323; RFC 2018). A malformed option ends the reading; what a
// capture cut away is not read.
#include "base/bytes.h"
#include "conntrack/proto/tcp_window.h"

namespace utables::conntrack {
namespace {

constexpr std::uint8_t kLargestScale = 14;  // RFC 7323, 2.3

std::span<const std::uint8_t> options_of(const packet::Buffer& packet) {
  const std::size_t begin = packet.facts.header_size + std::size_t{20};
  std::size_t end = packet.facts.header_size + std::size_t{packet.facts.tcp_header_size};
  end = std::min<std::size_t>(end, packet.size);
  if (end <= begin) return {};
  return packet.view().subspan(begin, end - begin);
}

/// Calls `visit(kind, body)` for each option with a body until it returns false.
template <class Visit>
void for_each_option(std::span<const std::uint8_t> rest, Visit visit) {
  while (!rest.empty() && rest[0] != packet::tcp::kOptEnd) {
    if (rest[0] == packet::tcp::kOptNop) {
      rest = rest.subspan(1);
      continue;
    }
    if (rest.size() < 2 || rest[1] < 2 || rest[1] > rest.size()) return;
    if (!visit(rest[0], rest.subspan(2, rest[1] - std::size_t{2}))) return;
    rest = rest.subspan(rest[1]);
  }
}

}  // namespace

std::optional<SynOptions> syn_options(const packet::Buffer& packet) {
  const auto options = options_of(packet);
  if (options.empty()) return std::nullopt;
  SynOptions found;
  for_each_option(options, [&found](std::uint8_t kind, std::span<const std::uint8_t> body) {
    if (kind == packet::tcp::kOptSackPermitted && body.empty()) found.sack_permitted = true;
    if (kind == packet::tcp::kOptWindowScale && body.size() == 1) {
      found.scale = std::min(body[0], kLargestScale);
      found.window_scale = true;
    }
    return true;
  });
  return found;
}

std::uint32_t highest_sack(const packet::Buffer& packet, std::uint32_t ack) {
  for_each_option(options_of(packet), [&ack](std::uint8_t kind, std::span<const std::uint8_t> body) {
    if (kind != packet::tcp::kOptSack || body.empty() || body.size() % 8 != 0) return true;
    for (std::size_t block = 0; block < body.size(); block += 8)
      if (const std::uint32_t right = load32(&body[block + 4]); after(right, ack)) ack = right;
    return false;  // the first one decides
  });
  return ack;
}

}  // namespace utables::conntrack
