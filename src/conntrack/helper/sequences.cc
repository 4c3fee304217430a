#include "conntrack/helper/sequences.h"

#include <algorithm>

#include "base/bytes.h"
#include "packet/checksum.h"
#include "packet/headers.h"

namespace utables::conntrack {
namespace {

constexpr std::uint32_t kTcpHeader = 20;
constexpr std::size_t kSequence = 4, kAcknowledgement = 8, kFlags = 13, kChecksum = 16;

void change_number(std::uint8_t* tcp, std::uint8_t* field, std::uint32_t to) {
  packet::adjust_checksum32(tcp + kChecksum, load32(field), to);
  store32(field, to);
}

/// The blocks of a SACK option: each number by itself. Linux adjusts the checksum as if they stood at an even
/// place, also where they do not.
void shift_blocks(std::uint8_t* tcp, std::uint8_t* blocks, std::size_t size, const SequenceShift& shift) {
  for (std::size_t at = 0; at + 4 <= size; at += 4) {
    const std::uint32_t number = load32(blocks + at);
    change_number(tcp, blocks + at, number - shift.at_shifted(number));
  }
}

bool shift_options(std::uint8_t* tcp, std::size_t header, const SequenceShift& shift) {
  constexpr std::size_t kBlock = 8;
  for (std::size_t at = kTcpHeader; at < header;) {
    const std::uint8_t kind = tcp[at];
    if (kind == packet::tcp::kOptEnd) return true;
    if (kind == packet::tcp::kOptNop) {
      ++at;
      continue;
    }
    if (at + 1 >= header) return false;
    const std::size_t size = tcp[at + 1];
    if (size < 2 || at + size > header) return false;
    if (kind == packet::tcp::kOptSack && size >= 2 + kBlock && (size - 2) % kBlock == 0)
      shift_blocks(tcp, tcp + at + 2, size - 2, shift);
    at += size;
  }
  return true;
}

}  // namespace

void SequenceShift::change(std::uint32_t sequence, std::uint32_t longer) {
  if (longer == 0) return;
  if (before != behind && static_cast<std::int32_t>(position - sequence) >= 0) return;
  position = sequence;
  before = behind;
  behind += longer;
}

bool shift_sequences(packet::Buffer& packet, const Sequences& sequences, Direction direction) {
  if (packet.transport_size() < kTcpHeader) return false;
  const SequenceShift& mine = sequences[static_cast<std::size_t>(direction)];
  const SequenceShift& theirs = sequences[static_cast<std::size_t>(other(direction))];
  std::uint8_t* const tcp = packet.transport();
  // Linux writes where the header lies in one piece, up to where SACK's blocks may be.
  packet.pulled = std::max(packet.pulled, kTcpHeader);
  const std::uint32_t sequence = load32(tcp + kSequence);
  change_number(tcp, tcp + kSequence, sequence + mine.at(sequence));
  bool whole = true;
  if ((tcp[kFlags] & packet::tcp::kAck) != 0) {
    const std::uint32_t acknowledged = load32(tcp + kAcknowledgement);
    change_number(tcp, tcp + kAcknowledgement, acknowledged - theirs.at_shifted(acknowledged));
    const std::size_t header = static_cast<std::size_t>(tcp[12] >> 4) * 4;
    packet.pulled = std::max(packet.pulled, static_cast<std::uint32_t>(header));
    whole = header <= packet.transport_size() && shift_options(tcp, header, theirs);
  }
  return packet::refresh(packet) == DropReason::none && whole;
}

}  // namespace utables::conntrack
