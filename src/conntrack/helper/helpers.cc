// The table of helpers.
#include "base/bytes.h"
#include "conntrack/helper/helper.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

constexpr std::array<ExpectationPolicy, 1> kFtp{{{"ftp", 1, 300 * kSecond}}};
constexpr std::array<ExpectationPolicy, 1> kTftp{{{"tftp", 1, 300 * kSecond}}};

constexpr std::array<Helper, 2> kHelpers{{
    {HelperId::ftp, "ftp", packet::kTcp, {21, 0}, kFtp, help_ftp},
    {HelperId::tftp, "tftp", packet::kUdp, {69, 0}, kTftp, help_tftp},
}};
static_assert(kHelpers.size() + 1 == static_cast<std::size_t>(HelperId::count_));

std::span<const std::uint8_t> payload_of(const packet::Buffer& packet) {
  const packet::Facts& facts = packet.facts;
  if (!facts.has_transport_header) return {};
  const auto transport = packet.view().subspan(facts.header_size);
  const std::size_t header = facts.protocol == packet::kTcp ? (transport[12] >> 4) * 4U : 8U;
  return header <= transport.size() ? transport.subspan(header) : std::span<const std::uint8_t>{};
}

}  // namespace

const Helper* find_helper(std::string_view name, std::uint8_t protocol) {
  for (const Helper& helper : kHelpers)
    if (helper.name == name && helper.protocol == protocol) return &helper;
  return nullptr;
}

const Helper* find_helper(std::uint16_t port, std::uint8_t protocol) {
  for (const Helper& helper : kHelpers)
    if (port != 0 && helper.protocol == protocol && (helper.ports[0] == port || helper.ports[1] == port))
      return &helper;
  return nullptr;
}

const Helper* helper_of(std::uint8_t id) {
  return id == 0 || id > kHelpers.size() ? nullptr : &kHelpers[id - 1U];
}

Helped help(const Connection& master, Direction direction, bool established, packet::Buffer& packet,
            HelperMemory& memory, HelperServices& services) {
  const Helper* const helper = helper_of(master.helper);
  if (helper == nullptr || helper->protocol != packet.facts.protocol) return Helped::accept;
  HelperCall call{master, direction, established, packet, payload_of(packet), memory, services};
  return helper->help(call);
}

}  // namespace utables::conntrack
