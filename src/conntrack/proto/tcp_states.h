// TCP's two tables: what state comes next, and how long it lives.
//
// kTransitions is a list of rows (from, direction, event -> next, why); several states may share a row.
// compile() makes a dense array of it, in which every cell knows its row. The machine takes the array as
// an argument, so that a test can run one with a single row broken.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "conntrack/connection.h"
#include "conntrack/settings.h"

namespace utables::conntrack {

/// What a row leads to: a state (TcpState's numbers), or that the segment makes no sense, or that it is
/// let through without being believed.
enum class TcpNext : std::uint8_t {
  none,
  syn_sent,
  syn_recv,
  established,
  fin_wait,
  close_wait,
  last_ack,
  time_wait,
  close,
  syn_sent2,
  invalid,
  ignore,
};

struct TcpRow {
  std::uint16_t from;       ///< set of states: bit 1 << state
  std::uint8_t directions;  ///< bit 1: original, 2: reply
  TcpEvent event;
  TcpNext next;
  std::string_view why;
  bool reachable = true;  ///< false: no packet gets there (said in `why`)
};

/// Why a connection lives as long as it does; the first row that applies wins.
enum class TcpLifetime : std::uint8_t {
  retransmitted,
  reset,
  unacknowledged,
  zero_window,
  picked_up,
  state,
  count_
};
[[nodiscard]] std::string_view why(TcpLifetime lifetime);

struct TcpTables {
  struct Cell {
    TcpNext next = TcpNext::invalid;
    std::uint8_t row = 0;
  };
  std::array<std::array<std::array<Cell, 10>, 6>, 2> next{};  ///< [direction][event][state]
  /// Which lifetimes there are at all in this profile.
  std::array<bool, static_cast<std::size_t>(TcpLifetime::count_)> lifetimes{};

  [[nodiscard]] const Cell& at(Direction d, TcpEvent e, TcpState s) const {
    return next[static_cast<std::size_t>(d)][static_cast<std::size_t>(e)][static_cast<std::size_t>(s)];
  }
};

[[nodiscard]] std::span<const TcpRow> tcp_rows(Profile profile);
/// `SYN_SENT, original SYN -> SYN_SENT`.
[[nodiscard]] std::string tcp_row_name(const TcpRow& row);
[[nodiscard]] TcpTables compile(std::span<const TcpRow> rows, Profile profile);
[[nodiscard]] const TcpTables& tcp_tables(Profile profile);

/// The tables as docs/reference/tcp-states.md has them.
[[nodiscard]] std::string tcp_states_document();

}  // namespace utables::conntrack
