#include "lab/capture/program_side.h"

#include "conntrack/nat/translate.h"
#include "conntrack/tuple.h"
#include "packet/buffer.h"

namespace utables::lab {

ProgramSide program_side(const EngineParts& parts, const packet::Facts& left, Time now) {
  if (left.is_fragment()) return {};
  const auto tuple = conntrack::tuple_of(left);
  const auto answers = tuple ? conntrack::inverse(*tuple) : std::nullopt;
  if (!answers) return {};
  const conntrack::Connection* const connection = parts.tracker->find(*answers, {}, now);
  if (connection == nullptr) return {};
  const auto direction =
      connection->original() == *answers ? conntrack::Direction::reply : conntrack::Direction::original;
  const conntrack::Tuple& written = connection->tuple[static_cast<std::size_t>(direction)];
  if (written == *tuple || !parts.host.is_local(written.source, written.family)) return {};
  return {connection, direction};
}

void as_program_wrote(const ProgramSide& side, std::span<std::uint8_t> packet, packet::Facts& facts) {
  packet::Buffer buffer;
  buffer.bytes = packet.data();
  buffer.size = buffer.room = static_cast<std::uint32_t>(packet.size());
  buffer.facts = facts;
  conntrack::untranslate(buffer, *side.connection, side.direction);
  facts = buffer.facts;
}

}  // namespace utables::lab
