// Results and errors as values: nothing in utables throws across a public interface.
#pragma once
#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace utables {

/// What went wrong with an input: its text names the input and the rule that it broke; whoever knows
/// the place (file, line; in a binary file record and offset, as part of `text`) adds it.
struct Error {
  std::string text;
  std::string file{};      ///< empty: not from a file
  std::uint32_t line = 0;  ///< from 1; 0: no line
  int exit_code = 2;       ///< what a command that fails by it exits with

  /// `file:line: text`, as far as known.
  [[nodiscard]] std::string str() const {
    std::string out = file;
    if (line != 0) out += (out.empty() ? "line " : ":") + std::to_string(line);
    return out.empty() ? text : out + ": " + text;
  }
};

/// Several errors at once, where an input is refused with all of them listed.
using Errors = std::vector<Error>;

template <class T, class E = Error>
using Result = tl::expected<T, E>;

[[nodiscard]] inline tl::unexpected<Error> fail(std::string text) {
  return tl::unexpected<Error>(Error{std::move(text)});
}

}  // namespace utables
