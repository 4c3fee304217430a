// The rows. Behaviour: RFC 9260 as a bystander sees it who may have lost packets; found by asking Linux cell
// by cell.
#include "conntrack/proto/sctp_states.h"

#include <fmt/format.h>

#include "packet/sctp.h"

namespace utables::conntrack {
namespace {

template <class... States>
constexpr std::uint16_t in(States... states) {
  return static_cast<std::uint16_t>((0 | ... | (1 << static_cast<int>(states))));
}
constexpr auto NO = SctpState::none, CL = SctpState::closed, CW = SctpState::cookie_wait,
               CE = SctpState::cookie_echoed, ES = SctpState::established, SS = SctpState::shutdown_sent,
               SR = SctpState::shutdown_recd, SA = SctpState::shutdown_ack_sent,
               HS = SctpState::heartbeat_sent;
constexpr std::uint8_t kOriginal = 1, kReply = 2, kBoth = 3;
constexpr std::uint16_t kKnown = in(CL, CW, CE, ES, SS, SR, SA);
using C = SctpChunk;
using N = SctpNext;

constexpr std::string_view kOpens = "the association was there before this table: its tags will show";
constexpr std::string_view kNoOpener = "refused before the table is asked: it cannot be the first packet";
constexpr std::string_view kNoReply = "cannot be: the first packet is always original";
constexpr std::string_view kNotTheAnswer =
    "the path is not known to be good: from there only a HEARTBEAT ACK may move it";
constexpr std::string_view kGoneMeanwhile = "the path was probed, but the association is something else";

constexpr SctpRow kRows[] = {
    // INIT
    {in(NO), kOriginal, C::init, N::closed, "a new association"},
    {in(CL), kOriginal, C::init, N::closed, "the INIT again: the timeout is not renewed"},
    {in(CW, CE, ES), kOriginal, C::init, N::stay,
     "again, or a restart: its answer will show (RFC 9260, 5.2)"},
    {in(SS, SR), kOriginal, C::init, N::closed, "the ports are used again while the old association closes"},
    {in(SA), kOriginal, C::init, N::stay, "the SHUTDOWN ACK comes before anything new (RFC 9260, 9.2)"},
    {in(HS), kOriginal, C::init, N::cookie_wait, "a new association on a path that was probed"},
    {in(NO), kReply, C::init, N::invalid, kNoReply, false},
    {kKnown, kReply, C::init, N::stay, "a collision, or a restart by the other end"},
    {in(HS), kReply, C::init, N::invalid, kNotTheAnswer},
    // INIT ACK
    {in(NO), kOriginal, C::init_ack, N::closed, kOpens},
    {in(CL), kOriginal, C::init_ack, N::closed, "it answers the INIT of the other end, in a collision"},
    {in(HS), kOriginal, C::init_ack, N::closed, kGoneMeanwhile},
    {in(CW, CE, ES, SS, SR, SA), kBoth, C::init_ack, N::stay, "late, or in a collision"},
    {in(NO), kReply, C::init_ack, N::invalid, kNoReply, false},
    {in(CL), kReply, C::init_ack, N::cookie_wait, "the answer to the INIT"},
    {in(HS), kReply, C::init_ack, N::invalid, kNotTheAnswer},
    // ABORT
    {in(NO), kOriginal, C::abort, N::closed, kNoOpener, false},
    {in(NO), kReply, C::abort, N::invalid, kNoReply, false},
    {kKnown, kBoth, C::abort, N::closed, "the end of it, whatever the state"},
    {in(HS), kOriginal, C::abort, N::closed, "the end of it, whatever the state"},
    {in(HS), kReply, C::abort, N::invalid, kNotTheAnswer},
    // SHUTDOWN
    {in(NO), kOriginal, C::shutdown, N::closed, kOpens},
    {in(NO), kReply, C::shutdown, N::invalid, kNoReply, false},
    {in(CL, CW, CE, SS, SR, SA), kBoth, C::shutdown, N::stay, "too early, or again"},
    {in(ES), kOriginal, C::shutdown, N::shutdown_sent, "the opening end closes"},
    {in(ES), kReply, C::shutdown, N::shutdown_recd, "the answering end closes"},
    {in(HS), kOriginal, C::shutdown, N::closed, kGoneMeanwhile},
    {in(HS), kReply, C::shutdown, N::invalid, kNotTheAnswer},
    // SHUTDOWN ACK
    {in(NO), kOriginal, C::shutdown_ack, N::shutdown_ack_sent, "an association that is closing already"},
    {in(NO), kReply, C::shutdown_ack, N::invalid, kNoReply, false},
    {in(CL, CW, CE, ES), kBoth, C::shutdown_ack, N::stay, "nobody asked for it: of an association before"},
    {in(SS, SR), kBoth, C::shutdown_ack, N::shutdown_ack_sent, "the SHUTDOWN is acknowledged"},
    {in(SA), kBoth, C::shutdown_ack, N::stay, "again"},
    {in(HS), kOriginal, C::shutdown_ack, N::shutdown_ack_sent, "an association that is closing already"},
    {in(HS), kReply, C::shutdown_ack, N::invalid, kNotTheAnswer},
    // ERROR
    {in(NO), kOriginal, C::error, N::closed, kOpens},
    {in(NO), kReply, C::error, N::invalid, kNoReply, false},
    {in(CL, CW, ES, SS, SR, SA), kBoth, C::error, N::stay, "it ends nothing"},
    {in(CE), kOriginal, C::error, N::stay, "only the end that made the cookie can refuse it"},
    {in(CE), kReply, C::error, N::closed, "the cookie was refused: too old"},
    {in(HS), kOriginal, C::error, N::closed, kGoneMeanwhile},
    {in(HS), kReply, C::error, N::invalid, kNotTheAnswer},
    // COOKIE ECHO
    {in(NO), kOriginal, C::cookie_echo, N::closed, kOpens},
    {in(NO), kReply, C::cookie_echo, N::invalid, kNoReply, false},
    {in(CW), kBoth, C::cookie_echo, N::cookie_echoed, "the cookie comes back"},
    {in(CL, CE, ES, SS, SR, SA), kBoth, C::cookie_echo, N::stay, "again, or of a restart"},
    {in(HS), kOriginal, C::cookie_echo, N::closed, kGoneMeanwhile},
    {in(HS), kReply, C::cookie_echo, N::invalid, kNotTheAnswer},
    // COOKIE ACK
    {in(NO), kOriginal, C::cookie_ack, N::closed, kNoOpener, false},
    {in(NO), kReply, C::cookie_ack, N::invalid, kNoReply, false},
    {in(CE), kBoth, C::cookie_ack, N::established, "the association is complete: ASSURED"},
    {in(CL, CW, ES, SS, SR, SA), kBoth, C::cookie_ack, N::stay, "no cookie waits for it"},
    {in(HS), kOriginal, C::cookie_ack, N::closed, kGoneMeanwhile},
    {in(HS), kReply, C::cookie_ack, N::invalid, kNotTheAnswer},
    // SHUTDOWN COMPLETE
    {in(NO), kOriginal, C::shutdown_complete, N::closed, kNoOpener, false},
    {in(NO), kReply, C::shutdown_complete, N::invalid, kNoReply, false},
    {in(SA), kBoth, C::shutdown_complete, N::closed, "closed in good order"},
    {in(CL, CW, CE, ES, SS, SR), kBoth, C::shutdown_complete, N::stay, "no SHUTDOWN ACK waits for it"},
    {in(HS), kOriginal, C::shutdown_complete, N::closed, kGoneMeanwhile},
    {in(HS), kReply, C::shutdown_complete, N::invalid, kNotTheAnswer},
    // HEARTBEAT and its answer: a path of an association that was made on other addresses (multihoming)
    {in(NO), kOriginal, C::heartbeat, N::heartbeat_sent, "another path of an association is probed"},
    {in(NO), kReply, C::heartbeat, N::invalid, kNoReply, false},
    {in(CL, CW, CE, ES, SS, SR, SA, HS), kBoth, C::heartbeat, N::stay, "probing changes no state"},
    {in(NO), kOriginal, C::heartbeat_ack, N::closed, kOpens},
    {in(NO), kReply, C::heartbeat_ack, N::invalid, kNoReply, false},
    {kKnown, kBoth, C::heartbeat_ack, N::stay, "probing changes no state"},
    {in(HS), kOriginal, C::heartbeat_ack, N::stay, "the prober cannot answer itself"},
    {in(HS), kReply, C::heartbeat_ack, N::established, "the path is good: ASSURED"},
    // everything else
    {in(NO), kBoth, C::other, N::none, "what carries data or acknowledges it opens nothing"},
    {in(CL, CW, CE, ES, SS, SR, SA, HS), kBoth, C::other, N::stay,
     "data, acknowledgements, chunks that are not known"},
};

/// Every cell has exactly one row.
constexpr bool complete() {
  int covered[2][SctpTables::kChunks][SctpTables::kStates] = {};
  for (const SctpRow& row : kRows)
    for (std::size_t d = 0; d < 2; ++d)
      for (std::size_t s = 0; s < SctpTables::kStates; ++s)
        if ((row.directions >> d & 1) != 0 && (row.from >> s & 1) != 0)
          ++covered[d][static_cast<std::size_t>(row.chunk)][s];
  for (auto& direction : covered)
    for (auto& chunk : direction)
      for (const int cell : chunk)
        if (cell != 1) return false;
  return true;
}
static_assert(complete());
static_assert(std::size(kRows) <= 128);

constexpr std::array<std::string_view, 11> kStateNames{
    "NONE",           "CLOSED",        "COOKIE_WAIT",   "COOKIE_ECHOED",
    "ESTABLISHED",    "SHUTDOWN_SENT", "SHUTDOWN_RECD", "SHUTDOWN_ACK_SENT",
    "HEARTBEAT_SENT", "stays",         "INVALID"};

std::string states_of(std::uint16_t set) {
  std::string text;
  for (std::size_t s = 0; s < SctpTables::kStates; ++s)
    if ((set >> s & 1) != 0) text += (text.empty() ? "" : ", ") + std::string{kStateNames[s]};
  return text;
}

std::string_view direction_of(const SctpRow& row) {
  if (row.directions == kBoth) return "both";
  return row.directions == kOriginal ? "original" : "reply";
}

struct ChunkRow {
  SctpChunk chunk;
  std::uint8_t type;
  std::string_view name;
};
namespace type = packet::sctp;
constexpr std::array<ChunkRow, 11> kChunkRows{{
    {C::init, type::kInit, "INIT"},
    {C::init_ack, type::kInitAck, "INIT ACK"},
    {C::abort, type::kAbort, "ABORT"},
    {C::shutdown, type::kShutdown, "SHUTDOWN"},
    {C::shutdown_ack, type::kShutdownAck, "SHUTDOWN ACK"},
    {C::error, type::kError, "ERROR"},
    {C::cookie_echo, type::kCookieEcho, "COOKIE ECHO"},
    {C::cookie_ack, type::kCookieAck, "COOKIE ACK"},
    {C::shutdown_complete, type::kShutdownComplete, "SHUTDOWN COMPLETE"},
    {C::heartbeat, type::kHeartbeat, "HEARTBEAT"},
    {C::heartbeat_ack, type::kHeartbeatAck, "HEARTBEAT ACK"},
}};

}  // namespace

std::string_view name(SctpState state) { return kStateNames[static_cast<std::size_t>(state)]; }

std::string_view name(SctpChunk chunk) {
  for (const ChunkRow& row : kChunkRows)
    if (row.chunk == chunk) return row.name;
  return "any other chunk";
}

SctpChunk chunk_of_type(std::uint8_t type) {
  for (const ChunkRow& row : kChunkRows)
    if (row.type == type) return row.chunk;
  return SctpChunk::other;
}

std::span<const SctpRow> sctp_rows() { return kRows; }

std::string sctp_row_name(const SctpRow& row) {
  return fmt::format("{}, {} {} -> {}", states_of(row.from), direction_of(row), name(row.chunk),
                     kStateNames[static_cast<std::size_t>(row.next)]);
}

SctpTables compile(std::span<const SctpRow> rows) {
  SctpTables tables;
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t d = 0; d < 2; ++d)
      for (std::size_t s = 0; s < SctpTables::kStates; ++s)
        if ((rows[i].directions >> d & 1) != 0 && (rows[i].from >> s & 1) != 0)
          tables.next[d][static_cast<std::size_t>(rows[i].chunk)][s] = {rows[i].next,
                                                                        static_cast<std::uint8_t>(i)};
  return tables;
}

const SctpTables& sctp_tables() {
  static const SctpTables tables = compile(sctp_rows());
  return tables;
}

std::string sctp_states_document() {
  std::string text =
      "# SCTP states\n\nGenerated from `src/conntrack/proto/sctp_states.cc`; a test compares.\n\n"
      "A packet's chunks are taken in order; each moves the state. What is INVALID in mid-packet leaves what "
      "the chunks before it did.\n\n| in state | direction | chunk | next | why |\n|---|---|---|---|---|\n";
  for (const SctpRow& row : kRows)
    text += fmt::format("| {} | {} | {} | {} | {} |\n", states_of(row.from), direction_of(row),
                        name(row.chunk), kStateNames[static_cast<std::size_t>(row.next)], row.why);
  return text;
}

}  // namespace utables::conntrack
