#include "engine/changes.h"

#include <fmt/format.h>

#include <vector>

#include "engine/observer.h"
#include "packet/describe.h"

namespace utables::engine {
namespace {

using packet::Facts;

struct Seen {
  const packet::Buffer& packet;
  const Beside& beside;
  [[nodiscard]] const Facts& facts() const { return packet.facts; }
  [[nodiscard]] bool is_tcp() const {
    return facts().protocol == packet::kTcp && facts().has_transport_header;
  }
};

std::string hexadecimal(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

std::string tcp_options(const Seen& s) {
  const std::uint32_t size = s.facts().tcp_header_size;
  if (!s.is_tcp() || size <= 20 || size > s.packet.transport_size()) return {};
  return hexadecimal({s.packet.transport() + 20, size - 20});
}

std::string ip_options(const Seen& s) {
  return s.facts().has_ip_options() && s.packet.size >= s.facts().header_size
             ? hexadecimal({s.packet.bytes + 20, s.facts().header_size - 20U})
             : std::string();
}

/// The MSS that a SYN announces.
std::string mss(const Seen& s) {
  const std::uint32_t size = s.facts().tcp_header_size;
  if (!s.is_tcp() || size > s.packet.transport_size()) return {};
  const std::uint8_t* tcp = s.packet.transport();
  for (std::uint32_t at = 20; at + 1 < size && tcp[at] != packet::tcp::kOptEnd;) {
    if (tcp[at] == packet::tcp::kOptMss && at + 4 <= size)
      return std::to_string(tcp[at + 2] << 8 | tcp[at + 3]);
    at += tcp[at] == packet::tcp::kOptNop ? 1 : std::max<std::uint32_t>(tcp[at + 1], 2);
  }
  return {};
}

struct Field {
  std::string_view name;
  std::string (*text)(const Seen&);
};
constexpr std::array<Field, 14> kFields{{
    {"source", [](const Seen& s) { return to_string(s.facts().source, s.facts().family); }},
    {"destination", [](const Seen& s) { return to_string(s.facts().destination, s.facts().family); }},
    {"ttl", [](const Seen& s) { return std::to_string(s.facts().ttl); }},
    {"tos", [](const Seen& s) { return fmt::format("{:#04x}", s.facts().tos); }},
    {"id", [](const Seen& s) { return std::to_string(s.facts().identification); }},
    {"length", [](const Seen& s) { return std::to_string(s.facts().total_length); }},
    {"ip options", ip_options},
    {"source port",
     [](const Seen& s) {
       return s.facts().has_ports ? std::to_string(s.facts().source_port) : std::string();
     }},
    {"destination port",
     [](const Seen& s) {
       return s.facts().has_ports ? std::to_string(s.facts().destination_port) : std::string();
     }},
    {"tcp flags",
     [](const Seen& s) { return s.is_tcp() ? packet::tcp_flag_text(s.facts().tcp_flags) : std::string(); }},
    {"mss", mss},
    {"tcp options", tcp_options},
    {"mark", [](const Seen& s) { return fmt::format("{:#x}", s.beside.mark); }},
    {"ctmark",
     [](const Seen& s) {
       const auto* connection = s.beside.tracked->connection;
       return connection == nullptr ? std::string() : fmt::format("{:#x}", connection->mark);
     }},
}};
/// With it the one before it has changed as well, and says more.
constexpr std::size_t kMss = 10, kTcpOptions = 11;

}  // namespace

Fields::Fields(const packet::Buffer& packet, const Beside& beside) {
  static_assert(kFields.size() == kCount);
  for (std::size_t i = 0; i < kCount; ++i) text_[i] = kFields[i].text({packet, beside});
}

void Fields::tell_changes(Observer& observer, const packet::Buffer& packet, const Beside& beside) const {
  const Fields now(packet, beside);
  std::vector<Change> changes;
  for (std::size_t i = 0; i < kCount; ++i) {
    if (text_[i] == now.text_[i]) continue;
    if (i == kTcpOptions && text_[kMss] != now.text_[kMss]) continue;
    changes.push_back({kFields[i].name, text_[i], now.text_[i]});
  }
  if (!changes.empty()) observer.changed(changes);
}

}  // namespace utables::engine
