#include "rules/option/network.h"

#include <fmt/format.h>

#include "base/scan.h"

namespace utables::rules {
namespace {

// inet_network's short forms as iptables takes them: parts from the left, the rest zero.
std::optional<Address> short_v4(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.empty() || parts.size() > 4) return std::nullopt;
  Address address;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto part = scan_unsigned(parts[i], 10, 255);
    if (!part) return std::nullopt;
    address.bytes[i] = static_cast<std::uint8_t>(*part);
  }
  return address;
}

bool is_whole(const Address& mask, Family family) {
  return length_of(mask, family) == static_cast<int>(address_bits(family));
}

}  // namespace

Result<Address> parse_host(std::string_view text, Family family) {
  if (family == Family::ipv4) {
    if (const auto address = short_v4(text)) return *address;
  } else if (auto address = parse_address(text, family)) {
    return *address;
  }
  if (text == "localhost") {
    Address loopback;
    if (family == Family::ipv4) return Address::from_v4(0x7f000001);
    loopback.bytes[15] = 1;
    return loopback;
  }
  return fail(fmt::format("host/network `{}' not found", text));
}

Result<Network> parse_network(std::string_view text, Family family) {
  const std::size_t slash = text.rfind('/');
  Network network{{}, mask_of(address_bits(family), family)};
  if (slash != std::string_view::npos) {
    const std::string_view word = text.substr(slash + 1);
    if (const auto length = scan_unsigned(word, 10, address_bits(family))) {
      network.mask = mask_of(static_cast<unsigned>(*length), family);
    } else if (const auto mask = parse_address(word, family)) {
      network.mask = *mask;
    } else {
      return fail(fmt::format("invalid mask `{}' specified", word));
    }
  }
  const auto address = parse_host(text.substr(0, slash), family);
  if (!address) return tl::unexpected(address.error());
  network.address = *address;
  return network;
}

std::string mask_text(const Address& mask, Family family) {
  const int length = length_of(mask, family);
  return length >= 0 ? fmt::format("/{}", length) : "/" + to_string(mask, family);
}

Result<Network> NetworkKind::parse(const OptionRow& row, const OptionInput& input) {
  auto network = parse_network(input.values[0], input.family);
  if (!network && network.error().text.starts_with("invalid mask"))
    return fail(
        fmt::format("{}: bad value for option \"--{}\", neither a valid network mask nor valid CIDR (0-{}).",
                    input.extension, row.spelled(), address_bits(input.family)));
  // As with iptables a mask with holes is none here: the one address is meant.
  if (network && length_of(network->mask, input.family) < 0)
    network->mask = mask_of(address_bits(input.family), input.family);
  return network;
}

std::string NetworkKind::text(const OptionRow&, const Value& value, Family family) {
  const std::string address = to_string(value.address, family);
  return is_whole(value.mask, family) ? address : address + mask_text(value.mask, family);
}

}  // namespace utables::rules
