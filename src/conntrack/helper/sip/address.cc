// Addresses in the text of SIP: read as far as they go.
#include <algorithm>
#include <array>
#include <cctype>

#include "base/bytes.h"
#include "conntrack/helper/sip/text.h"

namespace utables::conntrack::sip {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

/// Four numbers of up to 255; no letter of a hexadecimal number may follow, nor a point.
std::optional<std::size_t> read_v4(std::string_view text, std::size_t at, std::uint8_t* into) {
  for (unsigned i = 0; i < 4; ++i) {
    unsigned value = 0;
    const std::size_t first = at;
    for (; at < text.size() && is_digit(text[at]); ++at) {
      value = value * 10 + static_cast<unsigned>(text[at] - '0');
      if (value > 255) return std::nullopt;
    }
    if (at == first) return std::nullopt;
    into[i] = static_cast<std::uint8_t>(value);
    const char next = at < text.size() ? text[at] : ' ';
    if (i < 3 ? next != '.' : next == '.' || is_hex(next)) return std::nullopt;
    if (i < 3) ++at;
  }
  return at;
}

unsigned hex_value(char c) {
  if (is_digit(c)) return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>(std::tolower(static_cast<unsigned char>(c)) - 'a') + 10;
}

/// Groups, and the place of `::` among them.
class V6Reader {
 public:
  V6Reader(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  std::optional<std::size_t> read(Address& into) {
    if (!read_groups()) return std::nullopt;
    if (!gap_ && size_ != 16) return std::nullopt;
    into = {};
    const std::size_t before = gap_.value_or(size_);
    std::copy_n(bytes_.begin(), before, into.bytes.begin());
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(before), size_ - before,
                into.bytes.end() - static_cast<std::ptrdiff_t>(size_ - before));
    return at_;
  }

 private:
  [[nodiscard]] char next() const { return at_ < text_.size() ? text_[at_] : ' '; }
  bool take_gap() {
    if (!text_.substr(std::min(at_, text_.size())).starts_with("::")) return false;
    at_ += 2;
    gap_ = size_;
    return true;
  }

  bool read_groups() {
    const bool begins = take_gap();
    if (begins && !is_hex(next())) return next() != ':' && next() != '.';
    for (;;) {
      if (!read_group()) return false;
      if (done_ || next() != ':') return next() != '.' || done_;
      if (size_ == 16) return false;
      if (!gap_ && take_gap()) {
        if (!is_hex(next())) return next() != ':' && next() != '.';
        continue;
      }
      ++at_;
    }
  }

  bool read_group() {
    const std::size_t first = at_;
    unsigned value = 0;
    for (; is_hex(next()); ++at_) {
      if ((value & 0xf000) != 0) return false;
      value = value << 4 | hex_value(next());
    }
    if (at_ == first || size_ == 16) return false;
    if (next() == '.' && (size_ == 12 || (gap_ && size_ < 12))) {
      const auto end = read_v4(text_, first, &bytes_[size_]);
      if (!end) return false;
      size_ += 4;
      at_ = *end;
      done_ = true;
      return true;
    }
    store16(&bytes_[size_], static_cast<std::uint16_t>(value));
    size_ += 2;
    return true;
  }

  std::string_view text_;
  std::size_t at_;
  std::array<std::uint8_t, 16> bytes_{};
  std::size_t size_ = 0;
  std::optional<std::size_t> gap_{};
  bool done_ = false;
};

}  // namespace

std::optional<std::size_t> read_address(std::string_view text, std::size_t at, Family family, bool bracketed,
                                        Address& into) {
  if (family == Family::ipv4) {
    into = {};
    return read_v4(text, at, into.bytes.data());
  }
  if (at < text.size() && text[at] == '[')
    ++at;
  else if (bracketed)
    return std::nullopt;
  const auto end = V6Reader(text, at).read(into);
  if (!end) return std::nullopt;
  if (*end < text.size() && text[*end] == ']') return *end + 1;
  return bracketed ? std::nullopt : end;
}

}  // namespace utables::conntrack::sip
