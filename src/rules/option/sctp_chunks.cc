#include "rules/option/sctp_chunks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/scan.h"

namespace utables::rules {
namespace {

/// iptables' names, in its order: its errors tell a chunk by its place here. `flags`: letters from the
/// highest of four bits on; a space where there is none. I_DATA's are read, but have no effect.
struct Row {
  std::string_view name;
  std::uint8_t type;
  std::string_view flags{};
  bool idle = false;
};
constexpr std::array<Row, 22> kRows{{
    {"DATA", 0, "IUBE"},
    {"INIT", 1},
    {"INIT_ACK", 2},
    {"SACK", 3},
    {"HEARTBEAT", 4},
    {"HEARTBEAT_ACK", 5},
    {"ABORT", 6, "   T"},
    {"SHUTDOWN", 7},
    {"SHUTDOWN_ACK", 8},
    {"ERROR", 9},
    {"COOKIE_ECHO", 10},
    {"COOKIE_ACK", 11},
    {"ECN_ECNE", 12},
    {"ECN_CWR", 13},
    {"SHUTDOWN_COMPLETE", 14, "   T"},
    {"I_DATA", 0x40, "IUBE", true},
    {"RE_CONFIG", 0x82},
    {"PAD", 0x84},
    {"ASCONF", 0xc1},
    {"ASCONF_ACK", 0x80},
    {"FORWARD_TSN", 0xc0},
    {"I_FORWARD_TSN", 0xc2},
}};

constexpr std::array<std::string_view, 3> kModes{"all", "any", "only"};  // in the order of Mode

const Row* row_of(std::uint8_t type) {
  for (const Row& row : kRows)
    if (row.type == type) return &row;
  return nullptr;
}

constexpr char lower(char c) { return static_cast<char>(c - 'A' + 'a'); }

SctpChunkFlags& flags_of(SctpChunks& chunks, std::uint8_t type) {
  auto at = std::lower_bound(chunks.flags.begin(), chunks.flags.end(), type,
                             [](const SctpChunkFlags& f, std::uint8_t t) { return f.type < t; });
  if (at == chunks.flags.end() || at->type != type) at = chunks.flags.insert(at, {type, 0, 0});
  return *at;
}

/// A letter in capitals: the flag is set; otherwise it is not. Both: it is set.
Result<void> read_flags(SctpChunks& chunks, const Row& row, std::string_view letters) {
  for (const char letter : letters) {
    std::size_t place = 0;
    while (place < row.flags.size() &&
           (row.flags[place] == ' ' || (row.flags[place] != letter && lower(row.flags[place]) != letter)))
      ++place;
    if (place >= row.flags.size())
      return fail(fmt::format("Invalid flags for chunk type {}", &row - kRows.data()));
    if (row.idle) continue;
    const auto bit = static_cast<std::uint8_t>(8U >> place);
    SctpChunkFlags& flags = flags_of(chunks, row.type);
    flags.mask = static_cast<std::uint8_t>(flags.mask | bit);
    if (row.flags[place] == letter) flags.set = static_cast<std::uint8_t>(flags.set | bit);
  }
  return {};
}

Result<void> read_chunk(SctpChunks& chunks, std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  for (const Row& row : kRows) {
    if (!same_word(row.name, name)) continue;
    chunks.types.set(row.type);
    return colon == std::string_view::npos ? Result<void>{} : read_flags(chunks, row, text.substr(colon + 1));
  }
  return fail(fmt::format("Unknown sctp chunk `{}'", name));
}

std::string letters_of(const SctpChunkFlags& flags) {
  const Row* const row = row_of(flags.type);
  std::string text;
  for (std::size_t place = 0; row != nullptr && place < row->flags.size(); ++place) {
    const unsigned bit = 8U >> place;
    if ((flags.mask & bit) != 0)
      text += (flags.set & bit) != 0 ? row->flags[place] : lower(row->flags[place]);
  }
  return text.empty() ? text : ":" + text;
}

/// `numbers`: chunks as -L -n has them.
std::string written(const SctpChunks& chunks, bool numbers) {
  std::string text(kModes[static_cast<std::size_t>(chunks.mode)]);
  if (chunks.types.all()) return text + " ALL";
  if (chunks.types.none()) return text + " NONE";
  char before = ' ';
  for (unsigned type = 0; type < chunks.types.size(); ++type) {
    if (!chunks.types.test(type)) continue;
    const Row* const row = row_of(static_cast<std::uint8_t>(type));
    text += before;
    text += numbers || row == nullptr ? fmt::format("0x{:04X}", type) : std::string(row->name);
    for (const SctpChunkFlags& flags : chunks.flags)
      if (flags.type == type) text += letters_of(flags);
    before = ',';
  }
  return text;
}

}  // namespace

bool SctpChunks::flags_fit(std::uint8_t type, std::uint8_t bits) const {
  for (const SctpChunkFlags& row : flags)
    if (row.type == type) return (bits & row.mask) == row.set;
  return true;
}

Result<SctpChunks> SctpChunksKind::parse(const OptionRow&, const OptionInput& input) {
  SctpChunks chunks;
  const auto mode =
      std::find_if(kModes.begin(), kModes.end(), [&](auto name) { return same_word(name, input.values[0]); });
  if (mode == kModes.end()) return fail(R"(Match type has to be one of "ALL", "ANY" or "ONLY")");
  chunks.mode = static_cast<SctpChunks::Mode>(mode - kModes.begin());
  if (same_word(input.values[1], "ALL")) {
    chunks.types.set();
    return chunks;
  }
  if (same_word(input.values[1], "NONE")) return chunks;
  for (const std::string_view chunk : split(input.values[1], ',')) {
    if (chunk.empty()) continue;
    if (auto read = read_chunk(chunks, chunk); !read) return tl::unexpected(read.error());
  }
  return chunks;
}

std::string SctpChunksKind::text(const OptionRow&, const Value& value, Family) {
  return written(value, false);
}
std::string SctpChunksKind::listed(const OptionRow&, const Value& value, Family) {
  return written(value, true);
}

}  // namespace utables::rules
