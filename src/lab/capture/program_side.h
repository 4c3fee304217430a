// What a program of the box wrote, where the capture has what left the box, translated.
//
// The answer of a program that REDIRECT or DNAT led a connection to bears in the capture the address that
// was asked, which may well be that of somebody seen elsewhere. It is played as the program sent it, with
// the ends of the program's side of the connection: played as captured, it would open another connection.
//
// A connection that a program of the box opened during the capture is known only by its packets after
// translation, and is played as such. Fragments are left alone: only the first says which connection it is
// of.
#pragma once
#include <utables/time.h>

#include <cstdint>
#include <span>

#include "conntrack/connection.h"
#include "engine/parts.h"
#include "packet/facts.h"

namespace utables::lab {

/// A connection of a program of the box, and the direction in which the program sends.
struct ProgramSide {
  const conntrack::Connection* connection = nullptr;  ///< null: there is none; valid until packets are played
  conntrack::Direction direction = conntrack::Direction::reply;
  explicit operator bool() const { return connection != nullptr; }
};

/// Whether a packet that left the box is a translated one of a program's connection, and which.
[[nodiscard]] ProgramSide program_side(const EngineParts& parts, const packet::Facts& left, Time now);

/// Gives the packet, and its facts, the ends that the program wrote.
void as_program_wrote(const ProgramSide& side, std::span<std::uint8_t> packet, packet::Facts& facts);

}  // namespace utables::lab
