// Awaited: what is awaited, for a helper that looks at it, ends it and prolongs it by itself, and rewrites
// its packet piece by piece.
#pragma once
#include <cstdint>
#include <string_view>

#include "conntrack/expect/expectations.h"

namespace utables::conntrack {

class Awaited {
 public:
  virtual ~Awaited() = default;
  /// Awaits it for the packet's master. `whoever`: another master's that awaits the same is there already,
  /// else it is in the way.
  virtual Expectations::Added add(Expectation expectation, bool whoever) = 0;
  /// ... at its port, or another one above it where that is awaited already. 0: none.
  virtual std::uint16_t add_at_a_port(Expectation expectation) = 0;
  /// Counts a port that gives way to another one in an announcement.
  virtual void moved_on() = 0;
  [[nodiscard]] virtual const Expectations& all() const = 0;
  /// Null: it is gone.
  [[nodiscard]] virtual const Connection* connection(Handle handle) const = 0;
  virtual void remove(const Expectation& expectation) = 0;
  /// It is awaited for so long from now on, and not inactive any more.
  virtual void renew(const Expectation& expectation, Duration timeout) = 0;

  /// Other words in place of some of the payload; sequence numbers are left to shift(). False: there is no
  /// room.
  virtual bool reword(std::uint32_t place, std::uint32_t length, std::string_view text) = 0;
  /// The payload of this packet of TCP became longer by so much.
  virtual void shift(std::uint32_t longer) = 0;
  /// The packet's destination port. False: it is not one of UDP.
  virtual bool redirect(std::uint16_t port) = 0;
};

}  // namespace utables::conntrack
