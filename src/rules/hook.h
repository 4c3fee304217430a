// Hooks and tables: where in a packet's life rules are asked, and in which order.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace utables::rules {

enum class Hook : std::uint8_t { prerouting, input, forward, output, postrouting };
inline constexpr std::array<std::string_view, 5> kHookNames{"PREROUTING", "INPUT", "FORWARD", "OUTPUT",
                                                            "POSTROUTING"};
constexpr std::uint8_t bit(Hook h) { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(h)); }

enum class TableId : std::uint8_t { filter, nat, mangle, raw, security };
inline constexpr std::array<std::string_view, 5> kTableNames{"filter", "nat", "mangle", "raw", "security"};
constexpr std::uint8_t bit(TableId t) { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(t)); }

/// The built-in chains of a table, in the kernel's order.
struct TableShape {
  TableId id;
  std::uint8_t hooks;  ///< bit(Hook) of each built-in chain
  int priority;        ///< Linux's; nat: -100 in PREROUTING and OUTPUT, 100 in INPUT and POSTROUTING
};
inline constexpr std::array<TableShape, 5> kTables{{
    {TableId::filter, 0b01110, 0},
    {TableId::nat, 0b11011, -100},
    {TableId::mangle, 0b11111, -150},
    {TableId::raw, 0b01001, -300},
    {TableId::security, 0b01110, 50},
}};

}  // namespace utables::rules
