#include "conntrack/helper/sip/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>

namespace utables::conntrack::sip {
namespace {

constexpr std::size_t kNone = std::string_view::npos;
constexpr std::string_view kScheme = "sip:";
constexpr std::uint16_t kSipPort = 5060, kLeastPort = 1024;

enum class Value : std::uint8_t { digits, address, host, host_behind_user, media };

struct HeaderRow {
  std::string_view name;
  char short_form;          ///< 0: none
  std::string_view search;  ///< what the value is searched for, before it is read
  Value value;
};
/// In the order of Header.
constexpr std::array<HeaderRow, 8> kHeaders{{
    {"CSeq", 0, "", Value::digits},
    {"From", 'f', kScheme, Value::host_behind_user},
    {"To", 't', kScheme, Value::host_behind_user},
    {"Contact", 'm', kScheme, Value::host_behind_user},
    {"Via", 'v', "UDP ", Value::host},
    {"Via", 'v', "TCP ", Value::host},
    {"Expires", 0, "", Value::digits},
    {"Content-Length", 'l', "", Value::digits},
}};

struct LineRow {
  std::string_view name;
  bool address;
  Value value;
};
/// In the order of Line.
constexpr std::array<LineRow, 5> kLines{{
    {"", false, Value::digits},
    {"v=", false, Value::digits},
    {"o=", true, Value::address},
    {"c=", true, Value::address},
    {"m=", false, Value::media},
}};

const HeaderRow& row(Header header) { return kHeaders[static_cast<std::size_t>(header)]; }
const LineRow& row(Line line) { return kLines[static_cast<std::size_t>(line)]; }

bool ends_line(char c) { return c == '\r' || c == '\n'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

/// Behind the end of a line at `at`; kNone: nothing is.
std::size_t behind_line_end(std::string_view text, std::size_t at) {
  at += text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n' ? 2 : 1;
  return at < text.size() ? at : kNone;
}

/// Where a line that ends at `at` is continued; kNone: it is not.
std::size_t continuation(std::string_view text, std::size_t at) {
  at = behind_line_end(text, at);
  if (at == kNone || !is_blank(text[at])) return kNone;
  while (at < text.size() && is_blank(text[at])) ++at;
  return at;
}

/// Behind blanks, or in the line's continuation.
std::size_t skip_blanks(std::string_view text, std::size_t at) {
  while (at < text.size() && is_blank(text[at])) ++at;
  return at < text.size() && ends_line(text[at]) ? continuation(text, at) : at;
}

/// `word` within a header's value. The text's last letter is not looked at, and the first one of a
/// continuation neither.
std::size_t search(std::string_view text, std::size_t from, std::string_view word) {
  if (text.size() < word.size()) return kNone;
  const std::string_view within = text.substr(0, text.size() - word.size());
  for (std::size_t at = from; at < within.size(); ++at) {
    if (ends_line(within[at])) {
      at = continuation(within, at);
      if (at == kNone) return kNone;
    } else if (begins_with(text.substr(at), word)) {
      return at;
    }
  }
  return kNone;
}

/// `word` within a line.
std::size_t search_line(std::string_view text, std::size_t from, std::string_view word) {
  for (std::size_t at = from; at + word.size() < text.size() && !ends_line(text[at]); ++at)
    if (text.substr(at).starts_with(word)) return at;
  return kNone;
}

std::size_t count_digits(std::string_view text, std::size_t at) {
  std::size_t n = 0;
  while (at + n < text.size() && is_digit(text[at + n])) ++n;
  return n;
}

/// A word of letters, a space and digits.
std::size_t media_size(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_letter(text[end])) ++end;
  if (end >= text.size() || text[end] != ' ') return 0;
  ++end;
  return end + count_digits(text, end) - at;
}

/// A port behind an address, which ends at `at`; there must be something behind it.
std::optional<std::size_t> read_port(std::string_view text, std::size_t at, std::uint16_t& port) {
  constexpr std::size_t kMostDigits = 5;
  if (at >= text.size()) return std::nullopt;
  port = kSipPort;
  if (text[at] != ':') return at;
  ++at;
  const std::size_t digits = count_digits(text, at);
  if (digits == 0 || digits > kMostDigits || at + digits >= text.size()) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text.substr(at, digits)) value = value * 10 + static_cast<std::uint32_t>(c - '0');
  if (value < kLeastPort || value > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
  port = static_cast<std::uint16_t>(value);
  return at + digits;
}

/// The places where lines begin, one behind another. An empty line of a single letter hides the next one.
class LineStarts {
 public:
  LineStarts(std::string_view text, std::size_t from) : text_(text), at_(from) {}
  /// kNone: there is none any more.
  std::size_t next() {
    while (at_ < text_.size() && !ends_line(text_[at_])) ++at_;
    if (at_ >= text_.size()) return kNone;
    const std::size_t start = behind_line_end(text_, at_);
    at_ = start == kNone ? text_.size() : start + 1;
    return start;
  }

 private:
  std::string_view text_;
  std::size_t at_;
};

/// Behind the name of the header, if the line at `at` has it.
std::size_t behind_name(std::string_view text, std::size_t at, const HeaderRow& header) {
  const std::string_view rest = text.substr(at);
  if (begins_with(rest, header.name)) return at + header.name.size();
  const bool shortened = header.short_form != 0 && rest.size() >= 2 && lower(rest[0]) == header.short_form &&
                         !is_letter(rest[1]);
  return shortened ? at + 1 : kNone;
}

}  // namespace

bool begins_with(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  return std::equal(word.begin(), word.end(), text.begin(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

Number Text::number(std::size_t at) const {
  constexpr std::size_t kMostDigits = 11;
  if (at >= text_.size()) return {};
  const std::size_t digits = count_digits(text_, at);
  if (digits > kMostDigits) return {};
  std::uint64_t value = 0;
  for (const char c : text_.substr(at, digits)) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  if (value > std::numeric_limits<std::uint32_t>::max()) return {};
  return {static_cast<std::uint32_t>(value), {at, digits}};
}

std::optional<Piece> Text::host(std::size_t at, bool user) const {
  if (user) {
    std::size_t sign = at;
    while (sign < text_.size() && text_[sign] != '@' && !ends_line(text_[sign])) ++sign;
    if (sign < text_.size() && text_[sign] == '@') at = sign + 1;
  }
  const auto place = read_place(at);
  return place ? std::optional(place->piece) : std::nullopt;
}

std::optional<Place> Text::read_place(std::size_t at) const {
  Place place;
  auto end = read_address(text_, at, family_, true, place.address);
  if (end) end = read_port(text_, *end, place.port);
  if (!end) return std::nullopt;
  place.piece = {at, *end - at};
  return place;
}

/// 0: it cannot be read. `skipped`: what stands before it.
std::size_t Text::value_size(Header header, std::size_t at, std::size_t& skipped) const {
  skipped = 0;
  if (row(header).value == Value::digits) return count_digits(text_, at);
  const auto piece = host(at, row(header).value == Value::host_behind_user);
  if (!piece) return 0;
  skipped = piece->at - at;
  return piece->size;
}

Found Text::header(Header header, std::size_t from) const {
  const HeaderRow& known = row(header);
  LineStarts lines(text_, from);
  for (std::size_t at = lines.next(); at != kNone; at = lines.next()) {
    if (is_blank(text_[at])) continue;
    at = behind_name(text_, at, known);
    if (at == kNone) continue;
    at = skip_blanks(text_, at);
    if (at == kNone || at + 1 >= text_.size() || text_[at] != ':') return {};
    at = skip_blanks(text_, at + 1);
    if (at == kNone) return {};
    const std::size_t value = at;
    if (!known.search.empty()) {
      at = search(text_, at, known.search);
      if (at == kNone) return {Found::Kind::unreadable, {value, 0}};
      at += known.search.size();
    }
    std::size_t skipped = 0;
    const std::size_t size = value_size(header, at, skipped);
    if (size == 0) return {Found::Kind::unreadable, {value, 0}};
    return {Found::Kind::yes, {at + skipped, size}};
  }
  return {};
}

Found Text::next_in_header(Header header, std::size_t from) const {
  std::size_t at = search(text_, from, ",");
  if (at == kNone) return {};
  at = search(text_, at, row(header).search);
  if (at == kNone) return {};
  at += row(header).search.size();
  std::size_t skipped = 0;
  const std::size_t size = value_size(header, at, skipped);
  if (size == 0) return {Found::Kind::unreadable, {at, 0}};
  return {Found::Kind::yes, {at + skipped, size}};
}

std::optional<Place> Text::next_place(Header which, Walk& walk) const {
  Found found;
  std::size_t from = walk.at;
  if (walk.within) {
    do {
      found = next_in_header(which, from);
      from = found.kind == Found::Kind::unreadable ? found.piece.at : from;
    } while (found.kind == Found::Kind::unreadable);
  }
  while (!found) {
    found = header(which, from);
    if (found.kind == Found::Kind::missing) {
      walk.within = false;
      return std::nullopt;
    }
    from = found.piece.at;
  }
  walk.within = true;
  auto place = read_place(found.piece.at);
  if (place) walk.at = place->piece.end();
  return place;
}

Found Text::line(Line line, std::size_t from, Line until) const {
  const LineRow& known = row(line);
  LineStarts lines(text_, from);
  for (std::size_t at = lines.next(); at != kNone; at = lines.next()) {
    const std::string_view rest = text_.substr(at);
    if (until != Line::none && begins_with(rest, row(until).name)) return {};
    if (!begins_with(rest, known.name)) continue;
    at += known.name.size();
    const std::size_t value = at;
    if (known.address) {
      const std::string_view word = family_ == Family::ipv4 ? "IN IP4 " : "IN IP6 ";
      at = search_line(text_, at, word);
      if (at == kNone) return {Found::Kind::unreadable, {value, 0}};
      at += word.size();
    }
    std::size_t size = 0;
    Address ignored;
    if (known.address)
      size = read_address(text_, at, family_, false, ignored).value_or(at) - at;
    else
      size = known.value == Value::media ? media_size(text_, at) : count_digits(text_, at);
    if (size == 0) return {Found::Kind::unreadable, {value, 0}};
    return {Found::Kind::yes, {at, size}};
  }
  return {};
}

std::optional<Address> Text::line_address(Line which, std::size_t from, Line until) const {
  const Found found = line(which, from, until);
  Address address;
  if (!found || !read_address(text_.substr(0, found.piece.end()), found.piece.at, family_, false, address))
    return std::nullopt;
  return address;
}

std::optional<Place> Text::request_place() const {
  std::size_t at = 0;
  while (at < text_.size() && is_letter(text_[at])) ++at;
  if (at == 0 || ++at >= text_.size()) return std::nullopt;
  for (; at + kScheme.size() < text_.size(); ++at) {
    if (ends_line(text_[at])) return std::nullopt;
    if (begins_with(text_.substr(at), kScheme)) {
      at += kScheme.size();
      break;
    }
  }
  const auto piece = host(at, true);
  return piece ? read_place(piece->at) : std::nullopt;
}

std::optional<std::size_t> Text::parameter(std::string_view name, std::size_t from) const {
  const std::size_t comma = search(text_, from, ",");
  const std::size_t at = search(text_.substr(0, comma), from, name);
  if (at == kNone) return std::nullopt;
  return at + name.size();
}

std::optional<Place> Text::address_parameter(std::string_view name, std::size_t from, bool bracketed) const {
  const auto at = parameter(name, from);
  if (!at) return std::nullopt;
  Place place;
  const std::size_t comma = search(text_, from, ",");
  const auto end = read_address(text_.substr(0, comma), *at, family_, bracketed, place.address);
  if (!end) return std::nullopt;
  place.piece = {*at, *end - *at};
  return place;
}

}  // namespace utables::conntrack::sip
