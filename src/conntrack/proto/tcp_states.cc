// The rows. Behaviour: RFC 9293 as a bystander sees it who may have lost packets, and who must not believe
// a packet that only one end would accept; checked against Linux cell by cell.
#include "conntrack/proto/tcp_states.h"

#include <fmt/format.h>

namespace utables::conntrack {
namespace {

template <class... States>
constexpr std::uint16_t in(States... states) {
  return static_cast<std::uint16_t>((0 | ... | (1 << static_cast<int>(states))));
}
constexpr auto NO = TcpState::none, SS = TcpState::syn_sent, SR = TcpState::syn_recv,
               ES = TcpState::established, FW = TcpState::fin_wait, CW = TcpState::close_wait,
               LA = TcpState::last_ack, TW = TcpState::time_wait, CL = TcpState::close,
               S2 = TcpState::syn_sent2;
constexpr std::uint8_t kOriginal = 1, kReply = 2, kBoth = 3;
constexpr std::uint16_t kAll = 0x3ff;
using E = TcpEvent;
using N = TcpNext;

constexpr TcpRow kTransitions[] = {
    // SYN
    {in(NO), kOriginal, E::syn, N::syn_sent, "a new connection"},
    {in(SS), kOriginal, E::syn, N::syn_sent, "the SYN again"},
    {in(SR, ES, FW, CW, LA), kOriginal, E::syn, N::ignore,
     "the ends may know better than this table: noted, and its answer will show"},
    {in(TW, CL), kOriginal, E::syn, N::syn_sent, "the ports are used again"},
    {in(S2), kOriginal, E::syn, N::syn_sent2, "the SYN again, after both ends sent one"},
    {in(NO), kReply, E::syn, N::invalid, "cannot be: the first packet is always original", false},
    {in(SS), kReply, E::syn, N::syn_sent2, "simultaneous open: both ends sent a SYN"},
    {in(SR, ES, FW, CW, LA, CL), kReply, E::syn, N::invalid, "the answering end does not open"},
    {in(TW), kReply, E::syn, N::syn_sent, "the ports are used again, from the other end"},
    {in(S2), kReply, E::syn, N::syn_sent2, "the SYN again, after both ends sent one"},
    // SYN/ACK
    {in(NO), kOriginal, E::syn_ack, N::invalid, "an answer cannot open a connection"},
    {in(SS), kOriginal, E::syn_ack, N::invalid, "the opening end cannot answer itself"},
    {in(SR), kOriginal, E::syn_ack, N::syn_recv, "simultaneous open: the second SYN/ACK"},
    {in(ES, FW, CW, LA, TW, CL), kOriginal, E::syn_ack, N::invalid, "the opening end does not answer"},
    {in(S2), kOriginal, E::syn_ack, N::syn_recv, "simultaneous open: the first SYN/ACK"},
    {in(NO), kReply, E::syn_ack, N::invalid, "cannot be: the first packet is always original", false},
    {in(SS), kReply, E::syn_ack, N::syn_recv, "the answer to the SYN"},
    {in(SR), kReply, E::syn_ack, N::ignore, "the SYN/ACK again, or the answer to an ignored SYN"},
    {in(ES, FW, CW, LA, TW, CL), kReply, E::syn_ack, N::ignore,
     "late, or the answer to an ignored SYN: then both ends are in step and the table follows"},
    {in(S2), kReply, E::syn_ack, N::syn_recv, "simultaneous open: the first SYN/ACK"},
    // FIN
    {in(NO), kOriginal, E::fin, N::invalid, "closing cannot open a connection"},
    {in(NO), kReply, E::fin, N::invalid, "cannot be: the first packet is always original", false},
    {in(SS, S2), kBoth, E::fin, N::invalid, "no end can close before it was answered"},
    {in(SR, ES), kBoth, E::fin, N::fin_wait, "the first FIN"},
    {in(FW), kBoth, E::fin, N::last_ack, "the second FIN, or the first again"},
    {in(CW), kBoth, E::fin, N::last_ack, "the other end closes as well"},
    {in(LA), kBoth, E::fin, N::last_ack, "a FIN again"},
    {in(TW), kBoth, E::fin, N::time_wait, "a FIN again: the timeout starts anew"},
    {in(CL), kBoth, E::fin, N::close, "late, after a reset"},
    // ACK
    {in(NO), kOriginal, E::ack, N::established, "picked up in mid-stream"},
    {in(SS), kOriginal, E::ack, N::invalid, "there is nothing to acknowledge yet"},
    {in(SR), kOriginal, E::ack, N::established, "the handshake is complete"},
    {in(S2), kOriginal, E::ack, N::invalid, "simultaneous open needs the SYN/ACK first"},
    {in(NO), kReply, E::ack, N::invalid, "cannot be: the first packet is always original", false},
    {in(SS), kReply, E::ack, N::ignore, "a stray ACK, or a challenge: the opening end will reset it"},
    {in(SR), kReply, E::ack, N::syn_recv, "the answering end alone cannot complete the handshake"},
    {in(S2), kReply, E::ack, N::ignore, "a stray ACK in a simultaneous open"},
    {in(ES), kBoth, E::ack, N::established, "data and acknowledgements"},
    {in(FW), kBoth, E::ack, N::close_wait, "the FIN is acknowledged, or the other end still sends"},
    {in(CW), kBoth, E::ack, N::close_wait, "the other end still sends"},
    {in(LA), kBoth, E::ack, N::time_wait, "the last FIN is acknowledged"},
    {in(TW), kBoth, E::ack, N::time_wait, "the last ACK again: the timeout starts anew"},
    {in(CL), kBoth, E::ack, N::close, "late, after a reset"},
    // RST
    {in(NO), kOriginal, E::rst, N::invalid, "a reset cannot open a connection"},
    {in(NO), kReply, E::rst, N::invalid, "cannot be: the first packet is always original", false},
    {in(SS, SR, ES, FW, CW, LA, TW, CL, S2), kBoth, E::rst, N::close, "a reset, once its numbers are judged"},
    // no flag at all
    {kAll, kBoth, E::none, N::invalid, "no flags: refused before the table is asked", false},
};

constexpr TcpRow kClassicTransitions[] = {
    {in(NO), kOriginal, E::none, N::none, "classic: a packet without flags opens an entry too"},
    {in(SS, SR, ES, FW, CW, LA, TW, CL, S2), kBoth, E::none, N::invalid, "no flags"},
    {in(NO), kReply, E::none, N::invalid, "cannot be: the first packet is always original", false},
};

constexpr std::size_t kCommon = std::size(kTransitions) - 1;  // all but the row without flags
constexpr auto classic_rows() {
  std::array<TcpRow, kCommon + std::size(kClassicTransitions)> rows{};
  for (std::size_t i = 0; i < kCommon; ++i) rows[i] = kTransitions[i];
  for (std::size_t i = 0; i < std::size(kClassicTransitions); ++i) rows[kCommon + i] = kClassicTransitions[i];
  return rows;
}
constexpr auto kClassicRows = classic_rows();

/// Every cell has exactly one row.
template <class Rows>
constexpr bool complete(const Rows& rows) {
  int covered[2][6][10] = {};
  for (const TcpRow& row : rows)
    for (int d = 0; d < 2; ++d)
      for (int s = 0; s < 10; ++s)
        if ((row.directions >> d & 1) != 0 && (row.from >> s & 1) != 0)
          ++covered[d][static_cast<int>(row.event)][s];
  for (auto& direction : covered)
    for (auto& event : direction)
      for (const int cell : event)
        if (cell != 1) return false;
  return true;
}
static_assert(complete(kTransitions) && complete(kClassicRows));

constexpr std::array<std::string_view, 12> kStateNames{"NONE",     "SYN_SENT",   "SYN_RECV", "ESTABLISHED",
                                                       "FIN_WAIT", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT",
                                                       "CLOSE",    "SYN_SENT2",  "INVALID",  "ignored"};

std::string states_of(std::uint16_t set) {
  std::string text;
  for (unsigned s = 0; s < 10; ++s)
    if ((set >> s & 1) != 0) text += (text.empty() ? "" : ", ") + std::string{kStateNames[s]};
  return text;
}

std::string_view direction_of(const TcpRow& row) {
  if (row.directions == kBoth) return "both";
  return row.directions == kOriginal ? "original" : "reply";
}

}  // namespace

std::string_view name(TcpState state) { return kStateNames[static_cast<std::size_t>(state)]; }

std::string_view name(TcpEvent event) {
  constexpr std::array<std::string_view, 6> kNames{"SYN", "SYN/ACK", "FIN", "ACK", "RST", "no flags"};
  return kNames[static_cast<std::size_t>(event)];
}

std::string_view why(TcpLifetime lifetime) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(TcpLifetime::count_)> kWhy{
      "repeated tcp_max_retrans times: at most tcp_timeout_max_retrans",
      "a reset: tcp_timeout_close, whatever the state",
      "data waits for its acknowledgement: at most tcp_timeout_unacknowledged",
      "a window of zero: at most tcp_timeout_max_retrans",
      "picked up and not answered yet: at most tcp_timeout_unacknowledged",
      "the state's own timeout"};
  return kWhy[static_cast<std::size_t>(lifetime)];
}

std::span<const TcpRow> tcp_rows(Profile profile) {
  if (profile == Profile::classic) return kClassicRows;
  return kTransitions;
}

std::string tcp_row_name(const TcpRow& row) {
  return fmt::format("{}, {} {} -> {}", states_of(row.from), direction_of(row), name(row.event),
                     kStateNames[static_cast<std::size_t>(row.next)]);
}

TcpTables compile(std::span<const TcpRow> rows, Profile profile) {
  TcpTables tables;
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (unsigned d = 0; d < 2; ++d)
      for (unsigned s = 0; s < 10; ++s)
        if ((rows[i].directions >> d & 1) != 0 && (rows[i].from >> s & 1) != 0)
          tables.next[d][static_cast<std::size_t>(rows[i].event)][s] = {rows[i].next,
                                                                        static_cast<std::uint8_t>(i)};
  tables.lifetimes.fill(profile == Profile::modern);
  tables.lifetimes[static_cast<std::size_t>(TcpLifetime::retransmitted)] = true;
  tables.lifetimes[static_cast<std::size_t>(TcpLifetime::state)] = true;
  return tables;
}

const TcpTables& tcp_tables(Profile profile) {
  static const TcpTables modern = compile(tcp_rows(Profile::modern), Profile::modern);
  static const TcpTables classic = compile(tcp_rows(Profile::classic), Profile::classic);
  return profile == Profile::classic ? classic : modern;
}

std::string tcp_states_document() {
  std::string text =
      "# TCP states\n\nGenerated from `src/conntrack/proto/tcp_states.cc`; a test compares.\n\n"
      "## What comes next\n\n| in state | direction | segment | next | why |\n|---|---|---|---|---|\n";
  const auto row_text = [](const TcpRow& row) {
    return fmt::format("| {} | {} | {} | {} | {} |\n", states_of(row.from), direction_of(row),
                       name(row.event), kStateNames[static_cast<std::size_t>(row.next)], row.why);
  };
  for (const TcpRow& row : kTransitions) text += row_text(row);
  text +=
      "\nInstead of the last row, in the classic profile:\n\n| in state | direction | segment | next | why "
      "|\n|---|---|---|---|---|\n";
  for (const TcpRow& row : kClassicTransitions) text += row_text(row);
  text +=
      "\n## How long it lives\n\nThe first that applies; the classic profile has the first and the last "
      "alone.\n\n";
  for (std::size_t i = 0; i < static_cast<std::size_t>(TcpLifetime::count_); ++i)
    text += fmt::format("{}. {}\n", i + 1, why(static_cast<TcpLifetime>(i)));
  return text;
}

}  // namespace utables::conntrack
