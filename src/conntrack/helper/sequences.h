// Sequences: where NAT made a TCP direction's payload longer or shorter, sequence numbers behind the place
// are other ones on the other side of the box, and so are acknowledgements of them, SACK's blocks included.
// Where the box answered in the server's place (SYNPROXY), all numbers of the server are.
//
// Numbers are those that the sender uses. Kept is the last place alone: a change further on adds to what was.
#pragma once
#include <array>
#include <cstdint>

#include "conntrack/tuple.h"
#include "packet/buffer.h"

namespace utables::conntrack {

/// Of one direction. Shifts are modulo 2^32.
struct SequenceShift {
  std::uint32_t position = 0;            ///< of the segment that was changed last
  std::uint32_t before = 0, behind = 0;  ///< what is added up to that place, and after it

  [[nodiscard]] std::uint32_t at(std::uint32_t sequence) const {
    return static_cast<std::int32_t>(position - sequence) < 0 ? behind : before;
  }
  /// The same of a number that was shifted already: an acknowledgement of the other end.
  [[nodiscard]] std::uint32_t at_shifted(std::uint32_t number) const {
    return static_cast<std::int32_t>(position - (number - before)) < 0 ? behind : before;
  }
  /// The payload of the segment at `sequence` became longer by so much; nothing if that is known already.
  void change(std::uint32_t sequence, std::uint32_t longer);
  /// Every number is shifted by so much.
  void set(std::uint32_t all) { before = behind = all; }
  friend bool operator==(const SequenceShift&, const SequenceShift&) = default;
};
using Sequences = std::array<SequenceShift, 2>;  ///< by Direction

/// Shifts a packet of `direction`. False: it is too short, or its options are cut.
[[nodiscard]] bool shift_sequences(packet::Buffer& packet, const Sequences& sequences, Direction direction);

}  // namespace utables::conntrack
