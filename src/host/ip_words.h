// The words of one line of `ip -batch`, read as iproute2 reads them: keywords may be abbreviated to any
// beginning (the first in iproute2's order wins) unless they are exact; each value belongs to the
// keyword before it. The first error sticks: later reads give zeros, and the caller looks once.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "host/host.h"

namespace utables::host {

/// Whether `word` is `full` or the beginning of it.
[[nodiscard]] constexpr bool abbreviates(std::string_view word, std::string_view full) {
  return !word.empty() && full.substr(0, word.size()) == word;
}

/// An address as iproute2 reads it, with its family; in a prefix a length or a mask may follow.
struct IpPrefix {
  Prefix prefix;
  bool has_length = false;
  bool is_default = false;  ///< the word was `default`, `any` or `all`: no family of its own
};

class IpWords {
 public:
  explicit IpWords(std::vector<std::string_view> words) : words_(std::move(words)) {}

  [[nodiscard]] bool done() const { return at_ >= words_.size() || failed(); }
  [[nodiscard]] std::string_view peek() const {
    return at_ < words_.size() ? words_[at_] : std::string_view{};
  }
  std::string_view take() { return words_[at_++]; }
  /// The value of the keyword taken last. Without one: an error, and an empty word.
  std::string_view value();

  /// Values of the keyword taken last, checked; a bad one is an error that names keyword and rule.
  std::uint32_t number(std::uint64_t max = 0xffffffff);
  IpPrefix prefix();
  IpPrefix address();
  /// `on` or `off`.
  bool on_off();

  /// `text` becomes the line's error, if it is the first.
  void fail(std::string text) {
    if (error_.empty()) error_ = std::move(text);
  }
  [[nodiscard]] bool failed() const { return !error_.empty(); }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  [[nodiscard]] std::string keyword() const;  // the keyword whose value is being read
  IpPrefix read_prefix(std::string_view text, bool with_length);

  std::vector<std::string_view> words_;
  std::size_t at_ = 0;
  std::string error_;
};

/// The interface of that name, made if need be.
InterfaceId interface_named(Host& host, std::string_view name, IpWords& words);

// The commands of the three objects, from the word after the object on.
void read_link(IpWords& words, Host& host);
void read_address(IpWords& words, Host& host);
void read_route(IpWords& words, Host& host);
/// Says once that something of the box is not simulated.
void note(Host& host, std::string text);

}  // namespace utables::host
