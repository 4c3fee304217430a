#include "base/address.h"

#include <fmt/format.h>

#include "base/scan.h"

namespace utables {

Address mask_of(unsigned length, Family f) {
  Address m;
  for (unsigned i = 0; i < address_bytes(f); ++i) {
    const unsigned left = length > i * 8 ? length - i * 8 : 0;
    m.bytes[i] = static_cast<std::uint8_t>(left >= 8 ? 0xffU : 0xff00U >> left);
  }
  return m;
}

int length_of(const Address& mask, Family f) {
  for (unsigned n = 0; n <= address_bits(f); ++n)
    if (mask == mask_of(n, f)) return static_cast<int>(n);
  return -1;
}

namespace {

std::string v6_text(const Address& a) {
  std::array<std::uint16_t, 8> group{};
  for (unsigned i = 0; i < 8; ++i) group[i] = load16(&a.bytes[i * 2]);
  // RFC 5952 4.2: the longest run of two or more zero groups, the first of equals, becomes "::".
  unsigned best = 8, best_length = 1;
  for (unsigned i = 0; i < 8;) {
    unsigned n = 0;
    while (i + n < 8 && group[i + n] == 0) ++n;
    if (n > best_length) best = i, best_length = n;
    i += n ? n : 1;
  }
  // As inet_ntop(3): the last 32 bits are IPv4's in ::1.2.3.4 and ::ffff:1.2.3.4.
  const bool dotted = best == 0 && (best_length == 6 || (best_length == 5 && group[5] == 0xffff));
  std::string out;
  for (unsigned i = 0; i < 8;) {
    if (dotted && i == 6) {
      return out + fmt::format("{}.{}.{}.{}", a.bytes[12], a.bytes[13], a.bytes[14], a.bytes[15]);
    }
    if (i == best) {
      out += i == 0 ? "::" : ":";
      i += best_length;
      continue;
    }
    out += fmt::format("{:x}", group[i]);
    if (++i < 8) out += ':';
  }
  return out;
}

Result<Address> parse_v4(std::string_view text) {
  Address a;
  std::string_view rest = text;
  for (unsigned i = 0; i < 4; ++i) {
    const std::size_t dot = i < 3 ? rest.find('.') : rest.size();
    const auto part =
        dot == std::string_view::npos ? std::nullopt : scan_unsigned(rest.substr(0, dot), 10, 255);
    if (!part) return fail(fmt::format("`{}' is not an IPv4 address", text));
    a.bytes[i] = static_cast<std::uint8_t>(*part);
    rest.remove_prefix(i < 3 ? dot + 1 : dot);
  }
  return a;
}

Result<Address> parse_v6(std::string_view text) {
  const auto bad = [&] { return fail(fmt::format("`{}' is not an IPv6 address", text)); };
  std::array<std::uint16_t, 8> group{};
  unsigned n = 0;
  int gap = -1;
  std::string_view rest = text;
  if (rest.starts_with("::")) {
    gap = 0;
    rest.remove_prefix(2);
  } else if (rest.empty() || rest.front() == ':') {
    return bad();
  }
  while (!rest.empty()) {
    if (n >= 8) return bad();
    const std::size_t colon = rest.find(':');
    const std::string_view word = rest.substr(0, colon);
    if (word.find('.') != std::string_view::npos) {
      const auto v4 = colon == std::string_view::npos && n <= 6 ? parse_v4(word) : bad();
      if (!v4) return bad();
      group[n++] = load16(&v4->bytes[0]);
      group[n++] = load16(&v4->bytes[2]);
      break;
    }
    const auto value = word.size() <= 4 ? scan_unsigned(word, 16, 0xffff) : std::nullopt;
    if (!value) return bad();
    group[n++] = static_cast<std::uint16_t>(*value);
    if (colon == std::string_view::npos) break;
    rest.remove_prefix(colon + 1);
    if (rest.starts_with(':')) {
      if (gap >= 0) return bad();
      gap = static_cast<int>(n);
      rest.remove_prefix(1);
    } else if (rest.empty()) {
      return bad();
    }
  }
  if (gap < 0 ? n != 8 : n > 7) return bad();
  Address a;
  const unsigned before = gap < 0 ? n : static_cast<unsigned>(gap);
  for (unsigned i = 0; i < before; ++i) store16(&a.bytes[i * 2], group[i]);
  for (unsigned i = before; i < n; ++i) store16(&a.bytes[(8 - n + i) * 2], group[i]);
  return a;
}

}  // namespace

std::string to_string(const Address& a, Family f) {
  if (f == Family::ipv6) return v6_text(a);
  return fmt::format("{}.{}.{}.{}", a.bytes[0], a.bytes[1], a.bytes[2], a.bytes[3]);
}

Result<Address> parse_address(std::string_view text, Family f) {
  return f == Family::ipv4 ? parse_v4(text) : parse_v6(text);
}

Result<Prefix> parse_prefix(std::string_view text, Family f) {
  const std::size_t slash = text.find('/');
  auto address = parse_address(text.substr(0, slash), f);
  if (!address) return tl::unexpected(address.error());
  Prefix p{f, static_cast<std::uint8_t>(address_bits(f)), *address};
  if (slash != std::string_view::npos) {
    const auto length = scan_unsigned(text.substr(slash + 1), 10, address_bits(f));
    if (!length) return fail(fmt::format("`{}': the prefix length is not 0 to {}", text, address_bits(f)));
    p.length = static_cast<std::uint8_t>(*length);
  }
  return p;
}

std::string to_string(const Prefix& p) {
  return fmt::format("{}/{}", to_string(p.address, p.family), p.length);
}

}  // namespace utables
