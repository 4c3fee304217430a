// The values of options, read as conntrack(8) reads them: numbers as strtoul and atoi do (what is no number
// is 0, what is too large is cut), addresses as inet_aton does, lists separated by commas.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"
#include "cli/conntrack/command_line.h"

namespace utables::cli::conntrack_tool {

/// An address, perhaps with the length of its network: the mask is set only with one.
struct AddressValue {
  Family family = Family::ipv4;
  Address address{};
  std::optional<Address> mask{};
};
/// Errors: `Invalid IP address`, `Invalid netmask`.
[[nodiscard]] Result<AddressValue> read_address(const std::string& text);

struct NatValue {
  Family family = Family::ipv4;
  conntrack::NatParts nat{};
};
/// `ADDRESS`, `ADDRESS:PORT`, `[ADDRESS]:PORT`.
[[nodiscard]] Result<NatValue> read_nat(const std::string& text);

/// `MARK[/MASK]`
void read_mark(const std::string& text, conntrack::Parameters& parameters);
/// As strtoul reads it, with 0x for 16 and 0 for 8.
[[nodiscard]] std::uint32_t read_number(const std::string& text);
/// As atoi reads it: decimal.
[[nodiscard]] std::uint32_t read_decimal(const std::string& text);

/// Bits that are wanted, and the bits that `-L` looks at: the same, but with UNREPLIED that of replies alone.
struct StatusValue {
  std::uint16_t status = 0, mask = 0;
};
/// `-u`, `-o`, `-e`. Error: `Bad parameter`.
[[nodiscard]] Result<StatusValue> read_status(std::string_view text);
[[nodiscard]] Result<void> read_output(std::string_view text, Output& output);
[[nodiscard]] Result<void> read_event_mask(std::string_view text, EventMask& mask);

/// A protocol's number by its name or number; none: unknown.
[[nodiscard]] std::optional<std::uint8_t> read_protocol(const std::string& text);
/// `--state`, by protocol. Error: `unknown TCP state`, ...
[[nodiscard]] Result<std::uint8_t> read_state(std::uint8_t protocol, const std::string& text);

}  // namespace utables::cli::conntrack_tool
