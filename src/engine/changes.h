// What a target or the router made of a packet: each field that is another one than before, in words.
// For observers alone; whoever processes packets unwatched never comes here.
#pragma once
#include <array>
#include <cstdint>
#include <string>

#include "conntrack/tracker.h"
#include "packet/buffer.h"

namespace utables::engine {

class Observer;

/// What is kept beside a packet and may be changed with it.
struct Beside {
  std::uint32_t mark = 0;
  const conntrack::Tracked* tracked = nullptr;  ///< never null
};

/// The fields of a packet as they are now, each in words; empty: it has none.
class Fields {
 public:
  Fields(const packet::Buffer& packet, const Beside& beside);
  /// Tells the observer what is another one since then; nothing, if nothing is.
  void tell_changes(Observer& observer, const packet::Buffer& packet, const Beside& beside) const;

 private:
  static constexpr std::size_t kCount = 14;
  std::array<std::string, kCount> text_;
};

}  // namespace utables::engine
