#include "cli/conntrack/values.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/scan.h"
#include "cli/conntrack/options.h"
#include "conntrack/connection.h"
#include "packet/headers.h"
#include "rules/names/protocols.h"

namespace utables::cli::conntrack_tool {
namespace {

struct StatusName {
  std::string_view name;
  std::uint16_t bit;
};
/// The kernel's bit for flows that hardware forwards; nothing here has it.
constexpr std::uint16_t kOffload = 0x4000;
constexpr std::string_view kUnreplied = "UNREPLIED";
constexpr std::array<StatusName, 7> kStatusNames{{
    {"ASSURED", conntrack::kAssured},
    {"SEEN_REPLY", conntrack::kSeenReply},
    {"UNSET", 0},
    {"FIXED_TIMEOUT", conntrack::kFixedTimeout},
    {"EXPECTED", conntrack::kExpected},
    {"OFFLOAD", kOffload},
    {kUnreplied, 0},
}};

struct OutputName {
  std::string_view name;
  bool Output::*field;
};
constexpr std::array<OutputName, 9> kOutputNames{{
    {"xml", &Output::xml},
    {"extended", &Output::extended},
    {"timestamp", &Output::timestamp},
    {"id", &Output::id},
    {"ktimestamp", &Output::ktimestamp},
    {"labels", &Output::labels},
    {"userspace", &Output::userspace},
    {"save", &Output::save},
    {"json", &Output::json},
}};

struct EventName {
  std::string_view name;
  EventMask mask;
};
constexpr std::array<EventName, 4> kEventNames{{
    {"ALL", {true, true, true}},
    {"NEW", {true, false, false}},
    {"UPDATES", {false, true, false}},
    {"DESTROY", {false, false, true}},
}};

constexpr std::array<std::string_view, 8> kSctpStates{"NONE",          "CLOSED",           "COOKIE_WAIT",
                                                      "COOKIE_ECHOED", "ESTABLISHED",      "SHUTDOWN_SENT",
                                                      "SHUTDOWN_RECD", "SHUTDOWN_ACK_SENT"};
constexpr std::array<std::string_view, 10> kDccpStates{
    "NONE", "REQUEST", "RESPOND", "PARTOPEN", "OPEN", "CLOSEREQ", "CLOSING", "TIMEWAIT", "IGNORE", "INVALID"};

/// A word of a list means the first name that it begins, in any case.
bool means(std::string_view word, std::string_view name) {
  return !word.empty() && word.size() <= name.size() &&
         strncasecmp(word.data(), name.data(), word.size()) == 0;
}

/// Hands each word of a list to `take`, which says whether it knows it. A comma that begins what is left
/// belongs to the last word.
template <class Take>
Result<void> read_list(std::string_view text, Take take) {
  for (;;) {
    const std::size_t comma = text.find(',');
    const bool last = comma == std::string_view::npos || comma == 0;
    const std::string_view word = last ? text : text.substr(0, comma);
    if (!take(word)) return fail(fmt::format("Bad parameter `{}'", word));
    if (last) return {};
    text.remove_prefix(comma + 1);
  }
}

bool parse_v4(const std::string& text, Address& address) {
  in_addr parsed{};
  if (inet_aton(text.c_str(), &parsed) == 0) return false;
  address = Address::from_v4(ntohl(parsed.s_addr));
  return true;
}

bool parse_any(const std::string& text, Family& family, Address& address) {
  family = Family::ipv4;
  if (parse_v4(text, address)) return true;
  const auto parsed = parse_address(text, Family::ipv6);
  if (!parsed) return false;
  family = Family::ipv6;
  address = *parsed;
  return true;
}

template <std::size_t N>
std::optional<std::uint8_t> find_state(const std::array<std::string_view, N>& names, std::string_view word) {
  const auto found = std::find(names.begin(), names.end(), word);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::uint8_t>(found - names.begin());
}

std::optional<std::uint8_t> find_tcp_state(std::string_view word) {
  if (word == "LISTEN") return static_cast<std::uint8_t>(conntrack::TcpState::syn_sent2);
  for (std::uint8_t i = 0; i < static_cast<std::uint8_t>(conntrack::TcpState::count_); ++i)
    if (conntrack::name(static_cast<conntrack::TcpState>(i)) == word) return i;
  return std::nullopt;
}

}  // namespace

Result<AddressValue> read_address(const std::string& text) {
  AddressValue value;
  const std::size_t slash = text.find('/');
  const std::string address = text.substr(0, slash);
  const std::string length = slash == std::string::npos ? "" : text.substr(slash + 1);
  if (!parse_any(address, value.family, value.address))
    return fail(fmt::format("Invalid IP address `{}'", address));
  if (slash == std::string::npos) return value;
  const auto bits = length.empty() ? std::optional<std::uint64_t>(0) : scan_unsigned(length, 10, 128);
  if (!bits || *bits > address_bits(value.family)) return fail("Invalid netmask");
  value.mask = mask_of(static_cast<unsigned>(*bits), value.family);
  return value;
}

Result<NatValue> read_nat(const std::string& text) {
  NatValue value;
  std::string address = text, port;
  bool has_port = false;
  if (!text.empty() && text.front() == '[') {
    const std::size_t end = text.find(']');
    address = text.substr(1, end == std::string::npos ? end : end - 1);
    has_port = end != std::string::npos && end + 1 < text.size() && text[end + 1] == ':';
    if (has_port) port = text.substr(end + 2);
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    has_port = true;
    address = text.substr(0, text.find(':'));
    port = text.substr(text.find(':') + 1);
  }
  if (has_port && port.empty()) return fail("No port specified after `:'");
  if (has_port) {
    const auto number = scan_unsigned(port, 10, 0xffff);
    if (!number) return fail(fmt::format("Invalid port `{}'", port));
    value.nat.port = static_cast<std::uint16_t>(*number);
  }
  value.nat.address.emplace();
  if (!parse_any(address, value.family, *value.nat.address))
    return fail(fmt::format("Invalid IP address `{}'", address));
  return value;
}

void read_mark(const std::string& text, conntrack::Parameters& parameters) {
  char* end = nullptr;
  const auto narrow = [](unsigned long value) {
    return value > 0xffffffff ? 0xffffffff : static_cast<std::uint32_t>(value);
  };
  parameters.mark = narrow(std::strtoul(text.c_str(), &end, 0));
  parameters.mark_mask.reset();
  if (*end == '/') parameters.mark_mask = narrow(std::strtoul(end + 1, nullptr, 0));
}

std::uint32_t read_number(const std::string& text) {
  return static_cast<std::uint32_t>(std::strtoul(text.c_str(), nullptr, 0));
}

std::uint32_t read_decimal(const std::string& text) {
  return static_cast<std::uint32_t>(std::strtol(text.c_str(), nullptr, 10));
}

Result<StatusValue> read_status(std::string_view text) {
  StatusValue value;
  bool unreplied = false;
  const auto take = [&](std::string_view word) {
    for (const StatusName& row : kStatusNames) {
      if (!means(word, row.name)) continue;
      value.status = static_cast<std::uint16_t>(value.status | row.bit);
      unreplied = unreplied || row.name == kUnreplied;
      return true;
    }
    return false;
  };
  if (auto read = read_list(text, take); !read) return tl::unexpected<Error>(read.error());
  value.mask = unreplied ? std::uint16_t{conntrack::kSeenReply} : value.status;
  return value;
}

Result<void> read_output(std::string_view text, Output& output) {
  return read_list(text, [&](std::string_view word) {
    for (const OutputName& row : kOutputNames) {
      if (!means(word, row.name)) continue;
      output.*row.field = true;
      return true;
    }
    return false;
  });
}

Result<void> read_event_mask(std::string_view text, EventMask& mask) {
  return read_list(text, [&](std::string_view word) {
    for (const EventName& row : kEventNames) {
      if (!means(word, row.name)) continue;
      mask.made = mask.made || row.mask.made;
      mask.changed = mask.changed || row.mask.changed;
      mask.destroyed = mask.destroyed || row.mask.destroyed;
      return true;
    }
    return false;
  });
}

std::optional<std::uint8_t> read_protocol(const std::string& text) {
  if (const ProtocolModule* module = find_module(text)) return module->number;
  if (text == "all" || text.empty()) return std::nullopt;
  if (text == "ip" || text == "IP") return 0;
  const auto number = rules::protocol_number(text);
  if (!number || *number > 0xff) return std::nullopt;
  return static_cast<std::uint8_t>(*number);
}

Result<std::uint8_t> read_state(std::uint8_t protocol, const std::string& text) {
  std::optional<std::uint8_t> state;
  std::string_view complaint = "unknown TCP state";
  switch (protocol) {
    case packet::kSctp:
      state = find_state(kSctpStates, text);
      complaint = "unknown SCTP state";
      break;
    case packet::kDccp:
      state = find_state(kDccpStates, text);
      complaint = "Unknown DCCP state";
      break;
    default:
      state = find_tcp_state(text);
  }
  if (!state) return fail(fmt::format("{} `{}'", complaint, text));
  return *state;
}

}  // namespace utables::cli::conntrack_tool
