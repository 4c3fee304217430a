// SCTP's table of states: what comes next when a chunk is seen. Its shape is that of tcp_states.h.
//
// A row: in these states, from this direction, this chunk -> what next, and why. compile() makes a dense
// array of the rows, in which every cell knows its row. The machine takes the array as an argument, so that a
// test can run one with a single row broken. How long a state lives is its own timeout alone (settings.h).
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "conntrack/connection.h"

namespace utables::conntrack {

/// What a row leads to: a state (SctpState's numbers), the one it is in, or that the chunk makes no sense.
enum class SctpNext : std::uint8_t {
  none,
  closed,
  cookie_wait,
  cookie_echoed,
  established,
  shutdown_sent,
  shutdown_recd,
  shutdown_ack_sent,
  heartbeat_sent,
  stay,
  invalid,
};

/// The chunks that can move a state, and all others.
enum class SctpChunk : std::uint8_t {
  init,
  init_ack,
  abort,
  shutdown,
  shutdown_ack,
  error,
  cookie_echo,
  cookie_ack,
  shutdown_complete,
  heartbeat,
  heartbeat_ack,
  other,
  count_
};
[[nodiscard]] std::string_view name(SctpChunk chunk);
[[nodiscard]] SctpChunk chunk_of_type(std::uint8_t type);

struct SctpRow {
  std::uint16_t from;       ///< set of states: bit 1 << state
  std::uint8_t directions;  ///< bit 1: original, 2: reply
  SctpChunk chunk;
  SctpNext next;
  std::string_view why;
  bool reachable = true;  ///< false: no packet gets there (said in `why`)
};

struct SctpTables {
  struct Cell {
    SctpNext next = SctpNext::invalid;
    std::uint8_t row = 0;
  };
  static constexpr std::size_t kStates = static_cast<std::size_t>(SctpState::count_);
  static constexpr std::size_t kChunks = static_cast<std::size_t>(SctpChunk::count_);
  std::array<std::array<std::array<Cell, kStates>, kChunks>, 2> next{};  ///< [direction][chunk][state]

  [[nodiscard]] const Cell& at(Direction d, SctpChunk c, SctpState s) const {
    return next[static_cast<std::size_t>(d)][static_cast<std::size_t>(c)][static_cast<std::size_t>(s)];
  }
};

[[nodiscard]] std::span<const SctpRow> sctp_rows();
/// `COOKIE_WAIT, both COOKIE ECHO -> COOKIE_ECHOED`.
[[nodiscard]] std::string sctp_row_name(const SctpRow& row);
[[nodiscard]] SctpTables compile(std::span<const SctpRow> rows);
[[nodiscard]] const SctpTables& sctp_tables();

/// The table as docs/reference/sctp-states.md has it.
[[nodiscard]] std::string sctp_states_document();

}  // namespace utables::conntrack
