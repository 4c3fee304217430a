// OptionRow: one option of an extension, as a row of its table. The row alone drives parsing, saving,
// listing, help and the generated reference; nothing else knows how an option is written.
//
// Vocabulary: a *kind* (number.h, port.h, network.h, ...) is a struct of static functions that knows how one
// type of value is read and written; a *row* binds a kind to a member of the extension's Params, which is
// always a Given<Kind::Value>. `option<Kind, &Params::member>({...})` makes the row.
//
// A kind:
//   using Value = ...;                                                  plain, comparable
//   static Result<Value> parse(const OptionRow&, const OptionInput&);   accepts what iptables 1.8.9 does
//   static std::string text(const OptionRow&, const Value&, Family);    as iptables-save prints it
//   static std::string listed(const OptionRow&, const Value&, Family);  optional: as -L -n prints it
//   static bool written(const Value&);                                  optional: this row writes the value
//   static void settle(Given<Value>&);                                  optional: drops what means nothing
#pragma once
#include <utables/result.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/address.h"

namespace utables::rules {

/// A word that stands for a number.
struct Named {
  std::string_view name;
  std::uint32_t value = 0;
};

/// An option's value in Params: whether it was given, and under `!`.
template <class T>
struct Given {
  T value{};
  bool set = false;
  bool inverted = false;
  friend bool operator==(const Given&, const Given&) = default;
};

/// One occurrence of an option on a command line.
struct OptionInput {
  std::string_view extension;           ///< `tcp`, for messages
  std::span<const std::string> values;  ///< as many as the row asks for
  bool inverted = false;
  Family family = Family::ipv4;
  std::uint16_t protocol = 0;  ///< the rule's -p so far
  bool protocol_inverted = false;
};

struct OptionRow {
  std::string_view name{};   ///< as iptables-save writes it, without `--`
  std::string_view alias{};  ///< other spelling
  std::string_view value{};  ///< help: what follows (`port[:port]`)
  std::string_view help{};   ///< help: one line
  std::uint8_t values = 1;   ///< words that follow
  bool mandatory = false;
  bool invertible = false;
  bool hidden = false;  ///< only read: another row of the same member writes it
  std::uint64_t min = 0, max = 0;
  std::span<const Named> names{};
  std::uint32_t excludes = 0;    ///< rows (bits) that cannot stand beside it
  std::uint32_t needs = 0;       ///< rows (bits) that must stand beside it
  std::string_view repeated{};   ///< text when it comes twice, where it is not the usual one
  std::string_view too_few{};    ///< text when words are missing, where it is not the usual one
  std::string_view list_word{};  ///< what -L writes before the value (`dpt:`)

  Result<void> (*parse)(const OptionRow& row, void* params, const OptionInput& input) = nullptr;
  bool (*present)(const void* params) = nullptr;
  bool (*inverted)(const void* params) = nullptr;
  std::string (*text)(const OptionRow& row, const void* params, Family family) = nullptr;
  std::string (*listed)(const OptionRow& row, const void* params, Family family) = nullptr;

  /// As messages name it: the long spelling.
  [[nodiscard]] constexpr std::string_view spelled() const {
    return alias.size() < name.size() ? name : alias;
  }
};

namespace detail {
template <class M>
struct MemberOf;
template <class C, class T>
struct MemberOf<T C::*> {
  using Class = C;
  using Type = T;
};

// Params is a parameter of its own so that the linkage is internal where Params is: g++ 12 does not see that
// by Member.
template <class Kind, auto Member, class Params>
struct Bound {
  static const auto& in(const void* params) { return static_cast<const Params*>(params)->*Member; }
  static Result<void> parse(const OptionRow& row, void* params, const OptionInput& input) {
    auto value = Kind::parse(row, input);
    if (!value) return tl::unexpected(value.error());
    auto& given = static_cast<Params*>(params)->*Member;
    given.value = std::move(*value);
    given.set = true;
    given.inverted = input.inverted;
    if constexpr (requires { Kind::settle(given); }) Kind::settle(given);
    return {};
  }
  static bool present(const void* params) {
    if constexpr (requires { Kind::written(in(params).value); }) {
      return in(params).set && Kind::written(in(params).value);
    } else {
      return in(params).set;
    }
  }
  static bool inverted(const void* params) { return in(params).inverted; }
  static std::string text(const OptionRow& row, const void* params, Family family) {
    return Kind::text(row, in(params).value, family);
  }
  static std::string listed(const OptionRow& row, const void* params, Family family) {
    if constexpr (requires { Kind::listed(row, in(params).value, family); }) {
      return Kind::listed(row, in(params).value, family);
    } else {
      return Kind::text(row, in(params).value, family);
    }
  }
};
}  // namespace detail

/// Binds a row to a member of Params.
template <class Kind, auto Member, class Params = typename detail::MemberOf<decltype(Member)>::Class>
constexpr OptionRow option(OptionRow row) {
  using B = detail::Bound<Kind, Member, Params>;
  row.parse = B::parse;
  row.present = B::present;
  row.inverted = B::inverted;
  row.text = B::text;
  row.listed = B::listed;
  return row;
}

/// An option without a value: its being there is the value.
struct FlagKind {
  using Value = bool;
  static Result<Value> parse(const OptionRow&, const OptionInput&) { return true; }
  static std::string text(const OptionRow&, const Value&, Family) { return {}; }
};

/// iptables' usual texts about an option.
[[nodiscard]] std::string bad_integer(const OptionRow& row, const OptionInput& input);
[[nodiscard]] std::string bad_range(const OptionRow& row, std::string_view at, const OptionInput& input);
[[nodiscard]] std::string bad_value(const OptionRow& row, const OptionInput& input);

/// A word as iptables-save writes strings: bare if it has only letters, digits, `_` and `-`; otherwise
/// quoted, with quotes and backslashes escaped.
[[nodiscard]] std::string quoted(std::string_view text);

/// Letters without regard to case, as iptables compares names.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b);
/// `word` begins `name`, without regard to case.
[[nodiscard]] bool begins(std::string_view name, std::string_view word);

}  // namespace utables::rules
