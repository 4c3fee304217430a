// The text of a SIP message (RFC 3261) with its session description (RFC 4566), as Linux 6.18 looks into it:
// not by a grammar, but by searching for the beginnings of lines. Learned by sending it:
// - a line ends with CR, LF or both; a header goes on in lines that begin with a blank, but only where
//   something is searched for in its value;
// - names of headers are compared without case, as far as the known name goes; short forms must not be
//   followed by a letter;
// - a number has at most eleven digits and 32 bits, a port of a URI at most five digits and 1024 at least;
// - a URI whose host is not a numeric address of the packet's family, or that goes up to the end of the
//   message, is passed over, and a later one looked for.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/address.h"

namespace utables::conntrack::sip {

/// A piece of the text.
struct Piece {
  std::size_t at = 0, size = 0;
  [[nodiscard]] std::size_t end() const { return at + size; }
};

enum class Header : std::uint8_t { cseq, from, to, contact, via_udp, via_tcp, expires, content_length };
/// Lines of a session description.
enum class Line : std::uint8_t { none, version, owner, connection, media };

/// What a search found. `unreadable`: it is there, without a value that can be read; `at` is its place.
struct Found {
  enum class Kind : std::uint8_t { missing, unreadable, yes };
  Kind kind = Kind::missing;
  Piece piece{};
  explicit operator bool() const { return kind == Kind::yes; }
};

/// Where a header, or the first line, says that somebody is.
struct Place {
  Piece piece{};  ///< the address, with its port if it has one
  Address address{};
  std::uint16_t port = 0;
};

struct Number {
  std::uint32_t value = 0;
  Piece digits{};  ///< none: it cannot be read, and is 0
};

class Text {
 public:
  Text(std::string_view text, Family family) : text_(text), family_(family) {}
  [[nodiscard]] std::string_view all() const { return text_; }

  [[nodiscard]] Number number(std::size_t at) const;
  /// The first header of that name from `from` on.
  [[nodiscard]] Found header(Header header, std::size_t from = 0) const;
  /// The first line of a session description from `from` on, before one of `until`.
  [[nodiscard]] Found line(Line line, std::size_t from, Line until = Line::none) const;
  /// ... and the address that it says.
  [[nodiscard]] std::optional<Address> line_address(Line line, std::size_t from, Line until) const;
  /// The URI of the first line of a request.
  [[nodiscard]] std::optional<Place> request_place() const;

  /// How far a walk through places has come: headers of one kind, and the places within each of them.
  struct Walk {
    std::size_t at = 0;
    bool within = false;
  };
  [[nodiscard]] std::optional<Place> next_place(Header header, Walk& walk) const;
  [[nodiscard]] std::optional<Place> first_place(Header header) const {
    Walk walk;
    return next_place(header, walk);
  }

  // Parameters of a place that ends at `from`: `;name=`, before a comma.
  [[nodiscard]] std::optional<std::size_t> parameter(std::string_view name, std::size_t from) const;
  [[nodiscard]] std::optional<Place> address_parameter(std::string_view name, std::size_t from,
                                                       bool bracketed) const;

 private:
  [[nodiscard]] Found next_in_header(Header header, std::size_t from) const;
  [[nodiscard]] std::size_t value_size(Header header, std::size_t at, std::size_t& skipped) const;
  /// An address with its port, behind `;user@` if `user`: its piece.
  [[nodiscard]] std::optional<Piece> host(std::size_t at, bool user) const;
  [[nodiscard]] std::optional<Place> read_place(std::size_t at) const;

  std::string_view text_;
  Family family_;
};

/// Letters compared without case.
[[nodiscard]] bool begins_with(std::string_view text, std::string_view word);

/// An address at `at`: where it ends. `bracketed`: IPv6 stands in brackets.
[[nodiscard]] std::optional<std::size_t> read_address(std::string_view text, std::size_t at, Family family,
                                                      bool bracketed, Address& into);

}  // namespace utables::conntrack::sip
