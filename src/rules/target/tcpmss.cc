// TCPMSS: lowers the MSS option of TCP, to a value or to what fits the path in both directions; never raises
// it. A header without the option gets one, at most 536 (IPv6: 1,220), if nothing follows the header and
// there is room in it. A packet without the whole header that it claims is dropped; so is one whose path MTU
// is too small to be true.
#include <algorithm>
#include <array>
#include <cstring>

#include "packet/checksum.h"
#include "packet/headers.h"
#include "rules/bind.h"
#include "rules/match/tcp.h"
#include "rules/option/number.h"
#include "rules/target/header_change.h"

namespace utables::rules {
namespace {

constexpr std::uint32_t kClamp = 0xffff, kMssSize = 4, kTcpChecksum = 16;

struct SetMssKind : NumberKind {
  static Result<Value> parse(const OptionRow& row, const OptionInput& input) {
    OptionRow limited = row;
    if (input.family == Family::ipv6) limited.max = 65495;
    return NumberKind::parse(limited, input);
  }
  static bool written(const Value& value) { return value != kClamp; }
};
struct ClampKind {
  using Value = std::uint32_t;
  static Result<Value> parse(const OptionRow&, const OptionInput&) { return kClamp; }
  static std::string text(const OptionRow&, const Value&, Family) { return {}; }
  static bool written(const Value& value) { return value == kClamp; }
};

struct Params {
  Given<std::uint32_t> mss;
  friend bool operator==(const Params&, const Params&) = default;
};

constexpr std::array kOptions{
    option<SetMssKind, &Params::mss>({.name = "set-mss",
                                      .value = "value",
                                      .help = "at most this",
                                      .max = 65515,
                                      .list_word = "TCPMSS set "}),
    option<ClampKind, &Params::mss>({.name = "clamp-mss-to-pmtu",
                                     .help = "at most what fits the path",
                                     .values = 0,
                                     .list_word = "TCPMSS clamp to PMTU"}),
};

Result<void> check(Params& p, const Rule&) {
  return p.mss.set ? Result<void>{} : fail("TCPMSS target: At least one parameter is required");
}

Result<void> validate(const void* params, const Rule& rule, std::uint8_t hooks) {
  const auto& p = *static_cast<const Params*>(params);
  if (p.mss.value == kClamp && (hooks & (bit(Hook::prerouting) | bit(Hook::input))) != 0)
    return fail("TCPMSS --clamp-mss-to-pmtu is only for FORWARD, OUTPUT, POSTROUTING");
  if (!wants_syn(rule))
    return fail("TCPMSS works only on TCP SYN packets: it needs --syn, or --tcp-flags with SYN");
  return {};
}

// The MSS to set; 0: the path's MTU is too small for any.
std::uint32_t wanted(const Params& p, const Context& c) {
  if (p.mss.value != kClamp) return p.mss.value;
  const std::uint32_t headers = c.facts().family == Family::ipv4 ? 40 : 60;
  const std::uint32_t back = c.route_source_mtu == 0 ? ~0U : c.route_source_mtu;
  const std::uint32_t mtu = std::min(c.route_mtu, back);
  return mtu <= headers ? 0 : mtu - headers;
}

// Puts the option first among the options of a TCP packet without payload.
void add_option(packet::Buffer& packet, std::uint32_t header, std::uint16_t mss) {
  std::uint8_t* tcp = packet.transport();
  std::memmove(tcp + 20 + kMssSize, tcp + 20, header - 20);
  const auto before = static_cast<std::uint16_t>(header),
             after = static_cast<std::uint16_t>(header + kMssSize);
  packet::adjust_checksum(tcp + kTcpChecksum, before, after);  // of the pseudo-header's length
  tcp[20] = packet::tcp::kOptMss;
  tcp[21] = kMssSize;
  store16(tcp + 22, mss);
  packet::adjust_checksum32(tcp + kTcpChecksum, 0, load32(tcp + 20));
  change_tcp_word(packet, 12, static_cast<std::uint16_t>(load16(tcp + 12) + 0x1000));
  packet.size += kMssSize;
  packet.facts.size += kMssSize;
  packet.facts.total_length += kMssSize;
  packet.facts.tcp_header_size = static_cast<std::uint8_t>(after);
  constexpr std::uint32_t kTotalLength = 2, kPayloadLength = 4;
  if (packet.facts.is_ipv6())
    store16(packet.bytes + kPayloadLength, static_cast<std::uint16_t>(packet.facts.total_length - 40));
  else
    change_ip_word(packet, kTotalLength, static_cast<std::uint16_t>(packet.facts.total_length));
}

Action act(const Params& p, Context& c) {
  packet::Buffer& packet = c.packet;
  if (packet.facts.is_later_fragment()) return Action::continue_;
  if (packet.transport_size() < 20) return Action::drop;
  packet.pulled = packet.facts.transport_length();  // Linux makes all of it writable
  std::uint8_t* tcp = packet.transport();
  const std::uint32_t header = (tcp[12] >> 4U) * 4U;
  if (header < 20 || packet.transport_size() < header) return Action::drop;
  const std::uint32_t mss = wanted(p, c);
  if (p.mss.value == kClamp && mss == 0) return Action::drop;
  for (std::uint32_t i = 20; i + kMssSize <= header;) {
    if (tcp[i] == packet::tcp::kOptMss && tcp[i + 1] == kMssSize) {
      const std::uint16_t before = load16(tcp + i + 2);
      if (before <= mss) return Action::continue_;
      store16(tcp + i + 2, static_cast<std::uint16_t>(mss));
      packet::adjust_checksum(tcp + kTcpChecksum, before, static_cast<std::uint16_t>(mss));
      return Action::continue_;
    }
    i += tcp[i] <= packet::tcp::kOptNop || tcp[i + 1] == 0 ? 1 : tcp[i + 1];
  }
  const std::uint32_t length = std::max(packet.facts.transport_length(), packet.transport_size());
  if (length > header || header >= 60 || packet.size + kMssSize > packet.room) return Action::continue_;
  const std::uint32_t most = packet.facts.is_ipv6() ? 1220 : 536;  // RFC 8200 5, RFC 879
  add_option(packet, header, static_cast<std::uint16_t>(std::min(mss, most)));
  return Action::continue_;
}

}  // namespace

extern const TargetDescriptor kTargetTcpmss;
const TargetDescriptor kTargetTcpmss = target<Params, act>({.name = "TCPMSS",
                                                            .summary = "lower the MSS option of TCP",
                                                            .protocol = packet::kTcp,
                                                            .options = kOptions,
                                                            .check = checked<Params, check>,
                                                            .validate = validate});

}  // namespace utables::rules
