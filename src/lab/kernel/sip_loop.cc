#include "lab/kernel/sip_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/scan.h"

namespace utables::lab::kernel {
namespace {

constexpr std::string_view kSign = "SIP/2.0";
constexpr char kPad = '~';

bool of_address(char c, Family family) {
  if (c >= '0' && c <= '9') return true;
  if (family == Family::ipv4) return c == '.';
  return c == ':' || (c >= 'a' && c <= 'f');
}

/// The words at `at` that are one of the ends, with what is said instead.
struct Words {
  std::size_t size = 0;
  std::string instead{};
};
std::optional<Words> words_at(std::string_view text, std::size_t at, const KnownAs& end, Family family) {
  const std::string planned = to_string(end.planned, family);
  if (!text.substr(at).starts_with(planned)) return std::nullopt;
  if (at > 0 && of_address(text[at - 1], family)) return std::nullopt;
  std::size_t behind = at + planned.size();
  Words words{planned.size(), to_string(end.address, family)};
  const bool bracketed = family == Family::ipv6 && behind < text.size() && text[behind] == ']';
  if (bracketed) {
    ++behind;
    ++words.size;
    words.instead += ']';
  }
  const std::string port = fmt::format(":{}", end.planned_port);
  if (text.substr(behind).starts_with(port)) {
    words.size += port.size();
    words.instead += fmt::format(":{}", end.port);
    behind += port.size();
    if (behind < text.size() && text[behind] >= '0' && text[behind] <= '9') return std::nullopt;
    return words;
  }
  if (behind < text.size() && text[behind] != ':' && of_address(text[behind], family)) return std::nullopt;
  return words;
}

std::optional<SipPlace> place_at(std::string_view text, Family family) {
  const bool bracketed = family == Family::ipv6 && text.starts_with('[');
  const std::size_t size = bracketed ? text.find(']') : text.find_first_of(":;>, \r\n");
  const auto address = parse_address(text.substr(0, size).substr(bracketed ? 1 : 0), family);
  if (!address) return std::nullopt;
  SipPlace place{*address, 5060};
  const std::string_view rest = size == std::string_view::npos ? "" : text.substr(size + (bracketed ? 1 : 0));
  if (!rest.starts_with(':')) return place;
  const std::size_t digits = rest.substr(1).find_first_not_of("0123456789");
  const auto port = scan_unsigned(rest.substr(1, digits), 10, 0xffff);
  if (!port) return std::nullopt;
  place.port = static_cast<std::uint16_t>(*port);
  return place;
}

std::string_view line_from(std::string_view text, std::size_t at) {
  return text.substr(at, text.find_first_of("\r\n", at) - at);
}

}  // namespace

bool is_sip(std::string_view text) { return text.find(kSign) != std::string_view::npos; }

std::string said_as(std::string_view text, std::span<const KnownAs> ends, Family family) {
  std::string said;
  std::ptrdiff_t longer = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == kPad && longer != 0) {
      const std::size_t end = std::min(text.find_first_not_of(kPad, at), text.size());
      const auto pads = static_cast<std::ptrdiff_t>(end - at) - longer;
      if (pads < 1) return std::string(text);
      said.append(static_cast<std::size_t>(pads), kPad);
      longer = 0;
      at = end;
      continue;
    }
    std::optional<Words> words;
    for (const KnownAs& end : ends)
      if (!words) words = words_at(text, at, end, family);
    if (!words) {
      said += text[at++];
      continue;
    }
    said += words->instead;
    longer += static_cast<std::ptrdiff_t>(words->instead.size()) - static_cast<std::ptrdiff_t>(words->size);
    at += words->size;
  }
  return longer == 0 ? said : std::string(text);
}

SipPlaces places_of(std::string_view text, Family family) {
  SipPlaces places;
  if (const std::size_t contact = text.find("Contact:"); contact != std::string_view::npos) {
    const std::string_view line = line_from(text, contact);
    std::size_t from = line.find("sip:");
    if (from != std::string_view::npos) {
      from += 4;
      if (const std::size_t sign = line.find('@', from); sign != std::string_view::npos) from = sign + 1;
      if (const auto place = place_at(line.substr(from), family)) {
        places.has_contact = true;
        places.contact = *place;
      }
    }
  }
  Address address{};
  std::size_t fresh = 0;  // media since the address was said for all, or for the last one
  for (std::size_t at = text.find("\r\nv=0"); at != std::string_view::npos; at = text.find("\r\n", at + 1)) {
    const std::string_view line = line_from(text, at + 2);
    if (line.starts_with("c=")) {
      const auto said = parse_address(line.substr(line.rfind(' ') + 1), family);
      if (!said) continue;
      if (places.media.empty()) address = *said;
      for (std::size_t i = fresh; i < places.media.size(); ++i) places.media[i].address = *said;
      fresh = places.media.size();
    } else if (line.starts_with("m=")) {
      const std::size_t space = line.find(' ');
      if (space == std::string_view::npos) continue;
      const std::string_view rest = line.substr(space + 1);
      const auto port = scan_unsigned(rest.substr(0, rest.find(' ')), 10, 0xffff);
      fresh = places.media.size();
      for (const unsigned next : {0U, 1U})
        places.media.push_back({address, static_cast<std::uint16_t>(port.value_or(0) + next)});
    }
  }
  return places;
}

}  // namespace utables::lab::kernel
