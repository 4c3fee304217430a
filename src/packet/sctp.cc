// The names of chunk types (RFC 9260; RFC 3758 FORWARD TSN, RFC 5061 ASCONF, RFC 4895 AUTH), and lists of
// chunks.
#include "packet/sctp.h"

#include <fmt/format.h>

#include <array>

#include "base/scan.h"

namespace utables::packet::sctp {
namespace {

struct Row {
  std::uint8_t type;
  std::string_view name;
};
constexpr std::array<Row, 19> kRows{{
    {kData, "DATA"},
    {kInit, "INIT"},
    {kInitAck, "INIT ACK"},
    {kSack, "SACK"},
    {kHeartbeat, "HEARTBEAT"},
    {kHeartbeatAck, "HEARTBEAT ACK"},
    {kAbort, "ABORT"},
    {kShutdown, "SHUTDOWN"},
    {kShutdownAck, "SHUTDOWN ACK"},
    {kError, "ERROR"},
    {kCookieEcho, "COOKIE ECHO"},
    {kCookieAck, "COOKIE ACK"},
    {kEcne, "ECNE"},
    {kCwr, "CWR"},
    {kShutdownComplete, "SHUTDOWN COMPLETE"},
    {kAuth, "AUTH"},
    {kAsconfAck, "ASCONF ACK"},
    {kForwardTsn, "FORWARD TSN"},
    {kAsconf, "ASCONF"},
}};

constexpr std::size_t kLargestList = 60000;  ///< bytes

bool announces(std::uint8_t type) { return type == kInit || type == kInitAck; }

std::optional<std::uint8_t> type_of(const std::vector<std::string_view>& words, std::size_t count) {
  std::string name;
  for (std::size_t i = 0; i < count; ++i) name += (i == 0 ? "" : " ") + std::string(words[i]);
  for (const Row& row : kRows)
    if (row.name == name) return row.type;
  if (count != 2 || words[0] != "chunk") return std::nullopt;
  const auto number = scan_unsigned(words[1], 10, 0xff);
  return number ? std::optional(static_cast<std::uint8_t>(*number)) : std::nullopt;
}

struct Written {
  std::uint64_t flags = 0, tag = 0, len = 0;
};

/// Takes `word N` pairs off the end; false: a number is none.
bool read_numbers(const std::vector<std::string_view>& words, std::size_t& count, Written& into) {
  struct Field {
    std::string_view word;
    std::uint64_t Written::*member;
    std::uint64_t max;
  };
  constexpr std::array<Field, 3> kFields{{{"flags", &Written::flags, 0xff},
                                          {"tag", &Written::tag, 0xffffffff},
                                          {"len", &Written::len, 0xffff - kInitChunk}}};
  for (bool found = true; found && count >= 3;) {
    found = false;
    for (const Field& field : kFields) {
      if (words[count - 2] != field.word) continue;
      const auto value = scan_unsigned(words[count - 1], 0, field.max);
      if (!value) return false;
      into.*field.member = *value;
      count -= 2;
      found = true;
      break;
    }
  }
  return true;
}

}  // namespace

std::string name(std::uint8_t type) {
  for (const Row& row : kRows)
    if (row.type == type) return std::string(row.name);
  return "chunk " + std::to_string(type);
}

std::string chunks_text(std::span<const std::uint8_t> sctp) {
  std::string text;
  std::size_t end = kHeader;
  Chunks chunks(sctp);
  while (const auto chunk = chunks.next()) {
    const std::uint32_t fixed = announces(chunk->type) ? kInitChunk : kChunkHeader;
    end = chunk->offset + ((std::size_t{chunk->length} + 3) & ~std::size_t{3});
    if (chunk->length < fixed || end > sctp.size()) return {};
    text += (text.empty() ? "" : ",") + name(chunk->type);
    if (chunk->flags != 0) text += fmt::format(" flags {:#x}", chunk->flags);
    if (announces(chunk->type))
      text += fmt::format(" tag {:#x}", load32(&sctp[chunk->offset + kChunkHeader]));
    if (chunk->length != fixed) text += fmt::format(" len {}", chunk->length - fixed);
  }
  return end == sctp.size() ? text : std::string();
}

Result<std::vector<std::uint8_t>> read_chunks(std::string_view list) {
  std::vector<std::uint8_t> bytes;
  for (const std::string_view item : split(list, ',')) {
    const auto said = words(item);
    std::size_t count = said.size();
    Written written;
    const bool good = read_numbers(said, count, written);
    const auto type = type_of(said, count);
    if (!good || !type || (written.tag != 0 && !announces(*type)))
      return fail(fmt::format("`{}' is not an SCTP chunk", item));
    const std::uint32_t fixed = announces(*type) ? kInitChunk : kChunkHeader;
    const std::size_t at = bytes.size();
    const auto length = static_cast<std::uint16_t>(fixed + written.len);
    bytes.resize(at + ((std::size_t{length} + 3) & ~std::size_t{3}));
    if (bytes.size() > kLargestList)
      return fail(fmt::format("the chunks take more than {} bytes", kLargestList));
    bytes[at] = *type;
    bytes[at + 1] = static_cast<std::uint8_t>(written.flags);
    store16(&bytes[at + 2], length);
    if (announces(*type)) store32(&bytes[at + kChunkHeader], static_cast<std::uint32_t>(written.tag));
  }
  return bytes;
}

}  // namespace utables::packet::sctp
