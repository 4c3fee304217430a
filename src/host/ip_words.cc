#include "host/ip_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/scan.h"
#include "host/configure.h"

namespace utables::host {

std::string IpWords::keyword() const { return at_ >= 2 ? std::string(words_[at_ - 2]) : std::string("it"); }

std::string_view IpWords::value() {
  if (at_ >= words_.size()) {
    fail(fmt::format("`{}' needs a value: the line is not complete", words_.empty() ? "" : words_.back()));
    return {};
  }
  return words_[at_++];
}

std::uint32_t IpWords::number(std::uint64_t max) {
  const std::string_view text = value();
  if (failed()) return 0;
  const auto n = scan_unsigned(text, 0, max);
  if (!n) fail(fmt::format("`{} {}': not a number from 0 to {}", keyword(), text, max));
  return static_cast<std::uint32_t>(n.value_or(0));
}

namespace {

/// IPv4 as iproute2 has it: missing parts at the end are zero (`10.1` is 10.1.0.0).
std::optional<Address> short_v4(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.size() > 4) return std::nullopt;
  std::uint32_t v = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto part = i < parts.size() ? scan_unsigned(parts[i], 0, 255) : std::optional<std::uint64_t>(0);
    if (!part) return std::nullopt;
    v = v << 8 | static_cast<std::uint32_t>(*part);
  }
  return Address::from_v4(v);
}

std::optional<Address> any_address(std::string_view text, Family f) {
  if (f == Family::ipv4) return short_v4(text);
  const auto a = parse_address(text, f);
  return a ? std::optional<Address>(*a) : std::nullopt;
}

}  // namespace

IpPrefix IpWords::read_prefix(std::string_view text, bool with_length) {
  IpPrefix out;
  if (text == "default" || text == "any" || text == "all") {
    out.is_default = out.has_length = true;
    return out;
  }
  const std::size_t slash = with_length ? text.find('/') : std::string_view::npos;
  const std::string_view address = text.substr(0, slash);
  const Family f = address.find(':') != std::string_view::npos ? Family::ipv6 : Family::ipv4;
  const auto a = any_address(address, f);
  if (!a) {
    fail(fmt::format("`{}': any valid {} is expected", text, with_length ? "prefix" : "address"));
    return out;
  }
  out.prefix = {f, static_cast<std::uint8_t>(address_bits(f)), *a};
  if (slash == std::string_view::npos) return out;
  out.has_length = true;
  const std::string_view mask = text.substr(slash + 1);
  int length = -1;
  if (const auto n = scan_unsigned(mask, 0, address_bits(f)))
    length = static_cast<int>(*n);
  else if (const auto m =
               mask.find_first_of(".:") != std::string_view::npos ? any_address(mask, f) : std::nullopt)
    length = length_of(*m, f);
  if (length < 0)
    fail(fmt::format("`{}': any valid prefix is expected (a length of 0 to {}, or a mask without holes)",
                     text, address_bits(f)));
  else
    out.prefix.length = static_cast<std::uint8_t>(length);
  return out;
}

IpPrefix IpWords::prefix() {
  const std::string_view text = value();
  return failed() ? IpPrefix{} : read_prefix(text, true);
}

IpPrefix IpWords::address() {
  const std::string_view text = value();
  if (failed()) return {};
  IpPrefix out = read_prefix(text, false);
  if (out.is_default) fail(fmt::format("`{} {}': any valid address is expected", keyword(), text));
  return out;
}

bool IpWords::on_off() {
  const std::string_view text = value();
  if (!failed() && text != "on" && text != "off")
    fail(fmt::format("`{} {}': must be `on' or `off'", keyword(), text));
  return text == "on";
}

InterfaceId interface_named(Host& host, std::string_view name, IpWords& words) {
  if (words.failed()) return kNoInterface;
  if (const auto id = host.find(name)) return *id;
  auto made = add_interface(host, name);
  if (!made) words.fail(made.error().text);
  return made.value_or(kNoInterface);
}

void note(Host& host, std::string text) {
  if (std::find(host.notes.begin(), host.notes.end(), text) == host.notes.end())
    host.notes.push_back(std::move(text));
}

}  // namespace utables::host
