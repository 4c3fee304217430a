// The table of helpers.
#include "base/bytes.h"
#include "conntrack/helper/helper.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

constexpr std::array<ExpectationPolicy, 1> kFtp{{{"ftp", 1, 300 * kSecond}}};
constexpr std::array<ExpectationPolicy, 1> kTftp{{{"tftp", 1, 300 * kSecond}}};
constexpr std::array<ExpectationPolicy, 1> kIrc{{{"irc", 8, 300 * kSecond}}};
constexpr std::array<ExpectationPolicy, 1> kAmanda{{{"amanda", 4, 180 * kSecond}}};
constexpr std::array<ExpectationPolicy, 1> kSane{{{"sane", 1, 300 * kSecond}}};
constexpr std::array<ExpectationPolicy, 1> kNetbios{{{"netbios-ns", 1, 3 * kSecond}}};
constexpr std::array<ExpectationPolicy, 1> kPptp{{{"pptp", 2, 300 * kSecond}}};

/// As proc names them behind the helper.
constexpr std::array<ExpectationPolicy, 4> kSip{{{"signalling", 1, 180 * kSecond},
                                                 {"audio", 4, 180 * kSecond},
                                                 {"video", 4, 180 * kSecond},
                                                 {"image", 2, 180 * kSecond}}};

constexpr std::array<Helper, 9> kHelpers{{
    {HelperId::ftp, "ftp", packet::kTcp, {21, 0}, true, kFtp, help_ftp},
    {HelperId::tftp, "tftp", packet::kUdp, {69, 0}, true, kTftp, help_tftp},
    {HelperId::irc, "irc", packet::kTcp, {6667, 0}, false, kIrc, help_irc},
    {HelperId::amanda, "amanda", packet::kUdp, {10080, 0}, true, kAmanda, help_amanda},
    {HelperId::sane, "sane", packet::kTcp, {6566, 0}, true, kSane, help_sane},
    {HelperId::netbios_ns, "netbios-ns", packet::kUdp, {137, 0}, false, kNetbios, help_broadcast},
    {HelperId::pptp, "pptp", packet::kTcp, {1723, 0}, false, kPptp, help_pptp},
    {HelperId::sip, "sip", packet::kUdp, {5060, 0}, true, kSip, help_sip},
    {HelperId::sip_tcp, "sip", packet::kTcp, {5060, 0}, true, kSip, help_sip},
}};
static_assert(kHelpers.size() + 1 == static_cast<std::size_t>(HelperId::count_));

bool serves(const Helper& helper, Family family) { return helper.ipv6 || family == Family::ipv4; }

std::span<const std::uint8_t> payload_of(const packet::Buffer& packet) {
  const packet::Facts& facts = packet.facts;
  if (!facts.has_transport_header) return {};
  const auto transport = packet.view().subspan(facts.header_size);
  const std::size_t header = facts.protocol == packet::kTcp ? (transport[12] >> 4) * 4U : 8U;  // ICMP's too
  return header <= transport.size() ? transport.subspan(header) : std::span<const std::uint8_t>{};
}

}  // namespace

const Helper* find_helper(std::string_view name, std::uint8_t protocol, Family family) {
  for (const Helper& helper : kHelpers)
    if (helper.name == name && helper.protocol == protocol && serves(helper, family)) return &helper;
  return nullptr;
}

const Helper* find_helper(std::uint16_t port, std::uint8_t protocol, Family family) {
  for (const Helper& helper : kHelpers)
    if (port != 0 && helper.protocol == protocol && serves(helper, family) &&
        (helper.ports[0] == port || helper.ports[1] == port))
      return &helper;
  return nullptr;
}

const Helper* helper_of(std::uint8_t id) {
  return id == 0 || id > kHelpers.size() ? nullptr : &kHelpers[id - 1U];
}

std::span<const std::uint8_t> HelperCall::payload_now() const { return payload_of(packet); }

Helped help(HelperCall call) {
  const Helper* const helper = helper_of(call.master.helper);
  if (helper == nullptr) return Helped::accept;
  const bool of_another = helper->protocol != call.packet.facts.protocol;  // an ICMP error about it
  if (of_another && helper->id != HelperId::sip) return Helped::accept;
  call.payload = call.payload_now();
  return helper->help(call);
}

}  // namespace utables::conntrack
