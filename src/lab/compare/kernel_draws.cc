#include "lab/compare/kernel_draws.h"

#include <array>
#include <cstdlib>

#include "conntrack/port_kind.h"
#include "lab/kernel/closed_loop.h"
#include "packet/headers.h"

namespace utables::lab::compare {
namespace {

using conntrack::Manipulation;

/// The number behind `key` in a listed tuple.
std::optional<std::uint16_t> value_of(const std::string& tuple, std::string_view key) {
  const std::size_t at = tuple.find(key);
  if (at == std::string::npos) return std::nullopt;
  return static_cast<std::uint16_t>(std::strtoul(tuple.c_str() + at + key.size(), nullptr, 0));
}

/// `src=` up to the next word that is no part of a tuple.
std::string tuple_from(const std::string& line, std::size_t at) {
  std::string tuple;
  while (at != std::string::npos && at < line.size()) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    const std::string word = line.substr(at, end - at);
    const bool ours =
        word.find('=') != std::string::npos &&
        (word[0] == 's' || word[0] == 'd' || word[0] == 't' || word[0] == 'c' || word[0] == 'i');
    if (!ours || (word.starts_with("src=") && !tuple.empty())) break;
    tuple += (tuple.empty() ? "" : " ") + word;
    at = end + 1;
  }
  return tuple;
}

/// What tells an entry from another one with the same tuple: its zone, where it is not 0.
std::string zone_from(const std::string& line) {
  for (const std::string_view key : {" zone=", " zone-orig=", " zone-reply="})
    if (const auto zone = value_of(line, key); zone.value_or(0) != 0)
      return std::string(key) + std::to_string(*zone);
  return {};
}

std::string key_of(const conntrack::Connection& connection, conntrack::AddressStyle style) {
  constexpr std::array<std::string_view, 4> kWords{"", " zone-orig=", " zone-reply=", " zone="};
  const conntrack::Zone zone = connection.zone();
  return to_string(connection.original(), style) +
         (zone.id == 0 ? std::string() : std::string(kWords[zone.directions]) + std::to_string(zone.id));
}

}  // namespace

KernelDraws::KernelDraws(const kernel::Report& report) {
  for (const std::string& line : report.table) learn(line);
}

void KernelDraws::of_packet(const kernel::Played& played) {
  sent_ = &played.sent;
  announced_.clear();
  for (const std::string& line : played.events) {
    learn(line);
    if (line.find("[NEW]") != std::string::npos && line.find("mask-src=") != std::string::npos)
      announced_.push_back(value_of(line, "dport=").value_or(0));
  }
}

void KernelDraws::learn(const std::string& line) {
  if (line.find("mask-src=") != std::string::npos) return;  // an expectation
  const std::size_t original = line.find("src=");
  const std::size_t reply = original == std::string::npos ? original : line.find("src=", original + 4);
  if (reply != std::string::npos)
    replies_[tuple_from(line, original) + zone_from(line)] = tuple_from(line, reply);
}

std::uint16_t KernelDraws::draw(const conntrack::Connection& connection, Manipulation manipulation,
                                std::uint16_t first, std::uint32_t) {
  ++count_;
  auto port = sent_port(connection, manipulation);
  if (!port) port = listed_port(connection, manipulation);
  return static_cast<std::uint16_t>(port.value_or(first) - first);
}

std::uint16_t KernelDraws::draw_announced(unsigned nth, std::uint16_t first, std::uint32_t) {
  ++count_;
  const std::uint16_t port = nth < announced_.size() ? announced_[nth] : std::uint16_t{0};
  return port < first ? std::uint16_t{0} : static_cast<std::uint16_t>(port - first);
}

std::optional<std::uint16_t> KernelDraws::sent_port(const conntrack::Connection& connection,
                                                    Manipulation manipulation) const {
  const conntrack::Tuple& original = connection.original();
  if (sent_ == nullptr || original.protocol == packet::kGre)
    return std::nullopt;  // no packet names both keys
  for (const kernel::Emission& emission : *sent_) {
    const auto ends = kernel::ends_of(emission.bytes);
    if (!ends || ends->family != original.family || ends->protocol != original.protocol) continue;
    const bool icmp = conntrack::port_kind(original.protocol) == conntrack::PortKind::icmp;
    // The box's own answer to it goes back to its sender.
    if (!icmp && ends->destination == original.source && ends->destination_port == original.source_port)
      continue;
    return manipulation == Manipulation::source || icmp ? ends->source_port : ends->destination_port;
  }
  return std::nullopt;
}

std::optional<std::uint16_t> KernelDraws::listed_port(const conntrack::Connection& connection,
                                                      Manipulation manipulation) const {
  auto found = replies_.find(key_of(connection, conntrack::AddressStyle::ordinary));
  if (found == replies_.end()) found = replies_.find(key_of(connection, conntrack::AddressStyle::full));
  if (found == replies_.end()) return std::nullopt;
  if (conntrack::port_kind(connection.original().protocol) == conntrack::PortKind::icmp)
    return value_of(found->second, "id=");
  if (connection.original().protocol == packet::kGre)
    return value_of(found->second, manipulation == Manipulation::source ? "dstkey=" : "srckey=");
  return value_of(found->second, manipulation == Manipulation::source ? "dport=" : "sport=");
}

}  // namespace utables::lab::compare
