// The options of conntrack(8) as tables: what there is, which command takes which, what a protocol adds.
#pragma once
#include <getopt.h>

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "cli/conntrack/command_line.h"

namespace utables::cli::conntrack_tool {

/// Options that every protocol has, in the order in which they are checked.
enum class Option : std::uint8_t {
  source,
  destination,
  reply_source,
  reply_destination,
  protocol,
  timeout,
  status,
  zero,
  event_mask,
  tuple_source,
  tuple_destination,
  mask_source,
  mask_destination,
  mark,
  id,
  family,
  source_nat,
  destination_nat,
  output,
  secmark,
  buffer_size,
  any_nat,
  zone,
  label,
  label_add,
  label_del,
  original_zone,
  reply_zone,
  count_
};
inline constexpr std::size_t kOptions = static_cast<std::size_t>(Option::count_);
/// As errors name it: `--src`.
[[nodiscard]] std::string_view name(Option option);

/// A letter for each option in the order of Option: `.` may be there, `+` must, `x` must not.
[[nodiscard]] std::string_view options_of(Verb verb, TableName table);

/// What a protocol's option is about; `part` of several of the same kind.
enum class PortOption : std::uint8_t {
  original_source,
  original_destination,
  reply_source,
  reply_destination,
  mask_source,
  mask_destination,
  state,
  tuple_source,
  tuple_destination,
  original_tag,
  reply_tag,
  role,
  icmp_type,
  icmp_code,
  icmp_id,
};

struct ProtocolOption {
  std::string_view name;  ///< as errors name it
  PortOption option;
};

/// What a command wants of a protocol's options.
struct ProtocolRule {
  Verb verb;
  bool expectations;
  std::string_view letters;  ///< as options_of(), in the order of ProtocolModule::options
};

struct ProtocolModule {
  std::string_view name;
  std::uint8_t number;
  std::span<const ProtocolOption> options;
  std::span<const ProtocolRule> rules;
  /// What must be given together, of the original direction or of the reply; empty: nothing. The reply's as
  /// errors name them.
  std::array<std::string_view, 2> original_names{}, reply_names{};
};

/// null: no options of its own.
[[nodiscard]] const ProtocolModule* find_module(std::string_view name);
[[nodiscard]] const ProtocolModule* find_module(std::uint8_t number);
[[nodiscard]] std::string_view letters_of(const ProtocolModule& module, Verb verb, bool expectations);

/// getopt's tables. A protocol's options have the values kProtocolValue + PortOption.
inline constexpr int kProtocolValue = 0x1000, kLongOnly = 0x100;
[[nodiscard]] std::span<const ::option> long_options();
[[nodiscard]] std::span<const ::option> long_options(const ProtocolModule& module);
[[nodiscard]] const char* short_options();

}  // namespace utables::cli::conntrack_tool
